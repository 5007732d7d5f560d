from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from notifications.engine.reading_times import QuietHours, end_of_quiet, next_slot, start_of_day

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
NIGHT = QuietHours(time(21), time(7))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "zone", "hours", "until"),
    [
        ("2026-09-01 20:00", BERLIN, NIGHT, "2026-09-02 05:00"),  # 22:00 there
        ("2026-09-01 04:59", BERLIN, NIGHT, "2026-09-01 05:00"),  # 06:59 there
        ("2026-09-01 05:00", BERLIN, NIGHT, None),
        ("2026-09-01 20:00", NEW_YORK, NIGHT, None),  # 16:00 there
        ("2026-09-01 12:00", BERLIN, QuietHours(time(13), time(15)), "2026-09-01 13:00"),
        ("2026-09-01 12:00", BERLIN, None, None),
        ("2026-10-24 20:00", BERLIN, NIGHT, "2026-10-25 06:00"),  # the clock goes back that night
        ("2027-03-27 21:00", BERLIN, NIGHT, "2027-03-28 05:00"),  # and forward that one
        ("2027-03-28 00:45", BERLIN, QuietHours(time(22), time(2, 30)), "2027-03-28 01:30"),  # 02:30 does not exist
        ("2026-10-24 23:00", BERLIN, QuietHours(time(22), time(2, 30)), "2026-10-25 01:30"),  # 02:30 comes twice
        ("2026-10-03 12:00", LORD_HOWE, NIGHT, "2026-10-03 20:00"),  # 30 minutes forward that night
        ("2026-12-31 23:30", BERLIN, NIGHT, "2027-01-01 06:00"),
    ],
)
def test_quiet_hours_go_by_the_reader_s_clock(moment, zone, hours, until):
    assert end_of_quiet(utc(moment), zone, hours) == (utc(until) if until else None)


@pytest.mark.parametrize(
    ("written", "weekly", "slot"),
    [
        ("2026-09-01 05:59", False, "2026-09-01 06:00"),
        ("2026-09-01 06:00", False, "2026-09-02 06:00"),
        ("2026-10-24 12:00", False, "2026-10-25 07:00"),
        ("2026-09-01 12:00", True, "2026-09-07 06:00"),
        ("2026-09-07 05:00", True, "2026-09-07 06:00"),
        ("2026-09-07 07:00", True, "2026-09-14 06:00"),
        ("2028-02-28 12:00", False, "2028-02-29 07:00"),
    ],
)
def test_a_digest_leaves_at_the_next_eight_o_clock_or_that_of_a_monday(written, weekly, slot):
    assert next_slot(utc(written), BERLIN, hour=8, weekly=weekly) == utc(slot)


def test_a_day_begins_at_the_reader_s_midnight():
    assert start_of_day(utc("2026-09-01 02:00"), NEW_YORK) == utc("2026-08-31 04:00")
