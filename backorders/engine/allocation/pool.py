"""Which waiting line of a pool (one product in one warehouse) gets which unit.

The records that exist once per line are named tuples: as frozen as a frozen dataclass, and a million of them are built
in a third of the time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Strategy(StrEnum):
    """What a run owes a line, in the order in which the classes are served."""

    WIN = "WIN"
    GAIN = "GAIN"
    IMPROVE = "IMPROVE"
    REDISTRIBUTE = "REDISTRIBUTE"
    FILL = "FILL"
    LOSE = "LOSE"
    SKIP = "SKIP"


SERVED_IN_ORDER = tuple(strategy for strategy in Strategy if strategy is not Strategy.SKIP)


class PoolLine(NamedTuple):
    """A waiting line as a run sees it; `strategy` may be a plain string such as "WIN".

    `open` and `current` count what the run may move: the open quantity and the soft allocation. `minimum` is the
    minimum fill in units (see `minimum_units`); it binds the first shipment only, so a line of which anything has left
    or is on its way out says `has_shipped`.
    """

    id: int | str
    strategy: str
    open: int
    current: int
    pack: int = 1
    minimum: int = 0
    has_shipped: bool = False


class PoolException(NamedTuple):
    """A guarantee that the pool cannot meet; the missing units of all exceptions add up to what the pool lacks."""

    strategy: Strategy
    line: int | str
    missing: int


@dataclass(frozen=True, slots=True)
class PoolResult:
    """What each line holds after the run. With exceptions nothing moves: all keep `current`, and `free` is unknown."""

    given: dict[int | str, int]
    free: int | None
    exceptions: list[PoolException]
    over_confirmed: bool


def minimum_units(open_units: int, *, units: int = 0, percent: int = 0) -> int:
    """The minimum fill of a line in whole units: the stricter of a quantity and a share of its open quantity."""
    return min(open_units, max(units, -(-open_units * percent // 100)))


def deliverable(line: PoolLine, at_hand: int) -> int:
    """The most a line can be given out of `at_hand` units: all that is open, else whole packs from the minimum up."""
    if at_hand >= line.open:
        return line.open
    whole_packs = at_hand - at_hand % line.pack
    return whole_packs if whole_packs >= line.minimum or line.has_shipped else 0


def allocate_pool(pool: int, lines: Sequence[PoolLine]) -> PoolResult:
    """Share `pool` units among lines in rank order by their strategy classes; SKIP lines take no part.

    Raises ValueError for a negative pool, a repeated line and an unknown strategy.
    """
    classes = by_strategy(lines)
    lines = [line for line in lines if line.strategy != Strategy.SKIP]
    allocated = _nothing_yet(pool, lines)
    exceptions: list[PoolException] = []

    left = _give_all_open(classes[Strategy.WIN], pool, allocated, exceptions)
    left = _give_all_held(classes[Strategy.GAIN], left, allocated, exceptions)
    left = _raise(classes[Strategy.GAIN], left, allocated)
    left = _keep(classes[Strategy.IMPROVE], left, allocated)
    left = _raise(classes[Strategy.IMPROVE], left, allocated)
    left = _raise(classes[Strategy.REDISTRIBUTE], left, allocated)
    left = _keep(classes[Strategy.FILL], left, allocated)

    over_confirmed = sum([line.current for line in lines]) > pool
    if exceptions:
        return PoolResult({line.id: line.current for line in lines}, None, exceptions, over_confirmed)
    return PoolResult(allocated, left, exceptions, over_confirmed)


def fair_share(pool: int, lines: Sequence[PoolLine]) -> PoolResult:
    """Share `pool` in proportion to the open quantities: whole units by largest remainder, ties by rank.

    Strategies other than SKIP do not matter. A line whose share is below its minimum fill stands aside and the others
    share afresh. Shares are cut to whole packs; what that frees goes, a pack at a time, to the lines that lack most of
    their share, and what is left then by rank.
    """
    by_strategy(lines)  # refuses an unknown class
    lines = [line for line in lines if line.strategy != Strategy.SKIP]
    allocated = _nothing_yet(pool, lines)

    sharing, demanded = _sharing(pool, lines)
    shared = min(pool, demanded)
    for line in sharing:
        allocated[line.id] = deliverable(line, shared * line.open // demanded)
    left = pool - sum(allocated.values())
    left = _round_up(_by_lack(shared, demanded, sharing, allocated), left, allocated)
    left = _raise(lines, left, allocated)
    return PoolResult(allocated, left, [], sum([line.current for line in lines]) > pool)


def by_strategy(lines: Iterable[PoolLine]) -> dict[str, list[PoolLine]]:
    """The lines of each strategy class, in rank order. Raises ValueError for an unknown strategy."""
    classes: dict[str, list[PoolLine]] = {strategy: [] for strategy in SERVED_IN_ORDER}
    classes[Strategy.SKIP] = []
    try:
        for line in lines:
            classes[line.strategy].append(line)
    except KeyError as unknown:
        raise ValueError(f"{unknown} is no strategy class.") from None
    return classes


def _nothing_yet(pool: int, lines: Sequence[PoolLine]) -> dict[int | str, int]:
    if pool < 0:
        raise ValueError(f"A pool cannot hold {pool} units.")
    allocated = {line.id: 0 for line in lines}
    if len(allocated) != len(lines):
        raise ValueError("A line stands in the pool twice.")
    return allocated


def _give_all_open(
    lines: Iterable[PoolLine], left: int, allocated: dict[int | str, int], exceptions: list[PoolException]
) -> int:
    for line in lines:
        granted = line.open
        if granted > left:
            exceptions.append(PoolException(Strategy.WIN, line.id, granted - left))
            granted = left
        allocated[line.id] = granted
        left -= granted
    return left


def _give_all_held(
    lines: Iterable[PoolLine], left: int, allocated: dict[int | str, int], exceptions: list[PoolException]
) -> int:
    """A guarantee outranks packs and minimum fill: what a Gain line holds stays, even as a broken pack."""
    for line in lines:
        granted = min(line.current, line.open)
        if granted > left:
            exceptions.append(PoolException(Strategy.GAIN, line.id, granted - left))
            granted = left
        allocated[line.id] = granted
        left -= granted
    return left


def _keep(lines: Iterable[PoolLine], left: int, allocated: dict[int | str, int]) -> int:
    """Best effort: a holding that is no longer whole packs or above the minimum shrinks or goes.

    It must go here and not after the raising pass: stock that comes free behind a line would reach it only in the next
    run, and a second run has to change nothing.
    """
    for line in lines:
        if not left:
            break
        units = deliverable(line, min(line.current, left))
        allocated[line.id] = units
        left -= units
    return left


def _raise(lines: Iterable[PoolLine], left: int, allocated: dict[int | str, int]) -> int:
    for line in lines:
        if not left:
            break
        before = allocated[line.id]
        raised = line.open if line.open <= before + left else deliverable(line, before + left)
        if raised > before:
            allocated[line.id] = raised
            left -= raised - before
    return left


def _sharing(pool: int, lines: Sequence[PoolLine]) -> tuple[Sequence[PoolLine], int]:
    """The lines whose share reaches their minimum fill, and what they want together."""
    while True:
        demanded = sum([line.open for line in lines])
        shared = min(pool, demanded)
        reaching = [line for line in lines if line.open and _reaches_minimum(line, shared * line.open // demanded)]
        if len(reaching) == len(lines):
            return lines, demanded
        lines = reaching


def _reaches_minimum(line: PoolLine, share: int) -> bool:
    return line.has_shipped or share >= min(line.minimum, line.open)


def _by_lack(shared: int, demanded: int, lines: Sequence[PoolLine], allocated: dict[int | str, int]) -> list[PoolLine]:
    """Lines that have less than their exact share, the largest remainder first; ties keep their rank."""
    lacks = {line.id: shared * line.open - demanded * allocated[line.id] for line in lines}
    return sorted([line for line in lines if lacks[line.id] > 0], key=lambda line: -lacks[line.id])


def _round_up(lines: Iterable[PoolLine], left: int, allocated: dict[int | str, int]) -> int:
    for line in lines:
        if not left:
            break
        step = _next_deliverable(line, allocated[line.id]) - allocated[line.id]
        if step <= left:
            allocated[line.id] += step
            left -= step
    return left


def _next_deliverable(line: PoolLine, allocated: int) -> int:
    """The smallest quantity above `held` that packs and minimum fill allow."""
    floor = allocated + 1 if line.has_shipped else max(allocated + 1, line.minimum)
    return min(line.open, -(-floor // line.pack) * line.pack)
