import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.engine.lead_times import pinball
from tests.fixtures import EXAMPLES
from tests.inventory.engine.curves import curve_of

EXAMPLE = EXAMPLES["lead_time_quantiles"]


@pytest.mark.parametrize(("quantile", "days"), EXAMPLE["expect"].items())
def test_a_quantile_is_the_nearest_rank(quantile, days):
    assert curve_of(EXAMPLE["past"]).quantile(int(quantile[1:])) == days


@pytest.mark.parametrize(("quantile", "days"), EXAMPLE["expect_at_age"].items())
def test_an_order_that_is_already_old_can_only_take_longer(quantile, days):
    assert curve_of(EXAMPLE["past"]).quantile(int(quantile[1:]), age=EXAMPLE["at_age"]) == days


def test_nothing_past_exceeds_the_age_so_there_is_no_reliable_date():
    assert curve_of(EXAMPLE["past"]).quantile(50, age=30) is None
    assert curve_of([]).quantile(50) is None


def test_residuals_may_be_negative():
    assert curve_of([-3, -1, 2]).quantile(50) == -1


@given(st.lists(st.integers(0, 40), min_size=1), st.integers(1, 100), st.integers(-1, 40))
def test_at_least_the_stated_share_of_the_possible_values_is_covered(past, percent, age):
    days = curve_of(past).quantile(percent, age=age)
    possible = [value for value in past if value > age]

    assert (days is None) == (not possible)
    if days is not None:
        assert days > age
        assert sum(value <= days for value in possible) * 100 >= percent * len(possible)
        assert sum(value < days for value in possible) * 100 < percent * len(possible)


@given(st.lists(st.integers(0, 40), min_size=1), st.integers(-1, 40))
def test_a_higher_quantile_is_never_earlier(past, age):
    curve = curve_of(past)
    days = [curve.quantile(percent, age=age) for percent in (10, 50, 80, 90, 95)]

    assert days == sorted(days) if None not in days else set(days) == {None}


def test_the_curve_ends_where_the_slowest_orders_are_still_open():
    curve = curve_of([10, 12, 14])._replace(shares=(0.25, 0.5, 0.75))

    assert (curve.quantile(75), curve.quantile(80)) == (14, None)
    assert (curve.quantile(25, age=12), curve.quantile(60, age=12)) == (14, None)


@pytest.mark.parametrize("percent", [0, -5, 101])
def test_a_curve_has_no_such_percentage(percent):
    with pytest.raises(ValueError, match="no percentage"):
        curve_of([1]).quantile(percent)


@pytest.mark.parametrize(("actual", "stated", "loss"), [(10, 10, 0), (15, 10, 4.5), (5, 10, 0.5)])
def test_a_day_too_early_costs_the_percentage_and_a_day_too_late_the_rest(actual, stated, loss):
    assert pinball(actual, stated, 90) == pytest.approx(loss)
