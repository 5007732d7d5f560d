from datetime import date

from config.lib.charts import Series, columns, line, pareto, steps


def test_columns_are_stacked_from_the_zero_line():
    plot = columns(title="Lines", categories=["W1", "W2"], series=[Series("Filled", [60, 20]), Series("Late", [40, 0])])

    assert [(r.style, r.x, r.y, r.width, r.height) for r in plot.rects] == [
        ("series-1", 7.5, 80.0, 35.0, 120.0),
        ("series-2", 7.5, 0.0, 35.0, 80.0),
        ("series-1", 57.5, 160.0, 35.0, 40.0),
    ]
    assert list(plot.body) == [("W1", 60, 40), ("W2", 20, 0)]
    assert plot.legend == (("series-1", "Filled"), ("series-2", "Late"))
    assert plot.summary == "highest W1 with 100"


def test_many_columns_show_every_other_label_as_minor():
    plot = columns(title="Lines", categories=[f"W{i}" for i in range(12)], series=[Series("Filled", [1] * 12)])

    assert [tick.minor for tick in plot.x_ticks[:4]] == [False, True, False, True]


def test_pareto_sorts_leaves_out_nothing_and_ends_at_the_whole():
    plot = pareto(title="Why", unit="€", items=[("Demand", 25), ("Delay", 75), ("Error", 0)])

    assert list(plot.body) == [("Delay", 75.0, "75%"), ("Demand", 25.0, "100%")]
    assert [(dot.x, dot.y) for dot in plot.dots] == [(25.0, 50.0), (75.0, 0.0)]
    assert plot.summary == "largest Delay with 75%"


def test_a_line_is_drawn_over_its_band():
    days = [date(2025, 1, 1), date(2025, 1, 11)]
    plot = line(title="Lead time", points=[(days[0], 10), (days[1], 20)], band=[(days[0], 10, 15), (days[1], 20, 20)])

    assert [path.style for path in plot.paths] == ["band", "line series-1"]
    assert plot.paths[1].d == "M0 100L1000 0"
    assert plot.paths[0].d == "M0 50L1000 0L1000 0L0 100Z"
    assert list(plot.body) == [("1 Jan 2025", 10, 10, 15), ("11 Jan 2025", 20, 20, 20)]


def test_steps_hold_their_value_and_mark_what_lies_below_zero():
    plot = steps(
        title="Stock", unit="units", points=[(date(2025, 1, 1), 10), (date(2025, 1, 6), -10), (date(2025, 1, 11), 10)]
    )

    assert plot.paths[0].d == "M0 0L500 0L500 200L1000 200L1000 0"
    assert [(r.style, r.x, r.y, r.width, r.height) for r in plot.rects] == [("below", 50.0, 100.0, 50.0, 100.0)]
    assert plot.zero == 100.0
    assert plot.summary == "lowest −10 units on 6 Jan 2025, 10 units on 11 Jan 2025"


def test_labels_at_the_edges_grow_inwards():
    plot = steps(title="Stock", points=[(date(2025, 1, 1), 10), (date(2025, 1, 4), 5)])

    assert [tick.anchor for tick in plot.x_ticks] == ["start", "middle", "middle", "end"]


def test_no_data_draws_axes_only():
    for plot in (line(title="Empty", points=[]), steps(title="Empty", points=[]), pareto(title="Empty", items=[])):
        assert (plot.summary, plot.paths, plot.rects, plot.body) == ("no data", (), (), ())
    assert columns(title="Empty", categories=[], series=[]).summary == "no data"
