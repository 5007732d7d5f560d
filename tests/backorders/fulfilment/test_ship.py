import pytest

from backorders.enums import AllocationKind, AllocationState, EventKind, OrderStatus, ShipmentStatus
from backorders.errors import MoveNotAllowed, NotReadyToShip
from backorders.fulfilment.ship import cancel_pick, pick_order, ship
from backorders.models import Allocation, LineEvent, OrderLine, SalesOrder
from inventory.models import StockEntry
from notifications.models import Message
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY, ProductFactory, StockLevelFactory, WarehouseFactory

pytestmark = pytest.mark.django_db


def a_partly_covered_order(**values) -> tuple[SalesOrder, OrderLine]:
    level = StockLevelFactory(on_hand=3)
    order = order_for({level.product: 5}, **values)
    return order, order.lines.get()


def pick(order: SalesOrder, **values):
    return pick_order(order_id=order.pk, by=None, now=MONDAY, **values)


def send(shipment, **values):
    return ship(shipment_id=shipment.pk, by=None, now=MONDAY, **values)


def test_a_part_ships_and_the_rest_stays_open():
    order, line = a_partly_covered_order()

    [shipment] = pick(order)
    send(shipment)

    order.refresh_from_db(), line.refresh_from_db()
    assert (line.shipped, line.allocated, line.open) == (3, 0, 2)
    assert order.status == OrderStatus.PARTLY_SHIPPED
    assert Message.objects.latest("pk").kind == "partly_shipped"
    assert StockEntry.objects.latest("pk").delta == -3


def test_the_last_part_completes_the_order_and_says_shipped():
    level = StockLevelFactory(on_hand=5)
    order = order_for({level.product: 5})

    [shipment] = pick(order)
    send(shipment, carrier="DHL", tracking_number="JD01")

    order.refresh_from_db()
    told = Message.objects.latest("pk")
    assert (order.status, told.kind, told.context["tracking_number"]) == (OrderStatus.SHIPPED, "shipped", "JD01")


def test_nothing_allocated_means_nothing_to_pick():
    order = order_for({ProductFactory(): 1})

    with pytest.raises(NotReadyToShip, match=f"Nothing of {order.number} is allocated yet"):
        pick(order)


def test_an_order_that_ships_complete_waits_for_all_and_says_what_is_missing():
    order, line = a_partly_covered_order(ship_complete=True)

    with pytest.raises(NotReadyToShip, match=f"ships complete; still short: 2 × {line.product.sku}"):
        pick(order)


def test_the_customer_who_wants_complete_orders_gets_them_by_default():
    level = StockLevelFactory(on_hand=3)

    order = order_for({level.product: 5}, customer=CustomerFactory(ship_complete=True))

    assert order.ship_complete


def test_a_line_of_a_complete_order_cannot_be_picked_alone():
    one, two = StockLevelFactory(on_hand=1), StockLevelFactory(on_hand=1)
    order = order_for({one.product: 1, two.product: 1}, ship_complete=True)

    with pytest.raises(NotReadyToShip, match="Pick all of its lines"):
        pick(order, line_ids=[order.lines.first().pk])


def test_each_warehouse_has_its_own_pick_list():
    one = StockLevelFactory(on_hand=1)
    two = StockLevelFactory(on_hand=1, warehouse=WarehouseFactory(code="FAR", preference=9))
    order = order_for({one.product: 1, two.product: 1})

    assert {shipment.warehouse.code for shipment in pick(order)} == {"MAIN", "FAR"}


def test_a_short_pick_ships_what_is_there_and_keeps_the_rest_for_the_line():
    level = StockLevelFactory(on_hand=5)
    order = order_for({level.product: 5})
    line = order.lines.get()
    [shipment] = pick(order)

    send(shipment, quantities={line.pk: 2})

    line.refresh_from_db(), level.refresh_from_db()
    assert (line.shipped, line.allocated, level.on_hand, level.reserved) == (2, 3, 3, 3)
    kept = Allocation.objects.get(state=AllocationState.ACTIVE)
    assert (kept.kind, kept.quantity) == (AllocationKind.SOFT, 3)


@pytest.mark.parametrize(("quantity", "told"), [(6, "has only 5 units"), (0, "would be empty")])
def test_a_shipment_is_neither_empty_nor_more_than_was_picked(quantity, told):
    level = StockLevelFactory(on_hand=5)
    order = order_for({level.product: 5})
    [shipment] = pick(order)

    with pytest.raises(NotReadyToShip, match=told):
        send(shipment, quantities={order.lines.get().pk: quantity})


def test_what_left_cannot_leave_again():
    order, _ = a_partly_covered_order()
    [shipment] = pick(order)
    send(shipment)

    with pytest.raises(MoveNotAllowed, match="is shipped: it cannot become shipped"):
        send(shipment)


def test_a_cancelled_pick_list_gives_its_units_back_to_the_line():
    order, line = a_partly_covered_order()
    [shipment] = pick(order)

    cancelled = cancel_pick(shipment_id=shipment.pk, by=None, now=MONDAY)

    line.refresh_from_db()
    assert (cancelled.status, line.allocated) == (ShipmentStatus.CANCELLED, 3)
    assert Allocation.objects.get(state=AllocationState.ACTIVE).kind == AllocationKind.SOFT
    assert LineEvent.objects.latest("pk").kind == EventKind.UNPICKED
    assert pick(order)[0].status == ShipmentStatus.PICKING


def test_a_tracking_number_of_another_parcel_is_refused():
    level = StockLevelFactory(on_hand=4)
    [first], [second] = (pick(order_for({level.product: 2})) for _ in range(2))
    send(first, carrier="DHL", tracking_number="JD01")

    with pytest.raises(NotReadyToShip, match=f"{first.number} was already shipped under the tracking number JD01"):
        send(second, carrier="DHL", tracking_number="JD01")

    second.refresh_from_db()
    assert second.status == ShipmentStatus.PICKING


def test_a_part_of_a_complete_order_does_not_leave_when_the_rest_came_off_its_pick_list():
    one = StockLevelFactory(on_hand=1)
    two = StockLevelFactory(on_hand=1, warehouse=WarehouseFactory(code="FAR", preference=9))
    order = order_for({one.product: 1, two.product: 1}, ship_complete=True)
    first, second = pick(order)
    cancel_pick(shipment_id=second.pk, by=None, now=MONDAY)

    with pytest.raises(NotReadyToShip, match="ships complete, and 1 unit is not on a pick list"):
        send(first)


def test_a_complete_order_leaves_in_several_parcels():
    one = StockLevelFactory(on_hand=1)
    two = StockLevelFactory(on_hand=1, warehouse=WarehouseFactory(code="FAR", preference=9))
    order = order_for({one.product: 1, two.product: 1}, ship_complete=True)

    for shipment in pick(order):
        send(shipment)

    order.refresh_from_db()
    assert order.status == OrderStatus.SHIPPED
