from datetime import date, timedelta

import pytest

from backorders.engine.forecasting.demand import DemandClass, demand_class, seasonal_indices, tidy_history, week_of

TODAY = date(2025, 11, 5)
WEEK = timedelta(weeks=1)
THIS_WEEK = date(2025, 11, 3)


def test_gaps_are_weeks_without_demand_and_the_week_under_way_does_not_count():
    units = {THIS_WEEK - 4 * WEEK: 5, THIS_WEEK - WEEK: 3, THIS_WEEK: 99}

    history = tidy_history(units, today=TODAY, weeks=104)

    assert (history.starts_on, history.units) == (THIS_WEEK - 4 * WEEK, (5, 0, 0, 3))
    assert history.remarks == ()


def test_negative_and_later_demand_are_left_out_and_told():
    units = {THIS_WEEK - 2 * WEEK: 5, THIS_WEEK - WEEK: -3, THIS_WEEK + WEEK: 40}

    history = tidy_history(units, today=TODAY, weeks=104)

    assert history.units == (5, 0)
    assert history.remarks == (
        "Negative demand counts as none.",
        "Demand wanted in later weeks does not count yet.",
    )


def test_a_history_without_any_finished_demand_is_empty():
    history = tidy_history({THIS_WEEK: 4}, today=TODAY, weeks=104)

    assert history.units == ()
    assert history.remarks == ("No demand in any finished week.",)


@pytest.mark.parametrize(
    ("units", "kind"),
    [
        ([10, 11, 9, 10, 12, 8, 10, 10], DemandClass.SMOOTH),
        ([1, 30, 2, 1, 25, 1, 2, 40], DemandClass.ERRATIC),
        ([5, 0, 0, 5, 0, 6, 0, 0, 5], DemandClass.INTERMITTENT),
        ([1, 0, 0, 60, 0, 1, 0, 0, 40], DemandClass.LUMPY),
        ([5, 5, 5], DemandClass.NEW),
        ([7], DemandClass.NEW),
        ([5, 6, 5, 6, 5, 6, 5, 6] + [0] * 30, DemandClass.ENDED),
        ([0] * 40, DemandClass.ENDED),
    ],
)
def test_each_kind_of_demand_has_its_name(units, kind):
    assert demand_class(units) == kind


def test_what_repeats_itself_from_season_to_season_is_seasonal():
    assert demand_class([9, 1, 1, 9, 1, 1, 8, 1, 1, 9, 1, 1], season=3) == DemandClass.SEASONAL


def test_seasonal_indices_need_two_seasons():
    assert seasonal_indices([9, 1, 1, 9], season=3) == [1, 1, 1]
    assert seasonal_indices([9, 3, 9, 3], season=2) == [1.25, 0.75]


def test_a_week_starts_on_monday():
    assert week_of(date(2025, 11, 9)) == date(2025, 11, 3)
