"""Supply to come whose days nobody knows for sure: a shelf that says, for each unit of it, when it is likely here.

Each arrival brings the days of its own distribution at equal steps of likelihood. One uncertain arrival: the shelf is
the queue walk at its P50 and at its P80, exactly. Several: they are drawn together, `STEPS` times, each in an order of
its own that depends on nothing but its name, so the same supply always gives the same dates.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from backorders.engine.promising.walk import LEAD_TIME, STOCK, WaitingLine

STEPS = 40
P50, P80 = STEPS * 50 // 100 - 1, STEPS * 80 // 100 - 1
NEVER = date.max.toordinal()  # no reliable date
ENDLESS = 1 << 40

Days = NDArray[np.int64]


class Arrival(NamedTuple):
    """Units on their way; `days` are ordinals, one for each step of likelihood, all the same where the day is sure."""

    quantity: int
    source: str
    days: tuple[int, ...]

    @property
    def is_certain(self) -> bool:
        return self.days[0] == self.days[-1]


class Slot(NamedTuple):
    """The next `quantity` units of the shelf: here by `p50` and `p80` (ordinals, NEVER: nobody knows)."""

    quantity: int
    p50: int
    p80: int
    source: str


class Pegged(NamedTuple):
    """Units on their way that are meant for one line, and when the last of them is here."""

    units: int
    p50: int
    p80: int
    source: str


class Dates(NamedTuple):
    """When the last unit of a line is here; `uncovered` units come from nowhere, and then nobody knows."""

    line: int | str
    p50: int
    p80: int
    source: str
    uncovered: int


def fill_shelf(*, today: int, free: int, arrivals: Iterable[Arrival], capable: tuple[int, int] | None) -> list[Slot]:
    """Free stock, then what arrives, then what could still be bought (its P50 and P80); nothing lies before today."""
    coming = sorted((a for a in arrivals if a.quantity > 0), key=lambda a: (a.days, a.source, a.quantity))
    shelf = [Slot(free, today, today, STOCK)] if free > 0 else []
    if coming:
        shelf += _one_at_most(coming) if sum(not a.is_certain for a in coming) <= 1 else _drawn(coming)
    if capable:
        shelf.append(Slot(ENDLESS, *capable, LEAD_TIME))
    return [slot if slot.p50 >= today <= slot.p80 else _not_before(today, slot) for slot in shelf]


def _not_before(today: int, slot: Slot) -> Slot:
    return slot._replace(p50=max(slot.p50, today), p80=max(slot.p80, today))


def walk_shelf(shelf: Sequence[Slot], lines: Iterable[WaitingLine], *, today: int) -> list[Dates]:
    """Give the shelf out in the order of the queue. A line is served when the last of its units is here."""
    dates = []
    place, left = 0, shelf[0].quantity if shelf else 0
    for line in lines:
        needed, p50, p80, source = line.open - line.allocated, today, today, STOCK
        while needed > 0 and place < len(shelf):
            slot = shelf[place]
            taken = min(needed, left)
            if taken:
                p50, p80, source = max(p50, slot.p50), max(p80, slot.p80), slot.source
            needed, left = needed - taken, left - taken
            if not left:
                place += 1
                left = shelf[place].quantity if place < len(shelf) else 0
        dates.append(Dates(line.id, NEVER, NEVER, "", needed) if needed > 0 else Dates(line.id, p50, p80, source, 0))
    return dates


def _one_at_most(coming: Sequence[Arrival]) -> list[Slot]:
    """Everything follows the one uncertain day, so the walk at its quantile is the quantile of the walk."""
    early, late = (_steps(coming, step) for step in (P50, P80))
    slots, before = [], 0
    for units in sorted({units for units, *_ in early} | {units for units, *_ in late}):
        _, p50, source = next(step for step in early if step[0] >= units)
        _, p80, _ = next(step for step in late if step[0] >= units)
        slots.append(Slot(units - before, p50, p80, source))
        before = units
    return slots


def _steps(coming: Sequence[Arrival], step: int) -> list[tuple[int, int, str]]:
    """How many units are here by which day, at one step of likelihood, and what brings the last of them."""
    units, steps = 0, []
    for arrival in sorted(coming, key=lambda a: a.days[step]):
        units += arrival.quantity
        steps.append((units, arrival.days[step], arrival.source))
    return steps


def _drawn(coming: Sequence[Arrival]) -> list[Slot]:
    days = np.array([np.array(arrival.days)[_order(arrival.source)] for arrival in coming]).T
    ranks = np.argsort(days, axis=1, kind="stable")
    here = np.cumsum(np.array([arrival.quantity for arrival in coming])[ranks], axis=1)
    marks = np.unique(here)
    places = (here[:, :, None] < marks[None, None, :]).sum(axis=1)
    reached = np.sort(np.take_along_axis(np.take_along_axis(days, ranks, axis=1), places, axis=1), axis=0)
    sources = _steps(coming, P50)
    return [
        Slot(int(upto - before), int(reached[P50, at]), int(reached[P80, at]), _source(sources, int(upto)))
        for at, (before, upto) in enumerate(pairwise([0, *marks]))
    ]


def _source(steps: Iterable[tuple[int, int, str]], units: int) -> str:
    return next(source for upto, _, source in steps if upto >= units)


@lru_cache(maxsize=50_000)
def _order(source: str) -> Days:
    """The order in which a source goes through its days: by chance, but the same for ever."""
    return np.random.Generator(np.random.PCG64(crc32(source.encode()))).permutation(STEPS)


class Promised(NamedTuple):
    """What a line is promised: in half of the cases by the first day, in four of five by the second.

    The customer hears the second; None is "no reliable date yet".
    """

    p50_on: date | None
    promised_on: date | None

    @property
    def from_on(self) -> date | None:
        """The early end of the range that the customer hears, where it is one."""
        return self.p50_on if self.p50_on and self.promised_on and self.p50_on < self.promised_on else None
