"""One order line through the whole desk, in the order in which it happens."""

from datetime import date, timedelta

import pytest

from backorders.enums import EventKind, PromiseSource
from backorders.fulfilment.receive import receive_goods
from backorders.fulfilment.ship import pick_order, ship
from backorders.models import LineEvent, OrderLine
from backorders.oversight.queries.invariants import check_invariants
from inventory.purchasing.order import NewPurchaseLine, create_purchase_order
from inventory.suppliers.send import send_purchase_order
from notifications.models import Message
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY, ProductFactory, StockLevelFactory, SupplierFactory, WarehouseFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_line_that_cannot_be_filled_waits_is_served_and_ships():
    saw, customer = ProductFactory(sku="SAW-1"), CustomerFactory(email="anna@example.com")
    StockLevelFactory(product=saw, on_hand=3)
    ordered = create_purchase_order(
        supplier_id=SupplierFactory().pk,
        warehouse_id=WarehouseFactory().pk,
        lines=[NewPurchaseLine(product_id=saw.pk, quantity=10, requested_on=date(2025, 11, 20))],
        by=None,
        now=MONDAY,
    )
    send_purchase_order(purchase_order_id=ordered.pk, by=None, now=MONDAY)

    order = order_for({saw: 8}, customer=customer)

    line = OrderLine.objects.get(order=order)
    assert (line.allocated, line.missing, line.status) == (3, 5, "partly_allocated")
    assert (line.promised_on, line.promise_source) == (date(2025, 11, 20), PromiseSource.PURCHASE_ORDER)

    receive_goods(
        purchase_order_id=ordered.pk,
        reference="DN-1",
        quantities={ordered.lines.get().pk: 10},
        by=None,
        now=MONDAY + HOUR,
    )

    line.refresh_from_db()
    assert (line.allocated, line.status, line.promise_source) == (8, "allocated", PromiseSource.STOCK)

    [shipment] = pick_order(order_id=order.pk, by=None, now=MONDAY + 2 * HOUR)
    ship(shipment_id=shipment.pk, by=None, now=MONDAY + 3 * HOUR, carrier="DHL", tracking_number="JD01")

    order.refresh_from_db()
    assert order.status == "shipped"
    assert list(LineEvent.objects.order_by("pk").values_list("kind", "quantity")) == [
        (EventKind.PLACED, 8),
        (EventKind.ALLOCATED, 3),
        (EventKind.BACKORDERED, 5),
        (EventKind.ALLOCATED, 5),
        (EventKind.PICKED, 8),
        (EventKind.SHIPPED, 8),
    ]
    to_anna = Message.objects.filter(recipient="anna@example.com").order_by("pk")
    assert list(to_anna.values_list("kind", "recipient")) == [
        ("order_received", "anna@example.com"),
        ("goods_allocated", "anna@example.com"),
        ("shipped", "anna@example.com"),
    ]
    assert check_invariants().violations == dict.fromkeys(check_invariants().violations, 0)
