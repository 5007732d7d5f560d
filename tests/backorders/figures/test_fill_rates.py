from datetime import date

import pytest

from backorders.figures.fill_rates import fill_rates, unit_fill_by_week
from config.lib.periods import Period, Ratio
from tests.backorders.waiting import DAY, ordered_line
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, ProductFactory, StockLevelFactory

pytestmark = pytest.mark.django_db
MONTH = Period.until(MONDAY.date(), days=30)


def products_with_stock(*units):
    products = ProductFactory.create_batch(len(units))
    for product, on_hand in zip(products, units, strict=True):
        if on_hand:
            StockLevelFactory(product=product, on_hand=on_hand)
    return products


def test_four_lines_of_10_5_20_and_1_filled_with_10_0_15_and_1():
    first, second, third, fourth = products_with_stock(10, 0, 15, 1)
    order_for({first: 10, fourth: 1})
    order_for({second: 5, third: 20})

    rates = fill_rates(MONTH)

    assert rates.lines == Ratio(2, 4)
    assert rates.lines.rate == 0.50
    assert rates.units == Ratio(26, 36)
    assert round(rates.units.rate, 3) == 0.722
    assert rates.orders == Ratio(1, 2)
    assert rates.backordered == Ratio(2, 4)


def test_a_later_delivery_does_not_improve_the_first_attempt():
    line = ordered_line(5, at_hand=2)
    StockLevelFactory(product=line.product, warehouse__code="NORTH", on_hand=50)

    assert fill_rates(MONTH).units == Ratio(2, 5)


def test_a_rate_of_nothing_is_blank():
    rates = fill_rates(MONTH)

    assert (rates.units.rate, rates.lines.rate, rates.orders.rate) == (None, None, None)


@pytest.mark.parametrize(
    ("days_ago", "expected"), [(0, 1), (29, 1), (30, 0), (59, 0)], ids=["today", "first day", "day before", "long ago"]
)
def test_a_period_takes_the_lines_entered_in_it(days_ago, expected):
    ordered_line(5, now=MONDAY - days_ago * DAY)

    assert fill_rates(MONTH).lines.n == expected


def test_the_period_before_is_as_long_and_ends_where_the_period_starts():
    assert MONTH.before() == Period(date(2025, 9, 5), date(2025, 10, 4))
    assert MONTH.first == date(2025, 10, 5)
    assert MONTH.end.timestamp() - MONTH.start.timestamp() == (30 * 24 + 1) * 3600  # the clocks went back


def test_weeks_without_orders_are_left_out():
    ordered_line(4, at_hand=4, now=MONDAY - 14 * DAY)
    ordered_line(4, at_hand=1, now=MONDAY)

    weeks = unit_fill_by_week(MONTH)

    assert weeks == [(date(2025, 10, 20), Ratio(4, 4)), (date(2025, 11, 3), Ratio(1, 4))]
