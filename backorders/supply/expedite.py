"""Which waiting lines the goods on their way are for: the queue walk, told from the side of the purchase orders.

Units that are pegged to a line are that line's; the queue shares the others.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Min, Sum
from django.utils import timezone

from backorders.engine.promising.pegging import PegTo, pegs_in_force
from backorders.engine.promising.walk import Supply, WaitingLine, walk_queue
from backorders.models import DelayCase, OrderLine, Peg
from backorders.queue.compiled_policy import default_policy
from backorders.queue.queues import PoolKey, QueueLine, ranked, read_queues
from config.lib.numbers import line_value
from inventory.models import PurchaseOrder, PurchaseOrderLine, StockLevel

POOLS_WALKED = 200
DEADLINE_DAYS = 14


class ForLine(NamedTuple):
    """So many units of a purchase-order line go to that order line, which is `place`d so in its queue."""

    purchase_line_id: int
    line_id: int
    place: int
    units: int
    pegged: int = 0


@dataclass(frozen=True, slots=True)
class Unblocked:
    """An order line that waits for a purchase-order line, with the units that it gets from there.

    `pegged` of them are meant for it, whatever the queue says.
    """

    supply: PurchaseOrderLine
    line: OrderLine
    place: int
    units: int
    pegged: int = 0

    @property
    def value(self) -> Decimal:
        return line_value(self.units, self.line.unit_price)

    @property
    def deadline_missed(self) -> bool:
        """The latest day that the customer accepts lies before the goods."""
        latest, expected = self.line.latest_on, self.supply.expected_on
        return bool(latest and expected and expected > latest)


def unblocked_by(purchase_order: PurchaseOrder, *, now: datetime) -> list[Unblocked]:
    """What the outstanding goods of this order are for, by the day they are expected, then by place in the queue."""
    lines = list(
        PurchaseOrderLine.objects.inbound()
        .with_expected_on()
        .filter(purchase_order=purchase_order)
        .select_related("product", "purchase_order")
    )
    pools = {(line.product_id, purchase_order.warehouse_id) for line in lines}
    rows = [row for row in walk_pools(pools, now=now) if row.purchase_line_id in {line.pk for line in lines}]
    return _told(rows, {line.pk: line for line in lines})


def _told(given: Collection[ForLine], supplies: Mapping[int, PurchaseOrderLine]) -> list[Unblocked]:
    lines = OrderLine.objects.select_related("order__customer", "product")
    waiting = lines.in_bulk([row.line_id for row in given])
    rows = [
        Unblocked(supplies[row.purchase_line_id], waiting[row.line_id], row.place, row.units, row.pegged)
        for row in given
    ]
    return sorted(
        rows, key=lambda row: (row.supply.expected_on or date.max, row.supply.number, row.supply.pk, row.place)
    )


def walk_pools(pools: Collection[PoolKey], *, now: datetime) -> Iterator[ForLine]:
    """Walk the queues of these pools along free stock and dated supply, as promises do; what is overdue comes last."""
    if not pools:
        return
    product_ids, policy, today = {product_id for product_id, _ in pools}, default_policy(), timezone.localdate(now)
    queues = read_queues(product_ids, reads=policy.reads)
    supplies, pegs = _supplies(product_ids), Peg.objects.active().to_come(product_ids)
    free = {
        (level.product_id, level.warehouse_id): level.available
        for level in StockLevel.objects.filter(product_id__in=product_ids)
    }
    for pool in sorted(pools):
        queue = ranked(queues.get(pool, []), policy, now=now)
        yield from _walk(queue, free.get(pool, 0), supplies[pool], pegs.get(pool, ()), today=today)


def _walk(
    queue: Sequence[QueueLine], free: int, supplies: Sequence[Supply], pegs: Sequence[PegTo], *, today: date
) -> Iterator[ForLine]:
    coming = {int(supply.source): supply.quantity for supply in supplies}
    meant = pegs_in_force(pegs, missing={line.id: line.open - line.allocated for line in queue}, coming=coming)
    pegged: Counter[int | str] = Counter()
    for peg in meant:
        pegged[peg.line] += peg.units
        coming[peg.source] -= peg.units
    promises = walk_queue(
        today=today,
        free=free,
        supplies=[supply._replace(quantity=coming[int(supply.source)]) for supply in supplies],
        lines=[WaitingLine(line.id, line.open, line.allocated + pegged[line.id]) for line in queue],
    )
    for place, promise in enumerate(promises, start=1):
        got = Counter({int(piece.source): piece.quantity for piece in promise.slices if piece.source.isdecimal()})
        by_peg: Counter[int] = Counter()
        for peg in meant:
            if peg.line == promise.line:
                by_peg[peg.source] += peg.units
        total = got + by_peg
        yield from (ForLine(at, int(promise.line), place, units, by_peg[at]) for at, units in total.items())


def _supplies(product_ids: Collection[int]) -> dict[PoolKey, list[Supply]]:
    """Each purchase-order line by its key, on the day that it is expected."""
    supplies: dict[PoolKey, list[Supply]] = defaultdict(list)
    rows = PurchaseOrderLine.objects.inbound().with_expected_on().filter(product_id__in=product_ids)
    for row in rows.values_list(
        *("product_id", "purchase_order__warehouse_id", "pk", "expected_on", "open"),
        *("purchase_order__ordered_on", "purchase_order__supplier__lead_time_days"),
    ):
        product_id, warehouse_id, pk, expected_on, units, ordered_on, lead_time = row
        supplies[product_id, warehouse_id].append(
            Supply(expected_on or ordered_on + timedelta(days=lead_time), units, str(pk))
        )
    return supplies


@dataclass(frozen=True, slots=True)
class ToExpedite:
    """A purchase-order line with what waits for it.

    `deadlines` are lines of which the latest day that the customer accepts, or the day of a legal notice, is near.
    """

    supply: PurchaseOrderLine
    units: int
    lines: int
    customers: int
    value: Decimal
    deadlines: int
    earliest_deadline: date | None
    is_late: bool


def expedite_list(*, now: datetime, supplier_id: int | None = None) -> list[ToExpedite]:
    """Open purchase-order lines, the one that unblocks the most backorder value first.

    Looked at are the pools of the most backorder value, some hundred of them: a page must not walk a million lines.
    """
    pools = _most_valuable_pools(supplier_id)
    waiting: dict[int, list[ForLine]] = defaultdict(list)
    for row in walk_pools(pools, now=now):
        waiting[row.purchase_line_id].append(row)
    supplies = PurchaseOrderLine.objects.inbound().with_expected_on().filter(pk__in=waiting)
    if supplier_id:
        supplies = supplies.filter(purchase_order__supplier=supplier_id)
    supplies = supplies.select_related("product", "purchase_order__supplier", "purchase_order__warehouse")
    chosen = {supply.pk: supply for supply in supplies}
    facts = _facts({row.line_id for pk in chosen for row in waiting[pk]})
    rows = [_to_expedite(supply, waiting[pk], facts, today=timezone.localdate(now)) for pk, supply in chosen.items()]
    return sorted(rows, key=lambda row: (-row.value, row.supply.expected_on or date.max, row.supply.pk))


def _most_valuable_pools(supplier_id: int | None) -> set[PoolKey]:
    inbound = PurchaseOrderLine.objects.inbound()
    if supplier_id:
        inbound = inbound.filter(purchase_order__supplier=supplier_id)
    coming = set(inbound.values_list("product_id", "purchase_order__warehouse_id").distinct())
    missing = F("ordered") - F("shipped") - F("cancelled") - F("allocated")
    by_value = (
        OrderLine.objects.waiting()
        .filter(product_id__in={product_id for product_id, _ in coming})
        .order_by()
        .values_list("product_id", "warehouse_id")
        .annotate(value=Sum(missing * F("unit_price")), first=Min("pk"))
        .order_by("-value", "first")
    )
    pools = ((product_id, warehouse_id) for product_id, warehouse_id, _, _ in by_value.iterator())
    return set(_first_of((pool for pool in pools if pool in coming), POOLS_WALKED))


def _first_of(pools: Iterable[PoolKey], most: int) -> Iterator[PoolKey]:
    for count, pool in enumerate(pools, start=1):
        yield pool
        if count == most:
            return


def _facts(line_ids: Collection[int]) -> dict[int, tuple[int, Decimal, date | None]]:
    """The customer, the price and the next deadline of each line."""
    legal = dict(
        DelayCase.objects.unsettled()
        .filter(pk__in=line_ids, deadline_on__isnull=False)
        .values_list("pk", "deadline_on")
    )
    rows = OrderLine.objects.filter(pk__in=line_ids).values_list("pk", "order__customer_id", "unit_price", "latest_on")
    return {
        pk: (customer_id, price, min((day for day in (latest_on, legal.get(pk)) if day), default=None))
        for pk, customer_id, price, latest_on in rows
    }


def _to_expedite(
    supply: PurchaseOrderLine,
    waiting: Collection[ForLine],
    facts: Mapping[int, tuple[int, Decimal, date | None]],
    *,
    today: date,
) -> ToExpedite:
    near = max(supply.expected_on or today, today) + timedelta(days=DEADLINE_DAYS)
    deadlines = [latest for row in waiting if (latest := facts[row.line_id][2]) and latest < near]
    return ToExpedite(
        supply=supply,
        units=sum(row.units for row in waiting),
        lines=len({row.line_id for row in waiting}),
        customers=len({facts[row.line_id][0] for row in waiting}),
        value=sum((line_value(row.units, facts[row.line_id][1]) for row in waiting), Decimal(0)),
        deadlines=len(deadlines),
        earliest_deadline=min(deadlines, default=None),
        is_late=supply.expected_on is not None and supply.expected_on < today,
    )
