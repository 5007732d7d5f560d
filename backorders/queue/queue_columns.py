"""The queues of a shard as columns: ranked and shared at once, without a Python object per line.

Quotas and other warehouses go pool by pool, see `serving.decide`, and so does a shard in which a guarantee cannot be
met; both ways give the same, and a test compares them.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.utils import timezone

from backorders.engine.allocation.explanation import Reason
from backorders.engine.columns.fair_share import explain_share_columns, share_columns
from backorders.engine.columns.pools import (
    LOSE,
    MISSING,
    REASONS,
    SKIP,
    STRATEGIES,
    PoolLines,
    Story,
    allocate_columns,
    explain_columns,
    rank_columns,
)
from backorders.engine.columns.segments import catch_columns, column_segments, rank_segment_columns
from backorders.engine.policy.definition import PolicyDefinition
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queue_reading import Queues
from backorders.queue.queues import SECONDS_PER_DAY
from config.lib.columns import Array, days_of


class Decided(NamedTuple):
    """The queues in the order of the policy, what each line holds after the run, and why.

    Lines that a person holds back, or of a class that is skipped, take no part: `story` is of those at the places
    `taking_part`. `failed` are guarantees that cannot be met: such a shard is decided pool by pool.
    """

    queues: Queues
    supply: Array
    given: Array
    taking_part: Array
    story: Story
    failed: bool


def ranked_columns(queues: Queues, policy: CompiledPolicy, *, now: datetime) -> Queues:
    """The lines in the order of the policy, pool by pool; their column `segment` says where in it each one stands."""
    columns = queues.columns
    waited = np.floor_divide(now.timestamp() - columns["placed_at"], SECONDS_PER_DAY).astype(np.int64)
    facts = columns | {
        "order_size": columns["open"],
        "line_value": columns["open"] * columns["price"],
        "days_waiting": waited,
    }
    boost = policy.definition.age_boost_days
    if len(policy.segments) == 1:
        caught = np.zeros(queues.size, dtype=np.int64)
        order = rank_columns(facts, policy.segments[0].keys, pool=queues.pool, age_boost_days=boost)
    else:
        facts |= _filtered(columns, today=days_of(timezone.localdate(now)))
        segments = column_segments(policy.definition, policy.segments, policy.ids, queues.words)
        caught = catch_columns(facts, segments)
        order = rank_segment_columns(facts, caught, segments, pool=queues.pool, age_boost_days=boost)
    return replace(queues, columns=columns | {"segment": caught}).of(order)


def _filtered(columns: Mapping[str, Array], *, today: int) -> dict[str, Array]:
    """The facts of filters that go by other names in the database."""
    requested = columns["requested_on"]
    return {
        "customer": columns["customer_id"],
        "category": columns["category_id"],
        "product": columns["product_id"],
        "warehouse": columns["warehouse_id"],
        "requested_in_days": np.where(requested == MISSING, MISSING, requested - today),
    }


def decide_columns(queues: Queues, policy: CompiledPolicy, *, now: datetime) -> Decided:
    """What a policy gives the lines, as `serving.decide` would say."""
    queues = ranked_columns(queues, policy, now=now)
    classes = np.array([STRATEGIES.index(strategy) for strategy in policy.strategies])[queues.columns["segment"]]
    held_back = queues.columns["held_until"] > days_of(timezone.localdate(now))
    taking_part = np.flatnonzero(~held_back & (classes != SKIP))
    served = queues.of(taking_part)
    columns = served.columns
    fixed = columns["allocated"] - columns["soft"]
    supply = queues.free.copy()
    np.add.at(supply, served.pool, columns["soft"])
    released = np.isin(columns["id"], list(policy.released))
    lines = PoolLines(
        served.pool,
        np.where(released, LOSE, classes[taking_part]),
        columns["open"] - fixed,
        columns["soft"],
        served.packs,
        _minimum(columns["open"] - fixed, policy.definition),
        (columns["shipped"] > 0) | (fixed > 0),
    )
    decision = share_columns(supply, lines) if policy.fair else allocate_columns(supply, lines)
    story = (explain_share_columns if policy.fair else explain_columns)(supply, lines, decision)
    story.reason[released] = REASONS.index(Reason.ORDER_CANNOT_COMPLETE)
    given = queues.columns["soft"].copy()
    given[taking_part] = decision.given
    return Decided(queues, supply, given, taking_part, story, bool(decision.failed.any()))


def _minimum(open_units: Array, definition: PolicyDefinition) -> Array:
    """As allocation.minimum_units says for one line."""
    wanted = np.maximum(definition.minimum_units, -(-open_units * definition.minimum_percent // 100))
    return np.minimum(open_units, wanted)
