"""The engine for many pools at once: the same decisions as `ranking`, `allocation` and `explanation`, on columns.

Those modules define what is right, line by line; here a whole shard goes through numpy, and a differential test holds
the two together. An array has one element per line, the lines of a pool stand together, pools are numbered from 0.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from backorders.engine.allocation.explanation import Reason
from backorders.engine.allocation.pool import PoolLine, PoolResult, Strategy, allocate_pool
from backorders.engine.policy.ranking import SortField, SortKey

Array = np.ndarray[Any, Any]
Share = Callable[[int, Sequence[PoolLine]], PoolResult]

MISSING = -(2**31)  # a date that is not there
STRATEGIES = tuple(Strategy)
WIN, GAIN, IMPROVE, REDISTRIBUTE, FILL, LOSE, SKIP = range(len(STRATEGIES))
REASONS = tuple(Reason)
NEVER = MISSING  # the `more_units` of a line that no stock fills


class PoolLines(NamedTuple):
    """The lines of many pools in rank order: what allocation.PoolLine says, as columns; none of them is skipped."""

    pool: Array
    strategy: Array
    open: Array
    current: Array
    pack: Array
    minimum: Array
    has_shipped: Array

    def of(self, chosen: Array) -> "PoolLines":
        return PoolLines(*(column[chosen] for column in self))


class PoolDecisions(NamedTuple):
    """What each line holds after the run; `failed` are guarantees that their pool cannot meet, which blocks it."""

    given: Array
    failed: Array


class Story(NamedTuple):
    """What explanation.LineExplanation says of each line; `reason` is a place in REASONS."""

    reason: Array
    rank: Array
    lines_before: Array
    units_before: Array
    kept_behind: Array
    more_units: Array

    def of(self, chosen: Array) -> "Story":
        return Story(*(column[chosen] for column in self))


def rank_columns(
    columns: Mapping[str, Array], keys: Sequence[SortKey], *, pool: Array, age_boost_days: int = 0
) -> Array:
    """The places of the lines, pool by pool, in the order of ranking.rank_lines; `columns` are named as LineFacts'."""
    sorts: list[Array] = []
    # Keys by hand that stand in front lead all others: waiting for long does not overtake them.
    manual = next((place for place, key in enumerate(keys) if key.field != SortField.MANUAL_BOOST), len(keys))
    for key in keys[:manual]:
        sorts += _ascending(columns[key.field], key)
    rest = keys[manual:]
    # Waiting for long counts as so many tiers better; where the tier is no first key, it comes before the others.
    if age_boost_days > 0:
        steps = columns["days_waiting"] // age_boost_days
        if rest and rest[0].field == SortField.TIER_RANK:
            [tier] = _ascending(columns[SortField.TIER_RANK], rest[0])
            sorts.append(tier - steps)
            rest = rest[1:]
        else:
            sorts.append(-steps)
    for key in rest:
        sorts += _ascending(columns[key.field], key)
    # lexsort goes by its last key first: the pool, then the keys in their order, at last the oldest row.
    return np.lexsort((columns["id"], *reversed(sorts), pool))


def _ascending(value: Array, key: SortKey) -> list[Array]:
    """The key as columns that ascend; lines without a value stand last either way."""
    sign = -1 if key.descending else 1
    if key.order is not None:
        # What the order does not name stands behind all that it names, whichever way it runs.
        place = np.full(len(value), 1 if key.descending else len(key.order))
        for number, named in enumerate(key.order):
            place[value == named] = sign * number
        return [place]
    if key.field == SortField.REQUESTED_ON:
        return [value == MISSING, sign * value]
    return [sign * value]


def allocate_columns(supply: Array, lines: PoolLines) -> PoolDecisions:
    """Share the `supply` of each pool among its lines, as allocation.allocate_pool does for one pool."""
    holding = np.minimum(lines.current, lines.open)
    line, demanded, guaranteed = _asks(lines, holding)
    asking = lines.pool[line]
    # In a queue, each ask gets what the asks before it in its pool leave: no loop over lines is needed for that.
    got = np.clip(supply[asking] - before(demanded, asking), 0, demanded)
    allocated = np.zeros(len(lines.pool), dtype=np.int64)
    np.add.at(allocated, line, got)
    failed = np.zeros(len(lines.pool), dtype=bool)
    failed[line[guaranteed & (got < demanded)]] = True
    # One guarantee that cannot be met leaves its whole pool as it is: whose fault it was nobody could say.
    blocked = in_pools_of(failed, lines.pool)
    allocated = np.where(blocked, lines.current, allocated)
    # Packs and minimum fills pass units on from line to line: the few pools where they bind are done by the definition.
    binding = in_pools_of(_breaks_a_rule(lines, allocated, holding) & ~blocked, lines.pool)
    if binding.any():
        one_by_one(allocate_pool, supply, lines, np.flatnonzero(binding), allocated)
    return PoolDecisions(allocated, failed)


def _asks(lines: PoolLines, holding: Array) -> tuple[Array, Array, Array]:
    """In the order of service: which line asks, for how many units, and whether it is guaranteed them.

    Gain and Improve ask for what they hold, and later for the rest. The rest is known beforehand: whoever gets less
    than it holds has emptied the pool.
    """
    [twice] = np.nonzero((lines.strategy == GAIN) | (lines.strategy == IMPROVE))
    first = np.where(np.isin(lines.strategy, (GAIN, IMPROVE, FILL)), holding, lines.open)
    first[lines.strategy == LOSE] = 0
    # Every line asks once, and those of Gain and Improve once more, behind all lines of their class.
    line = np.concatenate([np.arange(len(lines.pool)), twice])
    demanded = np.concatenate([first, lines.open[twice] - holding[twice]])
    turn = 2 * lines.strategy[line] + (np.arange(len(line)) >= len(lines.pool))
    order = np.lexsort((line, turn, lines.pool[line]))
    return line[order], demanded[order], np.isin(turn[order], (2 * WIN, 2 * GAIN))


def _breaks_a_rule(lines: PoolLines, allocated: Array, holding: Array) -> Array:
    """Where a line would be left with what a pack or a minimum fill forbids, now or while it only keeps its holding.

    What a Gain line holds is guaranteed to it, whole packs or not.
    """
    # Where the first ask of a class is no whole pack, the definition gives something else already then.
    keeps = np.isin(lines.strategy, (IMPROVE, FILL)) & ~_is_deliverable(lines, holding)
    return keeps | (~_is_deliverable(lines, allocated) & ~((lines.strategy == GAIN) & (allocated == holding)))


def _is_deliverable(lines: PoolLines, units: Array) -> Array:
    enough = (units == 0) | (units >= lines.minimum) | lines.has_shipped
    return (units == lines.open) | ((units % lines.pack == 0) & enough)


def one_by_one(share: Share, supply: Array, lines: PoolLines, chosen: Array, allocated: Array) -> None:
    """Pools where a pack or a minimum fill binds: what a line cannot take passes on to the next, line by line."""
    few = lines.of(chosen)
    starts = np.flatnonzero(np.diff(few.pool, prepend=-1))
    # As Python's own numbers, all columns at once: an element taken from an array by itself costs ten times as much.
    names = [str(STRATEGIES[place]) for place in few.strategy.tolist()]
    columns = [column.tolist() for column in (few.open, few.current, few.pack, few.minimum, few.has_shipped)]
    rows = list(map(PoolLine._make, zip(range(len(names)), names, *columns, strict=True)))
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        shared = share(int(supply[few.pool[start]]), rows[start:end]).given
        allocated[chosen[start:end]] = [shared[place] for place in range(start, end)]


def explain_columns(supply: Array, lines: PoolLines, decision: PoolDecisions) -> Story:
    """Why each line got what it got, as explanation.explain_pool tells it for one pool."""
    # People are told their place in the order of service: by class first, then by rank.
    queue = np.lexsort((np.arange(len(lines.pool)), lines.strategy, lines.pool))
    ahead = lines.of(queue)
    allocated, pool_supply = decision.given[queue], supply[ahead.pool]
    units_before = before(allocated, ahead.pool)
    kept_behind, fills_at = _guarantees(ahead)
    short = allocated < ahead.open
    reason = _reasons(ahead, allocated, pool_supply, units_before, kept_behind)
    # In a blocked pool no other reason is true; the lines that block it have one of their own.
    blocked = in_pools_of(decision.failed, lines.pool)[queue]
    reason[blocked] = REASONS.index(Reason.POOL_BLOCKED)
    reason[decision.failed[queue]] = REASONS.index(Reason.EXCEPTION)
    story = Story(
        reason,
        before(np.ones(len(queue), dtype=np.int64), ahead.pool) + 1,
        before((allocated > 0).astype(np.int64), ahead.pool),
        units_before,
        kept_behind,
        np.where(short, np.where(fills_at == NEVER, NEVER, fills_at - pool_supply), 0),
    )
    # The story is told in rank order again, in which the lines came.
    back = np.empty(len(queue), dtype=np.int64)
    back[queue] = np.arange(len(queue))
    return Story(*(column[back] for column in story))


def _guarantees(lines: PoolLines) -> tuple[Array, Array]:
    """Units kept for lines behind, and the pool that would fill the line; the lines stand in the order of service."""
    holding = np.minimum(lines.current, lines.open)
    strategy = lines.strategy
    protected = (strategy == GAIN) | (strategy == IMPROVE)
    # A number for each class of each pool, so that running sums can restart at both borders.
    in_class = lines.pool * len(STRATEGIES) + strategy
    keeps = np.where(protected, holding, 0)
    # Gain and Improve: what lines behind in the same class hold is not to be had.
    kept_behind = np.where(protected, total(keeps, in_class) - before(keeps, in_class) - keeps, 0)
    # The pool must cover all that is served before, and the line itself.
    serving = np.where(strategy <= REDISTRIBUTE, lines.open, np.where(strategy == FILL, holding, 0))
    demanded = before(serving, lines.pool) + serving
    before_class = demanded - (before(serving, in_class) + serving)
    # A line that only keeps what it holds is filled in the first turn of its class, any other one in the second.
    kept_so_far = before_class + before(keeps, in_class) + keeps
    fills_at = np.where(protected, np.where(holding == lines.open, kept_so_far, demanded + kept_behind), demanded)
    # A Win line gets nothing unless all guarantees of the pool are met, Gain's too.
    wins = np.where(strategy == WIN, lines.open, 0)
    guaranteed = total(wins + np.where(strategy == GAIN, holding, 0), lines.pool)
    kept_behind = np.where(strategy == WIN, guaranteed - before(wins, lines.pool) - wins, kept_behind)
    fills_at = np.where(strategy == WIN, guaranteed, fills_at)
    # No stock fills a line of the class Lose, nor one of Fill that holds less than it asks for.
    never = (strategy == LOSE) | ((strategy == FILL) & (holding < lines.open))
    return kept_behind, np.where(never, NEVER, fills_at)


def _reasons(lines: PoolLines, allocated: Array, supply: Array, units_before: Array, kept_behind: Array) -> Array:
    at_hand = supply - units_before - kept_behind
    whole_packs = at_hand - at_hand % lines.pack
    below_minimum = ~lines.has_shipped & (whole_packs > 0) & (whole_packs < lines.minimum)
    not_more = lines.current >= allocated
    # The first that is true is told: the order is that of explanation.py.
    reasons: list[tuple[Array, Reason]] = [
        ((allocated >= lines.open) & not_more, Reason.KEPT),
        (allocated >= lines.open, Reason.FILLED),
        (lines.strategy == LOSE, Reason.STRATEGY_LOSE),
        ((lines.strategy == FILL) & (allocated == lines.current), Reason.STRATEGY_FILL),
        ((at_hand > allocated) & below_minimum, Reason.HELD_BACK_BELOW_MINIMUM_FILL),
        (allocated < lines.current, Reason.TAKEN_BACK),
        (at_hand > allocated, Reason.PACK_REMAINDER),
        ((allocated > 0) & not_more, Reason.KEPT),
        (allocated > 0, Reason.PARTLY_FILLED),
        ((units_before >= supply) & (supply > 0), Reason.STOCK_WENT_TO_EARLIER_LINES),
        (supply > 0, Reason.STOCK_KEPT_BY_HOLDERS),
    ]
    places = [REASONS.index(reason) for _, reason in reasons]
    return np.select([condition for condition, _ in reasons], places, REASONS.index(Reason.NO_STOCK))


def before(values: Array, group: Array) -> Array:
    """The running sum of what stands before each element in its group; equal groups stand together."""
    so_far = np.cumsum(values) - values
    if not len(values):
        return so_far
    # Each group starts anew: what had run up when its first element came is taken off again.
    starts = np.diff(group, prepend=group[0] - 1) != 0
    return so_far - so_far[np.maximum.accumulate(np.where(starts, np.arange(len(values)), 0))]


def total(values: Array, group: Array) -> Array:
    """For each element the sum of its group."""
    sums = np.zeros(int(group.max()) + 1 if len(group) else 0, dtype=np.int64)
    np.add.at(sums, group, values)
    return sums[group]


def in_pools_of(chosen: Array, pool: Array) -> Array:
    """Which lines stand in a pool with a chosen one."""
    return np.isin(pool, pool[chosen])
