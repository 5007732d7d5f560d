"""Writing accepted orders: headers, lines, first allocations, promises, timeline and acknowledgement, in bulk."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.contrib.auth.models import User

from backorders.enums import AllocationKind, AllocationState, BackorderReason, EventKind, PromiseCause, PromiseSource
from backorders.letters.letters import tell_customers
from backorders.letters.timeline import Event, record_events
from backorders.models import Allocation, OrderLine, SalesOrder
from backorders.orders.allocate_new import Stock
from backorders.orders.checks import NewLine, NewOrder, content_hash
from backorders.orders.status import refresh_order_status, status_of
from backorders.planning.reasons import likely_reasons
from backorders.promising.promise_dates import first_promises, record_promises
from backorders.promising.queue_dates import promised_dates
from backorders.queue.queue_versions import mark_queues_changed
from backorders.queue.queues import QueueLine
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
        ship_complete = _or_default(order.ship_complete, customer.ship_complete)
        return cls(customer.tier.rank, customer.pk, customer.country, order.channel, ship_complete)


@dataclass(frozen=True, slots=True)
class EnteredLine:
    """A line on its way in: which order (by position and key), which pool, and what it got at once."""

    id: int
    position: int
    order_key: OrderKey
    number: int
    new: NewLine
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
        orders: Sequence[NewOrder],
        customers: Mapping[int, Customer],
        products: Mapping[int, Product],
        known: Mapping[OrderKey, SalesOrder],
        stock: Stock,
    ) -> "list[EnteredLine]":
        """The lines with their pools: the warehouse asked for, else one that covers it, else the preferred one."""
        ids = iter(next_ids(OrderLine, sum(len(order.lines) for order in orders)))
        lines = []
        for position, order in enumerate(orders):
            key, buyer = order.key, OrderTraits.of(order, customers[order.customer_id])
            for number, line in enumerate(order.lines, start=_next_number(known.get(key))):
                warehouse_id = order.warehouse_id or stock.warehouse_for(line.product_id, line.open)
                level = stock.levels.get((line.product_id, warehouse_id))
                lines.append(
                    cls(
                        id=next(ids),
                        position=position,
                        order_key=key,
                        number=number,
                        new=line,
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
    def product_id(self) -> int:
        return self.new.product_id

    @property
    def missing(self) -> int:
        return self.new.open - self.given

    def filled(self, given: int) -> "EnteredLine":
        return replace(self, given=given) if given else self

    def in_queue(self) -> QueueLine:
        return QueueLine(
            id=self.id,
            order_id=0,
            product_id=self.product_id,
            warehouse_id=self.warehouse_id or 0,
            open=self.new.open,
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


def _next_number(known: SalesOrder | None) -> int:
    return 1 + max((line.number for line in known.lines.all()), default=0) if known else 1


def enter_orders(
    orders: Sequence[NewOrder],
    lines: Sequence[EnteredLine],
    known: Mapping[OrderKey, SalesOrder],
    customers: Mapping[int, Customer],
    products: Mapping[int, Product],
    *,
    by: User | None,
    now: datetime,
) -> dict[OrderKey, int]:
    """Write headers, lines and first allocations; returns the order ids by key. Raises RacedByAnother."""
    by_order: dict[OrderKey, list[EnteredLine]] = defaultdict(list)
    for line in lines:
        by_order[line.order_key].append(line)
    order_ids = {key: order.pk for key, order in known.items()}
    fresh = [order for order in {order.key: order for order in orders}.values() if order.key not in known]
    order_ids |= _enter_headers([o for o in fresh if by_order[o.key]], by_order, customers, products, by=by)
    _enter_lines(lines, order_ids, now=now)
    copy_rows(
        Allocation,
        ["line", "product", "stock_level", "quantity", "kind", "state", "made_at"],
        (
            (
                *(line.id, line.product_id, line.stock_level_id, line.given),
                *(AllocationKind.SOFT.value, AllocationState.ACTIVE.value, now),
            )
            for line in lines
            if line.given
        ),
    )
    refresh_order_status(order_ids[key] for key in by_order if key in known)
    return order_ids


def _enter_headers(
    orders: Collection[NewOrder],
    lines: Mapping[OrderKey, Sequence[EnteredLine]],
    customers: Mapping[int, Customer],
    products: Mapping[int, Product],
    *,
    by: User | None,
) -> dict[OrderKey, int]:
    ids, numbers = next_ids(SalesOrder, len(orders)), next_numbers("sales_order_number", len(orders))
    rows = [
        SalesOrder(
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
            ship_complete=_or_default(order.ship_complete, customers[order.customer_id].ship_complete),
            status=status_of(
                some_open=any(line.new.open for line in lines[order.key]),
                some_shipped=any(line.new.shipped for line in lines[order.key]),
            ),
            placed_at=order.placed_at,
            entered_by=by,
        )
        # In the order of their keys, so that two batches wait for each other in one direction only.
        for order, pk, number in zip(sorted(orders, key=lambda o: o.key), ids, numbers, strict=True)
    ]
    SalesOrder.objects.bulk_create(rows, ignore_conflicts=True)
    entered = set(SalesOrder.objects.filter(pk__in=ids).values_list("pk", flat=True))
    if len(entered) < len(rows):
        raise RacedByAnother
    return {(row.source, row.external_number.lower()): row.pk for row in rows}


def _or_default(value: bool | None, default: bool) -> bool:
    return default if value is None else value


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
        (
            (
                *(line.id, order_ids[line.order_key], line.number, line.new.external_line),
                *(line.product_id, line.warehouse_id, line.new.quantity, 0, line.new.shipped),
                *(line.new.cancelled, line.new.shipped, line.unit_price, line.new.requested_on, line.new.latest_on),
                *(line.placed_at, line.given + line.new.shipped, line.placed_at if line.missing else None),
                (reasons[line.product_id] if line.missing else BackorderReason.NONE).value,
                *(0, 0, PromiseSource.NONE.value),
            )
            for line in lines
        ),
    )


def tell_and_record(lines: Iterable[EnteredLine], *, by: User | None, now: datetime, acknowledge: bool) -> None:
    """Promise, acknowledge and write the timeline of the open lines; unacknowledged, the promises follow later."""
    placed = [line for line in lines if line.new.open]
    mark_queues_changed(line.product_id for line in placed if line.missing or not acknowledge)
    moves = first_promises([line.in_queue() for line in placed], now=now) if acknowledge else []
    news = {line.id: line.new.quantity for line in placed} if acknowledge else {}
    first = min((line.id for line in placed), default=0)
    dates = promised_dates(moves)
    keys = tell_customers(
        OrderReceived, news=news, dates=dates, fact=f"placed:{first}", cause="Order received", now=now
    )
    record_events((event for line in placed for event in _events(line, keys.get(line.id, ""))), now=now, by=by)
    record_promises(moves, cause=PromiseCause.PLACED, keys=keys, now=now)


def _events(line: EnteredLine, key: str) -> Iterable[Event]:
    yield Event(line.id, EventKind.PLACED, line.new.quantity, message_key=key)
    if line.given:
        yield Event(line.id, EventKind.ALLOCATED, line.given, message_key=key)
    if line.missing:
        yield Event(line.id, EventKind.BACKORDERED, line.missing, message_key=key)
