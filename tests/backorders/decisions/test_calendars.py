"""Days end where the customer lives, whatever the clocks do."""

from datetime import UTC, date, datetime

import pytest

from backorders.decisions.calendars import end_of_day, local_day, public_holidays


@pytest.mark.parametrize(
    ("day", "zone", "ends"),
    [
        (date(2026, 10, 31), "America/New_York", datetime(2026, 11, 1, 4, tzinfo=UTC)),
        (date(2026, 11, 1), "America/New_York", datetime(2026, 11, 2, 5, tzinfo=UTC)),  # a day of 25 hours
        (date(2026, 3, 8), "America/New_York", datetime(2026, 3, 9, 4, tzinfo=UTC)),  # a day of 23 hours
        (date(2026, 3, 29), "Europe/Berlin", datetime(2026, 3, 29, 22, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_the_midnight_of_the_customer(day, zone, ends):
    assert end_of_day(day, zone) == ends


def test_the_same_moment_is_another_day_elsewhere():
    moment = datetime(2026, 9, 5, 2, tzinfo=UTC)

    assert local_day(moment, "America/Los_Angeles") == date(2026, 9, 4)
    assert local_day(moment, "Europe/Berlin") == date(2026, 9, 5)


def test_federal_holidays_are_no_working_days_and_no_country_has_none():
    federal = public_holidays("US", "", 2026)

    assert {date(2026, 9, 7), date(2026, 10, 12), date(2026, 7, 3), date(2027, 1, 1)} <= federal
    assert public_holidays("", "", 2026) == frozenset()
