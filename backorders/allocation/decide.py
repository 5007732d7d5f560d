"""What a policy gives the lines of some products: all pools at once in columns, or pool by pool.

Columns know nothing of quotas, other warehouses, goods on their way, and guarantees that cannot be met. Both ways fill
the same arrays, and a test holds them together: whoever writes, keeps or weighs a decision need not know which it was.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from django.utils import timezone

from backorders.allocation.inbound import read_inbound
from backorders.allocation.multi_warehouse import plan_pools, with_preferences
from backorders.allocation.pool_plans import PoolPlan
from backorders.engine.allocation.explanation import Reason
from backorders.engine.allocation.future_supply import Inbound
from backorders.engine.columns.fair_share import explain_share_columns, share_columns
from backorders.engine.columns.pools import (
    LOSE,
    NEVER,
    REASONS,
    SKIP,
    STRATEGIES,
    PoolLines,
    Story,
    allocate_columns,
    explain_columns,
)
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queue_columns import ranked_columns
from backorders.queue.queue_reading import Queues, read_queue_columns
from backorders.queue.queues import HeldElsewhere, PoolKey, held_elsewhere
from config.lib.columns import Array, days_of

NO_PLANS: Mapping[PoolKey, PoolPlan] = MappingProxyType({})


class ElsewhereChange(NamedTuple):
    """What a line holds in another warehouse than its own, before and after."""

    line_id: int
    pool: PoolKey
    before: HeldElsewhere
    after: int


class Decided(NamedTuple):
    """The lines, what each holds afterwards in its own warehouse (`given`) and in others (`away`), and why.

    Lines that a person holds back, or of a class that is skipped, take no part: `story` and `strategies` (places in
    STRATEGIES) are of those at the places `taking_part`. `supply` is by pool. `plans` and `inbound` are there where it
    was decided pool by pool; else the lines stand in the order of the policy.
    """

    policy: CompiledPolicy
    queues: Queues
    supply: Array
    given: Array
    away: Array
    taking_part: Array
    story: Story
    strategies: Array
    plans: Mapping[PoolKey, PoolPlan] = NO_PLANS
    inbound: Mapping[PoolKey, Inbound] | None = None

    @property
    def gain(self) -> Array:
        """Units that each line gets or loses, wherever they lie."""
        return self.given - self.queues.columns["soft"] + self.away - self.queues.columns["away"]

    def elsewhere(self) -> Iterator[ElsewhereChange]:
        """What lines that take part hold in other warehouses, by line and warehouse, changed or not."""
        for pool, plan in sorted(self.plans.items()):
            taking_part = {explanation.line for explanation in plan.explanations} | plan.away.keys()
            for line in plan.queue:
                if line.id not in taking_part:
                    continue
                before, after = {holding.warehouse_id: holding for holding in line.elsewhere}, plan.away_after(line)
                for place in sorted({*before, *after}):
                    holding = before.get(place, HeldElsewhere(place, 0))
                    yield ElsewhereChange(line.id, (pool[0], place), holding, after.get(place, 0))

    def changes_elsewhere(self) -> list[ElsewhereChange]:
        return [change for change in self.elsewhere() if change.before.units != change.after]

    def taken(self, elsewhere: Iterable[ElsewhereChange] = ()) -> dict[PoolKey, int]:
        """Units more that lines hold of each pool, once this is written with what changes `elsewhere`."""
        queues, gain = self.queues, self.given - self.queues.columns["soft"]
        pools, starts = np.unique(queues.pool, return_index=True)
        products, warehouses = (queues.columns[name][starts].tolist() for name in ("product_id", "warehouse_id"))
        units = np.bincount(queues.pool, weights=gain)[pools].astype(np.int64).tolist()
        taken = dict(zip(zip(products, warehouses, strict=True), units, strict=True))
        for change in elsewhere:
            taken[change.pool] = taken.get(change.pool, 0) + change.after - change.before.units
        return taken


def decide(
    product_ids: Collection[int],
    policy: CompiledPolicy,
    usual: CompiledPolicy,
    *,
    now: datetime,
    warehouse_id: int | None = None,
    lock: bool = True,
) -> Decided:
    """Rank and serve each pool of the products on paper; with `lock` its lines, then its stock, are locked first.

    `usual` is the policy that the promises go by: what its filters ask for is read, too.
    """
    queues = read_queue_columns(product_ids, policy, usual, warehouse_id=warehouse_id, lock=lock)
    elsewhere = held_elsewhere(product_ids)  # from a policy that allowed it: taken back pool by pool
    if policy.in_columns and not elsewhere:
        decided = decide_columns(queues, policy, now=now)
        if decided is not None:
            return decided
    today = timezone.localdate(now)
    inbound = read_inbound(product_ids, today=today) if policy.looks_ahead else None
    queues = queues.holding(elsewhere)
    lines = with_preferences(queues.by_pool(), policy)
    free, packs = queues.free_by_pool(), queues.packs_by_product()
    limited = warehouse_id is not None
    plans = plan_pools(lines, policy, free=free, packs=packs, now=now, limited=limited, inbound=inbound)
    return from_plans(policy, queues, plans, inbound=inbound)


def decide_columns(queues: Queues, policy: CompiledPolicy, *, now: datetime) -> Decided | None:
    """What a policy gives the lines; None where a guarantee cannot be met, which is settled pool by pool."""
    queues = ranked_columns(queues, policy, now=now)
    classes = np.array([STRATEGIES.index(strategy) for strategy in policy.strategies])[queues.columns["segment"]]
    held_back = queues.columns["held_until"] > days_of(timezone.localdate(now))
    taking_part = np.flatnonzero(~held_back & (classes != SKIP))
    served = queues.of(taking_part)
    columns = served.columns
    # Pinned and picked units stay where they are: the line asks for the rest, and what it holds softly is up for it.
    fixed = columns["allocated"] - columns["soft"]
    supply = queues.free.copy()
    np.add.at(supply, served.pool, columns["soft"])
    # Lines whose orders cannot be complete in time give way to all others.
    released = np.isin(columns["id"], list(policy.released))
    definition, asked = policy.definition, columns["open"] - fixed
    minimum = np.zeros(len(asked), dtype=np.int64)
    if definition.minimum_units or definition.minimum_percent:  # as allocation.minimum_units says for one line
        share = -(-asked * definition.minimum_percent // 100)
        minimum = np.minimum(asked, np.maximum(definition.minimum_units, share))
    lines = PoolLines(
        served.pool,
        np.where(released, LOSE, classes[taking_part]),
        asked,
        columns["soft"],
        served.packs,
        minimum,
        (columns["shipped"] > 0) | (fixed > 0),
    )
    decision = share_columns(supply, lines) if policy.fair else allocate_columns(supply, lines)
    if decision.failed.any():
        return None
    story = (explain_share_columns if policy.fair else explain_columns)(supply, lines, decision)
    story.reason[released] = REASONS.index(Reason.ORDER_CANNOT_COMPLETE)
    # Who takes no part keeps what it holds.
    allocated = queues.columns["soft"].copy()
    allocated[taking_part] = decision.given
    return Decided(policy, queues, supply, allocated, queues.columns["away"], taking_part, story, classes[taking_part])


def from_plans(
    policy: CompiledPolicy,
    queues: Queues,
    plans: Mapping[PoolKey, PoolPlan],
    *,
    inbound: Mapping[PoolKey, Inbound] | None = None,
) -> Decided:
    """The arrays that plans fill; lines of other pools keep what they hold."""
    place_of = {line_id: place for place, line_id in enumerate(queues.columns["id"].tolist())}
    allocated, away, supply = queues.columns["soft"].copy(), queues.columns["away"].copy(), queues.free.copy()
    segment = np.zeros(queues.size, dtype=np.int64)
    explained: list[tuple[int, ...]] = []
    for plan in plans.values():
        for line in plan.queue:
            place = place_of[line.id]
            allocated[place] = plan.result.given.get(line.id, line.soft)
            away[place] = sum(plan.away_after(line).values())
            segment[place] = line.segment
            supply[queues.pool[place]] = plan.supply
        for each in plan.explanations:
            place = place_of[int(each.line)]
            strategy = STRATEGIES.index(plan.strategies[segment[place]])
            more_units = NEVER if each.more_units is None else each.more_units
            figures = (each.rank, each.lines_before, each.units_before, each.kept_behind, more_units)
            explained.append((place, strategy, REASONS.index(each.reason), *figures))
    taking_part, strategies, *story = np.array(explained, dtype=np.int64).reshape(-1, 2 + len(Story._fields)).T
    queues = replace(queues, columns=queues.columns | {"segment": segment})
    return Decided(policy, queues, supply, allocated, away, taking_part, Story(*story), strategies, plans, inbound)
