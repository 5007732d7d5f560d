from datetime import date

import pytest
from django.urls import reverse

from inventory.desk.forms.products import ExistingProductForm
from inventory.models import Product, StockLevel
from tests.factories.inventory import (
    CategoryFactory,
    ProductFactory,
    PurchaseOrderLineFactory,
    StockEntryFactory,
    StockLevelFactory,
    SupplierProductFactory,
    WarehouseFactory,
)
from tests.factories.staff import staff_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
PRODUCTS = "/inventory/products/"


@pytest.fixture
def viewer(client):
    client.force_login(staff_with("inventory.view_product"))
    return client


def skus(response):
    return [product.sku for product, _ in response.context["rows"]]


@pytest.mark.parametrize(
    "address", [PRODUCTS, f"{PRODUCTS}new/", f"{PRODUCTS}options/", f"{PRODUCTS}1/", f"{PRODUCTS}1/edit/"]
)
def test_without_the_permission_no_product_page_is_shown(client, address):
    client.force_login(staff_with("inventory.view_purchaseorder"))

    assert client.get(address).status_code == 403


def test_without_a_login_no_product_page_is_shown(client):
    assert client.get(PRODUCTS).status_code == 302


def test_the_list_shows_stock_and_what_is_coming(viewer):
    level = StockLevelFactory(product__sku="SAW-1", on_hand=12)
    StockLevelFactory(product=level.product, warehouse=WarehouseFactory(code="NORTH"), on_hand=3)
    PurchaseOrderLineFactory(product=level.product, ordered=40)

    response = viewer.get(PRODUCTS)

    ((product, stock),) = response.context["rows"]
    assert (product.sku, stock.on_hand, stock.available, stock.incoming) == ("SAW-1", 15, 15, 40)
    assert stock.next_on == date(2025, 11, 17)


def test_the_list_is_filtered(viewer):
    tools = CategoryFactory(name="Hand tools")
    StockLevelFactory(product__sku="HAMMER", product__category=tools, on_hand=1)
    ProductFactory(sku="SAW", name="Fine saw", category=tools, backorder_policy="deny")
    ProductFactory(sku="GLUE")
    ProductFactory(sku="GONE", active=False)

    found = {
        query: skus(viewer.get(f"{PRODUCTS}?{query}"))
        for query in ("", "q=fine", "q=ham", f"category={tools.pk}", "policy=deny", "short=on", "category=nonsense")
    }

    assert found == {
        "": ["GLUE", "HAMMER", "SAW"],
        "q=fine": ["SAW"],
        "q=ham": ["HAMMER"],
        f"category={tools.pk}": ["HAMMER", "SAW"],
        "policy=deny": ["SAW"],
        "short=on": ["GLUE", "SAW"],
        "category=nonsense": ["GLUE", "HAMMER", "SAW"],
    }


def test_the_list_is_paged_by_sku(viewer):
    for number in range(60):
        ProductFactory(sku=f"SAW-{number:02}")

    first = viewer.get(PRODUCTS)
    second = viewer.get(PRODUCTS + first.context["page"].older)
    back = viewer.get(PRODUCTS + second.context["page"].newer)

    assert skus(first) == [f"SAW-{number:02}" for number in range(50)]
    assert skus(second) == [f"SAW-{number:02}" for number in range(50, 60)]
    assert (first.context["page"].newer, second.context["page"].older, skus(back)) == ("", "", skus(first))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_for_three(viewer, django_assert_num_queries, count):
    for _ in range(count):
        level = StockLevelFactory(on_hand=5, product__category=CategoryFactory())
        PurchaseOrderLineFactory(product=level.product)

    with django_assert_num_queries(9):
        viewer.get(PRODUCTS)


def test_the_typeahead_offers_skus_with_their_free_units(viewer):
    StockLevelFactory(product__sku="BLADE-SAW", product__name="Blade", on_hand=4)
    ProductFactory(sku="SAW-1", name="Panel saw")
    ProductFactory(sku="SAW-OLD", active=False)

    response = viewer.get(f"{PRODUCTS}options/?q=saw")

    assert [(option["value"], option["label"], option["note"]) for option in response.context["options"]] == [
        ("SAW-1", "Panel saw", "0 free"),
        ("BLADE-SAW", "Blade", "4 free"),
    ]


def test_a_product_page_shows_its_figures(viewer):
    level = StockLevelFactory(product__sku="SAW-1", on_hand=12)
    north = WarehouseFactory(code="NORTH", preference=200)
    PurchaseOrderLineFactory(product=level.product, ordered=40, confirmed_on=date(2025, 11, 20))
    PurchaseOrderLineFactory(product=level.product, ordered=7, purchase_order__warehouse=north)
    PurchaseOrderLineFactory(product=level.product, ordered=5, requested_on=date(2025, 11, 1))
    PurchaseOrderLineFactory(product=level.product, ordered=99, purchase_order__status="draft")
    SupplierProductFactory(product=level.product)

    response = viewer.get(level.product.get_absolute_url())

    assert [
        (row.warehouse.code, row.stock.available, row.stock.incoming) for row in response.context["warehouses"]
    ] == [
        ("MAIN", 12, 45),
        ("NORTH", 0, 7),
    ]
    assert [(projection.points, projection.uncounted) for projection, _ in response.context["projections"]] == [
        ([(date(2025, 11, 3), 12.0), (date(2025, 11, 20), 52.0), (date(2025, 12, 29), 52.0)], 5),
        ([(date(2025, 11, 3), 0.0), (date(2025, 11, 17), 7.0), (date(2025, 12, 29), 7.0)], 0),
    ]
    assert [line.outstanding for line in response.context["incoming"]] == [5, 7, 40]


def test_a_product_that_never_was_in_stock_has_a_page(viewer):
    response = viewer.get(ProductFactory().get_absolute_url())

    assert (response.status_code, response.context["on_hand"]) == (200, 0)


def test_the_ledger_is_paged(viewer):
    level = StockLevelFactory()
    for _ in range(51):
        StockEntryFactory(stock_level=level, delta=1)

    first = viewer.get(level.product.get_absolute_url())
    second = viewer.get(level.product.get_absolute_url() + first.context["ledger"].older.removesuffix("#ledger"))

    assert [len(page.context["ledger"].rows) for page in (first, second)] == [50, 1]


@pytest.mark.parametrize("count", [1, 3])
def test_a_product_page_costs_the_same_for_one_row_and_for_three(viewer, django_assert_num_queries, count):
    product = ProductFactory()
    for number in range(count):
        warehouse = WarehouseFactory(code=f"W{number}")
        StockLevelFactory(product=product, warehouse=warehouse, on_hand=5)
        PurchaseOrderLineFactory(product=product, purchase_order__warehouse=warehouse)
        SupplierProductFactory(product=product)

    with django_assert_num_queries(9):
        viewer.get(product.get_absolute_url())


NEW = {
    "sku": "SAW-9", "name": "Panel saw", "unit": "pcs", "pack_size": "1", "price": "19.9", "cost": "0.001",
    "currency": "EUR", "backorder_policy": "notify", "backorder_limit": "0", "active": "on",
}  # fmt: skip


def test_a_product_is_added(client):
    client.force_login(staff_with("inventory.add_product", "inventory.view_product"))

    response = client.post(reverse("inventory:new-product"), NEW)

    product = Product.objects.get()
    assert (response.url, product.sku, str(product.cost)) == (product.get_absolute_url(), "SAW-9", "0.0010")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sku", "saw-1"), ("sku", "a\u202eb"), ("price", "NaN"), ("price", "-1"), ("price", "1e3"), ("pack_size", "0"),
        ("pack_size", "1_000"), ("currency", "eur"), ("backorder_policy", "maybe"), ("name", ""),
    ],
)  # fmt: skip
def test_a_product_that_cannot_be_is_refused_at_its_field(client, field, value):
    ProductFactory(sku="SAW-1")
    client.force_login(staff_with("inventory.add_product"))

    response = client.post(reverse("inventory:new-product"), NEW | {field: value})

    assert (response.status_code, Product.objects.count()) == (200, 1)
    assert response.context["form"].errors


def test_editing_a_product_writes_only_what_was_changed(client, monkeypatch):
    product = ProductFactory(name="Old")
    client.force_login(staff_with("inventory.change_product", "inventory.view_product"))
    changed = {name: value for name, value in NEW.items() if name != "sku"} | {"cost": "11.2", "name": "New"}

    def bump_meanwhile(form):
        Product.objects.filter(pk=product.pk).update(supply_version=7)
        return real_clean(form)

    real_clean = ExistingProductForm.clean
    monkeypatch.setattr(ExistingProductForm, "clean", bump_meanwhile)
    response = client.post(reverse("inventory:edit-product", args=[product.pk]), changed)

    product.refresh_from_db()
    assert (response.status_code, product.name, product.supply_version) == (302, "New", 7)


def transfer_form(level, target, *, quantity):
    return {
        "product": level.product.sku.lower(),
        "from_warehouse": level.warehouse_id,
        "to_warehouse": target.pk,
        "quantity": quantity,
        "key": "k1",
    }


def test_stock_is_transferred_once_however_often_the_form_is_sent(client):
    level, north = StockLevelFactory(product__sku="SAW-1", on_hand=10), WarehouseFactory(code="NORTH")
    client.force_login(staff_with("inventory.transfer_stock", "inventory.view_product"))
    form = transfer_form(level, north, quantity="4")

    answers = [client.post(reverse("inventory:transfer"), form) for _ in range(2)]

    level.refresh_from_db()
    assert [answer.status_code for answer in answers] == [302, 302]
    assert (level.on_hand, StockLevel.objects.get(warehouse=north).on_hand) == (6, 4)


def test_a_transfer_of_more_than_is_free_says_so(client):
    level, north = StockLevelFactory(product__sku="SAW-1", on_hand=10), WarehouseFactory(code="NORTH")
    client.force_login(staff_with("inventory.transfer_stock"))
    form = transfer_form(level, north, quantity="11")

    response = client.post(reverse("inventory:transfer"), form)

    assert response.context["form"].non_field_errors() == [
        "11 × SAW-1 were asked for in MAIN, but only 10 of 10 on hand are free: 1 are missing."
    ]


def test_a_transfer_of_an_unknown_product_says_so(client):
    client.force_login(staff_with("inventory.transfer_stock"))

    response = client.post(reverse("inventory:transfer"), {"product": "NOPE"})

    assert response.context["form"].errors["product"] == ["There is no active product with the SKU “NOPE”."]


def test_transferring_needs_its_permission(viewer):
    assert viewer.get(reverse("inventory:transfer")).status_code == 403
