"""The first page: what it shows leads to its lines, and over many lines it says its age."""

from datetime import timedelta

import pytest
import time_machine

from backorders.desk.reports import snapshots
from backorders.orders.queries.backlog import Totals
from backorders.tasks import count_figures
from notifications.models import Batch
from tests.backorders.waiting import DAY, ordered_line
from tests.factories.inventory import MONDAY
from tests.factories.staff import staff_with
from tests.inventory.conversation import LATER, answer, lines_of, says, sent_order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def viewer(client):
    client.force_login(staff_with("backorders.view_orderline"))
    return client


@pytest.fixture
def many_lines(monkeypatch):
    monkeypatch.setattr(snapshots, "EXACT_UP_TO", 0)


def units(response):
    return response.context["board"].units


def test_an_empty_desk_has_a_dashboard(viewer):
    page = viewer.get("/").content.decode()

    assert "Nothing is on backorder" in page
    assert "No nightly run has succeeded yet." in page


@pytest.mark.parametrize("lines", [1, 3])
def test_the_dashboard_asks_as_often_for_three_lines_as_for_one(viewer, lines, django_assert_num_queries):
    for _ in range(lines):
        ordered_line()

    with django_assert_num_queries(24):
        viewer.get("/")


def test_what_waits_for_a_decision_is_said_on_top(client):
    order = sent_order(10)
    answer(order, says(*lines_of(order), (10, LATER), reason="The forge stands still"))
    Batch.objects.create(key="run:7", state="waiting", closed_at=MONDAY, held=600)
    client.force_login(
        staff_with("backorders.view_orderline", "inventory.view_supplieranswer", "notifications.view_batch")
    )

    page = " ".join(client.get("/").content.decode().split())

    assert "1 supplier answer needs" in page
    assert "1 bulk mailing needs approval" in page


def test_each_bucket_and_reason_leads_to_as_many_lines(viewer):
    for days in (0, 10, 10, 95):
        ordered_line(2, now=MONDAY - days * DAY)

    board = viewer.get("/").context["board"]

    for part in board.buckets:
        assert totals_of(viewer, age=part.key).lines == part.lines
    for part in board.reasons:
        assert totals_of(viewer, reason=part.key).lines == part.lines
    assert totals_of(viewer, state="late").lines == board.late
    assert totals_of(viewer, dated="supply").units == board.coverage.hits


def totals_of(viewer, **filters) -> Totals:
    return viewer.get("/backorders/", filters).context["totals"]


def test_up_to_the_limit_every_look_is_exact(viewer):
    ordered_line(2)
    viewer.get("/")
    ordered_line(3)

    assert units(viewer.get("/")) == 5


def test_over_many_lines_figures_are_kept_for_a_minute_and_say_their_age(viewer, many_lines, clock):
    ordered_line(2)
    viewer.get("/")
    ordered_line(3)

    clock.shift(timedelta(seconds=59))
    kept = viewer.get("/")
    anew = viewer.get("/?refresh=1")
    ordered_line(4)
    clock.shift(timedelta(seconds=60))
    aged = viewer.get("/")
    count_figures(name="dashboard")
    later = viewer.get("/")

    assert (units(kept), kept.context["is_kept"], kept.context["as_of"]) == (2, True, MONDAY)
    assert "Refresh" in kept.content.decode()
    assert (units(anew), units(aged), units(later)) == (5, 5, 9)


def test_of_many_lines_one_worker_is_asked_to_count_and_no_page_waits(
    viewer, many_lines, clock, monkeypatch, django_capture_on_commit_callbacks
):
    asked = []
    monkeypatch.setattr(count_figures, "apply_async", lambda **call: asked.append(call["kwargs"]))
    ordered_line(2)
    viewer.get("/")

    clock.shift(timedelta(seconds=61))
    with django_capture_on_commit_callbacks(execute=True):
        viewer.get("/")
        viewer.get("/")

    assert asked == [{"name": "dashboard"}]


def test_every_report_is_counted_by_a_worker_as_on_its_page(viewer, many_lines):
    ordered_line(2)
    for address, name, figures in [("/reports/", "figures:30", "groups"), ("/reports/reasons/", "reasons:", "found")]:
        first = viewer.get(address).context[figures]

        count_figures(name=name)

        assert viewer.get(address).context[figures] == first
