"""Taking orders: what can be served is allocated at once, the rest waits as a backorder with a reason and a date.

One order from the form and ten thousand from a file take the same way. An order is known by its source and external
number: the same again is the same order, other content under the same number is refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from backorders.enums import OrderStatus
from backorders.errors import BackorderRefused, ConflictingOrder, OrderRefused
from backorders.models import OrderLine, SalesOrder
from backorders.orders.allocate_new import Stock, fill_new_lines
from backorders.orders.checks import NewLine, NewOrder, content_hash, difference, refusals
from backorders.orders.insert import EnteredLine, OrderKey, RacedByAnother, enter_orders, tell_and_record
from backorders.queue.compiled_policy import serving_policy
from customers.models import Customer
from inventory.models import Product

__all__ = ["NewLine", "NewOrder", "OrderOutcome", "place_order", "place_orders"]

TRIES = 5
COMPARED = ("product", "ordered", "unit_price", "requested_on", "latest_on")


@dataclass
class OrderOutcome:
    """What became of an order, by the external lines: added, known already, known otherwise, or refused and why."""

    order_id: int | None = None
    added: set[str] = field(default_factory=set)
    unchanged: set[str] = field(default_factory=set)
    conflicts: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def place_order(*, order: NewOrder, by: User | None, now: datetime, acknowledge: bool = True) -> SalesOrder:
    """Take one order as a whole, in one transaction; the same order again returns the one that is there.

    Raises ConflictingOrder when the number is known with other content, BackorderRefused when a product's policy or
    limit does not let a line wait, OrderRefused for what is wrong in itself. Nothing is written then.
    """
    if not order.lines:
        raise OrderRefused("The order has no lines.")
    [outcome] = place_orders(orders=[order], by=by, now=now, acknowledge=acknowledge, extend=False)
    if outcome.conflicts:
        raise ConflictingOrder(" ".join(dict.fromkeys(outcome.conflicts.values())))
    if outcome.refused:
        raise BackorderRefused(" ".join(dict.fromkeys(outcome.refused.values())), outcome.refused)
    return SalesOrder.objects.get(pk=outcome.order_id or 0)


def place_orders(
    *, orders: Sequence[NewOrder], by: User | None, now: datetime, acknowledge: bool = True, extend: bool = True
) -> list[OrderOutcome]:
    """Take many orders in one transaction, and say line by line what became of them.

    With `extend` a known order takes on lines that are new to it; without, an order is all or nothing, and a known one
    must be the same throughout. Without `acknowledge` nobody is written to (history, migrations). Raises ValueError
    when two of the orders have the same source and number.
    """
    by_key = {order.key: order for order in map(_with_line_keys, orders)}
    if len(by_key) < len(orders):
        raise ValueError("An order comes once in a batch: put its lines together.")
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return _take(by_key, by=by, now=now, acknowledge=acknowledge, extend=extend)
        except RacedByAnother:  # somebody entered one of these numbers meanwhile: now it is a known order
            if attempt == TRIES:
                raise
    raise AssertionError("unreachable")


def _take(
    orders: Mapping[OrderKey, NewOrder], *, by: User | None, now: datetime, acknowledge: bool, extend: bool
) -> list[OrderOutcome]:
    products = Product.objects.in_bulk({line.product_id for order in orders.values() for line in order.lines})
    customers = Customer.objects.select_related("tier").in_bulk({order.customer_id for order in orders.values()})
    known = _known_orders(orders)

    outcomes = [_compare(order, known.get(key), products, now=now, extend=extend) for key, order in orders.items()]
    for order, outcome in zip(orders.values(), outcomes, strict=True):
        customer = customers.get(order.customer_id)
        if customer is None or not (customer.active or order.accepted):
            reason = f"{customer.code} is no longer active." if customer else "Unknown customer."
            outcome.refused |= dict.fromkeys((line.external_line for line in order.lines), reason)
    to_take = {
        key: _remaining(order, outcome, extend) for (key, order), outcome in zip(orders.items(), outcomes, strict=True)
    }
    policy = serving_policy(today=timezone.localdate(now))
    stock = Stock({line.product_id for order in to_take.values() for line in order.lines if line.open})
    lines = EnteredLine.of(to_take, customers, products, known, stock)
    fill = fill_new_lines([line.in_queue() for line in lines if line.open], stock, products, policy, now=now)
    for line in lines:
        if line.id in fill.refused:
            outcomes[line.position].refused[line.new.external_line] = fill.refused[line.id]
    if not extend and any(outcome.refused for outcome in outcomes):
        return outcomes
    entered = [replace(line, given=fill.given.get(line.id, 0)) for line in lines if line.id not in fill.refused]

    order_ids = enter_orders(orders, entered, known, products, by=by, now=now)
    tell_and_record(entered, policy, by=by, now=now, acknowledge=acknowledge)
    for line in entered:
        outcomes[line.position].added.add(line.new.external_line)
    for outcome, key in zip(outcomes, orders, strict=True):
        outcome.order_id = order_ids.get(key)
    return outcomes


def _with_line_keys(order: NewOrder) -> NewOrder:
    lines = (
        line if line.external_line else replace(line, external_line=str(position))
        for position, line in enumerate(order.lines, start=1)
    )
    return replace(order, external_number=order.external_number.strip(), lines=tuple(lines))


def _known_orders(orders: Iterable[OrderKey]) -> dict[OrderKey, SalesOrder]:
    lines = Prefetch("lines", OrderLine.objects.only("order", "number", "external_line", *COMPARED))
    by_source: dict[str, list[str]] = {}
    for source, number in orders:
        by_source.setdefault(source, []).append(number)
    known: list[SalesOrder] = []
    for source, numbers in by_source.items():
        known += SalesOrder.objects.filter(source=source).numbered(numbers).locked().prefetch_related(lines)
    return {(order.source, order.external_number.lower()): order for order in known}


def _compare(
    order: NewOrder, known: SalesOrder | None, products: Mapping[int, Product], *, now: datetime, extend: bool
) -> OrderOutcome:
    """What can be said without looking at the stock."""
    keys = {line.external_line for line in order.lines}
    if known is None:
        return OrderOutcome(refused=refusals(order, products, now=now))
    if not extend:
        if known.content_hash == content_hash(order):
            return OrderOutcome(order_id=known.pk, unchanged=keys)
        problem = f"Order {order.external_number} of {order.source} is known as {known.number} with different content."
        return OrderOutcome(order_id=known.pk, conflicts=dict.fromkeys(keys, problem))
    if known.customer_id != order.customer_id:
        problem = f"Order {order.external_number} is already known as {known.number} of another customer."
        return OrderOutcome(order_id=known.pk, conflicts=dict.fromkeys(keys, problem))
    return _compare_lines(order, known, products, now=now)


def _compare_lines(
    order: NewOrder, known: SalesOrder, products: Mapping[int, Product], *, now: datetime
) -> OrderOutcome:
    outcome = OrderOutcome(order_id=known.pk)
    known_lines: dict[str, OrderLine] = {line.external_line: line for line in known.lines.all()}
    for line in order.lines:
        old = known_lines.get(line.external_line)
        if old is None:
            if (line.open and not known.is_open) or (line.shipped and known.status == OrderStatus.CANCELLED):
                outcome.refused[line.external_line] = f"{known.number} is {known.get_status_display().lower()} already."
        elif problem := difference(old, line):
            outcome.conflicts[line.external_line] = problem
        else:
            outcome.unchanged.add(line.external_line)
    outcome.refused |= {
        key: reason
        for key, reason in refusals(order, products, now=now).items()
        if key not in outcome.unchanged | outcome.conflicts.keys()
    }
    return outcome


def _remaining(order: NewOrder, outcome: OrderOutcome, extend: bool) -> NewOrder:
    """The order with the lines that are still to be taken."""
    settled = outcome.unchanged | outcome.conflicts.keys() | outcome.refused.keys()
    if not extend and outcome.refused:
        return replace(order, lines=())
    return replace(order, lines=tuple(line for line in order.lines if line.external_line not in settled))
