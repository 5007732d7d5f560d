from datetime import date
from decimal import Decimal

import pytest

from backorders.enums import BackorderReason
from backorders.figures.board import order_board
from backorders.planning.reasons import correct_reason
from config.lib.periods import Ratio, Spread
from tests.backorders.waiting import DAY, ordered_line
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY, ProductFactory, PurchaseOrderLineFactory, StockLevelFactory
from tests.factories.staff import StaffFactory

pytestmark = pytest.mark.django_db


def board(*, days=0):
    now = MONDAY + days * DAY
    return order_board(now=now, today=now.date())


def test_open_units_lines_orders_and_customers_are_counted_once():
    vogel = CustomerFactory()
    saw, drill = ProductFactory(price=Decimal("2.00")), ProductFactory(price=Decimal("3.00"))
    order_for({saw: 5, drill: 4}, customer=vogel)
    order_for({saw: 1}, customer=vogel)
    ordered_line(7, at_hand=7)  # filled at once: open, no backorder

    shown = board()

    assert (shown.lines, shown.units, shown.orders, shown.customers) == (3, 10, 2, 1)
    assert shown.values == (("EUR", Decimal("24.00")),)
    assert shown.as_of == MONDAY


def test_without_backorders_everything_is_zero_or_blank():
    shown = board()

    assert (shown.lines, shown.units, shown.values, shown.ages) == (0, 0, (), Spread(0))
    assert shown.coverage.rate is None
    assert [part.lines for part in shown.buckets] == [0, 0, 0, 0, 0, 0]


def test_ageing_counts_lines_units_and_values_per_bucket_and_currency():
    product = ProductFactory(price=Decimal("10.00"))
    ordered_line(5, product=product, now=MONDAY)
    ordered_line(2, product=product, now=MONDAY - 20 * DAY)
    ordered_line(3, product=product, now=MONDAY - 22 * DAY, currency="GBP")
    ordered_line(4, product=product, now=MONDAY - 100 * DAY)

    shown = board()

    assert shown.currencies == ("EUR", "GBP")
    assert [(part.key, part.lines, part.units, part.values) for part in shown.buckets if part.lines] == [
        ("0-7", 1, 5, (Decimal(50), Decimal(0))),
        ("15-30", 2, 5, (Decimal(20), Decimal(30))),
        ("over-90", 1, 4, (Decimal(40), Decimal(0))),
    ]


def test_the_age_has_a_median_a_mean_and_a_p90():
    for days in (1, 2, 3, 4, 5, 6, 7, 8, 9, 40):
        ordered_line(1, now=MONDAY - days * DAY)

    assert board().ages == Spread(n=10, median=5.5, mean=8.5, p90=9.0)


def test_coverage_is_the_share_of_open_units_with_dated_supply():
    product = ProductFactory()
    PurchaseOrderLineFactory(product=product, ordered=10, requested_on=date(2025, 11, 20))
    ordered_line(6, product=product)
    ordered_line(2)

    assert board().coverage == Ratio(6, 8)


def test_values_by_reason():
    line = ordered_line(5, product=ProductFactory(price=Decimal("10.00")))
    correct_reason(line_id=line.pk, reason=BackorderReason.SEASONAL, by=StaffFactory(), now=MONDAY)

    assert [(part.key, part.values) for part in board().reasons if part.lines] == [("seasonal", (Decimal(50),))]


def test_late_and_at_risk_lines_are_those_of_the_worklist():
    product = ProductFactory()
    PurchaseOrderLineFactory(product=product, ordered=10, requested_on=date(2025, 11, 20))
    ordered_line(6, product=product, requested_on=date(2025, 11, 10))
    ordered_line(2)

    assert (board().late, board().at_risk) == (1, 1)
    assert (board(days=30).late, board(days=30).at_risk) == (2, 0)


def test_the_oldest_lines_come_first():
    new, old = ordered_line(1), ordered_line(1, now=MONDAY - 9 * DAY)

    assert [(row.line.pk, row.age) for row in board().oldest] == [(old.pk, 9), (new.pk, 0)]


def test_the_customer_with_the_most_unit_days_waits_most():
    patient, busy = CustomerFactory(code="PATIENT"), CustomerFactory(code="BUSY")
    ordered_line(1, customer=patient, now=MONDAY - 30 * DAY)
    ordered_line(10, customer=busy, now=MONDAY - 4 * DAY)
    ordered_line(10, customer=busy, now=MONDAY - 1 * DAY)

    assert [(c.code, c.lines, c.units, c.unit_days, c.oldest) for c in board().worst_waiting] == [
        ("BUSY", 2, 20, 50, 4),
        ("PATIENT", 1, 1, 30, 30),
    ]


@pytest.mark.parametrize("lines", [1, 3])
def test_the_board_asks_the_database_four_times(lines, django_assert_num_queries):
    for _ in range(lines):
        ordered_line(2)

    with django_assert_num_queries(4):
        board()


def test_units_that_stock_covers_are_still_open():
    ordered_line(5, at_hand=3)
    StockLevelFactory()

    assert board().units == 5
