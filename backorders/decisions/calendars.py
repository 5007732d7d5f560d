"""Days on the customer's calendar, and which of them are working days."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone


def local_day(at: datetime, zone: str) -> date:
    """The day that this moment falls on where the customer lives."""
    return timezone.localdate(at, ZoneInfo(zone))


def end_of_day(day: date, zone: str) -> datetime:
    """The midnight that ends the day there, whatever the clocks do in that night."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=ZoneInfo(zone))


@lru_cache(maxsize=64)
def public_holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    """The public holidays of a year and the next one; none where no country is named."""
    if not country:
        return frozenset()
    import holidays  # noqa: PLC0415  many calendars, of which most processes need none

    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=[year, year + 1]))
