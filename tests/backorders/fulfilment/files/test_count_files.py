from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backorders.models import AllocationRun, OrderLine
from inventory.enums import StockKind
from inventory.models import StockEntry, StockLevel
from tests.backorders.files.files import NOW, counts, imported, rows_of_all_tables, written
from tests.factories.backorders import order_for
from tests.factories.inventory import ProductFactory, StockEntryFactory, StockLevelFactory

pytestmark = pytest.mark.django_db

HEADER = "warehouse,sku,on_hand,counted_at,reference"


def count_file(folder, *rows):
    return written(folder, [HEADER, *rows])


@pytest.fixture
def pool():
    level = StockLevelFactory(product=ProductFactory(sku="SAW-201"))
    StockEntryFactory(stock_level=level, delta=10, made_at=NOW - timedelta(days=7))
    return level


def test_a_count_books_the_difference_and_a_new_pool_comes_into_being(tmp_path, pool):
    ProductFactory(sku="NAIL-40")
    ProductFactory(sku="EMPTY-1")
    file = count_file(tmp_path, "main,saw-201,7,,C-1", "MAIN,NAIL-40,500,,C-1", "MAIN,EMPTY-1,0,,C-1")

    report = imported("stock-counts", file)

    booked = StockEntry.objects.filter(kind=StockKind.COUNT).order_by("pk").values_list("delta", "reason", "reference")
    assert counts(report) == (3, 2, 1, 0, 0, 0)
    assert list(booked) == [(-3, "Counted 7", "C-1"), (500, "Counted 500", "C-1")]
    assert sorted(StockLevel.objects.values_list("product__sku", "on_hand")) == [
        ("EMPTY-1", 0),
        ("NAIL-40", 500),
        ("SAW-201", 7),
    ]


def test_the_same_count_again_changes_nothing_even_after_goods_moved(tmp_path, pool):
    file = count_file(tmp_path, "MAIN,SAW-201,7,,C-1")
    imported("stock-counts", file)
    StockEntryFactory(stock_level=pool, delta=-2)
    before = rows_of_all_tables()

    report = imported("stock-counts", file)

    pool.refresh_from_db()
    assert counts(report) == (1, 0, 0, 1, 0, 0)
    assert (pool.on_hand, rows_of_all_tables()) == (5, before)


def test_what_moved_after_the_count_is_left_out(tmp_path, pool):
    StockEntryFactory(stock_level=pool, delta=-4, made_at=NOW - timedelta(hours=1))
    file = count_file(tmp_path, f"MAIN,SAW-201,9,{(NOW - timedelta(hours=2)).isoformat()},")

    imported("stock-counts", file)

    pool.refresh_from_db()
    assert pool.on_hand == 5


def test_less_than_is_allocated_takes_from_the_end_of_the_queue(tmp_path, pool):
    order_for({pool.product: 6})
    order_for({pool.product: 4})

    report = imported("stock-counts", count_file(tmp_path, "MAIN,SAW-201,7,,C-1"))

    pool.refresh_from_db()
    assert counts(report) == (1, 0, 1, 0, 0, 0)
    assert (pool.on_hand, pool.reserved) == (7, 7)
    assert list(OrderLine.objects.order_by("pk").values_list("allocated", flat=True)) == [6, 1]


def test_more_than_expected_serves_who_waits(tmp_path, pool):
    order_for({pool.product: 15})

    imported("stock-counts", count_file(tmp_path, "MAIN,SAW-201,12,,C-1"))

    assert OrderLine.objects.get().allocated == 12
    assert AllocationRun.objects.count() == 1


def test_unknown_codes_and_contradicting_rows_are_reported(tmp_path, pool):
    file = count_file(
        tmp_path,
        "MAIN,SAW-201,10,,C-1",
        "MAIN,SAW-201,11,,C-1",
        "SOUTH,SAW-201,1,,C-1",
        "MAIN,SAW-999,1,,C-1",
        "MAIN,SAW-201,-1,,C-2",
    )

    report = imported("stock-counts", file)

    assert counts(report) == (5, 0, 0, 1, 0, 4)
    assert report.rejects == {
        3: "main saw-201 c-1 stands in line 2 already, with other content.",
        4: "The warehouse SOUTH is not known.",
        5: "The SKU SAW-999 is not known.",
        6: "on_hand '-1': Must be a whole number from 0 to 1,000,000.",
    }


def test_open_lines_are_locked_before_the_stock_as_runs_do(tmp_path, pool):
    order_for({pool.product: 4})
    with CaptureQueriesContext(connection) as asked:
        imported("stock-counts", count_file(tmp_path, "MAIN,SAW-201,2,,C-1"))

    tables = [query["sql"].partition(' FROM "')[2].partition('"')[0] for query in asked if "FOR NO KEY" in query["sql"]]
    assert "inventory_stocklevel" in tables
    assert tables[0] == "backorders_orderline"
