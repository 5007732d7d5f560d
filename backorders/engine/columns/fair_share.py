"""Fair share for many pools at once: the same shares as `allocation.fair_share`, on columns (see `columns`)."""

import numpy as np

from backorders.engine.allocation.explanation import Reason
from backorders.engine.allocation.pool import fair_share
from backorders.engine.columns.pools import (
    REASONS,
    Array,
    PoolDecisions,
    PoolLines,
    Story,
    before,
    in_pools_of,
    one_by_one,
    total,
)


def share_columns(supply: Array, lines: PoolLines) -> PoolDecisions:
    """Whole units by largest remainder, ties by rank; pools where a pack or a minimum fill binds go line by line."""
    demanded = total(lines.open, lines.pool)
    shared = np.minimum(supply[lines.pool], demanded)
    # Whole units first; what is left of the pool goes, a unit each, to those who lack the largest part of one.
    parts = shared * lines.open
    allocated, lack = np.divmod(parts, np.maximum(demanded, 1))
    left = shared - total(allocated, lines.pool)
    order = np.lexsort((np.arange(len(lines.pool)), -lack, lines.pool))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = before(np.ones(len(order), dtype=np.int64), lines.pool[order])
    # With packs or a minimum fill the shares no longer add up: those pools are done line by line.
    below = ~lines.has_shipped & (allocated < np.minimum(lines.minimum, lines.open))
    binding = in_pools_of(below | ((lines.pack > 1) & (allocated < lines.open)), lines.pool)
    allocated += (place < left) & (lack > 0)
    if binding.any():
        one_by_one(fair_share, supply, lines, np.flatnonzero(binding), allocated)
    return PoolDecisions(allocated, np.zeros(len(allocated), dtype=bool))


def explain_share_columns(supply: Array, lines: PoolLines, decision: PoolDecisions) -> Story:
    """As explanation.explain_share: nobody stands before anybody, and only all are filled."""
    allocated, nothing = decision.given, np.zeros(len(lines.pool), dtype=np.int64)
    pool_supply = supply[lines.pool]
    missing = np.maximum(0, total(lines.open, lines.pool) - pool_supply)
    short = allocated < lines.open
    # The first that is true is told.
    reasons: list[tuple[Array, Reason]] = [
        (~short & (lines.current < allocated), Reason.FILLED),
        (~short, Reason.KEPT),
        (pool_supply == 0, Reason.NO_STOCK),
        ((allocated == 0) & (lines.minimum > 0) & ~lines.has_shipped, Reason.HELD_BACK_BELOW_MINIMUM_FILL),
        (allocated < lines.current, Reason.TAKEN_BACK),
    ]
    places = [REASONS.index(reason) for _, reason in reasons]
    reason = np.select([condition for condition, _ in reasons], places, REASONS.index(Reason.FAIR_SHARE))
    # A stable sort keeps the lines of a pool in rank order: the rank is the place among them.
    order = np.argsort(lines.pool, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = before(np.ones(len(order), dtype=np.int64), lines.pool[order]) + 1
    return Story(reason, rank, nothing, nothing, nothing, np.where(short, missing, 0))
