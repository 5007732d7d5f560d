import gzip
from decimal import Decimal

import pytest

from config.lib.csv.importing import run_import
from config.lib.csv.reading import FileRefused
from inventory.models import Category, Product, Supplier, SupplierProduct
from inventory.products.files import PRODUCTS, SUPPLIER_PRODUCTS, SUPPLIERS
from tests.backorders.files.files import counts, written
from tests.factories.inventory import ProductFactory, SupplierFactory
from tests.inventory.jobs import JOB

pytestmark = pytest.mark.django_db


def test_products_are_made_and_changed_only_in_the_columns_of_the_file(tmp_path):
    ProductFactory(sku="SAW-201", name="Bow saw", price=Decimal("12.50"), pack_size=6)
    file = written(
        tmp_path,
        [
            "sku,name,category,price,active",
            "saw-201,Bow saw 60 cm,Saws,13.00,false",
            "NAIL-40,Nail 40 mm,saws,0.0450,",
        ],
    )

    report = run_import(PRODUCTS, file, JOB)

    saw, nail = Product.objects.select_related("category").order_by("pk")
    assert counts(report) == (2, 1, 1, 0, 0, 0)
    assert (saw.sku, saw.name, saw.price, saw.pack_size, saw.active) == (
        "SAW-201",
        "Bow saw 60 cm",
        Decimal("13.00"),
        6,
        False,
    )
    assert (nail.price, nail.active, nail.category) == (Decimal("0.0450"), True, saw.category)
    assert Category.objects.get().name == "Saws"


def test_an_empty_cell_says_nothing_and_equal_rows_are_unchanged(tmp_path):
    ProductFactory(sku="SAW-201", name="Bow saw", price=Decimal("12.50"))
    file = written(tmp_path, ["sku,name,price", "SAW-201,Bow saw,", "SAW-201,Bow saw,"])

    report = run_import(PRODUCTS, file, JOB)

    assert counts(report) == (2, 0, 0, 2, 0, 0)
    assert Product.objects.get().price == Decimal("12.50")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("SAW-1,Saw,1.23456,1,,", "price '1.23456': Must be an amount such as 12.50, with at most four decimals."),
        ("SAW-1,Saw,1,0,,", "pack_size '0': Must be a whole number from 1 to 100,000."),
        ("SAW-1,Saw,1,1,perhaps,", "backorder_policy 'perhaps': Must be one of deny, allow, notify."),
        ("SAW-1,Saw,1,1,deny,maybe", "active 'maybe': Must be true or false."),
        ("SAW-1,,1,1,,", "name is empty."),
        (f"SAW-1,{'x' * 201},1,1,,", f"name '{'x' * 60}…': Must have at most 200 characters."),
        ("SAW-1,a\u202eb,1,1,,", "name 'a\\u202eb': Must be one line of plain text without control characters."),
    ],
)
def test_a_bad_cell_is_named_with_its_reason(tmp_path, row, told):
    file = written(tmp_path, ["sku,name,price,pack_size,backorder_policy,active", row, "SAW-2,Saw,1,1,,"])

    report = run_import(PRODUCTS, file, JOB)

    assert (report.rejects, Product.objects.get().sku) == ({2: told}, "SAW-2")


def test_suppliers_are_known_by_code(tmp_path):
    SupplierFactory(code="S01", name="Nordwerk", lead_time_days=10)
    file = written(
        tmp_path, ["code,name,email,lead_time_days,time_zone", "s01,Nordwerk,,12,Europe/Oslo", "S02,Sud,,,Mars"]
    )

    report = run_import(SUPPLIERS, file, JOB)

    assert counts(report) == (2, 0, 1, 0, 0, 1)
    assert report.rejects == {3: "time_zone 'Mars': Must be a time zone such as Europe/Berlin."}
    assert list(Supplier.objects.values_list("code", "lead_time_days", "time_zone")) == [("S01", 12, "Europe/Oslo")]


def test_an_offer_takes_the_lead_time_of_its_supplier_and_tells_of_a_change(tmp_path):
    supplier, saw = SupplierFactory(code="S01", lead_time_days=9), ProductFactory(sku="SAW-201")
    first = written(tmp_path, ["supplier,sku,cost", "S01,SAW-201,7.5", "S01,SAW-999,1", "S09,SAW-201,1"])

    report = run_import(SUPPLIER_PRODUCTS, first, JOB)
    again = run_import(SUPPLIER_PRODUCTS, written(tmp_path, ["supplier,sku,rank", "s01,saw-201,2"]), JOB)

    saw.refresh_from_db()
    assert counts(report) == (3, 1, 0, 0, 0, 2)
    assert report.rejects == {3: "The SKU SAW-999 is not known.", 4: "The supplier S09 is not known."}
    assert counts(again) == (1, 0, 1, 0, 0, 0)
    assert list(SupplierProduct.objects.values_list("supplier", "lead_time_days", "cost", "rank")) == [
        (supplier.pk, 9, Decimal("7.5"), 2)
    ]
    assert saw.supply_version == 2


def test_a_file_that_breaks_off_says_how_much_of_it_is_done(tmp_path):
    file = tmp_path / "products.csv.gz"
    rows = "".join(f"SAW-{number},Bow saw {number}\n" for number in range(30_000))
    file.write_bytes(gzip.compress(f"sku,name\n{rows}".encode())[:-2_000])

    with pytest.raises(FileRefused, match="is damaged") as refused:
        run_import(PRODUCTS, file, JOB)

    assert f"{Product.objects.count():,} rows before that are done" in str(refused.value)
