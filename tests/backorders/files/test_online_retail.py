import csv

import pytest

from backorders.models import Allocation, OrderLine, SalesOrder
from customers.models import Customer
from inventory.models import Product
from notifications.models import Message
from tests.backorders.files.files import ONLINE_RETAIL, counts, imported, rows_of_all_tables, written

pytestmark = pytest.mark.django_db

HEADER = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country"


def retail(*rows: str) -> list[str]:
    return [HEADER, *rows]


def test_three_days_of_invoices_go_in_once():
    lines = ONLINE_RETAIL.read_text("utf-8").splitlines()
    first, again = imported("orders", ONLINE_RETAIL, mapping="online-retail"), rows_of_all_tables()

    second = imported("orders", ONLINE_RETAIL, mapping="online-retail")

    rows, taken, *_, skipped, rejected = counts(first)
    assert (rows, rejected) == (len(lines) - 1, 0)
    assert OrderLine.objects.count() == taken
    assert first.quantity == sum(OrderLine.objects.values_list("shipped", flat=True))
    assert counts(second) == (rows, 0, 0, taken, skipped, 0)
    assert rows_of_all_tables() == again
    assert (Message.objects.count(), Allocation.objects.count()) == (0, 0)


def test_overlapping_files_add_up_to_the_whole_file(tmp_path):
    with ONLINE_RETAIL.open(encoding="utf-8", newline="") as file:
        _, *rows = file.read().splitlines()
    parts = [rows[:2_500], rows[2_000:5_003], rows[4_400:]]
    for number, part in enumerate(parts):
        imported("orders", written(tmp_path, retail(*part), f"{number}.csv"), mapping="online-retail")
    in_parts = sorted(OrderLine.objects.values_list("order__external_number", "external_line", "ordered"))

    whole = imported("orders", ONLINE_RETAIL, mapping="online-retail")

    assert whole.changes["unchanged"] == len(in_parts)
    assert (whole.changes["imported"], whole.rejected) == (0, 0)
    assert sorted(OrderLine.objects.values_list("order__external_number", "external_line", "ordered")) == in_parts


def test_true_repeats_stay_and_codes_that_differ_by_case_are_one_product(tmp_path):
    file = written(
        tmp_path,
        retail(
            "489434,79323p,PINK LIGHTS,12,2009-12-01 07:45:00,6.75,13085,United Kingdom",
            "489434,79323P,PINK CHERRY LIGHTS,12,2009-12-01 07:45:00,6.750,13085,United Kingdom",
            "489434,79323P,PINK CHERRY LIGHTS,12,2009-12-01 07:46:00,6.75,13085,United Kingdom",
        ),
    )

    imported("orders", file, mapping="online-retail")

    assert list(OrderLine.objects.order_by("number").values_list("external_line", flat=True)) == [
        "79323p|12|6.75|1",
        "79323p|12|6.75|2",
        "79323p|12|6.75|3",
    ]
    assert list(Product.objects.values_list("sku", "name", "price", "currency")) == [
        ("79323P", "PINK CHERRY LIGHTS", 6.75, "GBP")
    ]


def test_rows_that_are_no_orders_are_skipped_with_their_reason(tmp_path):
    file = written(
        tmp_path,
        retail(
            "C489449,22087,PAPER BUNTING,-12,2009-12-01 10:33:00,2.95,16321,Australia",
            "A506401,B,Adjust bad debt,1,2010-04-29 13:36:00,-53594.36,,United Kingdom",
            "489597,DOT,DOTCOM POSTAGE,1,2009-12-01 14:28:00,647.19,,United Kingdom",
            "489598,bank charges,,1,2009-12-01 14:28:00,15,,United Kingdom",
            "489464,21733,85123a mixed,-96,2009-12-01 10:52:00,0,,United Kingdom",
            "489600,21733,WHITE HEART,96,2009-12-01 10:52:00,2.55,,United Kingdom",
        ),
    )

    report = imported("orders", file, mapping="online-retail")

    assert counts(report) == (6, 1, 0, 0, 5, 0)
    assert report.skips == {"cancellation": 1, "bad debt": 1, "not a product": 2, "stock written off": 1}
    assert list(Customer.objects.values_list("code", "name")) == [("GUEST", "Guest (no customer in the file)")]
    assert str(SalesOrder.objects.get().placed_at) == "2009-12-01 10:52:00+00:00"


def test_a_changed_quantity_in_a_known_invoice_is_reported_not_added(tmp_path):
    row = "489434,85048,GLASS BALL,{},2009-12-01 07:45:00,6.95,13085,United Kingdom"
    imported("orders", written(tmp_path, retail(row.format(12))), mapping="online-retail")

    report = imported("orders", written(tmp_path, retail(row.format(13))), mapping="online-retail")

    assert report.rejects == {2: "Order 489434 is known with another quantity or price for 85048."}
    assert OrderLine.objects.get().ordered == 12


def test_the_older_edition_of_the_file_is_understood(tmp_path):
    file = written(
        tmp_path,
        [
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
            "536365,85123A,WHITE HEART,6,12/1/2010 8:26,2.55,17850.0,United Kingdom",
        ],
    )

    report = imported("orders", file, mapping="online-retail")

    order = SalesOrder.objects.select_related("customer").get()
    assert counts(report) == (1, 1, 0, 0, 0, 0)
    assert (order.customer.code, str(order.placed_at)) == ("17850", "2010-12-01 08:26:00+00:00")


def test_the_fixture_is_what_its_readme_says():
    with ONLINE_RETAIL.open(encoding="utf-8", newline="") as file:
        days = {row["InvoiceDate"][:10] for row in csv.DictReader(file)}

    assert days == {"2010-11-01", "2010-11-02", "2010-11-03"}
