"""How many lines a second the pure engine ranks, shares out and explains on one core: plain, and with all that a policy
may say (segments of all classes with filters, age boost, packs, minimum fill, fair share)."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from backorders.engine.columns.fair_share import explain_share_columns, share_columns
from backorders.engine.columns.pools import (
    MISSING,
    REDISTRIBUTE,
    STRATEGIES,
    Array,
    PoolLines,
    allocate_columns,
    explain_columns,
    rank_columns,
)
from backorders.engine.columns.segments import catch_columns, column_segments, rank_segment_columns, words_of_policies
from backorders.engine.policy.ranking import SortField, SortKey
from backorders.engine.policy.reader import parse_definition
from backorders.engine.policy.segments import compile_segments

# lines, repetitions
SIZES = {"S": (100_000, 5), "M": (1_000_000, 5), "L": (1_000_000, 7)}
GOAL = 400_000
LINES_PER_POOL = 33
SHARD = 20_000
KEYS = [{"field": "tier_rank"}, {"field": "placed_at"}]
POLICY = {
    "segments": [
        {"name": "Promised", "strategy": "GAIN", "keys": KEYS, "filters": [_filter]}
        for _filter in [{"field": "is_told", "operator": "is", "values": [True]}]
    ]
    + [
        {
            "name": "Best customers",
            "strategy": "IMPROVE",
            "keys": KEYS,
            "filters": [{"field": "tier", "operator": "in", "values": ["platinum", "gold"]}],
        },
        {
            "name": "Old",
            "strategy": "IMPROVE",
            "keys": KEYS,
            "filters": [{"field": "age_days", "operator": "at_least", "values": [60]}],
        },
        {
            "name": "Shops",
            "strategy": "FILL",
            "keys": KEYS,
            "filters": [{"field": "channel", "operator": "in", "values": ["shop"]}],
        },
    ],
    "rest": {"strategy": "REDISTRIBUTE", "keys": KEYS},
    "age_boost_days": 30,
}
IDS = {"tier": {"platinum": 1, "gold": 2}}


def run(size: str) -> dict[str, Any]:
    """Needs no database; goes by shards of the size that a run has."""
    count, times = SIZES[size]
    shards = [_shard(number) for number in range(count // SHARD)]
    return {
        "lines": count,
        "n": times,
        "plain_lines_per_second": _speed(_plain, shards, times),
        "all_features_lines_per_second": _speed(_segmented, shards, times),
        "fair_share_lines_per_second": _speed(_fair, shards, times),
        "goal": GOAL,
    }


def _shard(number: int) -> tuple[dict[str, Array], Array, Array, PoolLines]:
    """The facts of the lines, their pools, what is in these, and the lines as the engine takes them."""
    chance = np.random.default_rng(number)
    pools = SHARD // LINES_PER_POOL
    pool = np.sort(chance.integers(0, pools, SHARD))
    open_units = chance.integers(1, 21, SHARD)
    held = np.where(chance.random(SHARD) < 1 / 3, np.minimum(open_units, chance.integers(0, 21, SHARD)), 0)
    facts = {
        "id": chance.permutation(SHARD),
        "order_size": open_units,
        "tier_rank": chance.integers(1, 6, SHARD),
        "placed_at": chance.integers(0, 120, SHARD) * 86_400.0,
        "requested_on": np.full(SHARD, MISSING),
        "line_value": open_units * 90_000,
        "days_waiting": chance.integers(0, 120, SHARD),
        "times_slipped": np.zeros(SHARD, dtype=np.int64),
        "manual_boost": np.zeros(SHARD, dtype=np.int64),
        "channel": chance.integers(0, 2, SHARD),
        "is_told": chance.integers(0, 2, SHARD),
    }
    # One pool in ten is of a product in packs, one line in ten has a minimum fill.
    packs = np.where(chance.random(pools) < 0.1, 6, 1)[pool]
    nothing_yet = np.zeros(SHARD, dtype=bool)
    minimum = np.where(chance.random(SHARD) < 0.1, np.minimum(open_units, 3), 0)
    lines = PoolLines(pool, np.full(SHARD, REDISTRIBUTE), open_units, held, packs, minimum, nothing_yet)
    supply = np.maximum(np.bincount(pool, held, pools), 0.6 * np.bincount(pool, open_units, pools)).astype(np.int64)
    return facts, pool, supply, lines


def _plain(facts: dict[str, Array], pool: Array, supply: Array, lines: PoolLines) -> None:
    order = rank_columns(facts, [SortKey(SortField.TIER_RANK), SortKey(SortField.PLACED_AT)], pool=pool)
    ranked = lines.of(order)._replace(pack=np.ones_like(pool), minimum=np.zeros_like(pool))
    explain_columns(supply, ranked, allocate_columns(supply, ranked))


def _segmented(facts: dict[str, Array], pool: Array, supply: Array, lines: PoolLines) -> None:
    definition = parse_definition(POLICY)
    words = words_of_policies([definition])
    segments = column_segments(definition, compile_segments(definition, IDS), IDS, words)
    caught = catch_columns(facts, segments)
    order = rank_segment_columns(facts, caught, segments, pool=pool, age_boost_days=definition.age_boost_days)
    classes = np.array([STRATEGIES.index(segment.strategy) for segment in segments])
    ranked = lines._replace(strategy=classes[caught]).of(order)
    explain_columns(supply, ranked, allocate_columns(supply, ranked))


def _fair(facts: dict[str, Array], pool: Array, supply: Array, lines: PoolLines) -> None:
    ranked = lines.of(rank_columns(facts, [SortKey(SortField.PLACED_AT)], pool=pool))
    explain_share_columns(supply, ranked, share_columns(supply, ranked))


def _speed(decide: Callable[..., None], shards: list[Any], times: int) -> dict[str, int]:
    speeds = []
    for _ in range(times):
        began = time.process_time()
        for shard in shards:
            decide(*shard)
        speeds.append(round(len(shards) * SHARD / (time.process_time() - began)))
    return {"median": round(statistics.median(speeds)), "least": min(speeds), "most": max(speeds)}
