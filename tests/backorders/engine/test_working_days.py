from datetime import date

import pytest

from backorders.engine.working_days import add_working_days, capable_to_promise

FRIDAY, SATURDAY, MONDAY, TUESDAY = date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 4), date(2026, 5, 5)


@pytest.mark.parametrize(
    ("day", "days", "result"),
    [
        (FRIDAY, 0, FRIDAY),
        (FRIDAY, 1, MONDAY),
        (SATURDAY, 0, MONDAY),
        (SATURDAY, 1, MONDAY),
        (SATURDAY, 2, TUESDAY),
        (MONDAY, 10, date(2026, 5, 18)),
    ],
)
def test_weekends_do_not_count(day, days, result):
    assert add_working_days(day, days) == result


def test_holidays_do_not_count():
    assert add_working_days(FRIDAY, 1, frozenset({MONDAY})) == TUESDAY
    assert add_working_days(MONDAY, 0, frozenset({MONDAY, TUESDAY})) == date(2026, 5, 6)


def test_working_days_run_forwards_only():
    with pytest.raises(ValueError, match="Cannot add -1 working days"):
        add_working_days(FRIDAY, -1)


def test_capable_to_promise_adds_order_cycle_lead_time_and_handling():
    spans = {"cycle_days": 1, "lead_time_days": 5, "handling_days": 1}

    assert capable_to_promise(today=FRIDAY, **spans) == date(2026, 5, 12)
    assert capable_to_promise(today=FRIDAY, **spans, holidays=frozenset({MONDAY})) == date(2026, 5, 13)
    assert capable_to_promise(today=FRIDAY, **spans, supplier_holidays=frozenset({MONDAY})) == date(2026, 5, 12)
    assert capable_to_promise(today=FRIDAY, **spans, supplier_holidays=frozenset({TUESDAY})) == date(2026, 5, 13)
