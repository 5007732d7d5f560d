import pytest

from backorders.engine.forecasting.stockout import (
    DemandRate,
    area_under_curve,
    average_precision,
    exceeds,
    quantile,
    stockout_risk,
)


def test_the_tail_of_a_negative_binomial_is_counted_exactly():
    # mean 4, variance 8: size 4, probability 0.5; scipy.stats.nbinom.sf(5, 4, 0.5) = 0.25390625
    assert exceeds(5, mean=4, variance=8) == pytest.approx(0.25390625)


def test_without_overdispersion_it_is_poisson():
    assert exceeds(2, mean=2, variance=2) == pytest.approx(0.3233, abs=1e-4)


def test_large_numbers_agree_with_counting():
    assert exceeds(399, mean=350, variance=3500) == pytest.approx(exceeds(400, mean=350, variance=3500), abs=0.01)


def test_a_quantile_is_the_first_number_that_is_rarely_exceeded():
    units = quantile(0.95, mean=10, variance=25)

    assert exceeds(units, mean=10, variance=25) <= 0.05 < exceeds(units - 1, mean=10, variance=25)


def test_the_longer_the_horizon_the_higher_the_risk():
    risk = stockout_risk(free=20, rate=DemandRate(7.0))

    assert risk.within[0] < risk.within[1] < risk.within[2]
    assert 0 < risk.missing < 20


def test_supply_before_the_end_lowers_the_risk_and_late_supply_does_not():
    rate = DemandRate(7.0)
    alone = stockout_risk(free=20, rate=rate).within[2]

    assert stockout_risk(free=20, rate=rate, arrivals=[(5, 1.0)]).within[2] < alone
    assert stockout_risk(free=20, rate=rate, arrivals=[(60, 1.0)]).within[2] == pytest.approx(alone)


def test_what_is_missing_already_has_run_out():
    risk = stockout_risk(free=-3, rate=DemandRate(0.0))

    assert risk.within == (1.0, 1.0, 1.0)
    assert risk.missing == pytest.approx(3, abs=0.1)


def test_a_full_shelf_is_no_risk():
    assert stockout_risk(free=10_000, rate=DemandRate(5.0)).within[2] < 1e-6


def test_scores_are_judged_with_ties_counted_half():
    assert area_under_curve([0.9, 0.5, 0.5, 0.1], [True, True, False, False]) == 0.875
    assert area_under_curve([1, 1], [True, False]) == 0.5
    assert average_precision([0.9, 0.8, 0.7], [True, False, True]) == pytest.approx((1 + 2 / 3) / 2)
    assert area_under_curve([1.0], [True]) == 0
