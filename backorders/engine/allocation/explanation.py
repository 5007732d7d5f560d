"""Why each line of a run got what it got, in figures that a row can store.

The queue of a pool is the order in which it is served: Win first, Fill and Lose last, by rank inside a class.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import accumulate, repeat
from typing import NamedTuple

from backorders.engine.allocation.pool import PoolLine, PoolResult, Strategy, by_strategy


class Reason(StrEnum):
    FILLED = "filled"
    KEPT = "kept"
    PARTLY_FILLED = "partly_filled"
    PACK_REMAINDER = "pack_remainder"
    HELD_BACK_BELOW_MINIMUM_FILL = "held_back_below_minimum_fill"
    NO_STOCK = "no_stock"
    STOCK_WENT_TO_EARLIER_LINES = "stock_went_to_earlier_lines"
    STOCK_KEPT_BY_HOLDERS = "stock_kept_by_holders"
    TAKEN_BACK = "taken_back"
    STRATEGY_FILL = "strategy_fill"
    STRATEGY_LOSE = "strategy_lose"
    EXCEPTION = "exception"
    POOL_BLOCKED = "pool_blocked"
    FAIR_SHARE = "fair_share"
    KEPT_FOR_A_QUOTA = "kept_for_a_quota"
    ORDER_CANNOT_COMPLETE = "order_cannot_complete"
    WAITS_FOR_GOODS = "waits_for_goods"
    LENT = "lent"
    BORROWED = "borrowed"
    ROLLED_BACK = "rolled_back"
    NO_WAREHOUSE_HAS_ALL = "no_warehouse_has_all"


class LineExplanation(NamedTuple):
    """The story of one line of a run.

    `lines_before` and `units_before` tell who ahead in the queue holds stock after the run, `kept_behind` how many
    units lines behind may keep by their class. `more_units` in the pool would fill the line (and without packs and
    minimum fills not one less would); None says that its strategy class lets no stock fill it.
    """

    line: int | str
    reason: Reason
    rank: int
    lines_before: int
    units_before: int
    kept_behind: int
    more_units: int | None


# Bound once: in a loop over a million lines, looking a member up on its class costs as much as the rest.
FILLED, KEPT, EXCEPTION, POOL_BLOCKED = Reason.FILLED, Reason.KEPT, Reason.EXCEPTION, Reason.POOL_BLOCKED
WENT_TO_EARLIER_LINES, LOSE, FILL = Reason.STOCK_WENT_TO_EARLIER_LINES, Strategy.LOSE, Strategy.FILL


def explain_pool(pool: int, lines: Sequence[PoolLine], result: PoolResult) -> list[LineExplanation]:
    """The explanations of `allocate_pool(pool, lines)`, in the order of the queue."""
    blocked = {exception.line for exception in result.exceptions}
    everyone_given = result.given
    story: list[LineExplanation] = []
    lines_before = units_before = 0
    for rank, (line, kept_behind, fills_at) in enumerate(_queue(lines), start=1):
        line_id, demanded = line.id, line.open
        allocated = everyone_given[line_id]
        more_units: int | None = 0
        if allocated < demanded:
            reason = _shortfall(line, allocated, pool, units_before, kept_behind)
            more_units = None if fills_at is None else fills_at - pool
        else:
            reason = KEPT if line.current >= allocated else FILLED
        if blocked:
            reason = EXCEPTION if line_id in blocked else POOL_BLOCKED
        figures = (line_id, reason, rank, lines_before, units_before, kept_behind, more_units)
        story.append(tuple.__new__(LineExplanation, figures))
        if allocated:
            lines_before += 1
            units_before += allocated
    return story


def explain_share(pool: int, lines: Sequence[PoolLine], result: PoolResult) -> list[LineExplanation]:
    """The explanations of `fair_share(pool, lines)`, by rank; nobody stands before anybody, and only all are filled."""
    queue = [line for line in lines if line.id in result.given]
    missing = max(0, sum([line.open for line in queue]) - pool)
    story = []
    for rank, line in enumerate(queue, start=1):
        allocated = result.given[line.id]
        more_units = missing if allocated < line.open else 0
        story.append(LineExplanation(line.id, _share_reason(line, allocated, pool), rank, 0, 0, 0, more_units))
    return story


# A turn in the queue: the line, the units kept for lines behind it, the pool that would fill it (None: none would).
Turn = tuple[PoolLine, int, int | None]


def _queue(lines: Sequence[PoolLine]) -> Iterator[Turn]:
    """The turns in the order of service. Columns per class instead of a call per line: this runs a million times."""
    classes = by_strategy(lines)
    win_wants = [line.open for line in classes[Strategy.WIN]]
    gain_keeps = _held(classes[Strategy.GAIN])
    guaranteed = sum(win_wants) + sum(gain_keeps)
    yield from zip(classes[Strategy.WIN], _left_of(guaranteed, win_wants), repeat(guaranteed), strict=False)

    demanded = sum(win_wants)
    for strategy in (Strategy.GAIN, Strategy.IMPROVE):
        protected = classes[strategy]
        yield from _protected_turns(protected, demanded)
        demanded += sum([line.open for line in protected])

    first_come = classes[Strategy.REDISTRIBUTE]
    fills_at = list(accumulate([line.open for line in first_come], initial=demanded))
    yield from zip(first_come, repeat(0), fills_at[1:], strict=False)
    yield from _filling_turns(classes[Strategy.FILL], fills_at[-1])
    yield from ((line, 0, None) for line in classes[Strategy.LOSE])


def _protected_turns(lines: list[PoolLine], wanted_before: int) -> Iterator[Turn]:
    """A holder of all it wants is filled once everybody up to it keeps what it holds; another one by raising."""
    keeps = _held(lines)
    kept_behind = sum(keeps)
    demanded = kept_so_far = wanted_before
    for line, own in zip(lines, keeps, strict=True):
        kept_behind -= own
        kept_so_far += own
        demanded += line.open
        fills_at = kept_so_far if own == line.open else demanded + kept_behind
        yield line, kept_behind, fills_at


def _filling_turns(lines: list[PoolLine], demanded: int) -> Iterator[Turn]:
    for line in lines:
        own = min(line.current, line.open)
        demanded += own
        yield line, 0, demanded if own == line.open else None


def _held(lines: Iterable[PoolLine]) -> list[int]:
    return [min(line.current, line.open) for line in lines]


def _left_of(total: int, parts: Iterable[int]) -> Iterator[int]:
    """What is left of `total` after each of the parts."""
    return (total - gone for gone in accumulate(parts))


def _shortfall(line: PoolLine, allocated: int, pool: int, units_before: int, kept_behind: int) -> Reason:
    strategy, current = line.strategy, line.current
    if strategy == LOSE:
        return Reason.STRATEGY_LOSE
    if strategy == FILL and allocated == current:
        return Reason.STRATEGY_FILL
    at_hand = pool - units_before - kept_behind
    if at_hand > allocated and _below_minimum(line, at_hand):
        return Reason.HELD_BACK_BELOW_MINIMUM_FILL
    if allocated < current:
        return Reason.TAKEN_BACK
    if at_hand > allocated:
        return Reason.PACK_REMAINDER
    if allocated:
        return Reason.PARTLY_FILLED if allocated > current else KEPT
    if units_before >= pool > 0:
        return WENT_TO_EARLIER_LINES
    return Reason.STOCK_KEPT_BY_HOLDERS if pool else Reason.NO_STOCK


def _below_minimum(line: PoolLine, at_hand: int) -> bool:
    return not line.has_shipped and 0 < at_hand - at_hand % line.pack < line.minimum


def _share_reason(line: PoolLine, allocated: int, pool: int) -> Reason:
    if allocated >= line.open:
        return Reason.FILLED if line.current < allocated else Reason.KEPT
    if not pool:
        return Reason.NO_STOCK
    if not allocated and line.minimum and not line.has_shipped:
        return Reason.HELD_BACK_BELOW_MINIMUM_FILL
    return Reason.TAKEN_BACK if allocated < line.current else Reason.FAIR_SHARE
