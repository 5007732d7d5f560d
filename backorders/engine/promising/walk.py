"""When each waiting line can be served: allocation fed with dated supply."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

STOCK = "stock"
LEAD_TIME = "lead time"


class Supply(NamedTuple):
    """Units to come; `available_on` None means overdue inbound of which nobody knows the date."""

    available_on: date | None
    quantity: int
    source: str


NOTHING_MORE = Supply(None, 0, "")


class WaitingLine(NamedTuple):
    """A line in the queue; its `allocated` units (part of `open`) are here already."""

    id: int | str
    open: int
    allocated: int = 0


class PromiseSlice(NamedTuple):
    quantity: int
    available_on: date | None
    source: str


class LinePromise(NamedTuple):
    """The slices of a line in the order of the queue, and what a customer hears of them.

    `queue_date` is the date of the last unit, None = no reliable date yet. `source` is where the last unit comes from;
    it is empty when `uncovered` units come from nowhere.
    """

    line: int | str
    slices: tuple[PromiseSlice, ...]
    queue_date: date | None
    source: str
    uncovered: int


def walk_queue(
    *, today: date, free: int, supplies: Iterable[Supply], lines: Iterable[WaitingLine], capable_on: date | None = None
) -> list[LinePromise]:
    """Walk the queue, in rank order, along free stock, then supply by date, then what could still be bought.

    Supply dated before today did not come: it counts as overdue, without a date, after all dated supply.
    `capable_on` is the date for what no supply covers; without it those units stay uncovered and undated.
    No promise lies before today.
    """
    queue = list(lines)
    shelf = dated_supply(today, free, supplies)
    if capable_on is not None:
        shelf.append(Supply(max(capable_on, today), sum([line.open for line in queue]), LEAD_TIME))
    return list(_walk(today, shelf, queue))


def _walk(today: date, shelf: Iterable[Supply], queue: Iterable[WaitingLine]) -> Iterator[LinePromise]:
    coming = iter(shelf)
    supply, left = NOTHING_MORE, 0
    for line_id, open_units, allocated in queue:
        slices = [PromiseSlice(allocated, today, STOCK)] if allocated else []
        needed = open_units - allocated
        while needed > 0:
            if not left:
                supply = next(coming, NOTHING_MORE)
                left = supply.quantity
                if not left:
                    break
            taken = min(needed, left)
            left -= taken
            needed -= taken
            _append(slices, PromiseSlice(taken, supply.available_on, supply.source))
        yield _promise(line_id, slices, today, needed)


def _promise(line: int | str, slices: list[PromiseSlice], today: date, uncovered: int) -> LinePromise:
    if uncovered > 0:
        return LinePromise(line, tuple(slices), None, "", uncovered)
    if not slices:
        return LinePromise(line, (), today, STOCK, 0)
    last = slices[-1]
    queue_date = last.available_on if len(slices) == 1 else _latest(slices)
    return LinePromise(line, tuple(slices), queue_date, last.source, 0)


def dated_supply(today: date, free: int, supplies: Iterable[Supply]) -> list[Supply]:
    """Free stock, then supply by date, undated supply last; the order of the input does not matter."""
    dated = (supply._replace(available_on=_believed(supply.available_on, today)) for supply in supplies)
    coming = sorted(dated, key=lambda s: (s.available_on is None, s.available_on or today, s.source, s.quantity))
    return [supply for supply in (Supply(today, free, STOCK), *coming) if supply.quantity > 0]


def _believed(available_on: date | None, today: date) -> date | None:
    return None if available_on is None or available_on < today else available_on


def _append(slices: list[PromiseSlice], new: PromiseSlice) -> None:
    """One slice per date and source: allocated units and free stock are one slice to the customer."""
    if slices and slices[-1][1:] == new[1:]:
        new = new._replace(quantity=slices.pop().quantity + new.quantity)
    slices.append(new)


def _latest(slices: Iterable[PromiseSlice]) -> date | None:
    """The last unit's date; a unit without a date has the last word, wherever it stands."""
    dates = [piece.available_on for piece in slices]
    return None if None in dates else max(day for day in dates if day)
