"""The queue of a pool: its open lines in the order of a policy, and what a policy gives them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

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

from backorders.engine.ahead import Inbound, Wait
from backorders.engine.allocation import (
    PoolException,
    PoolLine,
    PoolResult,
    Strategy,
    allocate_pool,
    fair_share,
    minimum_units,
)
from backorders.engine.explanation import LineExplanation, Reason, explain_pool, explain_share
from backorders.engine.policy import Definition, FilterField
from backorders.engine.quotas import Kept, allocate_kept, explain_kept, quota_units, share_kept
from backorders.engine.ranking import LineFacts, rank_lines
from backorders.engine.segments import rank_segments
from backorders.engine.warehouses import Reach
from backorders.enums import AllocationKind, AllocationState
from backorders.models import OrderLine
from backorders.queries.segments import told_promise
from backorders.services.elsewhere import HeldElsewhere, held_elsewhere
from backorders.services.looking_ahead import look_ahead
from backorders.services.rules import Rules
from config.lib.bulk import any_of

PoolKey = tuple[int, int]  # product, warehouse
SECONDS_PER_DAY = 86_400
SKIP, LOSE = Strategy.SKIP, Strategy.LOSE


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

    def holding_elsewhere(self, held: tuple[HeldElsewhere, ...]) -> "QueueLine":
        return self._replace(elsewhere=held, away=sum(each.units for each in held))

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


def _rows(lines: QuerySet[OrderLine], reads: Collection[FilterField]) -> Iterator[tuple[Any, ...]]:
    if not reads:
        return ((*row[:-1], row[-1] or 0) for row in lines.values_list(*_COLUMNS))
    told: Any = Value(False)
    if FilterField.IS_TOLD in reads:
        told = told_promise()
    rows = lines.annotate(told=told).values_list(*_COLUMNS, *_TRAITS, "told")
    return ((*row[: len(_COLUMNS) - 1], row[len(_COLUMNS) - 1] or 0, *row[len(_COLUMNS) :]) for row in rows)


def ranked(queue: Sequence[QueueLine], rules: Rules, *, now: datetime) -> list[QueueLine]:
    """The queue in the order in which the policy serves it; each line knows its segment."""
    by_id: dict[int | str, QueueLine] = {line.id: line for line in queue}
    if len(rules.segments) == 1:
        facts = [_facts(line, now.timestamp()) for line in queue]
        keys, boost = rules.segments[0].keys, rules.definition.age_boost_days
        return [by_id[fact.id] for fact in rank_lines(facts, keys, age_boost_days=boost)]
    today = business_date(now)
    facts = [_all_facts(line, now.timestamp(), today) for line in queue]
    placed = rank_segments(facts, rules.segments, age_boost_days=rules.definition.age_boost_days)
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


class PoolPlan(NamedTuple):
    """What a policy gives the lines of one pool out of `supply` units.

    `exceptions` are the guarantees that the policy could not meet; where its fallback served the pool instead,
    `served_by` names that. `spare` units are left that no quota keeps. `away` says what lines hold in other warehouses
    afterwards, by line and warehouse; of lines that it does not name that stays as it is. `waits` are goods on their
    way that are kept for lines.
    """

    queue: list[QueueLine]
    supply: int
    result: PoolResult
    explanations: list[LineExplanation]
    strategies: Sequence[Strategy]
    exceptions: Sequence[PoolException] = ()
    served_by: str = ""
    spare: int = 0
    away: Mapping[int, Mapping[int, int]] = {}
    waits: Sequence[Wait] = ()

    def away_after(self, line: QueueLine) -> Mapping[int, int]:
        """What the line holds in other warehouses afterwards."""
        if line.id in self.away:
            return self.away[line.id]
        return {held.warehouse_id: held.units for held in line.elsewhere}

    def units_after(self, line: QueueLine) -> int:
        """All that runs may move of what the line holds afterwards, wherever it lies."""
        return self.result.given.get(line.id, line.soft) + sum(self.away_after(line).values())


def plan_pool(
    lines: Sequence[QueueLine],
    rules: Rules,
    *,
    free: int,
    packs: Mapping[int, int],
    now: datetime,
    kept: Mapping[int, int] | None = None,
    inbound: Inbound | None = None,
) -> PoolPlan:
    """Rank the lines of a pool and serve them from `free` units and from what they hold; `packs` by product.

    `kept` says how many units a line gets or keeps elsewhere, by line: the pool serves the rest. None: what it holds.
    `inbound` is for policies that look ahead; without it they share out today's stock only.

    Where a guarantee cannot be met, the fallback policy serves the pool. A pool that holds less than was confirmed may
    not stay as it is: without a fallback it is served as if nothing were guaranteed.
    """
    plan = _plan(lines, rules, free=free, packs=packs, now=now, kept=kept, inbound=inbound)
    exceptions = plan.result.exceptions
    if not exceptions:
        return plan
    if rules.fallback:
        fallback = rules.fallback._replace(quotas=rules.quotas, released=rules.released, parked=rules.parked)
        instead = plan_pool(lines, fallback, free=free, packs=packs, now=now, kept=kept, inbound=inbound)
        return instead._replace(exceptions=exceptions, served_by=instead.served_by or rules.fallback.code)
    if plan.result.over_confirmed:
        yielding = rules.without_guarantees()
        instead = _plan(lines, yielding, free=free, packs=packs, now=now, kept=kept, inbound=inbound)
        return instead._replace(exceptions=exceptions, served_by=rules.code)
    return plan._replace(exceptions=exceptions)


def _plan(
    lines: Sequence[QueueLine],
    rules: Rules,
    *,
    free: int,
    packs: Mapping[int, int],
    now: datetime,
    kept: Mapping[int, int] | None,
    inbound: Inbound | None,
) -> PoolPlan:
    queue = ranked(lines, rules, now=now)
    definition, today = rules.definition, business_date(now)
    pool_lines = [
        PoolLine(
            line.id,
            strategy_of(line, rules, today),
            line.movable - (line.away if kept is None else kept.get(line.id, 0)),
            line.soft,
            packs.get(line.product_id, 1),
            0,
            line.shipped > 0 or line.fixed > 0,
        )
        for line in queue
    ]
    if definition.minimum_units or definition.minimum_percent:
        pool_lines = [_with_minimum(line, queued, definition) for line, queued in zip(pool_lines, queue, strict=True)]
    if rules.reach == Reach.WHOLE:
        pool_lines = [line._replace(minimum=line.open, has_shipped=False) for line in pool_lines]
    supply = free + sum([line.current for line in pool_lines if line.strategy != SKIP])
    quotas = kept_for_groups(queue, rules, pool=pool_key(queue[0]), supply=supply, today=today) if rules.quotas else ()
    waits: Sequence[Wait] = ()
    if quotas:
        result = (share_kept if rules.fair else allocate_kept)(supply, pool_lines, quotas)
        explanations = explain_kept(supply, pool_lines, result, quotas)
    elif rules.fair:
        result = fair_share(supply, pool_lines)
        explanations = explain_share(supply, pool_lines, result)
    elif inbound is not None and definition.looks_ahead:
        days: dict[int | str, date] = {line.id: line.requested_on for line in queue if line.requested_on}
        ahead = look_ahead(pool_lines, rules, inbound, supply=supply, today=today, requested_on=days)
        result, explanations, waits = ahead
    else:
        result = allocate_pool(supply, pool_lines)
        explanations = explain_pool(supply, pool_lines, result)
    if rules.released:
        explanations = [_released(told, rules) for told in explanations]
    spare = max(0, (result.free or 0) - unused_quotas(quotas, result.given))
    return PoolPlan(queue, supply, result, explanations, rules.strategies, spare=spare, waits=waits)


def strategy_of(line: QueueLine, rules: Rules, today: date) -> Strategy:
    if line.held_until and line.held_until > today:
        return SKIP
    return LOSE if line.id in rules.released else rules.strategies[line.segment]


def unused_quotas(quotas: Iterable[Kept], given: Mapping[int | str, int]) -> int:
    """Units that are still kept for groups once their members have these units."""
    return sum(max(0, quota.units - sum(given.get(pk, 0) for pk in quota.members)) for quota in quotas)


def kept_for_groups(lines: Sequence[QueueLine], rules: Rules, *, pool: PoolKey, supply: int, today: date) -> list[Kept]:
    """What the quotas keep of this pool, and for which of its lines; `lines` are some of its product."""
    kept = []
    for quota in rules.quotas:
        if not quota.keeps(product=pool[0], category=lines[0].category_id, today=today):
            continue
        members = [
            line
            for line in lines
            if pool_key(line) == pool
            and quota.is_for(tier_rank=line.tier_rank, customer=line.customer_id, channel=line.channel)
        ]
        used = quota.used.get(f"{pool[0]}:{pool[1]}", 0) + sum(line.fixed for line in members)
        units = quota_units(supply, units=quota.units, percent=quota.percent, used=used)
        kept.append(Kept(units, frozenset(line.id for line in members)))
    return kept


def _released(told: LineExplanation, rules: Rules) -> LineExplanation:
    return told._replace(reason=Reason.ORDER_CANNOT_COMPLETE) if told.line in rules.released else told


def _with_minimum(line: PoolLine, queued: QueueLine, definition: Definition) -> PoolLine:
    minimum = minimum_units(queued.movable, units=definition.minimum_units, percent=definition.minimum_percent)
    return line._replace(minimum=minimum)


def business_date(now: datetime) -> date:
    """The local day of the business, by the installation's time zone."""
    return timezone.localdate(now)
