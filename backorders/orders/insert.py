"""Writing accepted orders: headers, lines, first allocations, promises, timeline and acknowledgement, in bulk."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.contrib.auth.models import User

from backorders.enums import (
    ORDER_STATUS_BY_LINES,
    AllocationKind,
    AllocationState,
    BackorderReason,
    EventKind,
    PromiseCause,
    PromiseSource,
)
from backorders.letters.letters import tell_customers
from backorders.letters.timeline import Event, record_events
from backorders.models import Allocation, OrderLine, SalesOrder
from backorders.orders.allocate_new import Stock
from backorders.orders.checks import NewLine, NewOrder, content_hash
from backorders.orders.status import refresh_order_status
from backorders.planning.reasons import likely_reasons
from backorders.promising.promise_dates import first_promises, record_promises
from backorders.promising.queue_dates import promised_dates
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queues import QueueLine, mark_queues_changed
from config.lib.bulk import copy_rows, next_ids, next_numbers
from customers.models import Customer
from inventory.models import Product
from notifications.payloads import OrderReceived

OrderKey = tuple[str, str]


class RacedByAnother(Exception):
    """Another transaction entered an order of the same number meanwhile."""


class OrderTraits(NamedTuple):
    """What a policy may ask of an order."""

    tier_rank: int
    customer_id: int = 0
    country: str = ""
    channel: str = ""
    ship_complete: bool = False

    @classmethod
    def of(cls, order: NewOrder, customer: Customer) -> "OrderTraits":
        ship_complete = customer.ship_complete if order.ship_complete is None else order.ship_complete
        return cls(customer.tier.rank, customer.pk, customer.country, order.channel, ship_complete)


@dataclass(frozen=True, slots=True)
class EnteredLine:
    """A line on its way in: which order (by position and key), which pool, and what it got at once."""

    id: int
    position: int
    order_key: OrderKey
    number: int
    new: NewLine
    product_id: int
    open: int
    unit_price: Decimal
    placed_at: datetime
    buyer: OrderTraits
    category_id: int | None
    warehouse_id: int | None
    stock_level_id: int | None = None
    given: int = 0

    @classmethod
    def of(
        cls,
        orders: Mapping[OrderKey, NewOrder],
        customers: Mapping[int, Customer],
        products: Mapping[int, Product],
        known: Mapping[OrderKey, SalesOrder],
        stock: Stock,
    ) -> "list[EnteredLine]":
        """The lines with their pools: the warehouse asked for, else one that covers it, else the preferred one."""
        ids = iter(next_ids(OrderLine, sum(len(order.lines) for order in orders.values())))
        lines = []
        for position, (key, order) in enumerate(orders.items()):
            buyer = OrderTraits.of(order, customers[order.customer_id])
            for number, line in enumerate(order.lines, start=_next_number(known[key]) if key in known else 1):
                open_units = line.open
                warehouse_id = order.warehouse_id or stock.warehouse_for(line.product_id, open_units)
                level = stock.levels.get((line.product_id, warehouse_id))
                lines.append(
                    cls(
                        id=next(ids),
                        position=position,
                        order_key=key,
                        number=number,
                        new=line,
                        product_id=line.product_id,
                        open=open_units,
                        unit_price=products[line.product_id].price if line.unit_price is None else line.unit_price,
                        placed_at=order.placed_at,
                        buyer=buyer,
                        category_id=products[line.product_id].category_id,
                        warehouse_id=warehouse_id,
                        stock_level_id=level.pk if level else None,
                    )
                )
        return lines

    @property
    def missing(self) -> int:
        return self.open - self.given

    def in_queue(self) -> QueueLine:
        return QueueLine(
            id=self.id,
            order_id=0,
            product_id=self.product_id,
            warehouse_id=self.warehouse_id or 0,
            open=self.open,
            allocated=self.given,
            shipped=self.new.shipped,
            unit_price=self.unit_price,
            requested_on=self.new.requested_on,
            placed_at=self.placed_at.timestamp(),
            times_slipped=0,
            manual_boost=0,
            is_backorder=False,
            promised_on=None,
            p50_on=None,
            promise_source=PromiseSource.NONE,
            held_until=None,
            tier_rank=self.buyer.tier_rank,
            soft_id=None,
            soft=0,
            customer_id=self.buyer.customer_id,
            country=self.buyer.country,
            channel=self.buyer.channel,
            category_id=self.category_id,
            ship_complete=self.buyer.ship_complete,
        )


def _next_number(known: SalesOrder) -> int:
    return 1 + max((line.number for line in known.lines.all()), default=0)


def enter_orders(
    orders: Mapping[OrderKey, NewOrder],
    lines: Sequence[EnteredLine],
    known: Mapping[OrderKey, SalesOrder],
    products: Mapping[int, Product],
    *,
    by: User | None,
    now: datetime,
) -> dict[OrderKey, int]:
    """Write headers, lines and first allocations; returns the order ids by key. Raises RacedByAnother."""
    by_order: dict[OrderKey, list[EnteredLine]] = defaultdict(list)
    for line in lines:
        by_order[line.order_key].append(line)
    # In the order of their keys, so that two batches wait for each other in one direction only.
    fresh = {key: orders[key] for key in sorted(by_order.keys() - known.keys())}
    order_ids = {key: order.pk for key, order in known.items()} | _enter_headers(fresh, by_order, products, by=by)
    _enter_lines(lines, order_ids, now=now)
    copy_rows(
        Allocation,
        ["line", "product", "stock_level", "quantity", "kind", "state", "made_at"],
        [
            (
                *(line.id, line.product_id, line.stock_level_id, line.given),
                *(AllocationKind.SOFT.value, AllocationState.ACTIVE.value, now),
            )
            for line in lines
            if line.given
        ],
    )
    if known:
        refresh_order_status(order_ids[key] for key in by_order if key in known)
    return order_ids


def _enter_headers(
    orders: Mapping[OrderKey, NewOrder],
    lines: Mapping[OrderKey, Sequence[EnteredLine]],
    products: Mapping[int, Product],
    *,
    by: User | None,
) -> dict[OrderKey, int]:
    ids, numbers = next_ids(SalesOrder, len(orders)), next_numbers("sales_order_number", len(orders))
    rows = {
        key: SalesOrder(
            pk=pk,
            number=f"SO-{number}",
            customer_id=order.customer_id,
            source=order.source,
            external_number=order.external_number,
            content_hash=content_hash(order),
            customer_reference=order.customer_reference,
            channel=order.channel,
            currency=order.currency or products[order.lines[0].product_id].currency,
            other_warehouses=list(order.other_warehouses),
            ship_complete=lines[key][0].buyer.ship_complete,
            status=ORDER_STATUS_BY_LINES[
                any(line.open for line in lines[key]), any(line.new.shipped for line in lines[key])
            ],
            placed_at=order.placed_at,
            entered_by=by,
        )
        for (key, order), pk, number in zip(orders.items(), ids, numbers, strict=True)
    }
    SalesOrder.objects.bulk_create(rows.values(), ignore_conflicts=True)
    if SalesOrder.objects.filter(pk__in=ids).count() < len(rows):
        raise RacedByAnother
    return {key: row.pk for key, row in rows.items()}


def _enter_lines(lines: Sequence[EnteredLine], order_ids: Mapping[OrderKey, int], *, now: datetime) -> None:
    missing: Counter[int] = Counter()
    for line in lines:
        missing[line.product_id] += line.missing
    reasons = likely_reasons(+missing, now=now)
    copy_rows(
        OrderLine,
        [
            *("id", "order", "number", "external_line", "product", "warehouse", "ordered", "allocated", "shipped"),
            *("cancelled", "opening_shipped", "unit_price", "requested_on", "latest_on", "placed_at", "first_filled"),
            *("backordered_at", "reason", "manual_boost", "times_slipped", "promise_source"),
        ],
        [
            (
                *(line.id, order_ids[line.order_key], line.number, line.new.external_line),
                *(line.product_id, line.warehouse_id, line.new.quantity, 0, line.new.shipped),
                *(line.new.cancelled, line.new.shipped, line.unit_price, line.new.requested_on, line.new.latest_on),
                *(line.placed_at, line.given + line.new.shipped, line.placed_at if line.missing else None),
                (reasons[line.product_id] if line.missing else BackorderReason.NONE).value,
                *(0, 0, PromiseSource.NONE.value),
            )
            for line in lines
        ],
    )


def tell_and_record(
    lines: Iterable[EnteredLine], policy: CompiledPolicy, *, by: User | None, now: datetime, acknowledge: bool
) -> None:
    """Promise, acknowledge and write the timeline of the open lines; unacknowledged, the promises follow later."""
    placed = [line for line in lines if line.open]
    mark_queues_changed([line.product_id for line in placed if line.missing or not acknowledge])
    moves = first_promises([line.in_queue() for line in placed], policy, now=now) if acknowledge else []
    news = {line.id: line.new.quantity for line in placed} if acknowledge else {}
    keys = tell_customers(
        OrderReceived,
        news=news,
        dates=promised_dates(moves),
        fact=f"placed:{min(news, default=0)}",
        cause="Order received",
        now=now,
    )
    record_events([event for line in placed for event in _events(line, keys.get(line.id, ""))], now=now, by=by)
    record_promises(moves, cause=PromiseCause.PLACED, keys=keys, now=now)


def _events(line: EnteredLine, key: str) -> Iterable[Event]:
    yield Event(line.id, EventKind.PLACED, line.new.quantity, message_key=key)
    if line.given:
        yield Event(line.id, EventKind.ALLOCATED, line.given, message_key=key)
    if line.missing:
        yield Event(line.id, EventKind.BACKORDERED, line.missing, message_key=key)
