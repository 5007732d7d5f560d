"""An order's status follows its lines."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from backorders.enums import OrderStatus
from backorders.models import OrderLine, SalesOrder


def status_of(*, some_open: bool, some_shipped: bool) -> OrderStatus:
    """The one rule: open while a line is, shipped when something left and nothing is to come, else cancelled."""
    if some_open:
        return OrderStatus.PARTLY_SHIPPED if some_shipped else OrderStatus.OPEN
    return OrderStatus.SHIPPED if some_shipped else OrderStatus.CANCELLED


def refresh_order_status(order_ids: Iterable[int]) -> None:
    """Bring the orders' status in line with their lines; the caller has locked the orders or their lines."""
    lines = OrderLine.objects.filter(order=OuterRef("pk"))
    orders = SalesOrder.objects.filter(pk__in=set(order_ids)).annotate(
        some_open=Exists(lines.filter(is_open=True)), some_shipped=Exists(lines.filter(~Q(shipped=0)))
    )
    changed: dict[OrderStatus, list[int]] = defaultdict(list)
    for order in orders.only("number", "status").order_by("pk"):
        status = status_of(some_open=order.some_open, some_shipped=order.some_shipped)
        if status != order.status:
            order.move_to(status)
            changed[status].append(order.pk)
    for status, pks in changed.items():
        SalesOrder.objects.filter(pk__in=pks).update(status=status)
