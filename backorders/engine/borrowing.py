"""What a lower line may take from stock that lies parked for the lines before it."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from backorders.engine.promising import Supply, WaitingLine, dated_supply, walk_queue


class ParkedLine(NamedTuple):
    """A line whose stock may lie still: ship-complete, or not wanted before a date."""

    open: int
    not_before: date | None = None


class Borrowing(NamedTuple):
    units: int
    completed_on: tuple[date | None, ...]


def borrow_without_delay(
    *, today: date, free: int, supplies: Sequence[Supply], parked: Sequence[ParkedLine], wanted: int
) -> Borrowing:
    """How many units a lower line may take today so that no parked line before it completes later than it would.

    `free` includes the stock that lies parked; `parked` are the lines before the borrower, in rank order. A parked line
    may lend until the day it completes, or is wanted if that is later. One without a reliable date lends nothing.
    """
    completed = _completions(today, free, supplies, parked)
    shelf = dated_supply(today, free, supplies)
    units, needed = min(free, wanted), 0
    for line, done_on in zip(parked, completed, strict=True):
        if done_on is None:
            return Borrowing(0, completed)
        needed += line.open
        due = max(done_on, line.not_before or done_on)
        units = min(units, _arrived_by(due, shelf) - needed)
    return Borrowing(max(units, 0), completed)


def _completions(
    today: date, free: int, supplies: Iterable[Supply], parked: Iterable[ParkedLine]
) -> tuple[date | None, ...]:
    queue = [WaitingLine(place, line.open) for place, line in enumerate(parked)]
    return tuple(promise.queue_date for promise in walk_queue(today=today, free=free, supplies=supplies, lines=queue))


def _arrived_by(day: date, supplies: Iterable[Supply]) -> int:
    return sum(supply.quantity for supply in supplies if supply.available_on and supply.available_on <= day)
