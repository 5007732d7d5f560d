from collections import Counter

import pytest
from django.db.models import F, Sum

from backorders.enums import RunKind
from backorders.models import OrderLine
from backorders.oversight.queries.invariants import check_invariants
from backorders.runs.allocate_stock import allocate_stock
from inventory.models import PurchaseOrder, StockLevel
from tests.backorders.files.files import NORTHWIND, NOW, counts, imported, rows_of_all_tables

pytestmark = pytest.mark.django_db

FILES = {
    "products": (77, "products.csv"),
    "suppliers": (29, "suppliers.csv"),
    "customers": (93, "customers.csv"),
    "supplier-products": (77, "supplier-products.csv"),
    "stock-counts": (77, "stock-counts.csv"),
    "purchase-orders": (17, "purchase-orders.csv"),
    "orders": (2155, "orders-all.csv"),
}


def test_northwind_goes_in_whole_and_its_open_orders_are_served_from_stock():
    taken = {kind: counts(imported(kind, NORTHWIND / file)) for kind, (_, file) in FILES.items()}

    allocate_stock(kind=RunKind.MANUAL, now=NOW)

    units = Sum(F("ordered") - F("shipped") - F("cancelled"))
    by_product = OrderLine.objects.open().order_by().values("product").annotate(units=units, held=Sum("allocated"))
    demand = by_product.values_list("product", "units", "held")
    stock = dict(StockLevel.objects.values_list("product", "on_hand"))
    assert taken == {kind: (rows, rows, 0, 0, 0, 0) for kind, (rows, _) in FILES.items()}
    assert OrderLine.objects.open().count() == 73
    assert {product: allocated for product, _, allocated in demand} == {
        product: min(stock[product], units) for product, units, _ in demand
    }
    assert check_invariants().ok


def test_importing_northwind_again_changes_nothing():
    for kind, (_, file) in FILES.items():
        imported(kind, NORTHWIND / file)
    before = rows_of_all_tables()

    again = {kind: counts(imported(kind, NORTHWIND / file)) for kind, (_, file) in FILES.items()}
    overlapping = counts(imported("orders", NORTHWIND / "orders-open.csv"))

    assert again == {kind: (rows, 0, 0, rows, 0, 0) for kind, (rows, _) in FILES.items()}
    assert overlapping == (73, 0, 0, 73, 0, 0)
    assert rows_of_all_tables() == before


def test_purchase_orders_come_in_as_confirmed_although_their_dates_are_past():
    for kind in ("products", "suppliers", "purchase-orders"):
        imported(kind, NORTHWIND / FILES[kind][1])

    orders = PurchaseOrder.objects.all()

    assert Counter(order.status for order in orders) == {"confirmed": 17}
    assert {str(order.sent_at.date()) for order in orders} == {"1998-05-01"}
    assert {str(order.lines.get().first_confirmed_on) for order in orders} == {"1998-05-20"}
