from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.lib.csv.importing import run_import
from inventory.enums import PurchaseOrderStatus
from inventory.models import PurchaseDateChange, PurchaseOrder, PurchaseOrderLine, Receipt, StockLevel
from inventory.purchasing.files import PURCHASE_ORDERS, RECEIPTS
from inventory.purchasing.split import split_purchase_line
from tests.backorders.files.files import counts, rows_of_all_tables, written
from tests.factories.inventory import ProductFactory, SupplierFactory, SupplierProductFactory, WarehouseFactory
from tests.inventory.jobs import JOB

pytestmark = pytest.mark.django_db

ORDERS = "number,supplier,line,sku,quantity,ordered_on,requested_on,confirmed_on,warehouse,cost"
ARRIVED = "reference,purchase_order,line,quantity,received_at"


@pytest.fixture(autouse=True)
def trade():
    supplier = SupplierFactory(code="S01", over_receipt_percent=10)
    SupplierProductFactory(supplier=supplier, product=ProductFactory(sku="SAW-201"), cost=Decimal("7.25"))
    ProductFactory(sku="NAIL-40", active=False)


def ordered(folder, *rows):
    return run_import(PURCHASE_ORDERS, written(folder, [ORDERS, *rows]), JOB)


def received(folder, *rows):
    return run_import(RECEIPTS, written(folder, [ARRIVED, *rows]), JOB)


def test_the_status_follows_from_what_the_file_knows(tmp_path):
    report = ordered(
        tmp_path,
        "PO-1,S01,10,SAW-201,40,,,,,",
        "PO-2,s01,10,SAW-201,40,2025-10-01,2025-11-10,,MAIN,8",
        "PO-2,S01,20,NAIL-40,500,2025-10-01,,2025-11-12,MAIN,",
        "PO-3,S01,1,SAW-201,1,2025-10-01,,2025-11-12,MAIN,",
    )

    statuses = dict(PurchaseOrder.objects.values_list("number", "status"))
    line = PurchaseOrderLine.objects.get(purchase_order__number="PO-2", number=20)
    assert counts(report) == (4, 4, 0, 0, 0, 0)
    assert (report.quantity, report.value) == (581, Decimal("320.00"))
    assert statuses == {
        "PO-1": PurchaseOrderStatus.DRAFT,
        "PO-2": PurchaseOrderStatus.SENT,
        "PO-3": PurchaseOrderStatus.CONFIRMED,
    }
    assert (line.tolerance, line.confirmed_on, line.first_confirmed_on) == (50, date(2025, 11, 12), date(2025, 11, 12))
    assert PurchaseOrderLine.objects.get(purchase_order__number="PO-1").cost == Decimal("7.25")


def test_known_lines_are_compared_new_ones_added_and_dates_taken_over(tmp_path):
    ordered(tmp_path, "PO-1,S01,1,SAW-201,40,2025-10-01,,2025-11-12,MAIN,")
    before = rows_of_all_tables()
    unchanged = ordered(tmp_path, "po-1,S01,1,SAW-201,40,2025-10-01,,2025-11-12,MAIN,")
    same_rows = rows_of_all_tables() == before

    report = ordered(
        tmp_path,
        "PO-1,S01,1,SAW-201,40,2025-10-01,,2025-11-20,MAIN,",
        "PO-1,S01,2,SAW-201,5,2025-10-01,,,MAIN,",
    )

    line = PurchaseOrderLine.objects.get(number=1)
    assert (counts(unchanged), same_rows) == ((1, 0, 0, 1, 0, 0), True)
    assert counts(report) == (2, 1, 1, 0, 0, 0)
    assert (line.confirmed_on, line.first_confirmed_on) == (date(2025, 11, 20), date(2025, 11, 12))
    assert PurchaseDateChange.objects.count() == 2


def test_what_contradicts_a_known_order_is_reported(tmp_path):
    SupplierFactory(code="S02")
    WarehouseFactory(code="NORTH")
    ordered(tmp_path, "PO-1,S01,1,SAW-201,40,2025-10-01,,2025-11-12,MAIN,8")

    report = ordered(
        tmp_path,
        "PO-1,S01,1,SAW-201,41,2025-10-01,,2025-11-12,MAIN,9",
        "PO-1,S01,2,SAW-999,1,2025-10-01,,,MAIN,",
        "PO-1,S02,3,SAW-201,1,2025-10-01,,,MAIN,",
        "PO-1,S01,4,SAW-201,1,2025-10-01,,,SOUTH,",
        "PO-5,S01,40000,SAW-201,1,2025-10-01,,,,",
    )

    assert counts(report) == (5, 0, 0, 0, 0, 5)
    assert report.rejects == {
        2: "Line 1 is known with other content: the quantity is 40, not 41, the cost is 8.0000, not 9.",
        3: "The SKU SAW-999 is not known.",
        4: "Supplier, warehouse or date differ from line 2, which is of the same purchase order.",
        5: "The warehouse SOUTH is not known.",
        6: "line '40000': Must be a whole number from 1 to 32,767.",
    }


def test_a_receipt_is_booked_once_and_its_rows_may_stand_apart(tmp_path):
    ordered(tmp_path, "PO-1,S01,1,SAW-201,40,2025-10-01,,,MAIN,", "PO-1,S01,2,NAIL-40,500,2025-10-01,,,MAIN,")
    rows = ("LS-1,PO-1,1,30,2025-10-20T10:00:00Z", "LS-2,PO-1,1,10,", "ls-1,po-1,2,500,2025-10-20T10:00:00Z")

    report = received(tmp_path, *rows)
    before = rows_of_all_tables()
    again = received(tmp_path, *rows)
    part = received(tmp_path, rows[2])

    assert counts(report) == (3, 3, 0, 0, 0, 0)
    assert report.quantity == 540
    assert sorted(Receipt.objects.values_list("reference", "received_at__day")) == [("LS-1", 20), ("LS-2", 3)]
    assert sorted(StockLevel.objects.values_list("product__sku", "on_hand")) == [("NAIL-40", 500), ("SAW-201", 40)]
    assert PurchaseOrder.objects.get().status == PurchaseOrderStatus.RECEIVED
    assert (counts(again), counts(part)) == ((3, 0, 0, 3, 0, 0), (1, 0, 0, 1, 0, 0))
    assert rows_of_all_tables() == before


def test_one_impossible_receipt_does_not_spoil_the_others(tmp_path):
    ordered(tmp_path, "PO-1,S01,1,SAW-201,40,2025-10-01,,,MAIN,")

    report = received(
        tmp_path,
        "LS-1,PO-1,1,50,",
        "LS-2,PO-1,1,20,",
        "LS-2,PO-1,7,20,",
        "LS-3,PO-9,1,20,",
        "LS-4,PO-1,1,1,2025-12-24",
        "LS-5,PO-1,1,1,2025-09-01",
    )

    assert counts(report) == (6, 1, 0, 0, 0, 5)
    assert report.rejects[2].startswith("PO-1/1 (SAW-201): 50 arrived, but only 40 are outstanding")
    assert {line: report.rejects[line] for line in (4, 5, 6)} == {
        4: "PO-1 has no line 7.",
        5: "The purchase order PO-9 is not known.",
        6: "The goods cannot have been received in the future.",
    }
    assert "Goods cannot arrive earlier" in report.rejects[7]


def test_a_booked_receipt_is_compared_line_by_line(tmp_path):
    ordered(tmp_path, "PO-1,S01,1,SAW-201,40,2025-10-01,,,MAIN,", "PO-1,S01,2,NAIL-40,9,2025-10-01,,,MAIN,")
    received(tmp_path, "LS-1,PO-1,1,30,")

    report = received(tmp_path, "LS-1,PO-1,1,31,", "LS-1,PO-1,2,9,")

    assert report.rejects == {
        2: "Receipt LS-1 was booked with 30 units of this line.",
        3: "Receipt LS-1 was booked without this line: book it under a reference of its own.",
    }


def test_an_order_of_which_no_line_is_taken_is_not_written(tmp_path):
    report = ordered(
        tmp_path,
        "PO-1,S01,1,SAW-201,40,,,2025-11-12,MAIN,",
        "PO-2,S01,1,SAW-201,40,,,2025-11-12,MAIN,",
        "PO-2,S01,2,NAIL-40,5,,,,MAIN,",
    )

    assert (sorted(report.rejects), counts(report)) == ([2, 3], (3, 1, 0, 0, 0, 2))
    assert [str(line) for line in PurchaseOrderLine.objects.all()] == ["PO-2/2"]
    assert [order.number for order in PurchaseOrder.objects.all()] == ["PO-2"]


def test_what_a_file_of_receipts_needs_is_locked_first_table_by_table(tmp_path):
    ordered(tmp_path, "PO-1,S01,1,NAIL-40,40,2025-10-01,,,MAIN,", "PO-2,S01,1,SAW-201,40,2025-10-01,,,MAIN,")

    with CaptureQueriesContext(connection) as asked:
        received(tmp_path, "LS-1,PO-2,1,30,", "LS-1,PO-1,1,30,")

    locks = [query["sql"].partition(' FROM "')[2].partition('"')[0] for query in asked if "FOR NO KEY" in query["sql"]]
    assert locks[:3] == ["inventory_purchaseorder", "inventory_stocklevel", "inventory_product"]


def test_new_dates_lock_the_products_of_the_file_at_once(tmp_path):
    ordered(tmp_path, "PO-1,S01,1,NAIL-40,4,2025-10-01,,,MAIN,", "PO-2,S01,1,SAW-201,4,2025-10-01,,2025-11-12,MAIN,")

    with CaptureQueriesContext(connection) as asked:
        report = ordered(
            tmp_path,
            "PO-1,S01,1,NAIL-40,4,2025-10-01,,2025-11-20,MAIN,",
            "PO-2,S01,1,SAW-201,4,2025-10-01,,2025-11-20,MAIN,",
        )

    locks = [query["sql"].partition(' FROM "')[2].partition('"')[0] for query in asked if "FOR NO KEY" in query["sql"]]
    assert counts(report) == (2, 0, 2, 0, 0, 0)
    assert locks[:2] == ["inventory_purchaseorder", "inventory_product"]


def test_a_line_that_was_split_since_is_known_with_all_its_units(tmp_path):
    row = "PO-1,S01,1,SAW-201,40,2025-10-01,,2025-11-12,MAIN,"
    ordered(tmp_path, row)
    line = PurchaseOrderLine.objects.get()
    split_purchase_line(line_id=line.pk, quantity=15, new_on=date(2025, 11, 30), reason="", by=None, now=JOB.now)

    assert counts(ordered(tmp_path, row)) == (1, 0, 0, 1, 0, 0)
