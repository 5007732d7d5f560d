"""What the database refuses even to raw SQL from the application's own role (spec/reliability.md, checklist 1)."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, connections, transaction

from inventory.purchasing.dates import change_confirmed_date, confirm_purchase_order
from inventory.purchasing.receive import receive_purchase_order
from tests.factories.inventory import (
    MONDAY,
    ProductFactory,
    PurchaseOrderFactory,
    PurchaseOrderLineFactory,
    StockEntryFactory,
    StockLevelFactory,
    SupplierFactory,
    WarehouseFactory,
)

pytestmark = pytest.mark.django_db
LEDGERS = ["inventory_stockentry", "inventory_receipt", "inventory_receiptline", "inventory_purchasedatechange"]
KEPT = [
    *LEDGERS,
    "inventory_stocklevel",
    "inventory_product",
    "inventory_warehouse",
    "inventory_supplier",
    "inventory_purchaseorder",
    "inventory_purchaseorderline",
]


@pytest.fixture
def line():
    """A purchase order line, confirmed and partly received: every table of `KEPT` has a row."""
    line = PurchaseOrderLineFactory(ordered=10, tolerance=1)
    order = line.purchase_order
    confirm_purchase_order(purchase_order_id=order.pk, dates={line.pk: MONDAY.date()}, by=None, now=MONDAY)
    change_confirmed_date(line_id=line.pk, new_on=date(2025, 11, 20), reason="", by=None, now=MONDAY)
    receive_purchase_order(purchase_order_id=order.pk, reference="DN-1", quantities={line.pk: 4}, by=None, now=MONDAY)
    return line


def run(statement, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def refused(statement, *parameters, by=DatabaseError, match=""):
    with pytest.raises(by, match=match):
        run(statement, *parameters)


@pytest.mark.parametrize("table", KEPT)
def test_rows_with_a_history_are_never_deleted(line, table):
    refused(f"DELETE FROM {table}", match="Cannot delete rows|permission denied")


@pytest.mark.parametrize("table", KEPT)
def test_no_table_is_truncated(line, table):
    refused(f"TRUNCATE {table} CASCADE", by=ProgrammingError, match="permission denied")


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize("table", KEPT)
def test_not_even_the_owner_truncates(table):
    with pytest.raises(IntegrityError, match="never truncated"), connections["owner"].cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("inventory_stockentry", "delta = delta + 1"),
        ("inventory_stockentry", "reason = 'another'"),
        ("inventory_receipt", "reference = 'DN-2'"),
        ("inventory_receiptline", "quantity = 5"),
        ("inventory_purchasedatechange", "new_on = '2025-12-24'"),
    ],
)
def test_a_ledger_is_never_changed(line, table, change):
    refused(f"UPDATE {table} SET {change}", match="Cannot update rows|permission denied")


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("inventory_stocklevel", "on_hand = on_hand + 1"),
        ("inventory_stocklevel", "on_hand = 0"),
        ("inventory_stocklevel", "reserved = 1"),
        ("inventory_purchaseorderline", "received = received + 1"),
    ],
)
def test_a_counter_is_moved_by_its_ledger_only(line, table, change):
    refused(f"UPDATE {table} SET {change}", by=IntegrityError, match="are moved by their ledger only")


@pytest.mark.parametrize("counters", [(5, 0), (0, 5), (5, 5), (-1, 0)])
def test_a_pool_starts_empty(counters):
    refused(
        "INSERT INTO inventory_stocklevel (product_id, warehouse_id, on_hand, reserved) VALUES (%s, %s, %s, %s)",
        ProductFactory().pk,
        WarehouseFactory().pk,
        *counters,
        by=IntegrityError,
        match="start at zero",
    )


def test_a_purchase_line_starts_with_nothing_received():
    refused(
        "INSERT INTO inventory_purchaseorderline"
        " (purchase_order_id, number, product_id, ordered, received, cancelled, tolerance, cost)"
        " VALUES (%s, 1, %s, 10, 1, 0, 0, 0)",
        PurchaseOrderFactory().pk,
        ProductFactory().pk,
        by=IntegrityError,
        match="start at zero",
    )


@pytest.mark.parametrize(
    ("delta", "kind", "constraint"),
    [
        (-11, "adjustment", "on_hand"),
        (0, "adjustment", "stock_entry_moves_something"),
        (1_000_001, "receipt", "stock_entry_moves_something"),
        (-1_000_001, "shipment", "stock_entry_moves_something"),
        (1, "gift", "stock_entry_kind_known"),
    ],
)
def test_an_impossible_ledger_entry_is_refused(delta, kind, constraint):
    level = StockLevelFactory(on_hand=10)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        StockEntryFactory(stock_level=level, delta=delta, kind=kind)


def test_an_idempotency_key_is_used_once():
    entry = StockEntryFactory()

    with pytest.raises(IntegrityError, match="idempotency_key"), transaction.atomic():
        StockEntryFactory(stock_level=entry.stock_level, idempotency_key=entry.idempotency_key)


def test_an_entry_is_reversed_once():
    entry = StockEntryFactory()
    StockEntryFactory(stock_level=entry.stock_level, delta=-10, reverses=entry)

    with pytest.raises(IntegrityError, match="reverses"), transaction.atomic():
        StockEntryFactory(stock_level=entry.stock_level, delta=1, reverses=entry)


def test_a_product_has_one_pool_per_warehouse():
    level = StockLevelFactory()

    with pytest.raises(IntegrityError, match="one_pool_per_product_and_warehouse"), transaction.atomic():
        StockLevelFactory(product=level.product, warehouse=level.warehouse)


def test_a_pool_never_changes_hands(line):
    refused("UPDATE inventory_stocklevel SET product_id = %s", ProductFactory().pk, match="never change")


def test_a_purchase_line_keeps_its_product_and_order(line):
    refused("UPDATE inventory_purchaseorderline SET product_id = %s", ProductFactory().pk, match="never change")
    refused(
        "UPDATE inventory_purchaseorderline SET purchase_order_id = %s", PurchaseOrderFactory().pk, match="never change"
    )


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("ordered = 2", "purchase_line_received_within_tolerance"),
        ("ordered = 0", "purchase_line_ordered_within_bounds"),
        ("ordered = 100001", "purchase_line_ordered_within_bounds"),
        ("cancelled = 11", "purchase_line_cancels_only_ordered"),
        ("cancelled = 8", "purchase_line_receives_nothing_cancelled"),
        ("cancelled = -1", "cancelled"),
        ("confirmed_on = NULL", "purchase_line_first_confirmed_iff_confirmed"),
        ("cost = 'NaN'", "purchase_line_cost_within_bounds"),
        ("cost = -0.01", "purchase_line_cost_within_bounds"),
    ],
)
def test_impossible_figures_of_a_purchase_line_are_refused(line, change, constraint):
    refused(f"UPDATE inventory_purchaseorderline SET {change}", by=IntegrityError, match=constraint)


@pytest.mark.parametrize("value", ["'2025-12-01'", "NULL"])
def test_the_first_confirmed_date_stands(line, value):
    refused(f"UPDATE inventory_purchaseorderline SET first_confirmed_on = {value}", match="Cannot update rows")


def test_more_than_tolerated_cannot_be_received(line):
    statement = (
        "WITH receipt AS (INSERT INTO inventory_receipt (purchase_order_id, reference, received_at)"
        " VALUES (%s, 'DN-9', now()) RETURNING id)"
        " INSERT INTO inventory_receiptline (receipt_id, purchase_order_line_id, quantity)"
        " SELECT id, %s, %s FROM receipt"
    )

    refused(
        statement,
        line.purchase_order_id,
        line.pk,
        8,
        by=IntegrityError,
        match="purchase_line_received_within_tolerance",
    )
    refused(statement, line.purchase_order_id, line.pk, 0, by=IntegrityError, match="receipt_line_within_bounds")


def test_a_receipt_reference_is_unique_in_its_order_whatever_the_case(line):
    refused(
        "INSERT INTO inventory_receipt (purchase_order_id, reference, received_at) VALUES (%s, 'dn-1', now())",
        line.purchase_order_id,
        by=IntegrityError,
        match="receipt_reference_unique_in_order",
    )


@pytest.mark.parametrize("status", ["draft", "sent", "confirmed", "cancelled"])
def test_an_order_moves_by_the_transition_table_only(line, status):
    refused(
        "UPDATE inventory_purchaseorder SET status = %s",
        status,
        match="Invalid transition of field|follows its lines",
    )


@pytest.mark.parametrize("status", ["received", "closed"])
def test_an_order_that_waits_for_goods_is_not_finished(line, status):
    refused("UPDATE inventory_purchaseorder SET status = %s", status, by=IntegrityError, match="follows its lines")


def test_a_sent_order_has_a_date(line):
    refused(
        "UPDATE inventory_purchaseorder SET ordered_on = NULL",
        by=IntegrityError,
        match="purchase_order_dated_once_sent",
    )


def test_numbers_codes_and_keys_are_unique_whatever_the_case():
    PurchaseOrderFactory(number="po-7", key="form-1")
    ProductFactory(sku="saw")
    SupplierFactory(code="nord")

    for make, value, constraint in [
        (PurchaseOrderFactory, {"number": "PO-7"}, "purchase_order_number_unique"),
        (PurchaseOrderFactory, {"key": "form-1"}, "purchase_order_key_used_once"),
        (ProductFactory, {"sku": "SAW"}, "product_sku_unique"),
        (SupplierFactory, {"code": "NORD"}, "supplier_code_unique"),
    ]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            make(**value)


@pytest.mark.parametrize(
    ("table", "change", "constraint"),
    [
        ("inventory_product", "sku = E'A\\nB'", "product_sku_is_plain_text"),
        ("inventory_product", "name = U&'a\\202eb'", "product_name_is_plain_text"),
        ("inventory_product", "price = 'NaN'", "product_price_within_bounds"),
        ("inventory_product", "pack_size = 0", "product_pack_size_within_bounds"),
        ("inventory_product", "backorder_policy = 'maybe'", "product_policy_known"),
        ("inventory_product", "currency = 'eur'", "product_currency_is_iso"),
        ("inventory_supplier", "email = 'a@example.com, b@example.com'", "supplier_email_is_one_address"),
        ("inventory_supplier", "email = E'a@example.com\\r\\nBcc: b@example.com'", "supplier_email_is_one_address"),
        ("inventory_supplier", "over_receipt_percent = 101", "supplier_over_receipt_within_bounds"),
        ("inventory_supplier", "lead_time_days = 731", "supplier_lead_time_within_bounds"),
    ],
)
def test_impossible_master_data_is_refused(line, table, change, constraint):
    refused(f"UPDATE {table} SET {change}", by=IntegrityError, match=constraint)


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "ALTER TABLE inventory_stockentry DISABLE TRIGGER ALL",
        "ALTER TABLE inventory_stocklevel DROP CONSTRAINT reserved_within_on_hand",
    ],
)
def test_the_application_cannot_switch_the_rules_off(statement):
    refused(statement, match="permission denied|must be owner")
