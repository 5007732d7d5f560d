"""The walk along dated supply for many pools at once: which arrivals bring the first and the last unit of each line.

`promising.walk_queue` defines it for one pool; a differential test holds the two together.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

HERE, NOWHERE = -1, -2  # all its units lie here already; no supply reaches its last unit


def arrivals(pool: Array, missing: Array, shelf_pool: Array, shelf_units: Array) -> tuple[Array, Array]:
    """For each line, in rank order pool by pool, the places on the shelf of its first and its last unit.

    `missing` are the units that no allocation covers. The shelf holds the supplies of all pools, pool by pool, in the
    order in which they come; none of them is empty.
    """
    pools = int(max(pool.max(initial=0), shelf_pool.max(initial=0))) + 1
    demanded, there = np.zeros(pools, dtype=np.int64), np.zeros(pools, dtype=np.int64)
    np.add.at(demanded, pool, missing)
    np.add.at(there, shelf_pool, shelf_units)
    # A pool's units are counted on from where those of the pools before it end, so that one search serves all.
    room = np.maximum(demanded, there)
    before = np.cumsum(room) - room
    until = _until(missing, pool, before, demanded)
    # A line's first unit lies in the first supply that reaches beyond the line before, its last where its own end is
    # reached. Both are looked up, not walked to.
    arrived = _until(shelf_units, shelf_pool, before, there)
    last = np.searchsorted(arrived, until, side="left")
    first = np.searchsorted(arrived, until - missing, side="right")
    covered = until - before[pool] <= there[pool]
    return first, np.where(missing == 0, HERE, np.where(covered, last, NOWHERE))


def _until(units: Array, pool: Array, before: Array, total: Array) -> Array:
    """The running sum of the units in each pool, on top of the room of the pools before it."""
    gone = np.cumsum(total) - total
    return np.cumsum(units) - gone[pool] + before[pool]
