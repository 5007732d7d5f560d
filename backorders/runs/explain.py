"""Why a line stands where it stands, and what would fill it: asked of the policy again whenever somebody reads it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from backorders.allocation.inbound import read_inbound
from backorders.allocation.multi_warehouse import plan_pools, with_preferences
from backorders.allocation.pool_plans import PoolPlan
from backorders.engine.allocation.counterfactuals import (
    Counterfactual,
    Outcome,
    PoolArrival,
    Tier,
    counterfactuals,
    in_words,
)
from backorders.engine.allocation.explanation import LineExplanation
from backorders.engine.allocation.future_supply import Inbound, Wait
from backorders.engine.allocation.pool import Strategy
from backorders.engine.allocation.warehouses import Reach
from backorders.engine.policy.ranking import SortField
from backorders.engine.policy.words import key_in_words
from backorders.models import OrderLine
from backorders.queue.compiled_policy import CompiledPolicy, default_policy
from backorders.queue.queues import PoolKey, QueueLine, pool_key, read_queues
from backorders.runs.complete_orders import parked_now
from config.lib.text import counted
from customers.models import CustomerTier
from inventory.models import Product, PurchaseOrderLine, StockLevel

SERVED_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PoolSeen:
    """A pool at one moment, and the policy that serves it: enough to ask again with one thing changed.

    `beside` are the queues of the product in other warehouses, `free_beside` what is free there: where units go from
    one to the other. `inbound` is for a policy that looks ahead.
    """

    lines: Sequence[QueueLine]
    free: int
    packs: Mapping[int, int]
    policy: CompiledPolicy
    now: datetime
    beside: Mapping[PoolKey, Sequence[QueueLine]] = field(default_factory=dict)
    free_beside: Mapping[PoolKey, int] = field(default_factory=dict)
    inbound: Mapping[PoolKey, Inbound] | None = None

    def plan(self, *, more: int = 0, lines: Sequence[QueueLine] | None = None) -> PoolPlan:
        queue = self.lines if lines is None else lines
        here = pool_key(queue[0])
        queues, free = {**self.beside, here: queue}, {**self.free_beside, here: self.free + more}
        return plan_pools(queues, self.policy, free=free, packs=self.packs, now=self.now, inbound=self.inbound)[here]

    def outcome(self, line_id: int) -> Outcome:
        """What the line would hold with more units in the pool, or in another tier."""

        def asked(more: int, tier_rank: int | None) -> int:
            lines = None if tier_rank is None else [_in_tier(line, line_id, tier_rank) for line in self.lines]
            plan = self.plan(more=more, lines=lines)
            return next(plan.units_after(line) for line in plan.queue if line.id == line_id)

        return asked


@dataclass(frozen=True, slots=True)
class Served:
    """A line that is served before, and the units that it holds after it."""

    line: OrderLine
    units: int


@dataclass(frozen=True, slots=True)
class WaitsFor:
    """Goods on their way that are kept for a line; `lent_to` has as many of its units meanwhile."""

    goods: PurchaseOrderLine
    units: int
    on: date
    lent_to: OrderLine | None


@dataclass(frozen=True, slots=True)
class LineExplained:
    line: OrderLine
    rank: int
    queue_length: int
    segment: str
    strategy: Strategy | None
    keys: Sequence[tuple[str, str]]
    wanted: int
    holds: int
    given: int
    served: Sequence[Served]
    served_more: int
    served_more_units: int
    found: Sequence[Counterfactual]
    held_until: date | None
    waits: Sequence[WaitsFor] = ()

    @property
    def missing(self) -> int:
        return self.wanted - self.given

    @property
    def would_help(self) -> str:
        return in_words(self.found, day=lambda day: date_format(day, "j M Y"))


def see_pool(line: OrderLine, *, policy: CompiledPolicy, now: datetime) -> PoolSeen:
    """The line's pool as it is now, and the product's others where they matter to it.

    For a policy that looks ahead it also holds what is on its way and what lies parked.
    """
    pool = line.product_id, line.warehouse_id
    queues = dict(with_preferences(read_queues([line.product_id], reads=policy.reads), policy))
    levels = StockLevel.objects.filter(product_id=line.product_id)
    free = {(level.product_id, level.warehouse_id): level.available for level in levels}
    packs = dict(Product.objects.filter(pk=line.product_id).values_list("pk", "pack_size"))
    queue, today = queues.pop(pool, []), timezone.localdate(now)
    if policy.lends:
        policy = policy._replace(parked=parked_now([queued.order_id for queued in queue], today=today))
    inbound = read_inbound([line.product_id], today=today) if policy.looks_ahead else None
    seen = PoolSeen(queue, free.get(pool, 0), packs, policy, now, inbound=inbound)
    if policy.reach == Reach.OWN and not any(line.away for queue in [seen.lines, *queues.values()] for line in queue):
        return seen
    return replace(seen, beside=queues, free_beside=free)


def explain_line(*, line: OrderLine, snapshot: Mapping[str, Any] | None = None, now: datetime) -> LineExplained:
    """What the next run says to this open line, by the policy of `snapshot` or the default one.

    Rank, the values behind it, who is served before, and the single changes that would fill it: each was tried.
    """
    seen = see_pool(line, policy=CompiledPolicy.of(snapshot) if snapshot else default_policy(), now=now)
    plan = seen.plan()
    place = next(place for place, queued in enumerate(plan.queue) if queued.id == line.pk)
    queued = plan.queue[place]
    explanation = next((each for each in plan.explanations if each.line == line.pk), None)
    demanded, allocated = queued.movable, plan.units_after(queued)
    served, more, more_units = _served_before(plan, explanation)
    segments = seen.policy.definition.all_segments
    return LineExplained(
        line=line,
        rank=explanation.rank if explanation else place + 1,
        queue_length=len(plan.explanations),
        segment=segments[queued.segment].name if len(segments) > 1 else "",
        strategy=plan.strategies[queued.segment] if explanation else None,
        keys=_values(queued, seen),
        wanted=demanded,
        holds=queued.soft + queued.away,
        given=allocated,
        served=served,
        served_more=more,
        served_more_units=more_units,
        found=_what_would_fill(line, queued, seen, demanded) if explanation and allocated < demanded else (),
        held_until=queued.held_until,
        waits=_waits_for(wait for wait in plan.waits if wait.line == line.pk),
    )


def _waits_for(waits: Iterable[Wait]) -> list[WaitsFor]:
    waiting = list(waits)
    goods = PurchaseOrderLine.objects.select_related("purchase_order").in_bulk([wait.source for wait in waiting])
    lines = OrderLine.objects.select_related("order").in_bulk([int(wait.lent_to) for wait in waiting if wait.lent_to])
    return [WaitsFor(goods[w.source], w.units, w.on, lines.get(int(w.lent_to or 0))) for w in waiting]


def _what_would_fill(line: OrderLine, queued: QueueLine, seen: PoolSeen, demanded: int) -> list[Counterfactual]:
    today = timezone.localdate(seen.now)
    return counterfactuals(
        demanded=demanded,
        outcome=seen.outcome(line.pk),
        tiers=_better_tiers(queued.tier_rank),
        arrivals=() if seen.inbound is not None else arrivals_of(line),  # what is on its way counts already
        by=max(today, line.requested_on or today),
    )


def arrivals_of(line: OrderLine) -> list[PoolArrival]:
    """What is on order for the line's pool."""
    coming = PurchaseOrderLine.objects.inbound().with_expected_on()
    rows = coming.filter(product_id=line.product_id, purchase_order__warehouse_id=line.warehouse_id)
    return [PoolArrival(*row) for row in rows.values_list("purchase_order__number", "open", "expected_on")]


def _better_tiers(rank: int) -> list[Tier]:
    """The nearest first."""
    tiers = CustomerTier.objects.filter(rank__lt=rank).order_by("-rank")
    return [Tier(*row) for row in tiers.values_list("rank", "name")]


def _in_tier(line: QueueLine, line_id: int, tier_rank: int) -> QueueLine:
    return line._replace(tier_rank=tier_rank) if line.id == line_id else line


def _served_before(plan: PoolPlan, explanation: LineExplanation | None) -> tuple[list[Served], int, int]:
    """The first lines before it that hold units, how many more they are, and what those hold."""
    if explanation is None:
        return [], 0, 0
    before = [(each.line, plan.result.given[each.line]) for each in plan.explanations if each.rank < explanation.rank]
    holding = [(pk, units) for pk, units in before if units]
    first = holding[:SERVED_SHOWN]
    lines = OrderLine.objects.select_related("order__customer__tier").in_bulk([int(pk) for pk, _ in first])
    rest = holding[SERVED_SHOWN:]
    return [Served(lines[int(pk)], units) for pk, units in first], len(rest), sum(units for _, units in rest)


def _values(line: QueueLine, seen: PoolSeen) -> list[tuple[str, str]]:
    """The sort key of its segment in words, with the line's values."""
    segment = seen.policy.definition.all_segments[line.segment]
    return [(key_in_words(key.field, descending=key.descending), _value(key.field, line, seen)) for key in segment.keys]


def _value(field: str, line: QueueLine, seen: PoolSeen) -> str:
    placed = datetime.fromtimestamp(line.placed_at, tz=timezone.get_current_timezone())
    waited = int((seen.now.timestamp() - line.placed_at) // 86_400)
    values: dict[str, Any] = {
        SortField.TIER_RANK: f"tier {line.tier_rank}",
        SortField.PLACED_AT: f"placed {date_format(placed, 'j M Y, H:i')}",
        SortField.REQUESTED_ON: date_format(line.requested_on, "j M Y") if line.requested_on else "no requested date",
        SortField.ORDER_SIZE: counted(line.open, "unit"),
        SortField.LINE_VALUE: f"{line.open * line.unit_price:,.2f}",
        SortField.DAYS_WAITING: counted(waited, "day"),
        SortField.TIMES_SLIPPED: f"{line.times_slipped} times",
        SortField.MANUAL_BOOST: str(line.manual_boost),
    }
    return str(values[field])
