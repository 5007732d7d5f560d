from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from backorders.enums import OrderStatus
from backorders.models import Allocation, LineEvent, OrderLine, SalesOrder
from backorders.orders.files.order_files import COLUMNS
from inventory.models import Product
from notifications.models import Message
from tests.backorders.files.files import counts, imported, rows_of_all_tables, written
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import ProductFactory, StockLevelFactory, WarehouseFactory

pytestmark = pytest.mark.django_db

HEADER = "order_number,line,customer,sku,quantity,ordered_at,unit_price,status"


@pytest.fixture(autouse=True)
def trade():
    CustomerFactory(code="VOGEL", name="Vogel Werkzeuge", email="einkauf@vogel.example")
    ProductFactory(sku="SAW-201", price=Decimal("12.50"))
    ProductFactory(sku="NAIL-40", price=Decimal("0.05"))


def stocked(sku: str, units: int) -> None:
    StockLevelFactory(product=Product.objects.get(sku=sku), on_hand=units)


def order_rows(*rows: str) -> list[str]:
    return [HEADER, *rows]


def test_open_lines_are_served_from_stock_and_wait_for_the_rest(tmp_path):
    stocked("SAW-201", 3)
    file = written(tmp_path, order_rows("A-1,1,VOGEL,SAW-201,5,2025-10-01,12.50,open"))

    report = imported("orders", file)

    line = OrderLine.objects.select_related("order").get()
    assert counts(report) == (1, 1, 0, 0, 0, 0)
    assert (report.quantity, report.value) == (5, Decimal("62.50"))
    assert (line.ordered, line.allocated, line.missing) == (5, 3, 2)
    assert (line.order.source, line.order.external_number, line.order.channel) == ("csv", "A-1", "csv")
    assert line.order.placed_at == datetime(2025, 9, 30, 22, 0, tzinfo=UTC)
    assert Message.objects.count() == 1


def test_history_touches_no_stock_and_writes_to_nobody(tmp_path):
    stocked("SAW-201", 3)
    file = written(
        tmp_path,
        order_rows("A-1,1,VOGEL,SAW-201,5,2025-10-01,,shipped", "A-1,2,VOGEL,NAIL-40,100,2025-10-01,,cancelled"),
    )

    report = imported("orders", file)

    shipped, cancelled = OrderLine.objects.order_by("number")
    assert counts(report) == (2, 2, 0, 0, 0, 0)
    assert (shipped.shipped, shipped.opening_shipped, cancelled.cancelled) == (5, 5, 100)
    assert shipped.unit_price == Decimal("12.50")
    assert SalesOrder.objects.get().status == OrderStatus.SHIPPED
    assert (Allocation.objects.count(), LineEvent.objects.count(), Message.objects.count()) == (0, 0, 0)


def test_the_same_file_twice_changes_nothing(tmp_path):
    stocked("SAW-201", 3)
    file = written(
        tmp_path, order_rows("A-1,1,VOGEL,SAW-201,5,2025-10-01,,", "A-1,2,vogel,nail-40,100,2025-10-01,,shipped")
    )
    imported("orders", file)
    before = rows_of_all_tables()

    report = imported("orders", file)

    assert counts(report) == (2, 0, 0, 2, 0, 0)
    assert (report.quantity, report.value) == (0, 0)
    assert rows_of_all_tables() == before


def test_new_lines_of_a_known_order_are_added_and_changed_ones_reported(tmp_path):
    imported("orders", written(tmp_path, order_rows("A-1,1,VOGEL,SAW-201,5,2025-10-01,,")))
    file = written(tmp_path, order_rows("A-1,1,VOGEL,SAW-201,6,2025-10-01,,", "a-1,2,VOGEL,NAIL-40,100,2025-10-01,,"))

    report = imported("orders", file)

    assert counts(report) == (2, 1, 0, 0, 0, 1)
    assert report.rejects == {2: "Already known with different content: the quantity is 5, not 6."}
    assert list(OrderLine.objects.order_by("number").values_list("ordered", flat=True)) == [5, 100]


def test_two_sources_may_use_the_same_number(tmp_path):
    file = written(tmp_path, order_rows("A-1,1,VOGEL,SAW-201,5,2025-10-01,,"))

    imported("orders", file, source="shop")
    report = imported("orders", file, source="marketplace")

    assert counts(report) == (1, 1, 0, 0, 0, 0)
    assert set(SalesOrder.objects.values_list("source", flat=True)) == {"shop", "marketplace"}


def test_one_bad_row_is_reported_and_the_good_ones_are_imported(tmp_path):
    file = written(
        tmp_path,
        order_rows(
            "A-1,1,VOGEL,SAW-201,5,2025-10-01,,",
            "A-1,2,VOGEL,SAW-201,1_000,2025-13-01,,lost",
            "A-1,3,VOGEL,SAW-999,5,2025-10-01,,",
            "A-2,1,VOGLE,SAW-201,5,2025-10-01,,",
            ",1,VOGEL,SAW-201,5,2025-10-01,,",
            "A-3,1,VOGEL,SAW-201,5,2026-10-01,,",
        ),
    )

    report = imported("orders", file)

    assert counts(report) == (6, 1, 0, 0, 0, 5)
    assert report.rejects == {
        3: "quantity '1_000': Must be a whole number from 1 to 100,000; "
        "ordered_at '2025-13-01': Must be a date such as 2024-05-31 or a time such as 2024-05-31T14:05:00; "
        "status 'lost': Must be one of open, shipped, cancelled.",
        4: "The SKU SAW-999 is not known.",
        5: "The customer VOGLE is not known.",
        6: "order_number is empty.",
        7: "The order date is in the future.",
    }


def test_strict_imports_nothing_when_one_row_is_bad(tmp_path):
    file = written(tmp_path, order_rows("A-1,1,VOGEL,SAW-201,5,2025-10-01,,", "A-1,2,VOGEL,SAW-201,zero,2025-10-01,,"))

    report = imported("orders", file, strict=True)

    assert counts(report) == (2, 0, 0, 0, 1, 1)
    assert (report.written, SalesOrder.objects.count()) == (False, 0)


def test_a_dry_run_tells_the_same_and_writes_nothing(tmp_path):
    stocked("SAW-201", 3)
    file = written(tmp_path, order_rows("A-1,1,VOGEL,SAW-201,5,2025-10-01,,", "A-1,2,VOGEL,SAW-201,zero,2025-10-01,,"))
    before = rows_of_all_tables()

    dry = imported("orders", file, dry_run=True)
    unchanged = rows_of_all_tables() == before
    wet = imported("orders", file)

    told_dry, told_wet = dry.as_json(), wet.as_json()
    assert unchanged
    assert (told_dry.pop("dry_run"), told_dry.pop("written")) == (True, False)
    assert (told_wet.pop("dry_run"), told_wet.pop("written")) == (False, True)
    assert told_dry == told_wet


def test_rows_of_one_order_may_stand_apart(tmp_path):
    other = [f"B-{number},1,VOGEL,NAIL-40,1,2025-10-01,,shipped" for number in range(10_500)]
    file = written(
        tmp_path,
        order_rows("A-1,1,VOGEL,SAW-201,5,2025-10-01,,", *other, "A-1,2,VOGEL,NAIL-40,9,2025-10-02,,"),
    )

    report = imported("orders", file)

    order = SalesOrder.objects.get(external_number="A-1")
    assert counts(report) == (10_502, 10_502, 0, 0, 0, 0)
    assert [(line.number, line.external_line) for line in order.lines.order_by("number")] == [(1, "1"), (2, "2")]


def test_rows_that_contradict_their_order_or_line_are_reported(tmp_path):
    CustomerFactory(code="ADLER")
    file = written(
        tmp_path,
        order_rows(
            "A-1,1,VOGEL,SAW-201,5,2025-10-01,,",
            "A-1,2,ADLER,SAW-201,5,2025-10-01,,",
            "A-1,1,VOGEL,SAW-201,5,2025-10-01,,",
            "A-1,1,VOGEL,SAW-201,7,2025-10-01,,",
        ),
    )

    report = imported("orders", file)

    assert counts(report) == (4, 1, 0, 1, 0, 2)
    assert report.rejects == {
        3: "The customer differs from line 2, which is of the same order.",
        5: "Line 1 of this order is already in line 2 with different content.",
    }


def test_every_column_reaches_the_order(tmp_path):
    WarehouseFactory(code="NORTH")
    file = written(
        tmp_path,
        [
            ",".join(column.name for column in COLUMNS[:14]),
            "A-1,10,VOGEL,SAW-201,5,2025-10-01T08:30:00Z,9.9950,usd,2025-10-20,2025-11-20,yes,north,edi,open",
        ],
    )

    imported("orders", file)

    line = OrderLine.objects.select_related("order", "warehouse").get()
    order = line.order
    assert (line.external_line, line.unit_price, line.warehouse.code) == ("10", Decimal("9.9950"), "NORTH")
    assert (line.requested_on, line.latest_on) == (date(2025, 10, 20), date(2025, 11, 20))
    assert (order.currency, order.channel, order.ship_complete) == ("USD", "edi", True)
    assert order.placed_at == datetime(2025, 10, 1, 8, 30, tzinfo=UTC)


def test_an_order_that_was_accepted_elsewhere_may_name_a_product_no_longer_sold(tmp_path):
    ProductFactory(sku="OLD-1", active=False)

    report = imported("orders", written(tmp_path, order_rows("A-1,1,VOGEL,OLD-1,5,2025-10-01,,open")))

    assert counts(report) == (1, 1, 0, 0, 0, 0)
