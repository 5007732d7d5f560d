from config.lib.charts import sparkline


def test_a_sparkline_runs_from_its_lowest_to_its_highest():
    figure = sparkline([0, 10], label="Open units")

    assert figure.path == "M2 22L94 2"
    assert figure.area == "M2 22L94 2L94 24L2 24Z"
    assert figure.last == (94, 2)


def test_one_value_is_no_course():
    assert sparkline([5], label="Open units").path == ""


def test_a_constant_course_is_flat():
    assert sparkline([5, 5, 5], label="Open units").path == "M2 22L48 22L94 22"
