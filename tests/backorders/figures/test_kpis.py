from datetime import date

import pytest

from backorders.figures.kpi_definitions import DEFINITIONS, GROUPS, Population
from backorders.figures.kpis import UNDIVIDED, Figure, Kpi, figures, kpi_table, population
from config.lib.periods import Period
from tests.backorders.waiting import DAY, ordered_line, ships
from tests.factories.inventory import MONDAY

pytestmark = pytest.mark.django_db
TODAY = MONDAY.date()
MONTH = Period.until(TODAY, days=30)


def test_every_definition_stands_in_one_group_and_has_a_figure():
    listed = [name for names in GROUPS.values() for name in names]

    assert sorted(listed) == sorted(DEFINITIONS)
    assert sorted(figures(MONTH, now=MONDAY)) == sorted(DEFINITIONS)


def test_without_anything_to_measure_every_figure_is_blank():
    assert {figure.value for figure in figures(MONTH, now=MONDAY).values()} == {None}


def test_the_period_stands_beside_the_one_before():
    ordered_line(4, at_hand=4)
    ordered_line(4, at_hand=1, now=MONDAY - 40 * DAY)

    [unit_fill, *_] = kpi_table(MONTH, now=MONDAY)["Filled at once"]

    assert (unit_fill.now, unit_fill.before) == (Figure(1.0, 4), Figure(0.25, 4))
    assert (unit_fill.change, unit_fill.change_text, unit_fill.trend) == (0.75, "+75.0\u202fpp", "good")


@pytest.mark.parametrize(
    ("name", "now", "before", "text", "trend"),
    [
        ("backorder_rate", 0.2, 0.1, "+10.0\u202fpp", "bad"),
        ("fill_median", 3.0, 5.5, "−2.5\u202fd", "good"),
        ("changes", 1.0, 1.0, "+0.0", ""),
        ("unit_fill", 0.5, None, "", ""),
    ],
)
def test_a_change_is_good_or_bad_by_what_is_measured(name, now, before, text, trend):
    kpi = Kpi(DEFINITIONS[name], Figure(now, 1), Figure(before, 1))

    assert (kpi.change_text, kpi.trend) == (text, trend)


@pytest.mark.parametrize("which", list(Population))
def test_the_lines_behind_each_figure_can_be_listed_and_split(which):
    lines, hit = population(which, MONTH, today=TODAY)

    assert list(lines) == []
    assert (hit is None) == (which in UNDIVIDED)


def test_the_lines_behind_a_figure_are_those_that_it_counts():
    on_time = ships(
        ordered_line(5, at_hand=5, now=MONDAY - 9 * DAY, requested_on=date(2025, 10, 30)), at=MONDAY - 8 * DAY
    )
    missed = ordered_line(5, now=MONDAY - 9 * DAY, requested_on=date(2025, 10, 30))

    lines, hit = population(Population.DUE, MONTH, today=TODAY)

    assert {line.pk for line in lines} == {on_time.pk, missed.pk}
    assert [line.pk for line in lines.filter(hit)] == [on_time.pk]
    assert figures(MONTH, now=MONDAY)["otif"] == Figure(0.5, 2)
