"""Two people, or one double click: whatever arrives at the same moment is booked once."""

import pytest

from inventory.errors import OverReceipt
from inventory.models import PurchaseOrder, PurchaseOrderLine, Receipt, StockLevel
from inventory.purchasing.order import NewPurchaseLine, create_purchase_order
from inventory.purchasing.receive import receive_purchase_order
from tests.factories.inventory import (
    MONDAY,
    ProductFactory,
    PurchaseOrderFactory,
    PurchaseOrderLineFactory,
    SupplierFactory,
    WarehouseFactory,
)
from tests.kit.threads import at_the_same_time

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_form_sent_twice_at_once_makes_one_order():
    supplier, warehouse, product = SupplierFactory(), WarehouseFactory(), ProductFactory()

    def create():
        return create_purchase_order(
            supplier_id=supplier.pk,
            warehouse_id=warehouse.pk,
            lines=[NewPurchaseLine(product.pk, 10)],
            key="form-1",
            by=None,
            now=MONDAY,
        )

    orders = at_the_same_time(create, create, create)

    assert (len({order.pk for order in orders}), PurchaseOrder.objects.count()) == (1, 1)


def test_a_delivery_note_booked_twice_at_once_is_one_receipt():
    line = PurchaseOrderLineFactory(ordered=10)

    def receive():
        return receive_purchase_order(
            purchase_order_id=line.purchase_order_id, reference="DN", quantities={line.pk: 6}, by=None, now=MONDAY
        )

    at_the_same_time(receive, receive, receive)

    assert (Receipt.objects.count(), StockLevel.objects.get().on_hand) == (1, 6)


def test_two_deliveries_at_once_stay_within_the_order():
    line = PurchaseOrderLineFactory(ordered=10)

    def receive(reference):
        return lambda: receive_purchase_order(
            purchase_order_id=line.purchase_order_id, reference=reference, quantities={line.pk: 6}, by=None, now=MONDAY
        )

    outcomes = at_the_same_time(receive("DN-1"), receive("DN-2"))

    refusals = [outcome for outcome in outcomes if isinstance(outcome, OverReceipt)]
    assert (len(refusals), PurchaseOrderLine.objects.get().received, StockLevel.objects.get().on_hand) == (1, 6, 6)


def test_deliveries_of_the_same_products_in_opposite_order_do_not_deadlock():
    products = ProductFactory.create_batch(6)
    orders = [PurchaseOrderFactory() for _ in range(4)]
    for index, order in enumerate(orders):
        for product in products if index % 2 else reversed(products):
            PurchaseOrderLineFactory(purchase_order=order, product=product)

    def receive(order):
        quantities = {line.pk: 10 for line in order.lines.all()}
        return lambda: receive_purchase_order(
            purchase_order_id=order.pk, reference="DN", quantities=quantities, by=None, now=MONDAY
        )

    at_the_same_time(*(receive(order) for order in orders))

    assert list(StockLevel.objects.values_list("on_hand", flat=True)) == [40] * 6
