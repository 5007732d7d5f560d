from datetime import timedelta

import pytest

from backorders.enums import RunKind
from backorders.figures.backorder_days import backorder_days, waiting_lines
from backorders.orders.cancel import cancel_line
from backorders.runs.allocate_stock import allocate_stock
from config.lib.periods import Period
from tests.backorders.waiting import DAY, arrives, ordered_line, ships
from tests.factories.inventory import MONDAY

pytestmark = pytest.mark.django_db
NOW = MONDAY + 20 * DAY
MONTH = Period.until(NOW.date(), days=30)


def test_open_units_wait_until_now():
    ordered_line(5)
    ordered_line(3, now=MONDAY + 10 * DAY)

    assert backorder_days(MONTH, now=NOW) == pytest.approx(5 * 20 + 3 * 10)


def test_shipped_and_cancelled_units_waited_until_then():
    line = ordered_line(10)
    arrives(line.product, 4)
    allocate_stock(kind=RunKind.MANUAL, now=MONDAY + 5 * DAY)
    ships(line, at=MONDAY + 6 * DAY)
    cancel_line(line_id=line.pk, quantity=1, by=None, now=MONDAY + 8 * DAY)

    assert backorder_days(MONTH, now=NOW) == pytest.approx(4 * 6 + 1 * 8 + 5 * 20)


def test_only_the_days_in_the_period_count():
    ordered_line(2, now=MONDAY - 30 * DAY)
    one_day = Period(MONDAY.date(), MONDAY.date())

    assert backorder_days(one_day, now=NOW) == pytest.approx(2)
    assert backorder_days(one_day, now=one_day.start + timedelta(hours=6)) == pytest.approx(0.5)
    assert backorder_days(one_day.before(), now=NOW) == pytest.approx(2)
    assert backorder_days(Period.until(MONDAY.date() - 31 * DAY, days=5), now=NOW) == 0


def test_what_was_filled_at_once_never_waited():
    ships(ordered_line(5, at_hand=5), at=MONDAY + 9 * DAY)

    assert backorder_days(MONTH, now=NOW) == 0
    assert list(waiting_lines(MONTH)) == []


def test_the_lines_behind_are_those_that_waited_in_the_period():
    open_line, cancelled = ordered_line(5), ordered_line(5)
    cancel_line(line_id=cancelled.pk, quantity=5, by=None, now=MONDAY + 3 * DAY)

    def waited(period):
        return sorted(waiting_lines(period).values_list("pk", flat=True))

    assert waited(MONTH) == [open_line.pk, cancelled.pk]
    assert waited(Period.until(NOW.date(), days=7)) == [open_line.pk]
    assert waited(Period.until(MONDAY.date() - DAY, days=7)) == []
