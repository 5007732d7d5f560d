"""Deliveries against the requested day and against the first and last promise."""

from datetime import date, timedelta

import pytest
from django.db.models.functions import Now

from backorders.enums import PromiseCause, RunKind
from backorders.figures.deliveries import Due, due_lines, on_time, promise_accuracy
from backorders.orders.cancel import cancel_line
from backorders.promising.promise_dates import last_told, promise_dates
from backorders.runs.allocate_stock import allocate_stock
from config.lib.periods import Period, Ratio
from inventory.purchasing.dates import change_confirmed_date, confirm_purchase_order
from notifications.models import Message
from notifications.services.delivery import deliver_due_messages
from tests.backorders.waiting import DAY, arrives, ordered_line, ships
from tests.factories.inventory import MONDAY, ProductFactory, PurchaseOrderLineFactory

pytestmark = pytest.mark.django_db
TODAY = date(2025, 12, 1)
PERIOD = Period.until(TODAY, days=60)
WEEK_LATER = date(2025, 11, 10)


def otif(due=Due.REQUESTED, period=PERIOD, today=TODAY):
    return on_time(due, period, today=today)


def test_complete_on_the_requested_day_is_on_time_and_a_day_later_is_not():
    on_the_day = ordered_line(5, at_hand=5, requested_on=WEEK_LATER)
    too_late = ordered_line(5, at_hand=5, requested_on=WEEK_LATER)
    ships(on_the_day, at=MONDAY + 7 * DAY)
    ships(too_late, at=MONDAY + 8 * DAY)

    assert otif() == Ratio(1, 2)


def test_the_last_part_of_a_line_says_when_it_was_complete():
    line = ordered_line(5, at_hand=2, requested_on=WEEK_LATER)
    ships(line, at=MONDAY + DAY)
    arrives(line.product, 3)
    allocate_stock(kind=RunKind.MANUAL, now=MONDAY + 9 * DAY)
    ships(line, at=MONDAY + 9 * DAY)

    assert otif() == Ratio(0, 1)


def test_overdue_and_not_shipped_is_a_miss():
    ordered_line(5, requested_on=WEEK_LATER)

    assert otif() == Ratio(0, 1)


def test_what_is_due_today_counts_from_tomorrow():
    ordered_line(5, requested_on=TODAY)

    assert otif() == Ratio(0, 0)
    assert otif(period=Period.until(TODAY + DAY, days=60), today=TODAY + DAY) == Ratio(0, 1)


def test_lines_without_a_requested_day_and_wholly_cancelled_lines_are_left_out():
    ordered_line(5)
    cancelled = ordered_line(5, requested_on=WEEK_LATER)
    cancel_line(line_id=cancelled.pk, quantity=5, by=None, now=MONDAY)

    assert otif() == Ratio(0, 0)
    assert otif().rate is None


def test_the_lines_behind_the_figure_say_when_they_were_due_and_shipped():
    line = ships(ordered_line(5, at_hand=5, requested_on=WEEK_LATER), at=MONDAY + 2 * DAY)

    [found] = due_lines(Due.REQUESTED, PERIOD, today=TODAY)

    assert (found.pk, found.due_on, found.shipped_on) == (line.pk, WEEK_LATER, date(2025, 11, 5))


@pytest.fixture
def moved_line():
    """First promised for 20 November, later told for 27 November, and complete on the 25th."""
    saw = ProductFactory()
    incoming = PurchaseOrderLineFactory(product=saw, requested_on=date(2025, 11, 20))
    order = incoming.purchase_order
    line = ordered_line(5, product=saw)
    deliver_due_messages(now=MONDAY)
    later = MONDAY + DAY
    confirm_purchase_order(purchase_order_id=order.pk, dates={incoming.pk: date(2025, 11, 20)}, by=None, now=later)
    change_confirmed_date(line_id=incoming.pk, new_on=date(2025, 11, 27), reason="", by=None, now=later)
    promise_dates(product_ids=[saw.pk], now=later, cause=PromiseCause.SUPPLY)
    deliver_due_messages(now=later)
    arrives(saw, 5)
    allocate_stock(kind=RunKind.MANUAL, now=MONDAY + 21 * DAY)
    return line


def test_a_date_that_was_moved_breaks_the_first_promise_and_keeps_the_last(moved_line):
    ships(moved_line, at=MONDAY + 22 * DAY)

    assert promise_accuracy(Due.FIRST_PROMISE, PERIOD, today=TODAY) == Ratio(0, 1)
    assert promise_accuracy(Due.LAST_PROMISE, PERIOD, today=TODAY) == Ratio(1, 1)
    assert otif(Due.LAST_PROMISE) == Ratio(1, 1)


def test_a_date_that_nobody_heard_is_no_promise(moved_line):
    """The email of the later day never left: the customer still counts on the first."""
    email = Message.objects.filter(kind="date_changed")
    email.update(status="pending", available_at=Now(), sent_at=None, first_sent_at=None)

    assert promise_accuracy(Due.LAST_PROMISE, PERIOD, today=date(2025, 11, 27)) == Ratio(0, 1)
    assert last_told([moved_line.pk]) != {moved_line.pk: date(2025, 11, 20)}  # the email may still leave
    Message.objects.filter(status="pending").update(status="unwanted", stage="sorted", available_at=None)
    assert last_told([moved_line.pk]) == {moved_line.pk: date(2025, 11, 20)}


def test_a_promise_that_passed_without_a_shipment_is_broken(moved_line):
    assert promise_accuracy(Due.FIRST_PROMISE, PERIOD, today=TODAY) == Ratio(0, 1)
    assert promise_accuracy(Due.LAST_PROMISE, PERIOD, today=TODAY) == Ratio(0, 1)
    assert promise_accuracy(Due.LAST_PROMISE, PERIOD, today=date(2025, 11, 27)) == Ratio(0, 0)


def test_a_line_that_left_before_its_promised_day_counts_when_it_left(moved_line):
    ships(moved_line, at=MONDAY + 22 * DAY)
    until_then = Period.until(date(2025, 11, 25), days=7)

    assert promise_accuracy(Due.LAST_PROMISE, until_then, today=until_then.last) == Ratio(1, 1)
    assert on_time(Due.LAST_PROMISE, until_then, today=until_then.last) == Ratio(0, 0)


def test_stock_on_hand_is_no_promised_day():
    ships(ordered_line(5, at_hand=5), at=MONDAY + timedelta(days=3))

    assert promise_accuracy(Due.FIRST_PROMISE, PERIOD, today=TODAY) == Ratio(0, 0)
