import random
from datetime import timedelta

import pytest
import time_machine

from backorders.engine.allocation.comparison import GOALS, jain, pareto_set
from backorders.enums import RunKind, RunStatus
from backorders.errors import CannotApply
from backorders.runs.allocate_stock import allocate_stock
from backorders.runs.compare import compare_policies, compared
from tests.backorders.desk.desk import signed_in
from tests.backorders.guarded import a_contested_pool, a_policy
from tests.factories.inventory import MONDAY

NOON = MONDAY + timedelta(hours=3)
CODES = ["order-date", "customer-importance", "fair-share"]


def test_jains_index_of_the_definition():
    ratios = [1, 1, 0.25, 0]
    assert round(jain(sum(ratios), sum(r * r for r in ratios), 4), 3) == 0.614
    assert jain(2, 1, 4) == 1
    assert (jain(0, 0, 3), jain(0, 0, 0)) == (1, None)


@pytest.mark.parametrize("seed", range(200))
def test_whoever_is_beaten_in_everything_is_not_in_the_pareto_set_and_somebody_is(seed):
    draw = random.Random(seed)
    rows = [{goal: draw.randint(0, 3) for goal in GOALS} for _ in range(draw.randint(1, 6))]

    best = pareto_set(rows)

    assert any(best)
    for row, is_best in zip(rows, best, strict=True):
        better = [{goal: row[goal] + (1 if more else -1) for goal, more in GOALS.items()}]
        assert pareto_set([row, *better]) == [False, True]
        if not is_best:
            assert not pareto_set([row, *rows])[0]


@pytest.mark.django_db
def test_policies_are_compared_on_one_look_at_the_desk():
    _, basic, _ = a_contested_pool()

    rows = compared(compare_policies(policy_codes=CODES, warehouse_id=None, by=None, now=NOON))

    assert [row.run.policy_snapshot["code"] for row in rows] == CODES
    assert {row.run.kind for row in rows} == {RunKind.SIMULATION}
    by_code = {row.run.policy_snapshot["code"]: row.figures for row in rows}
    told = {code: (f["units"], f["lines_complete"], round(f["fairness"], 2)) for code, f in by_code.items()}
    assert told == {"order-date": (5, 1, 0.5), "customer-importance": (5, 1, 0.5), "fair-share": (5, 0, 0.96)}
    assert {code: figures["promises_worse"] for code, figures in by_code.items()} == {
        "order-date": 0,
        "customer-importance": 1,
        "fair-share": 1,
    }
    basic.refresh_from_db()
    assert basic.allocated == 5


@pytest.mark.django_db
def test_the_figures_are_those_of_the_simulation_alone():
    a_contested_pool()
    comparison = compare_policies(policy_codes=CODES, warehouse_id=None, by=None, now=NOON)

    alone = allocate_stock(kind=RunKind.SIMULATION, policy_code="fair-share", now=NOON)

    assert comparison.runs.get(policy_snapshot__code="fair-share").figures == alone.figures


@pytest.mark.django_db
@pytest.mark.parametrize("codes", [[], ["order-date"], ["order-date", "order-date"]])
def test_one_policy_is_no_comparison(codes):
    with pytest.raises(CannotApply, match="Choose 2 to 8 policies"):
        compare_policies(policy_codes=codes, warehouse_id=None, by=None, now=NOON)


@pytest.mark.django_db
def test_the_page_shows_the_figures_and_leads_to_the_simulation_that_can_be_applied(client):
    a_contested_pool()
    a_policy("mine")
    signed_in(client, "backorders.simulate_allocation", "backorders.view_comparison", "backorders.view_allocationrun")

    with time_machine.travel(NOON, tick=False):
        page = client.post("/runs/compare/", {"policies": ["order-date", "mine"]}, follow=True)

    [row, _] = page.context["rows"]
    assert (row.best, row.run.status) == (True, RunStatus.FINISHED)
    assert f'href="/runs/{row.run.pk}/"' in page.content.decode()


@pytest.mark.django_db
def test_comparing_needs_the_permission_to_simulate(client):
    assert signed_in(client, "backorders.view_comparison").get("/runs/compare/").status_code == 403


@pytest.mark.django_db
def test_a_form_without_policies_says_so_beside_the_field(client):
    page = signed_in(client, "backorders.simulate_allocation").post("/runs/compare/", {})

    assert list(page.context["form"].errors) == ["policies"]
