"""Giving up open units: of a line, or of a whole order. What they held goes to the next in the queue at once."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from backorders.enums import AllocationKind, EventKind, RunKind
from backorders.errors import CannotCancel, StaleForm
from backorders.letters.letters import tell_customers
from backorders.letters.timeline import Event, record_events
from backorders.models import Allocation, OrderLine, SalesOrder
from backorders.orders.status import refresh_order_status
from backorders.queue import holdings
from backorders.queue.queues import mark_queues_changed
from backorders.runs.allocate_stock import allocate_afterwards
from config.lib.text import counted
from inventory.models import StockLevel
from notifications.payloads import Cancelled


def cancel_line(
    *, line_id: int, quantity: int, by: User | None, now: datetime, note: str = "", seen_open: int | None = None
) -> OrderLine:
    """Cancel `quantity` open units of a line, those first that nothing is allocated to, then run its queue.

    Raises CannotCancel when fewer are open, or when the rest is on a pick list; StaleForm when the person saw
    `seen_open` units and it is another number now.
    """
    with transaction.atomic():
        order_id = OrderLine.objects.values_list("order_id", flat=True).get(pk=line_id)
        SalesOrder.objects.locked().get(pk=order_id)
        line = OrderLine.objects.select_related("product", "order").locked().get(pk=line_id)
        open_now = f"{line}: {counted(line.open, 'unit is,units are')} open"
        if seen_open not in (None, line.open):
            raise StaleForm(f"{open_now} by now, not {seen_open}. Nothing was cancelled.")
        if not 1 <= quantity <= line.open:
            raise CannotCancel(f"{open_now}; {quantity} cannot be cancelled.")
        freed = cancel_units({line: quantity}, by=by, now=now, note=note)
    serve_next(freed, cause=f"{line} was cancelled", by=by, now=now)
    line.refresh_from_db()
    return line


def cancel_order(*, order_id: int, by: User | None, now: datetime, note: str = "") -> SalesOrder:
    """Cancel all that is open of an order. Raises CannotCancel when nothing is, or when something is on a pick list."""
    with transaction.atomic():
        order = SalesOrder.objects.locked().get(pk=order_id)
        lines = list(OrderLine.objects.open().filter(order=order).select_related("product", "order").locked())
        if not lines:
            raise CannotCancel(f"Nothing of {order.number} is open.")
        freed = cancel_units({line: line.open for line in lines}, by=by, now=now, note=note)
    serve_next(freed, cause=f"{order} was cancelled", by=by, now=now)
    order.refresh_from_db()
    return order


def cancel_units(
    quantities: Mapping[OrderLine, int], *, by: User | None, now: datetime, note: str, told: str | None = None
) -> set[int]:
    """Write the cancellation and tell the customer; returns the products of which units became free.

    A step of a transaction that has locked the order and the lines; the caller calls `serve_next` after it. The
    customer reads `told` in place of the note where they differ.
    """
    freed = _release({line: max(0, units - line.missing) for line, units in quantities.items()}, now)
    for line, units in quantities.items():
        OrderLine.objects.filter(pk=line.pk).update(cancelled=F("cancelled") + units)
    refresh_order_status({line.order_id for line in quantities})
    mark_queues_changed(line.product_id for line in quantities)

    news = {line.pk: units for line, units in quantities.items()}
    first = next(iter(quantities))
    fact = f"cancelled:{first.pk}:{first.cancelled + quantities[first]}"
    keys = tell_customers(
        Cancelled, news=news, fact=fact, cause="Cancelled", now=now, note=note if told is None else told
    )
    events = [
        Event(pk, EventKind.CANCELLED, units, note=note, message_key=keys.get(pk, "")) for pk, units in news.items()
    ]
    record_events(events, now=now, by=by)
    return freed


def _release(quantities: Mapping[OrderLine, int], now: datetime) -> set[int]:
    """Let go of so many units of what each line holds, soft before pinned; what is being picked stays."""
    allocations_of: dict[int, list[Allocation]] = defaultdict(list)
    allocations = Allocation.objects.active().filter(line__in=[line for line, units in quantities.items() if units])
    for allocation in allocations.exclude(kind=AllocationKind.HARD).locked():
        allocations_of[allocation.line_id].append(allocation)
    pools = {allocation.stock_level_id for allocations in allocations_of.values() for allocation in allocations}
    list(StockLevel.objects.filter(pk__in=pools).locked())
    for line, units in quantities.items():
        movable = sorted(allocations_of[line.pk], key=lambda allocation: allocation.kind == AllocationKind.PINNED)
        if sum(allocation.quantity for allocation in movable) < units:
            picked = line.allocated - sum(allocation.quantity for allocation in movable)
            raise CannotCancel(f"{line}: {picked} × {line.product.sku} are on a pick list. Cancel the pick list first.")
        holdings.let_go(movable, units, now)
    return {line.product_id for line, units in quantities.items() if units}


def serve_next(freed: set[int], *, cause: str, by: User | None, now: datetime) -> None:
    """Run the queues of the products of which units became free, in a transaction of its own."""
    if freed:
        allocate_afterwards(kind=RunKind.FREED, product_ids=freed, cause=cause, by=by, now=now)
