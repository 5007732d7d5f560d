"""When a reader may be written to: quiet hours, daily and weekly slots, days, all by the reader's clock."""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
MONDAY = 0


class QuietHours(NamedTuple):
    """No mail from `start` until `end`, across midnight where the end is the earlier of the two."""

    start: time
    end: time

    def cover(self, local: datetime) -> bool:
        clock = local.time()
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


def end_of_quiet(moment: datetime, zone: ZoneInfo, hours: QuietHours | None) -> datetime | None:
    """When the quiet hours in which `moment` lies are over; None outside of them."""
    local = moment.astimezone(zone)
    if hours is None or not hours.cover(local):
        return None
    ends_tomorrow = hours.start > hours.end and local.time() >= hours.start
    return _on_the_clock(local + ONE_DAY if ends_tomorrow else local, hours.end, zone)


def next_slot(written: datetime, zone: ZoneInfo, *, hour: int, weekly: bool) -> datetime:
    """The first time after `written` at which a daily, or Monday's weekly, digest leaves."""
    day = written.astimezone(zone)
    while True:
        slot = _on_the_clock(day, time(hour), zone)
        if slot > written and (not weekly or day.weekday() == MONDAY):
            return slot
        day += ONE_DAY


def start_of_day(moment: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(moment.astimezone(zone).date(), time.min, zone).astimezone(UTC)


def end_of_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """The last instant before the next midnight."""
    return _on_the_clock(moment.astimezone(zone) + ONE_DAY, time.min, zone) - timedelta(microseconds=1)


def _on_the_clock(day: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """The instant at which the local clock shows `clock` on that date.

    The later one where the clock is put back over it. Where it is put forward over it, as long after midnight as the
    clock would have shown.
    """
    local = datetime.combine(day.date(), clock, zone)
    return max(local.astimezone(UTC), local.replace(fold=1).astimezone(UTC))
