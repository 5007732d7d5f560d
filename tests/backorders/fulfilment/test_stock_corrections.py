from datetime import timedelta

import pytest

from backorders.enums import BackorderReason, EventKind
from backorders.errors import NothingToReturn, StockSpokenFor
from backorders.fulfilment.ship import pick_order, ship
from backorders.fulfilment.stock_corrections import adjust_stock, count_stock, return_goods
from backorders.models import LineEvent, OrderLine
from backorders.orders.intake import NewLine, NewOrder, place_orders
from inventory.errors import InvalidQuantity, ReasonMissing
from inventory.models import StockEntry, StockLevel
from notifications.models import Message
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY, StockLevelFactory, SupplierProductFactory

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=1)


def count(level: StockLevel, counted: int, *, key: str = "count-1", reason: str = "stocktaking") -> StockLevel:
    return count_stock(
        product_id=level.product_id,
        warehouse_id=level.warehouse_id,
        counted=counted,
        reason=reason,
        key=key,
        by=None,
        now=LATER,
    )


def adjust(level: StockLevel, delta: int, *, key: str = "adjustment-1") -> StockLevel:
    return adjust_stock(
        product_id=level.product_id,
        warehouse_id=level.warehouse_id,
        delta=delta,
        reason="damaged",
        key=key,
        by=None,
        now=LATER,
    )


def test_a_count_sets_the_stock_and_serves_who_waits():
    level = StockLevelFactory(on_hand=3)
    line = order_for({level.product: 5}).lines.get()

    counted = count(level, 9)

    line.refresh_from_db()
    assert (counted.on_hand, counted.reserved, line.allocated) == (9, 5, 5)
    assert StockEntry.objects.latest("pk").delta == 6


def test_the_same_count_twice_is_one_count():
    level = StockLevelFactory(on_hand=3)

    count(level, 9)
    adjust(level, -1)
    counted = count(level, 9)

    assert counted.on_hand == 8


def test_where_less_is_counted_the_last_of_the_queue_lose_and_are_told():
    level = StockLevelFactory(on_hand=10)
    first, last = (order_for({level.product: 5}).lines.get() for _ in range(2))

    count(level, 7)

    first.refresh_from_db(), last.refresh_from_db()
    assert (first.allocated, last.allocated) == (5, 2)
    assert (last.backordered_at, last.reason) == (LATER, BackorderReason.UNKNOWN)
    assert LineEvent.objects.get(kind=EventKind.TAKEN_BACK).quantity == 3
    told = Message.objects.get(kind="backorder_opened")
    assert told.context["lines"][0]["quantity"] == 3


def test_goods_on_a_pick_list_cannot_be_counted_away():
    level = StockLevelFactory(on_hand=5)
    order = order_for({level.product: 5})
    pick_order(order_id=order.pk, by=None, now=LATER)

    with pytest.raises(StockSpokenFor, match=r"5 × .* are on pick lists or pinned, and only 4 would be left"):
        count(level, 4)

    level.refresh_from_db()
    assert level.on_hand == 5


def test_an_adjustment_cannot_take_more_than_there_is():
    level = StockLevelFactory(on_hand=2)

    with pytest.raises(InvalidQuantity, match="holds 2 units"):
        adjust(level, -3)


def test_a_correction_needs_a_reason():
    with pytest.raises(ReasonMissing):
        count(StockLevelFactory(), 1, reason="  ")


def test_returned_goods_are_on_hand_again_and_serve_the_next():
    level = StockLevelFactory(on_hand=5)
    order = order_for({level.product: 5})
    [shipment] = pick_order(order_id=order.pk, by=None, now=LATER)
    ship(shipment_id=shipment.pk, by=None, now=LATER)
    waiting = order_for({level.product: 2}).lines.get()
    line = OrderLine.objects.get(order=order)

    for _ in range(2):
        return_goods(line_id=line.pk, quantity=3, reason="wrong size", key="r1", by=None, now=LATER)

    level.refresh_from_db(), waiting.refresh_from_db(), line.refresh_from_db()
    assert (level.on_hand, waiting.allocated, line.shipped) == (3, 2, 5)
    with pytest.raises(NothingToReturn, match="2 shipped units can come back, not 3"):
        return_goods(line_id=line.pk, quantity=3, reason="wrong size", key="r2", by=None, now=LATER)


def test_who_loses_by_a_count_hears_the_new_date_and_hears_it_once():
    level = StockLevelFactory(on_hand=5)
    SupplierProductFactory(product=level.product, lead_time_days=10)
    line = order_for({level.product: 5}).lines.get()

    count(level, 2)

    line.refresh_from_db()
    told = Message.objects.get(kind="backorder_opened").context["lines"][0]
    assert (line.promise_source, told["promised_on"]) == ("lead_time", line.promised_on.isoformat())
    assert Message.objects.filter(kind="date_changed").count() == 0


def test_history_that_never_left_this_stock_cannot_come_back():
    product = StockLevelFactory(on_hand=1).product
    history = NewOrder(
        source="history",
        external_number="1",
        customer_id=CustomerFactory().pk,
        lines=(NewLine(product_id=product.pk, quantity=4, shipped=4),),
        placed_at=MONDAY,
    )
    place_orders(orders=[history], by=None, now=MONDAY, acknowledge=False)

    with pytest.raises(NothingToReturn, match="0 shipped units can come back"):
        return_goods(line_id=OrderLine.objects.get().pk, quantity=1, reason="wrong size", key="r", by=None, now=LATER)
