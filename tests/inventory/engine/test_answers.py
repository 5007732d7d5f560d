from datetime import date

import pytest

from inventory.engine.answers import OfferedPart, is_agreed, last_day, working_days_after

ASKED = date(2025, 11, 17)


@pytest.mark.parametrize(
    ("parts", "agreed"),
    [
        ([(10, ASKED)], True),
        ([(10, date(2025, 11, 3))], True),
        ([(10, date(2025, 11, 18))], False),
        ([(9, ASKED)], False),
        ([(10, None)], False),
        ([(5, ASKED), (5, date(2025, 11, 16))], False),
        ([], False),
    ],
)
def test_everything_at_once_and_no_later_than_asked_is_agreed(parts, agreed):
    assert is_agreed([OfferedPart(*part) for part in parts], outstanding=10, asked_on=ASKED) is agreed


def test_the_last_day_is_that_of_the_last_unit_if_all_units_come():
    late = date(2025, 12, 1)

    assert last_day([OfferedPart(4, late), OfferedPart(6, ASKED)]) == late
    assert last_day([OfferedPart(4, late), OfferedPart(6, None)]) is None


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2025, 11, 3), 0, date(2025, 11, 3)),
        (date(2025, 11, 3), 3, date(2025, 11, 6)),
        (date(2025, 11, 7), 1, date(2025, 11, 10)),
        (date(2025, 11, 8), 1, date(2025, 11, 10)),
        (date(2025, 11, 6), 5, date(2025, 11, 13)),
    ],
)
def test_working_days_skip_the_weekend(start, days, end):
    assert working_days_after(start, days) == end
