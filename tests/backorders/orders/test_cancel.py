from datetime import timedelta

import pytest

from backorders.enums import EventKind, OrderStatus
from backorders.errors import CannotCancel, StaleForm
from backorders.fulfilment.ship import pick_order
from backorders.models import AllocationRun, LineEvent, OrderLine
from backorders.orders.cancel import cancel_line, cancel_order
from notifications.models import Message
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, ProductFactory, StockLevelFactory

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=1)


def test_units_that_nothing_is_allocated_to_go_first():
    level = StockLevelFactory(on_hand=3)
    line = order_for({level.product: 5}).lines.get()

    cancel_line(line_id=line.pk, quantity=2, by=None, now=LATER)

    line.refresh_from_db()
    assert (line.cancelled, line.allocated, line.missing) == (2, 3, 0)
    assert AllocationRun.objects.count() == 0


def test_what_a_cancelled_line_held_goes_to_the_next_at_once():
    level = StockLevelFactory(on_hand=3)
    holder, next_in_queue = (order_for({level.product: 3}).lines.get() for _ in range(2))

    cancel_line(line_id=holder.pk, quantity=2, by=None, now=LATER, note="ordered twice")

    holder.refresh_from_db(), next_in_queue.refresh_from_db()
    assert (holder.allocated, holder.cancelled, next_in_queue.allocated) == (1, 2, 2)
    assert LineEvent.objects.get(kind=EventKind.CANCELLED).note == "ordered twice"
    assert list(Message.objects.order_by("pk").values_list("kind", flat=True))[-2:] == ["cancelled", "goods_allocated"]


def test_a_cancelled_order_is_closed():
    order = order_for({ProductFactory(): 3, ProductFactory(): 4})

    cancel_order(order_id=order.pk, by=None, now=LATER)

    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    assert set(OrderLine.objects.values_list("status", flat=True)) == {"cancelled"}
    with pytest.raises(CannotCancel, match=r"Nothing of .* is open"):
        cancel_order(order_id=order.pk, by=None, now=LATER)


@pytest.mark.parametrize("quantity", [0, 6])
def test_only_open_units_can_be_cancelled(quantity):
    line = order_for({ProductFactory(): 5}).lines.get()

    with pytest.raises(CannotCancel, match=f"5 units are open; {quantity} cannot be cancelled"):
        cancel_line(line_id=line.pk, quantity=quantity, by=None, now=LATER)


def test_what_is_being_picked_must_come_off_the_pick_list_first():
    level = StockLevelFactory(on_hand=5)
    order = order_for({level.product: 5})
    pick_order(order_id=order.pk, by=None, now=LATER)

    with pytest.raises(CannotCancel, match=f"5 × {level.product.sku} are on a pick list"):
        cancel_order(order_id=order.pk, by=None, now=LATER)

    order.refresh_from_db()
    assert order.status == OrderStatus.OPEN


def test_a_form_sent_twice_cancels_once():
    line = order_for({ProductFactory(): 5}).lines.get()
    cancel_line(line_id=line.pk, quantity=2, seen_open=5, by=None, now=LATER)

    with pytest.raises(StaleForm, match="3 units are open by now, not 5"):
        cancel_line(line_id=line.pk, quantity=2, seen_open=5, by=None, now=LATER)

    line.refresh_from_db()
    assert line.cancelled == 2
