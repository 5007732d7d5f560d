from datetime import timedelta

import pytest
import time_machine

from backorders.enums import RunKind, RunStatus
from backorders.models import AllocationRun
from backorders.runs.allocate_stock import allocate_stock
from tests.backorders.desk.desk import signed_in, told
from tests.backorders.guarded import a_contested_pool, a_policy
from tests.factories.inventory import MONDAY, StockEntryFactory

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=3)
LOOK, APPLY, SIMULATE, APPROVE = (
    *("backorders.view_allocationrun", "backorders.run_allocation"),
    *("backorders.simulate_allocation", "backorders.approve_run"),
)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def simulate(policy="customer-importance") -> AllocationRun:
    return allocate_stock(kind=RunKind.SIMULATION, policy_code=policy, now=NOON)


def test_a_planner_applies_a_simulation_and_rolls_it_back(client):
    _, basic, _ = a_contested_pool()
    simulation = simulate()
    signed_in(client, LOOK, APPLY, SIMULATE)

    applied = client.post(f"/runs/{simulation.pk}/apply/", follow=True)
    run = applied.context["run"]
    back = client.post(f"/runs/{run.pk}/roll-back/", {"note": "Wrong policy"}, follow=True)

    assert told(applied) == [f"{simulation} is applied by {run}."]
    assert told(back) == [f"{run} was rolled back."]
    assert (back.context["run"].kind, back.context["run"].source_run) == (RunKind.ROLLBACK, run)
    basic.refresh_from_db()
    assert basic.allocated == 5


def test_the_page_says_beside_the_button_which_queues_changed_since(client):
    level, _, _ = a_contested_pool()
    simulation = simulate()
    StockEntryFactory(stock_level=level, delta=2)

    page = signed_in(client, LOOK, APPLY).get(f"/runs/{simulation.pk}/")

    assert page.context["decision"]["stale"] == [f"{level}: 2 units are free now, not 0."]
    assert "1 product has changed since and will be skipped:" in page.content.decode()


def test_a_simulation_is_discarded_with_a_note(client):
    a_contested_pool()
    simulation = simulate()
    signed_in(client, LOOK, SIMULATE)

    without = client.post(f"/runs/{simulation.pk}/discard/", {"note": ""}, follow=True)
    done = client.post(f"/runs/{simulation.pk}/discard/", {"note": "Too much churn"}, follow=True)

    assert told(without) == ["Note: This field is required."]
    assert done.context["run"].status == RunStatus.DISCARDED
    assert "Too much churn" in done.content.decode()


def test_the_approver_sees_which_promises_would_break_and_approves(client):
    _, basic, _ = a_contested_pool()
    a_policy("guarded", approval_threshold=0)
    waiting = allocate_stock(kind=RunKind.MANUAL, policy_code="guarded", now=NOON)
    signed_in(client, LOOK, APPROVE)

    seen = client.get(f"/runs/{waiting.pk}/?show=worse")
    applied = client.post(f"/runs/{waiting.pk}/approve/", {"note": "Agreed"}, follow=True)

    assert [(row.line, row.promise.told_on, row.promise.after_on) for row in seen.context["results"]] == [
        (basic, MONDAY.date(), None)
    ]
    assert "1 promised date would move later; the policy allows 0" in seen.content.decode()
    assert (applied.context["run"].source_run, applied.context["run"].status) == (waiting, RunStatus.FINISHED)


def test_a_rejected_run_says_who_and_why(client):
    a_contested_pool()
    a_policy("guarded", approval_threshold=0)
    waiting = allocate_stock(kind=RunKind.MANUAL, policy_code="guarded", now=NOON)

    page = signed_in(client, LOOK, APPROVE).post(f"/runs/{waiting.pk}/reject/", {"note": "No"}, follow=True)

    assert page.context["run"].status == RunStatus.REJECTED
    assert "Hannah Vogel" in page.content.decode()


def test_the_results_come_as_csv_with_the_dates_that_would_move(client):
    _, basic, _ = a_contested_pool()
    simulation = simulate()

    response = signed_in(client, LOOK).get(f"/runs/{simulation.pk}/export.csv?show=lost")
    header, row = b"".join(response.streaming_content).decode().splitlines()

    assert header.startswith('"order","line","customer"')
    assert row.startswith(f'"{basic.order}",1,')
    assert ',5,0,-5,"2025-11-03","","taken_back"' in row


@pytest.mark.parametrize("query", ["?q=saw-200", "?q={customer}", "?q={order}"])
def test_results_are_found_by_product_customer_and_order(client, query):
    _, basic, _ = a_contested_pool()
    a_contested_pool("DRILL-1")
    run = allocate_stock(kind=RunKind.MANUAL, policy_code="customer-importance", now=NOON)
    words = {"customer": basic.order.customer.name, "order": basic.order.number}

    page = signed_in(client, LOOK).get(f"/runs/{run.pk}/{query.format(**words)}&show=lost")

    assert [row.line for row in page.context["results"]] == [basic]


def test_results_are_filtered_by_segment(client):
    _, _, platinum = a_contested_pool()
    best = [{"field": "tier", "operator": "in", "values": ["platinum"]}]
    keys = [{"field": "placed_at"}]
    a_policy("two", segments=[{"name": "Best", "strategy": "IMPROVE", "filters": best, "keys": keys}])
    simulation = simulate("two")

    page = signed_in(client, LOOK).get(f"/runs/{simulation.pk}/?segment=0&show=all")

    assert [(row.line, row.segment) for row in page.context["results"]] == [(platinum, "Best")]


def test_a_line_is_explained_from_the_run_and_from_its_order(client):
    _, basic, _ = a_contested_pool()
    run = simulate()
    signed_in(client, LOOK)

    in_the_run = client.get(f"/orders/lines/{basic.pk}/why/?run={run.pk}").content.decode()
    now = client.get(f"/orders/lines/{basic.pk}/why/").content.decode()

    assert "or tier Platinum would fill it." in in_the_run or "or tier" in in_the_run
    assert 'id="now-title">Now' in now


@pytest.mark.parametrize("action", ["apply", "discard", "approve", "reject", "roll-back"])
def test_each_decision_needs_its_permission(client, action):
    a_contested_pool()
    simulation = simulate()

    assert signed_in(client, LOOK).post(f"/runs/{simulation.pk}/{action}/", {"note": "x"}).status_code == 403
