import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse

from customers.models import Customer, CustomerTier, JurisdictionProfile
from inventory.models import (
    LeadTimeCurve,
    LeadTimeScore,
    Product,
    PurchaseDateChange,
    PurchaseOrder,
    Receipt,
    StockEntry,
    StockLevel,
    Substitute,
    Supplier,
    SupplierAnswer,
    SupplierLink,
    SupplierProduct,
    Warehouse,
)
from inventory.purchasing.dates import confirm_purchase_order
from inventory.purchasing.receive import receive_purchase_order
from inventory.suppliers.ask import SupplierWish, ask_supplier
from tests.factories.customers import ContactFactory
from tests.factories.inventory import (
    MONDAY,
    CategoryFactory,
    LeadTimeCurveFactory,
    LeadTimeScoreFactory,
    ProductFactory,
    PurchaseOrderFactory,
    PurchaseOrderLineFactory,
    SupplierProductFactory,
)
from tests.inventory.conversation import LATER, answer, lines_of, says, sent_order

pytestmark = pytest.mark.django_db
FACTS = [
    StockLevel, StockEntry, PurchaseOrder, PurchaseDateChange, Receipt, LeadTimeCurve, LeadTimeScore, SupplierLink,
    SupplierAnswer,
]  # fmt: skip
KEPT = [JurisdictionProfile, Product, Supplier, Warehouse, Customer, CustomerTier]
OURS = [
    model for model in admin.site._registry if model._meta.app_label in {"inventory", "customers"}
]  # fmt: skip


@pytest.fixture
def administrator(client):
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def line():
    """Every table has a row."""
    line = PurchaseOrderLineFactory(product__category=CategoryFactory())
    order = line.purchase_order
    SupplierProductFactory(product=line.product)
    ContactFactory()
    LeadTimeCurveFactory(supplier=order.supplier)
    LeadTimeScoreFactory(supplier=order.supplier)
    confirm_purchase_order(purchase_order_id=order.pk, dates={line.pk: MONDAY.date()}, by=None, now=MONDAY)
    receive_purchase_order(purchase_order_id=order.pk, reference="DN-1", quantities={line.pk: 4}, by=None, now=MONDAY)
    asked = sent_order(5)
    ask_supplier(purchase_order_id=asked.pk, wishes=[SupplierWish(lines_of(asked)[0].pk)], by=None, now=MONDAY)
    answer(asked, says(lines_of(asked)[0], (5, LATER), reason="Strike"))
    Substitute.objects.create(product=line.product, substitute=ProductFactory(), approved_at=MONDAY)
    return line


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_what_somebody_reads_or_keeps_is_in_the_admin():
    assert {model.__name__ for model in OURS} == {model.__name__ for model in [*FACTS, *KEPT]} | {
        "Category", "Substitute", "SupplierProduct",
    }  # fmt: skip


@pytest.mark.parametrize("model", OURS)
def test_every_list_and_row_opens(administrator, line, model):
    row = model.objects.first()

    pages = [address(model, "changelist") + "?q=a", address(model, "change", row.pk)]

    assert [administrator.get(page).status_code for page in pages] == [200, 200]


@pytest.mark.parametrize("model", FACTS)
def test_facts_are_for_looking_only(administrator, line, model):
    row = model.objects.first()
    pages = [address(model, "add"), address(model, "delete", row.pk), address(model, "change", row.pk)]

    assert [administrator.post(page, {"post": "yes"}).status_code for page in pages] == [403, 403, 403]


@pytest.mark.parametrize("model", KEPT)
def test_master_data_is_never_deleted(administrator, line, model):
    row = model.objects.first()

    assert administrator.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_orders_are_sent_through_the_service(administrator):
    draft, closed = PurchaseOrderFactory(status="draft"), PurchaseOrderFactory(number="PO-1", status="closed")
    form = {"action": "send", "_selected_action": [draft.pk, closed.pk]}

    response = administrator.post(address(PurchaseOrder, "changelist"), form, follow=True)

    draft.refresh_from_db()
    assert draft.status == "sent"
    assert [str(message) for message in response.context["messages"]] == [
        "PO-1 is closed: only a draft can be sent.",
        "1 purchase orders sent.",
    ]


def test_orders_are_closed_through_the_service(administrator, line):
    form = {"action": "close", "_selected_action": [line.purchase_order_id]}

    administrator.post(address(PurchaseOrder, "changelist"), form)

    line.refresh_from_db()
    line.purchase_order.refresh_from_db()
    assert (line.purchase_order.status, line.cancelled) == ("closed", 6)


def test_changing_an_offer_tells_that_the_supply_changed(administrator):
    offer = SupplierProductFactory()
    form = {
        "supplier": offer.supplier_id, "product": offer.product_id, "lead_time_days": "30", "minimum_quantity": "1",
        "pack_size": "1", "cost": "9.5", "currency": "EUR", "rank": "1",
    }  # fmt: skip

    response = administrator.post(address(SupplierProduct, "change", offer.pk), form)

    offer.product.refresh_from_db()
    assert (response.status_code, offer.product.supply_version) == (302, 1)
