"""Many orders picked, many shipments handed over: each as the single one would be."""

import pytest

from backorders.errors import MoveNotAllowed, NotReadyToShip
from backorders.fulfilment.wave_picking import Parcel, pick_orders, ship_parcels
from backorders.models import LineEvent, SalesOrder, Shipment
from inventory.models import StockEntry, StockLevel
from notifications.models import Message
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY, StockLevelFactory, WarehouseFactory

pytestmark = pytest.mark.django_db


def numbers(shipments: list[Shipment]) -> list[str]:
    return [shipment.order.number for shipment in shipments]


def picked(*orders: SalesOrder) -> list[Shipment]:
    return pick_orders(order_ids=[order.pk for order in orders], by=None, now=MONDAY)


def test_a_round_makes_a_pick_list_for_each_order_and_warehouse():
    here = StockLevelFactory(on_hand=10)
    there = StockLevelFactory(on_hand=10, warehouse=WarehouseFactory(code="SOUTH"))
    first, second = order_for({here.product: 2, there.product: 3}), order_for({here.product: 4})

    shipments = picked(first, second)

    assert numbers(shipments) == [first.number, first.number, second.number]
    assert [[a.quantity for a in shipment.allocations.all()] for shipment in shipments] == [[2], [3], [4]]
    assert list(LineEvent.objects.filter(kind="picked").values_list("quantity", flat=True)) == [2, 3, 4]


def test_a_round_passes_over_what_holds_nothing_and_what_ships_complete_and_lacks_something():
    full, empty = StockLevelFactory(on_hand=10), StockLevelFactory(on_hand=0)
    ready, waiting = order_for({full.product: 1}), order_for({empty.product: 1})
    incomplete = order_for({full.product: 1, empty.product: 1}, customer=CustomerFactory(ship_complete=True))

    shipments = picked(ready, waiting, incomplete)

    assert numbers(shipments) == [ready.number]
    assert picked(ready) == []


def test_the_van_takes_all_parcels_and_every_customer_is_told_of_their_own():
    level = StockLevelFactory(on_hand=5)
    short = StockLevelFactory(on_hand=1)
    whole, part = order_for({level.product: 2}), order_for({level.product: 3, short.product: 2})
    first, second = picked(whole, part)

    ship_parcels(parcels=[Parcel(first.pk, "DPD", "1"), Parcel(second.pk, "DPD", "2")], by=None, now=MONDAY)

    assert list(SalesOrder.objects.order_by("pk").values_list("status", flat=True)) == ["shipped", "partly_shipped"]
    assert list(StockLevel.objects.order_by("pk").values_list("on_hand", "reserved")) == [(0, 0), (0, 0)]
    assert list(StockEntry.objects.filter(kind="shipment").order_by("pk").values_list("delta", flat=True)) == [
        -2,
        -3,
        -1,
    ]
    letters = Message.objects.exclude(kind="order_received").order_by("pk")
    assert [(m.kind, m.context["order_number"], m.context["tracking_number"]) for m in letters] == [
        ("shipped", whole.number, "1"),
        ("partly_shipped", part.number, "2"),
    ]


@pytest.mark.parametrize("used_by", ["another shipment", "another parcel of the same van"])
def test_a_tracking_number_comes_once(used_by):
    level = StockLevelFactory(on_hand=5)
    first, second = picked(order_for({level.product: 2}), order_for({level.product: 3}))
    parcels = [Parcel(first.pk, "DPD", "1"), Parcel(second.pk, "DPD", "1")]
    if used_by == "another shipment":
        ship_parcels(parcels=parcels[:1], by=None, now=MONDAY)
        parcels = parcels[1:]

    with pytest.raises(NotReadyToShip, match=f"{first.number} was already shipped under the tracking number 1"):
        ship_parcels(parcels=parcels, by=None, now=MONDAY)

    second.refresh_from_db()
    assert second.status == "picking"


def test_what_has_left_does_not_leave_again():
    level = StockLevelFactory(on_hand=5)
    [shipment] = picked(order_for({level.product: 2}))
    ship_parcels(parcels=[Parcel(shipment.pk)], by=None, now=MONDAY)

    with pytest.raises(MoveNotAllowed):
        ship_parcels(parcels=[Parcel(shipment.pk)], by=None, now=MONDAY)
    with pytest.raises(Shipment.DoesNotExist):
        ship_parcels(parcels=[Parcel(0)], by=None, now=MONDAY)
