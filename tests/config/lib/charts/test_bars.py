import pytest

from config.lib.charts import BarValues, bars


def test_the_longest_row_fills_the_width_and_the_others_follow():
    figure = bars(
        title="Age",
        unit="units",
        series=("Allocated", "Waiting"),
        rows=[BarValues("0–7", (10, 30)), BarValues("8–14", (0, 20))],
    )

    assert [(s.x, s.width) for s in figure.rows[0].segments] == [(0, 25), (25, 75)]
    assert [(s.series, s.x, s.width) for s in figure.rows[1].segments] == [(2, 0, 50)]
    assert [row.total for row in figure.rows] == [40, 20]


def test_rows_of_nothing_draw_nothing():
    assert bars(title="Age", rows=[BarValues("0–7", (0,))]).rows[0].segments == ()


def test_values_below_zero_are_refused():
    with pytest.raises(ValueError, match="below zero"):
        bars(title="Age", rows=[BarValues("0–7", (-1,))])
