"""What a policy gives the lines of one pool."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone

from backorders.allocation.future_supply import look_ahead
from backorders.engine.allocation.explanation import LineExplanation, Reason, explain_pool, explain_share
from backorders.engine.allocation.future_supply import Inbound, Wait
from backorders.engine.allocation.pool import (
    PoolException,
    PoolLine,
    PoolResult,
    Strategy,
    allocate_pool,
    fair_share,
    minimum_units,
)
from backorders.engine.allocation.quotas import ReservedUnits, allocate_kept, explain_kept, quota_units, share_kept
from backorders.engine.allocation.warehouses import Reach
from backorders.engine.policy.definition import PolicyDefinition
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queues import LOSE, SKIP, PoolKey, QueueLine, pool_key, ranked


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
        return {holding.warehouse_id: holding.units for holding in line.elsewhere}

    def units_after(self, line: QueueLine) -> int:
        """All that runs may move of what the line holds afterwards, wherever it lies."""
        return self.result.given.get(line.id, line.soft) + sum(self.away_after(line).values())


def plan_pool(
    lines: Sequence[QueueLine],
    policy: CompiledPolicy,
    *,
    free: int,
    packs: Mapping[int, int],
    now: datetime,
    kept: Mapping[int, int] | None = None,
    inbound: Inbound | None = None,
    explained: bool = True,
) -> PoolPlan:
    """Rank the lines of a pool and serve them from `free` units and from what they hold; `packs` by product.

    `kept` says how many units a line gets or keeps elsewhere, by line: the pool serves the rest. None: what it holds.
    `inbound` is for policies that look ahead; without it they share out today's stock only. Whoever only wants to know
    who gets what has nothing `explained`.

    Where a guarantee cannot be met, the fallback policy serves the pool. A pool that holds less than was confirmed may
    not stay as it is: without a fallback it is served as if nothing were guaranteed.
    """
    plan = _plan(lines, policy, free=free, packs=packs, now=now, kept=kept, inbound=inbound, explained=explained)
    exceptions = plan.result.exceptions
    if not exceptions:
        return plan
    if policy.fallback:
        fallback = policy.fallback._replace(quotas=policy.quotas, released=policy.released, parked=policy.parked)
        instead = plan_pool(
            lines, fallback, free=free, packs=packs, now=now, kept=kept, inbound=inbound, explained=explained
        )
        return instead._replace(exceptions=exceptions, served_by=instead.served_by or policy.fallback.code)
    if plan.result.over_confirmed:
        yielding = policy.without_guarantees()
        instead = _plan(
            lines, yielding, free=free, packs=packs, now=now, kept=kept, inbound=inbound, explained=explained
        )
        return instead._replace(exceptions=exceptions, served_by=policy.code)
    return plan._replace(exceptions=exceptions)


def _plan(
    lines: Sequence[QueueLine],
    policy: CompiledPolicy,
    *,
    free: int,
    packs: Mapping[int, int],
    now: datetime,
    kept: Mapping[int, int] | None,
    inbound: Inbound | None,
    explained: bool,
) -> PoolPlan:
    queue = ranked(lines, policy, now=now)
    definition, today = policy.definition, timezone.localdate(now)
    pool_lines = [
        PoolLine(
            line.id,
            strategy_of(line, policy, today),
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
    if policy.reach == Reach.WHOLE:
        pool_lines = [line._replace(minimum=line.open, has_shipped=False) for line in pool_lines]
    supply = free + sum([line.current for line in pool_lines if line.strategy != SKIP])
    quotas = (
        kept_for_groups(queue, policy, pool=pool_key(queue[0]), supply=supply, today=today) if policy.quotas else ()
    )
    waits: Sequence[Wait] = ()
    if quotas:
        result = (share_kept if policy.fair else allocate_kept)(supply, pool_lines, quotas)
        explanations = explain_kept(supply, pool_lines, result, quotas)
    elif policy.fair:
        result = fair_share(supply, pool_lines)
        explanations = explain_share(supply, pool_lines, result)
    elif inbound is not None and definition.looks_ahead:
        days: dict[int | str, date] = {line.id: line.requested_on for line in queue if line.requested_on}
        ahead = look_ahead(pool_lines, policy, inbound, supply=supply, today=today, requested_on=days)
        result, explanations, waits = ahead
    else:
        result = allocate_pool(supply, pool_lines)
        explanations = explain_pool(supply, pool_lines, result) if explained else []
    if policy.released:
        explanations = [_released(explanation, policy) for explanation in explanations]
    unused = unused_quotas(quotas, result.given) if quotas else 0
    spare = max(0, (result.free or 0) - unused)
    return PoolPlan(queue, supply, result, explanations, policy.strategies, spare=spare, waits=waits)


def strategy_of(line: QueueLine, policy: CompiledPolicy, today: date) -> Strategy:
    if line.held_until and line.held_until > today:
        return SKIP
    return LOSE if line.id in policy.released else policy.strategies[line.segment]


def unused_quotas(quotas: Iterable[ReservedUnits], allocated: Mapping[int | str, int]) -> int:
    """Units that are still kept for groups once their members have these units."""
    return sum(max(0, quota.units - sum(allocated.get(pk, 0) for pk in quota.members)) for quota in quotas)


def kept_for_groups(
    lines: Sequence[QueueLine], policy: CompiledPolicy, *, pool: PoolKey, supply: int, today: date
) -> list[ReservedUnits]:
    """What the quotas keep of this pool, and for which of its lines; `lines` are some of its product."""
    reserved = []
    for quota in policy.quotas:
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
        reserved.append(ReservedUnits(units, frozenset(line.id for line in members)))
    return reserved


def _released(explanation: LineExplanation, policy: CompiledPolicy) -> LineExplanation:
    return (
        explanation._replace(reason=Reason.ORDER_CANNOT_COMPLETE)
        if explanation.line in policy.released
        else explanation
    )


def _with_minimum(line: PoolLine, queued: QueueLine, definition: PolicyDefinition) -> PoolLine:
    minimum = minimum_units(queued.movable, units=definition.minimum_units, percent=definition.minimum_percent)
    return line._replace(minimum=minimum)
