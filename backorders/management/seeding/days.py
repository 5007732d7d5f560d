"""The calendar of the story: working days that end today, however early or late it is."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

ONE_DAY = timedelta(days=1)
Date = date  # the field below takes the name


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its clock, and the working days that are told with it: itself, or a whole week long ago.

    Today has only the hours until now, so its clock runs faster and nothing lies ahead.
    """

    date: date
    number: int  # 0 is today, -1 the working day before
    begins_at: datetime
    ends_at: datetime
    told: tuple[Date, ...]

    def at(self, hour: int, minute: int = 0) -> datetime:
        return self.begins_at + (self.ends_at - self.begins_at) * ((hour * 60 + minute) / (24 * 60))

    @property
    def is_today(self) -> bool:
        return self.number == 0

    @property
    def is_week(self) -> bool:
        return len(self.told) > 1

    def moment(self, position: int, hour: int, minute: int) -> datetime:
        """A time of the clock on one of the days that are told."""
        told_on = self.told[position % len(self.told)]
        return self.at(hour, minute) if told_on == self.date else moment(told_on, hour, minute)


def working_days(now: datetime, *, days: int, weeks: int) -> list[Day]:
    """The last so many working days, and before them whole weeks told at their end. The last day is today, whatever day
    of the week it is."""
    dates = [timezone.localdate(now)]
    while len(dates) < days + 5 * weeks:
        dates.append(_working_day_before(dates[-1]))
    singles = [_day(dates[n : n + 1], -n, now) for n in range(days)]
    whole = [_day(dates[n : n + 5], -n, now) for n in range(days, len(dates), 5)]
    return [*whole[::-1], *singles[::-1]]


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of the local clock on a day that is over."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def _day(dates: list[date], number: int, now: datetime) -> Day:
    begins_at = moment(dates[0], 0)
    return Day(dates[0], number, begins_at, now if number == 0 else begins_at + ONE_DAY, tuple(dates[::-1]))


def _working_day_before(day: date) -> date:
    day -= ONE_DAY
    while day.weekday() >= 5:
        day -= ONE_DAY
    return day


def working_day_from(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    while day.weekday() >= 5:
        day += ONE_DAY
    return day
