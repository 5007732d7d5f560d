from datetime import date

import pytest

from backorders.enums import RunKind
from backorders.figures.waits import cancelled_while_waiting, promise_slip, time_to_fill
from backorders.orders.cancel import cancel_line
from backorders.runs.allocate_stock import allocate_stock
from config.lib.periods import Period, Ratio, Spread
from notifications.services.delivery import deliver_due_messages
from tests.backorders.waiting import DAY, arrives, ordered_line, ships
from tests.factories.inventory import MONDAY, ProductFactory, PurchaseOrderLineFactory

pytestmark = pytest.mark.django_db
PERIOD = Period.until(date(2025, 12, 1), days=60)


def filled_after(days, units=5, product=None):
    line = ordered_line(units, product=product)
    arrives(line.product, units)
    allocate_stock(kind=RunKind.MANUAL, product_ids=[line.product_id], now=MONDAY + days * DAY)
    return ships(line, at=MONDAY + days * DAY)


def test_the_time_to_fill_runs_from_the_begin_of_the_backorder_to_the_last_shipment():
    for days in (2, 4, 10, 20):
        filled_after(days)
    ordered_line(5)  # still waits
    ships(ordered_line(5, at_hand=5), at=MONDAY)  # never waited

    assert time_to_fill(PERIOD) == Spread(n=4, median=7.0, mean=9.0, p90=20.0)


def test_what_left_before_or_after_the_period_is_not_in_it():
    filled_after(2)

    assert time_to_fill(Period(date(2025, 10, 1), date(2025, 11, 4))) == Spread(0)
    assert time_to_fill(Period(date(2025, 11, 6), date(2025, 11, 30))) == Spread(0)


def test_the_slip_is_the_last_shipment_against_the_first_promise():
    saw = ProductFactory()
    PurchaseOrderLineFactory(product=saw, requested_on=date(2025, 11, 7))

    filled_after(10, product=saw)
    deliver_due_messages(now=MONDAY)

    slip = promise_slip(PERIOD)
    assert (slip.n, slip.mean, slip.p90) == (1, 6.0, 6.0)
    assert slip.changes == 1  # from the purchase order's day to "here"


def test_without_promised_backorders_the_slip_is_blank():
    slip = promise_slip(PERIOD)

    assert (slip.n, slip.mean, slip.p90, slip.changes) == (0, None, None, None)


def test_units_cancelled_while_waiting_are_measured_against_all_whose_wait_ended():
    filled_after(3, units=6)
    impatient = ordered_line(5)
    cancel_line(line_id=impatient.pk, quantity=2, by=None, now=MONDAY + 9 * DAY)
    cancel_line(line_id=impatient.pk, quantity=1, by=None, now=MONDAY + DAY * 25)
    served_at_once = ordered_line(5, at_hand=5)
    cancel_line(line_id=served_at_once.pk, quantity=5, by=None, now=MONDAY)

    lost = cancelled_while_waiting(PERIOD)

    assert lost.share == Ratio(3, 9)
    assert lost.by_age == (
        ("0–7 days", 0),
        ("8–14 days", 2),
        ("15–30 days", 1),
        ("31–60 days", 0),
        ("61–90 days", 0),
        ("90+ days", 0),
    )
