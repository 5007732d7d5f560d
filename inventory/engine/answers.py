"""What a supplier's answer to one line comes to."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

SATURDAY = 5


class OfferedPart(NamedTuple):
    """So many units on that day; no day says that they will not come."""

    quantity: int
    available_on: date | None


def is_agreed(parts: Sequence[OfferedPart], *, outstanding: int, asked_on: date) -> bool:
    """Everything at once, and no later than asked: that is taken without asking the buyer."""
    if len(parts) != 1 or parts[0].quantity != outstanding:
        return False
    day = parts[0].available_on
    return day is not None and day <= asked_on


def last_day(parts: Sequence[OfferedPart]) -> date | None:
    """The day of the last unit; None where units will not come at all."""
    days = [part.available_on for part in parts]
    return None if None in days else max(day for day in days if day)


def working_days_after(start: date, days: int) -> date:
    """The day on which so many working days, Monday to Friday, have passed since `start`."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return day
