"""The queue of a pool: its open lines in the order of a policy, and what a policy gives them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    F,
    FilteredRelation,
    FloatField,
    Func,
    Q,
    QuerySet,
    Value,
)
from django.utils import timezone

from backorders.engine.allocation.pool import (
    Strategy,
)
from backorders.engine.policy.definition import FilterField
from backorders.engine.policy.ranking import LineFacts, rank_lines
from backorders.engine.policy.segments import rank_segments
from backorders.enums import AllocationKind, AllocationState
from backorders.models import Allocation, OrderLine
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queries.segments import told_promise
from config.lib.bulk import any_of

PoolKey = tuple[int, int]  # product, warehouse
SECONDS_PER_DAY = 86_400
SKIP, LOSE = Strategy.SKIP, Strategy.LOSE


class HeldElsewhere(NamedTuple):
    """Units that a line holds softly in another warehouse than its own."""

    warehouse_id: int
    units: int
    stock_level_id: int = 0
    allocation_id: int = 0


class QueueLine(NamedTuple):
    """An open line as the queue sees it; `soft` and `away` (parts of `allocated`) are what a run may take back."""

    id: int
    order_id: int
    product_id: int
    warehouse_id: int
    open: int
    allocated: int
    shipped: int
    unit_price: Decimal
    requested_on: date | None
    placed_at: float  # seconds since 1970: a million datetimes take a second to build
    times_slipped: int
    manual_boost: int
    is_backorder: bool
    promised_on: date | None
    p50_on: date | None
    promise_source: str
    held_until: date | None  # a person's hold: runs leave the line out before that day
    tier_rank: int
    soft_id: int | None
    soft: int
    # What only filters ask for, read where a policy has some; and the segment that the filters led to.
    customer_id: int = 0
    country: str = ""
    channel: str = ""
    category_id: int | None = None
    reason: str = ""
    ship_complete: bool = False
    is_told: bool = False
    segment: int = 0
    # What it holds softly in other warehouses than its own, all together and each by itself.
    away: int = 0
    elsewhere: tuple[HeldElsewhere, ...] = ()
    other_warehouses: tuple[int, ...] = ()  # of its order; read where a policy asks, empty where all may serve it

    @property
    def fixed(self) -> int:
        """Pinned and hard units: counted, never touched."""
        return self.allocated - self.soft - self.away

    @property
    def movable(self) -> int:
        """Open units that a run may serve."""
        return self.open - self.fixed

    def holding_elsewhere(self, holdings: tuple[HeldElsewhere, ...]) -> "QueueLine":
        return self._replace(elsewhere=holdings, away=sum(each.units for each in holdings))

    def holding_nothing_elsewhere(self) -> "QueueLine":
        return self._replace(elsewhere=(), away=0, allocated=self.allocated - self.away)


_COLUMNS = (
    "id",
    "order_id",
    "product_id",
    "warehouse_id",
    "open_units",
    "allocated",
    "shipped",
    "unit_price",
    "requested_on",
    "placed",
    "times_slipped",
    "manual_boost",
    "is_backorder",
    "promised_on",
    "p50_on",
    "promise_source",
    "held_until",
    "order__customer__tier__rank",
    "held__id",
    "held__quantity",
)
_TRAITS = (
    "order__customer_id",
    "order__customer__country",
    "order__channel",
    "product__category_id",
    "reason",
    "order__ship_complete",
)


def read_queues(
    product_ids: Collection[int], *, reads: Collection[FilterField], warehouse_id: int | None = None, lock: bool = False
) -> dict[PoolKey, list[QueueLine]]:
    """The open lines of the products by pool, unordered; with `lock` their rows are locked in primary-key order.

    They are read in a statement after the one that locks: a statement that waited for a lock sees the locked row as it
    is now, but what is joined to it as it was before. What only filters ask for is read where `reads` names
    some of it.
    """
    lines = OrderLine.objects.open().filter(product_id__in=product_ids)
    if warehouse_id is not None:
        lines = lines.filter(warehouse_id=warehouse_id)
    if lock:
        lines = OrderLine.objects.filter(any_of("pk", lines.locked().values_list("pk", flat=True)))
    lines = lines.annotate(
        open_units=F("ordered") - F("shipped") - F("cancelled"),
        placed=Func(F("placed_at"), template="EXTRACT(EPOCH FROM %(expressions)s)::float8", output_field=FloatField()),
        is_backorder=ExpressionWrapper(Q(backordered_at__isnull=False), output_field=BooleanField()),
        held=FilteredRelation(
            "allocations",
            condition=Q(
                allocations__state=AllocationState.ACTIVE,
                allocations__kind=AllocationKind.SOFT,
                allocations__is_away=False,
            ),
        ),
    )
    queues: dict[PoolKey, list[QueueLine]] = defaultdict(list)
    elsewhere = held_elsewhere(product_ids)
    for row in _rows(lines, reads):
        line = QueueLine(*row)
        if line.id in elsewhere:
            line = line.holding_elsewhere(elsewhere[line.id])
        queues[line.product_id, line.warehouse_id].append(line)
    return queues


def held_elsewhere(product_ids: Collection[int]) -> dict[int, tuple[HeldElsewhere, ...]]:
    """By line, in the order of the warehouses; most products have none."""
    holdings: dict[int, list[HeldElsewhere]] = defaultdict(list)
    rows = Allocation.objects.from_elsewhere().filter(product_id__in=product_ids)
    columns = ("line_id", "stock_level__warehouse_id", "quantity", "stock_level_id", "pk")
    for line_id, *parts in rows.order_by("line_id", "stock_level__warehouse_id").values_list(*columns):
        holdings[line_id].append(HeldElsewhere(*parts))
    return {line_id: tuple(parts) for line_id, parts in holdings.items()}


def _rows(lines: QuerySet[OrderLine], reads: Collection[FilterField]) -> Iterator[tuple[Any, ...]]:
    if not reads:
        return ((*row[:-1], row[-1] or 0) for row in lines.values_list(*_COLUMNS))
    is_told: Any = Value(False)
    if FilterField.IS_TOLD in reads:
        is_told = told_promise()
    rows = lines.annotate(told=is_told).values_list(*_COLUMNS, *_TRAITS, "told")
    return ((*row[: len(_COLUMNS) - 1], row[len(_COLUMNS) - 1] or 0, *row[len(_COLUMNS) :]) for row in rows)


def ranked(queue: Sequence[QueueLine], policy: CompiledPolicy, *, now: datetime) -> list[QueueLine]:
    """The queue in the order in which the policy serves it; each line knows its segment."""
    by_id: dict[int | str, QueueLine] = {line.id: line for line in queue}
    if len(policy.segments) == 1:
        facts = [_facts(line, now.timestamp()) for line in queue]
        keys, boost = policy.segments[0].keys, policy.definition.age_boost_days
        return [by_id[fact.id] for fact in rank_lines(facts, keys, age_boost_days=boost)]
    today = timezone.localdate(now)
    facts = [_all_facts(line, now.timestamp(), today) for line in queue]
    placed = rank_segments(facts, policy.segments, age_boost_days=policy.definition.age_boost_days)
    return [by_id[fact.id]._replace(segment=segment) for segment, fact in placed]


def _facts(line: QueueLine, moment: float) -> LineFacts:
    return LineFacts(
        line.id,
        line.open,
        line.tier_rank,
        line.placed_at,
        line.requested_on,
        line.open * line.unit_price,
        int((moment - line.placed_at) // SECONDS_PER_DAY),
        line.times_slipped,
        line.manual_boost,
    )


def _all_facts(line: QueueLine, moment: float, today: date) -> LineFacts:
    return _facts(line, moment)._replace(
        customer=line.customer_id,
        country=line.country,
        channel=line.channel,
        category=line.category_id,
        product=line.product_id,
        warehouse=line.warehouse_id,
        reason=line.reason,
        requested_in_days=(line.requested_on - today).days if line.requested_on else None,
        ship_complete=line.ship_complete,
        is_told=line.is_told,
    )


def pool_key(line: QueueLine) -> PoolKey:
    return line.product_id, line.warehouse_id


def mark_queues_changed(product_ids: Iterable[int]) -> None:
    """The queue of these products changed: their promises are due again. Rows are touched in primary-key order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO backorders_queuestate AS state (product_id, demand_version, promised_demand_version,
                promised_supply_version, served_demand_version, served_supply_version)
            SELECT unnest(%s::bigint[]), 1, 0, 0, 0, 0
            ON CONFLICT (product_id) DO UPDATE SET demand_version = state.demand_version + 1
            """,
            [sorted(set(product_ids))],
        )
