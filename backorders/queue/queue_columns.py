"""The queues of a shard in the order of a policy, all pools at once; `queues.ranked` does it line by line."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import numpy as np
from django.utils import timezone

from backorders.engine.columns.pools import (
    MISSING,
    rank_columns,
)
from backorders.engine.columns.segments import catch_columns, column_segments, rank_segment_columns
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queue_reading import Queues
from backorders.queue.queues import SECONDS_PER_DAY
from config.lib.columns import Array, days_of


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
