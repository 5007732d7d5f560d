import csv
import io

import pytest

from backorders.figures.kpi_definitions import DEFINITIONS, Population
from tests.backorders.waiting import DAY, ordered_line, ships
from tests.factories.inventory import MONDAY
from tests.factories.staff import staff_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


@pytest.fixture
def viewer(client):
    client.force_login(staff_with("backorders.view_orderline"))
    return client


@pytest.mark.parametrize(("query", "days"), [("", 30), ("?days=90", 90), ("?days=31", 30), ("?days=x", 30)])
def test_the_period_is_one_of_four(viewer, query, days):
    response = viewer.get(f"/reports/{query}")

    assert response.context["period"].days == days


def test_every_figure_stands_there_with_its_definition(viewer):
    ordered_line(5, at_hand=2)

    page = viewer.get("/reports/").content.decode()

    for definition in DEFINITIONS.values():
        assert definition.name in page
        assert definition.text in page
    assert "40.0\u202f%" in page


@pytest.mark.parametrize("which", list(Population))
def test_the_lines_behind_a_figure_have_a_page(viewer, which):
    line = ordered_line(5, at_hand=5, now=MONDAY - 9 * DAY, requested_on=(MONDAY - 5 * DAY).date())
    ships(line, at=MONDAY - 8 * DAY)

    assert viewer.get(f"/reports/lines/{which}/").status_code == 200
    assert viewer.get(f"/reports/lines/{which}/export.csv").status_code == 200


def test_an_unknown_figure_has_no_lines(viewer):
    assert viewer.get("/reports/lines/none-such/").status_code == 404


def test_without_the_permission_there_are_no_lines(client):
    client.force_login(staff_with("backorders.view_salesorder"))

    assert client.get("/reports/lines/due/").status_code == 403
    assert client.get("/reports/lines/due/export.csv").status_code == 403


def test_hits_and_misses_are_told_apart(viewer):
    filled, short = ordered_line(5, at_hand=5), ordered_line(5)

    def pages(only):
        return [line.pk for line in viewer.get(f"/reports/lines/entered/?only={only}").context["page"].rows]

    assert (pages("hits"), pages("misses"), pages("")) == ([filled.pk], [short.pk], [short.pk, filled.pk])


def test_the_export_lists_the_same_lines(viewer):
    ordered_line(5, at_hand=5)
    short = ordered_line(5)

    response = viewer.get("/reports/lines/entered/export.csv?only=misses")

    [row] = csv.DictReader(io.StringIO(response.getvalue().decode()))
    assert (row["order"], row["ordered"], row["filled_at_once"]) == (short.order.number, "5", "0")
    assert response.headers["Content-Disposition"] == 'attachment; filename="entered-2025-10-05-2025-11-03.csv"'
