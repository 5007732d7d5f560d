"""The passes of an allocation over dated supply: which line is served by which receipt.

"On time" for Win means covered by what is here on or before the requested date; "keep what it holds" means the same
quantity no later than before. Who may wait is served from the latest receipt that is still in time, so that earlier
ones are left for those who need them; everybody else takes the earliest. What is given out today goes in whole packs
and from the minimum fill up, but for guarantees, which outrank both.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from backorders.engine.allocation.pool import PoolException, PoolLine, Strategy, deliverable

Slices = tuple[tuple[date, int], ...]  # units by the day on which they are here, in the order of the days


class DatedLine(NamedTuple):
    """`current` are the units that the line was given so far. Without a requested date any day is in time."""

    id: int | str
    strategy: Strategy
    open: int
    requested_on: date | None = None
    current: Slices = ()
    pack: int = 1
    minimum: int = 0
    has_shipped: bool = False


class DatedResult(NamedTuple):
    """With exceptions nothing moves: all lines keep their slices."""

    given: dict[int | str, Slices]
    exceptions: list[PoolException]


def allocate_dated(
    supply: Iterable[tuple[date, int]], lines: Sequence[DatedLine], *, today: date | None = None
) -> DatedResult:
    """Serve the lines, in rank order, by class from units that come day by day; what has no date serves nobody.

    Packs and minimum fills bind what is given out `today`; without it nothing.
    """
    shelf = _DatedShelf(supply, lines, today)
    of_class = {strategy: [line for line in lines if line.strategy == strategy] for strategy in Strategy}
    exceptions: list[PoolException] = []
    for line in of_class[Strategy.WIN]:
        missing = shelf.take_by(line, line.requested_on, line.open)
        if missing:
            exceptions.append(PoolException(Strategy.WIN, line.id, missing))
    for line in of_class[Strategy.GAIN]:
        missing = shelf.keep(line)
        if missing:
            exceptions.append(PoolException(Strategy.GAIN, line.id, missing))
    shelf.raise_all(of_class[Strategy.GAIN])
    for line in of_class[Strategy.IMPROVE]:
        shelf.keep(line)
    shelf.raise_all(of_class[Strategy.IMPROVE])
    shelf.raise_all(of_class[Strategy.REDISTRIBUTE])
    for line in of_class[Strategy.FILL]:
        shelf.keep(line)
    moving = [line for line in lines if line.strategy != Strategy.SKIP]
    if exceptions:
        return DatedResult({line.id: line.current for line in moving}, exceptions)
    return DatedResult({line.id: shelf.slices(line) for line in moving}, [])


class _DatedShelf:
    def __init__(self, supply: Iterable[tuple[date, int]], lines: Iterable[DatedLine], today: date | None) -> None:
        self.today = today
        self.left: dict[date, int] = {}
        for day, units in supply:
            self.left[day] = self.left.get(day, 0) + units
        self.days = sorted(self.left)
        self.given: dict[int | str, dict[date, int]] = {line.id: {} for line in lines}

    def take_by(self, line: DatedLine, latest: date | None, units: int) -> int:
        """Up to `units` of what is here by `latest`, the latest first; says how many are missing."""
        in_time = [day for day in self.days if latest is None or day <= latest]
        return self._take(line, reversed(in_time), units)

    def keep(self, line: DatedLine) -> int:
        """The line's slices again, the most pressing first, each no later than before, and no more than is open."""
        missing, room = 0, line.open
        for day, units in sorted(line.current):
            covered = min(units, room)
            room -= covered
            missing += self.take_by(line, day, covered)
        return missing

    def raise_all(self, lines: Iterable[DatedLine]) -> None:
        for line in lines:
            self._take(line, iter(self.days), line.open - sum(self.given[line.id].values()), in_packs=True)

    def slices(self, line: DatedLine) -> Slices:
        return tuple(sorted(self.given[line.id].items()))

    def _take(self, line: DatedLine, days: Iterable[date], units: int, *, in_packs: bool = False) -> int:
        for day in days:
            taken = min(units, self.left[day])
            if in_packs and day == self.today:
                taken = self._whole(line, taken)
            if taken:
                self.left[day] -= taken
                self.given[line.id][day] = self.given[line.id].get(day, 0) + taken
                units -= taken
        return units

    def _whole(self, line: DatedLine, at_hand: int) -> int:
        """As much of it as makes whole packs, with what the line has of today already."""
        allocated = self.given[line.id].get(self.today, 0) if self.today else 0
        rules = PoolLine(line.id, line.strategy, line.open, allocated, line.pack, line.minimum, line.has_shipped)
        return max(0, deliverable(rules, allocated + at_hand) - allocated)
