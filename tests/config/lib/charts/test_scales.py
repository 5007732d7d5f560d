from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib.charts.scales import date_ticks, nice_scale, polyline, short, wrap


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0, 92], [0, 25, 50, 75, 100]),
        ([3], [0, 1, 2, 3]),
        ([], [0, 1]),
        ([-36, 120], [-50, 0, 50, 100, 150]),
        ([18400], [0, 5000, 10000, 15000, 20000]),
    ],
)
def test_ticks_are_round_and_cover_the_values_and_zero(values, ticks):
    assert nice_scale(values, height=200).ticks == ticks


def test_ratios_get_steps_below_one():
    assert nice_scale([0.7], height=200, whole=False).ticks == [0, 0.2, 0.4, 0.6, 0.8]


@given(st.lists(st.floats(min_value=-1e9, max_value=1e9, allow_nan=False), max_size=20))
def test_every_value_lies_inside_the_plot(values):
    scale = nice_scale(values, height=200, whole=False)

    assert all(-0.01 <= scale.y(value) <= 200.01 for value in [0, *values])
    assert len(scale.ticks) <= 8


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1500, "1.5k"), (20000, "20k"), (3e6, "3M"), (-50, "−50"), (0.25, "0.25"), (2e9, "2B")],
)
def test_ticks_are_short(value, text):
    assert short(value) == text


def test_a_week_is_named_by_days_a_quarter_by_mondays_a_year_by_months_longer_by_years():
    assert [name for _, name in date_ticks(date(2025, 11, 24), date(2025, 11, 26))] == ["24 Nov", "25 Nov", "26 Nov"]
    assert [name for _, name in date_ticks(date(2025, 11, 26), date(2025, 12, 10))] == ["1 Dec", "8 Dec"]
    assert [name for _, name in date_ticks(date(2025, 1, 6), date(2025, 6, 1))] == ["Feb", "Mar", "Apr", "May", "Jun"]
    assert date_ticks(date(2025, 1, 1), date(2025, 12, 31))[0] == (date(2025, 1, 1), "Jan 25")
    assert [name for _, name in date_ticks(date(2020, 5, 1), date(2024, 5, 1))] == ["2021", "2022", "2023", "2024"]


def test_long_labels_are_wrapped_by_words_and_cut():
    assert wrap("Supplier delay", width=8) == ["Supplier", "delay"]
    assert wrap("Waiting for a supplier abroad", width=8) == ["Waiting", "for a…"]
    assert wrap("") == [""]


def test_a_path_goes_through_its_points():
    assert polyline([(0, 1), (2.5, 3)]) == "M0 1L2.5 3"
