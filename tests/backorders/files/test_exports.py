import csv
from decimal import Decimal

import pytest

from backorders.files import EXPORTS, KINDS
from config.lib.csv import csv_lines
from inventory.models import Product
from tests.backorders.files.files import NORTHWIND, counts, imported
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import ProductFactory

pytestmark = pytest.mark.django_db

NORTHWIND_FILES = {
    **{kind: f"{kind}.csv" for kind in ("products", "suppliers", "customers", "supplier-products", "stock-counts")},
    "purchase-orders": "purchase-orders.csv",
    "orders": "orders-open.csv",
}


def exported(kind, folder):
    file = folder / f"{kind}.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        target.writelines(csv_lines(EXPORTS[kind].header, EXPORTS[kind].rows()))
    return file


@pytest.mark.parametrize("kind", list(EXPORTS))
def test_every_list_has_a_column_for_every_value(tmp_path, kind):
    order_for({ProductFactory(): 3})

    with exported(kind, tmp_path).open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))

    assert header == list(EXPORTS[kind].header)
    assert {len(row) for row in rows} <= {len(header)}


def test_what_is_exported_can_be_imported_and_changes_nothing(tmp_path):
    for kind, file in NORTHWIND_FILES.items():
        imported(kind, NORTHWIND / file)

    again = {kind: imported(kind, exported(kind, tmp_path)) for kind in KINDS}

    assert {kind: counts(report)[3] for kind, report in again.items()} == {
        kind: report.rows for kind, report in again.items()
    }
    assert again["orders"].rows == 73


def test_names_that_look_like_formulas_go_out_defused_and_come_back_as_they_were(tmp_path):
    names = ["=cmd|' /C calc'!A0", "+49 30", "-2+3", "@SUM(A1)", " =1", "'=1", "'Tis a saw", 'saw, 6" "blade"']
    for name in names:
        ProductFactory(name=name, price=Decimal("1.5"))
    stored = list(Product.objects.order_by("pk").values_list("name", flat=True))
    file = exported("products", tmp_path)
    Product.objects.update(name="forgotten")

    imported("products", file)

    with file.open(encoding="utf-8", newline="") as opened:
        cells = [row["name"] for row in csv.DictReader(opened)]
    assert not [cell for cell in cells if cell.lstrip()[:1] in {"=", "+", "-", "@"}]
    assert list(Product.objects.order_by("pk").values_list("name", flat=True)) == stored


def test_the_backlog_tells_what_each_open_line_lacks(tmp_path):
    customer = CustomerFactory(code="VOGEL")
    order_for({ProductFactory(sku="SAW-201"): 5}, customer=customer)

    with exported("backlog", tmp_path).open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)

    assert (row["customer"], row["sku"], row["ordered"], row["missing"], row["status"]) == (
        "VOGEL",
        "SAW-201",
        "5",
        "5",
        "waiting",
    )
