"""What a lower line may take from stock that lies parked for the lines before it.

`borrow_without_delay` says it for one borrower; `lend_parked` goes through a whole queue.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from backorders.engine.allocation.pool import PoolLine, deliverable
from backorders.engine.promising.walk import Supply, WaitingLine, dated_supply, walk_queue


class ParkedLine(NamedTuple):
    """A line whose stock may lie still: ship-complete, or not wanted before a date."""

    open: int
    not_before: date | None = None


class Borrowing(NamedTuple):
    units: int
    completed_on: tuple[date | None, ...]


def borrow_without_delay(
    *, today: date, free: int, supplies: Sequence[Supply], parked: Sequence[ParkedLine], demanded: int
) -> Borrowing:
    """How many units a lower line may take today so that no parked line before it completes later than it would.

    `free` includes the stock that lies parked; `parked` are the lines before the borrower, in rank order. A parked line
    may lend until the day it completes, or is wanted if that is later. One without a reliable date lends nothing.
    """
    completed = _completions(today, free, supplies, parked)
    shelf = dated_supply(today, free, supplies)
    units, needed = min(free, demanded), 0
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


class Holder(NamedTuple):
    """A line in the order of service, and what it holds today of its open units.

    `parked_until` is the day before which its stock is not needed: it may lend all but `owed`, and borrows nothing.
    Without it the line needs what it holds, and borrows if it `may_borrow`.
    """

    line: PoolLine
    held: int
    parked_until: date | None = None
    owed: int = 0
    may_borrow: bool = True


class Loan(NamedTuple):
    """`units` that one line lends to another one behind it, and the day by which it has to have them again."""

    lender: int | str
    borrower: int | str
    units: int
    due_on: date


def lend_parked(*, today: date, coming: Sequence[tuple[date, int]], queue: Sequence[Holder]) -> list[Loan]:
    """Let the borrowers, in rank order, have parked stock as far as no line before them is complete any later.

    The last parked line before a borrower lends first. Goods that come pay back in the order of the queue.
    """
    loans = _Loans(today, coming, queue)
    for place, holder in enumerate(queue):
        if not loans.lendable:
            break
        if holder.may_borrow and holder.parked_until is None and loans.missing[place]:
            loans.serve(place)
    return loans.made


class _Loans:
    def __init__(self, today: date, coming: Sequence[tuple[date, int]], queue: Sequence[Holder]) -> None:
        self.queue = queue
        self.coming = sorted((max(day, today), units) for day, units in coming)
        self.missing = [holder.line.open - holder.held for holder in queue]
        self.before = list(accumulate(self.missing))  # missing units up to each line, itself included
        self.due = [self._due(place, today) for place in range(len(queue))]
        self.spare = [
            holder.held - holder.owed if holder.parked_until and self.due[place] else 0
            for place, holder in enumerate(queue)
        ]
        self.lendable = sum(self.spare)
        self.made: list[Loan] = []

    def serve(self, borrower: int) -> None:
        offers = list(self._offers(borrower))
        line, allocated = self.queue[borrower].line, self.queue[borrower].line.open - self.missing[borrower]
        units = deliverable(line, allocated + sum(units for _, units in offers)) - allocated
        for lender, offered in offers:
            taken = min(offered, units)
            due = self.due[lender]
            if taken > 0 and due:
                units -= taken
                self._move(lender, borrower, taken)
                self.made.append(Loan(self.queue[lender].line.id, line.id, taken, due))

    def _offers(self, borrower: int) -> Iterable[tuple[int, int]]:
        """Who could lend how much, the nearest first; what one lends, those between have less to spare for others."""
        demanded, room = self.missing[borrower], self.before[-1] + self.lendable + 1
        for place in range(borrower - 1, -1, -1):
            if self.missing[place]:
                room = min(room, self._room(place))
            if self.spare[place] > 0:
                units = min(demanded, self.spare[place], room, self._room(place))
                if units > 0:
                    yield place, units
                    demanded -= units
                    room = min(room, self._room(place)) - units
            if room <= 0 or not demanded:
                return

    def _room(self, place: int) -> int:
        """How many more units may be missing up to this line, so that it is complete on its day; undated: none."""
        due = self.due[place]
        return self._arrived_by(due) - self.before[place] if due else 0

    def _move(self, lender: int, borrower: int, units: int) -> None:
        self.missing[lender] += units
        self.missing[borrower] -= units
        self.spare[lender] -= units
        self.lendable -= units
        for place in range(lender, borrower):
            self.before[place] += units

    def _due(self, place: int, today: date) -> date | None:
        """The day on which the line is complete as things stand, or its stock is needed if that is later."""
        completed: date | None = today
        if self.missing[place]:
            here = accumulate(units for _, units in self.coming)
            days = (day for (day, _), units in zip(self.coming, here, strict=True) if units >= self.before[place])
            completed = next(days, None)
        until = self.queue[place].parked_until
        return max(completed, until) if completed and until else completed

    def _arrived_by(self, day: date) -> int:
        return sum(units for here, units in self.coming if here <= day)
