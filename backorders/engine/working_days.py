"""Dates in a working calendar: Monday to Friday without holidays."""

from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
NO_HOLIDAYS: frozenset[date] = frozenset()


def add_working_days(day: date, days: int, holidays: frozenset[date] = NO_HOLIDAYS) -> date:
    """The first working day by which `days` working days have passed after `day`; 0 means `day` itself if it is one."""
    if days < 0:
        raise ValueError(f"Cannot add {days} working days.")
    while days:
        day += ONE_DAY
        days -= _works(day, holidays)
    while not _works(day, holidays):
        day += ONE_DAY
    return day


def capable_to_promise(
    *,
    today: date,
    cycle_days: int,
    lead_time_days: int,
    handling_days: int,
    holidays: frozenset[date] = NO_HOLIDAYS,
    supplier_holidays: frozenset[date] = NO_HOLIDAYS,
) -> date:
    """When goods that nobody has ordered yet could leave: order cycle, the supplier's lead time, then handling.

    All spans are working days; the middle one counts in the supplier's calendar.
    """
    ordered = add_working_days(today, cycle_days, holidays)
    received = add_working_days(ordered, lead_time_days, supplier_holidays)
    return add_working_days(received, handling_days, holidays)


def _works(day: date, holidays: frozenset[date]) -> bool:
    return day.weekday() < 5 and day not in holidays
