"""Forecasts of many products: no look into the future, the same every time, and honest quantiles."""

from dataclasses import replace

import numpy as np
import pytest

from backorders.engine.forecasting.backtest import backtest, origins_of
from backorders.engine.forecasting.blending import PARTS
from backorders.engine.forecasting.methods import BASELINES, BLEND, CANDIDATES, MEAN_OF_FOUR, single_paths
from backorders.engine.forecasting.outlook import Forecaster, earlier_origins
from backorders.engine.forecasting.panel import Panel
from backorders.engine.forecasting.patterns import season_and_trend
from backorders.engine.forecasting.rehearsal import YearOutcome, made_up_world, stock_at, tried_out
from backorders.engine.forecasting.spread import at_levels, multipliers, pinball, spread_of

COMBINED = (MEAN_OF_FOUR, BLEND)
SINGLE_METHODS = [*(name for name in CANDIDATES if name not in COMBINED), *BASELINES]


def panel_of(products: int = 120, periods: int = 30, *, seed: int = 7) -> Panel:
    chance = np.random.default_rng(seed)
    rates = chance.gamma(1.0, 4.0, products)
    return Panel(chance.negative_binomial(2, 2 / (2 + rates[:, None]), (products, periods)).astype(float), 6)


@pytest.fixture(scope="module")
def figures() -> dict:
    panel = panel_of()
    return backtest(panel, horizon=3, lead=3, origins=origins_of(30, horizon=3, lead=3, origins=6, step=1))


def test_nothing_after_the_origin_is_looked_at():
    panel = panel_of()
    changed = Panel(panel.units.copy(), panel.season)
    changed.units[:, 20:] = 1e6

    before, after = (Forecaster(one, 3, 3).outlook(20, 3) for one in (panel, changed))

    assert np.array_equal(before.path, after.path)
    assert np.array_equal(before.levels, after.levels)
    assert np.array_equal(before.team.voices, after.team.voices)


def test_the_earlier_origins_have_outcomes_that_are_known_by_then():
    assert earlier_origins(20, gap=3) == [10, 11, 12, 13, 14, 15, 16, 17]
    assert all(start + 3 <= 20 for start in earlier_origins(20, gap=3))
    assert earlier_origins(7, gap=3) == []


def test_the_same_panel_gives_the_same_forecast():
    one, other = (Forecaster(panel_of(), 3, 3).outlook(30, 3) for _ in range(2))

    assert np.array_equal(one.path, other.path)
    assert np.array_equal(one.levels, other.levels)


def test_voices_of_a_group_sum_to_one_and_no_baseline_is_heard():
    team = Forecaster(panel_of(), 3, 3).team(30, 3)

    assert np.allclose(team.voices.sum(axis=1), 1)
    assert not set(BASELINES) & set(CANDIDATES)


def test_every_baseline_is_reported_beside_what_was_chosen(figures):
    assert set(figures["baselines"]) == {*SINGLE_METHODS, *COMBINED}
    assert {"rmsse", "relative_bias", "mase", "lead_time_demand"} <= set(figures)
    assert figures["baselines"]["zero"]["relative_bias"] == -1


def test_what_was_chosen_is_as_good_as_the_best_single_method_and_its_quantiles_hold(figures):
    losses = {name: figures["baselines"][name]["lead_time_demand"]["mean_weighted_pinball"] for name in SINGLE_METHODS}
    roots = [figures["baselines"][name]["rmsse"] for name in SINGLE_METHODS if name != "zero"]

    assert figures["lead_time_demand"]["mean_weighted_pinball"] <= 1.01 * min(losses.values())
    assert figures["rmsse"] <= 1.02 * min(roots)
    assert abs(figures["relative_bias"]) <= 0.15
    assert 0.92 <= figures["lead_time_demand"]["coverage"]["p95"] <= 0.98


def test_a_season_is_followed_where_there_is_one_and_not_made_up_where_there_is_none():
    chance = np.random.default_rng(5)
    weeks = np.arange(104 + 13)
    wave = 20 * (1 + 0.6 * np.sin(2 * np.pi * weeks / 52))
    known = np.concatenate([chance.poisson(wave, (40, 117)), chance.poisson(20.0, (40, 117))]).astype(float)[:, :104]

    coming = season_and_trend(known, 52, 13)

    assert np.abs(coming[:40].mean(axis=0) / wave[104:] - 1).max() < 0.1
    assert np.abs(coming[40:].mean(axis=0) / 20 - 1).max() < 0.06


def test_a_decline_goes_on_without_falling_below_nothing():
    falling = np.maximum(0, np.linspace(40, 4, 60)).round()[None, :]

    coming = season_and_trend(falling, 52, 20)[0]

    assert coming[0] < 8
    assert (coming >= 0).all()


def test_a_product_is_judged_from_its_first_demand_on():
    old, new = np.full(30, 4.0), np.zeros(30)
    old[::3], new[27:] = 7.0, 50.0

    both = backtest(Panel(np.stack([old, new]), 1), horizon=3, lead=3, origins=[26, 27])
    alone = backtest(Panel(np.stack([old, np.zeros(30)]), 1), horizon=3, lead=3, origins=[26, 27])

    assert both["relative_bias"] == alone["relative_bias"]


def test_stocks_are_compared_at_the_same_fill_rate_only_between_points_that_were_played():
    curve = [YearOutcome(0.90, 100.0, 1, 1), YearOutcome(0.96, 160.0, 1, 1)]

    assert stock_at(0.93, curve) == pytest.approx(130)
    assert stock_at(0.97, curve) is stock_at(0.89, curve) is None


def test_the_fixed_rule_is_tuned_on_the_year_before_alone():
    world = made_up_world(products=20, weeks=20, seed=7)
    other = replace(world, coming=world.coming * 9)

    assert tried_out(world, (0.5, 2.0, 6.0), fill_rate=0.9) == tried_out(other, (0.5, 2.0, 6.0), fill_rate=0.9)


def test_quantiles_rise_with_their_level_and_are_never_negative():
    outlook = Forecaster(panel_of(), 3, 3).outlook(30, 3)

    assert (outlook.levels >= 0).all()
    assert (np.diff(outlook.levels, axis=1) >= -1e-9).all()


def test_paths_of_products_without_any_demand_are_zero():
    paths = single_paths(Panel(np.zeros((2, 12)), 6), 12, 3)

    assert all(np.array_equal(path, np.zeros((2, 3))) for path in paths.values())
    assert set(PARTS) <= set(paths)


def test_a_season_longer_than_the_history_is_no_season():
    panel = Panel(np.arange(24, dtype=float).reshape(2, 12), 52)

    assert np.array_equal(single_paths(panel, 12, 2)["seasonal naive"], [[5.5, 5.5], [17.5, 17.5]])


def test_an_uncertain_lead_time_widens_the_spread():
    expected, dispersion = np.array([20.0]), np.array([0.5])

    assert spread_of(expected, dispersion, 2, lead_variance=1.0) > spread_of(expected, dispersion, 2)


def test_multipliers_cover_what_they_were_learned_from():
    chance = np.random.default_rng(3)
    expected = chance.gamma(2, 10, 5000)
    demand = chance.poisson(expected).astype(float)
    spread = np.sqrt(expected)

    levels = at_levels(expected, spread, multipliers(expected, demand, spread))

    covered = (demand[:, None] <= levels).mean(axis=0)
    assert covered == pytest.approx([0.5, 0.8, 0.9, 0.95, 0.99], abs=0.02)
    assert pinball(np.array([5.0]), np.array([[3.0]]), [0.9]) == pytest.approx(np.array([[1.8]]))


def test_few_cases_without_any_error_give_no_confident_line():
    expected = np.full(4, 20.0)
    spread = np.sqrt(expected)

    _, table = multipliers(expected, expected, spread)

    assert table[0] == pytest.approx([0.0, 0.78, 1.19, 1.52, 2.15], abs=0.02)


def test_origins_leave_enough_to_learn_from_and_to_be_judged_by():
    assert origins_of(24, horizon=3, lead=4, origins=4, step=2) == [14, 16, 18, 20]
    assert origins_of(11, horizon=3, lead=3, origins=4, step=1) == []
