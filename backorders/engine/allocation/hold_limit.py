"""Which orders that ship complete may go on holding their parts, and until when these lie still."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple


class HeldLine(NamedTuple):
    """A line of an order that ships complete: `covered` of its `open` units are held, or would be after the run.

    `due_on` is when the rest of it can be here, None = nobody knows. `held_since` is when its order began to hold.
    """

    id: int
    order: int
    open: int
    covered: int
    due_on: date | None
    held_since: date | None = None


def orders_to_release(lines: Iterable[HeldLine], *, today: date, hold_days: int) -> Iterator[tuple[int, date | None]]:
    """The lines, each with the day on which its order could be complete, that give their stock to others.

    An order keeps its parts when it is complete, or can be within `hold_days`, and has not held for longer already.
    """
    orders: dict[int, list[HeldLine]] = defaultdict(list)
    for line in lines:
        orders[line.order].append(line)
    for parts in orders.values():
        short = [line for line in parts if line.covered < line.open]
        if not short:
            continue
        completes_on = _completion(short, today)
        if not _may_hold(parts, completes_on, today=today, hold_days=hold_days):
            yield from ((line.id, completes_on) for line in parts)


def _completion(short: Iterable[HeldLine], today: date) -> date | None:
    """When the last line is there; a date that has passed is no date."""
    days = [line.due_on for line in short]
    known = [day for day in days if day is not None and day >= today]
    return max(known) if len(known) == len(days) else None


def _may_hold(parts: Iterable[HeldLine], completes_on: date | None, *, today: date, hold_days: int) -> bool:
    limit = timedelta(days=hold_days)
    since = [line.held_since for line in parts if line.held_since]
    overdue = bool(since) and today - min(since) > limit
    return completes_on is not None and completes_on - today <= limit and not overdue


def parked_until(lines: Iterable[HeldLine], *, today: date) -> Iterator[tuple[int, date]]:
    """The lines that hold something while others of their order are short, each with the day these are there by.

    Before that day the order does not leave. What else a line lacks itself is no reason to wait for longer; where
    nobody knows the day of another line, nothing is said to lie still.
    """
    orders: dict[int, list[HeldLine]] = defaultdict(list)
    for line in lines:
        orders[line.order].append(line)
    for parts in orders.values():
        short = [line for line in parts if line.covered < line.open]
        for line in parts:
            others = [other for other in short if other.id != line.id]
            completes_on = _completion(others, today) if others else today
            if short and line.covered and completes_on:
                yield line.id, completes_on
