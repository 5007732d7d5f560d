from datetime import timedelta

import pytest
import time_machine

from backorders import tasks
from backorders.desk.runs import runs as allocation_runs
from backorders.enums import RunKind, RunStatus
from backorders.models import AllocationRun, OrderLine
from backorders.runs.allocate_stock import allocate_stock, start_run
from tests.backorders.desk.desk import signed_in
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory, CustomerTierFactory
from tests.factories.inventory import MONDAY, StockEntryFactory, StockLevelFactory, WarehouseFactory

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=3)
LOOK, APPLY, SIMULATE = (
    "backorders.view_allocationrun", "backorders.run_allocation", "backorders.simulate_allocation",
)  # fmt: skip


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def level():
    """Four units, which a first order of six does not wholly get; a second one waits."""
    level = StockLevelFactory(product__sku="SAW-200")
    for number, tier in enumerate(("basic", "platinum")):
        customer = CustomerFactory(tier=CustomerTierFactory(code=tier))
        order_for({level.product: 6}, customer=customer, now=MONDAY + timedelta(hours=number))
    StockEntryFactory(stock_level=level, delta=4)
    return level


def run(**values):
    return allocate_stock(kind=RunKind.MANUAL, now=NOON, **values)


def seen(response):
    return [(told.result.rank, told.gain, told.missing) for told in response.context["results"]]


def test_the_list_shows_the_newest_run_first_and_filters_by_kind(client, level):
    applied = run()
    simulated = allocate_stock(kind=RunKind.SIMULATION, now=NOON)
    signed_in(client, LOOK)

    assert client.get("/runs/").context["page"].rows == [simulated, applied]
    assert client.get("/runs/", {"kind": "manual"}).context["page"].rows == [applied]


def test_the_list_asks_as_often_for_three_runs_as_for_one(client, level, django_assert_num_queries):
    signed_in(client, LOOK)
    for count in (1, 2):
        for _ in range(count):
            run()
        with django_assert_num_queries(5):
            client.get("/runs/")


@pytest.mark.parametrize(
    ("query", "results"),
    [
        ("", [(1, 4, 2)]),
        ("?show=gained", [(1, 4, 2)]),
        ("?show=lost", []),
        ("?show=short", [(1, 4, 2), (2, 0, 6)]),
        ("?show=all", [(1, 4, 2), (2, 0, 6)]),
        ("?show=all&q=saw", [(1, 4, 2), (2, 0, 6)]),
        ("?show=all&q=hammer", []),
        ("?show=nonsense", [(1, 4, 2)]),
        ("?after=nonsense", [(1, 4, 2)]),
    ],
)
def test_the_results_are_filtered(client, level, query, results):
    done = run()

    assert seen(signed_in(client, LOOK).get(f"/runs/{done.pk}/{query}")) == results


def test_a_result_is_a_sentence_and_the_policy_too(client, level):
    done = run(policy_code="customer-importance")

    response = signed_in(client, LOOK).get(f"/runs/{done.pk}/")

    [told] = response.context["results"]
    assert told.sentence == "First of 2 in the queue for SAW-200: gets 4 of 6; 2 more units are needed."
    assert response.context["policy_words"] == "Most important tier first, then the oldest order line."


def test_results_are_paged_by_key(client, level, monkeypatch):
    for number in range(60):
        order_for({level.product: 1}, now=MONDAY + timedelta(minutes=number))
    done = run()
    signed_in(client, LOOK)

    for query in ("?show=all", "?show=all&q=SAW-200"):
        first = client.get(f"/runs/{done.pk}/{query}")
        second = client.get(f"/runs/{done.pk}/{first.context['page'].older}")
        rows = [told.line.pk for response in (first, second) for told in response.context["results"]]
        assert (len(rows), len(set(rows))) == (62, 62)


def test_the_page_asks_as_often_for_three_results_as_for_one(client, level, django_assert_num_queries):
    signed_in(client, LOOK)
    small = run()
    for _ in range(3):
        order_for({StockLevelFactory(on_hand=1).product: 2})
    large = run()

    for done in (small, large):
        with django_assert_num_queries(13):
            client.get(f"/runs/{done.pk}/?show=all")


def test_a_simulation_started_by_hand_writes_nothing_else(client, level):
    signed_in(client, LOOK, SIMULATE)

    response = client.post("/runs/new/", {"policy": "customer-importance", "kind": "simulation"}, follow=True)

    assert seen(response) == [(1, 4, 2)]
    assert list(OrderLine.objects.values_list("allocated", flat=True)) == [0, 0]


def test_a_run_by_hand_is_done_at_once_for_a_warehouse(client, level):
    signed_in(client, LOOK, APPLY)
    north = WarehouseFactory(code="NORTH")

    client.post("/runs/new/", {"policy": "order-date", "kind": "manual", "warehouse": level.warehouse_id})
    client.post("/runs/new/", {"policy": "order-date", "kind": "manual", "warehouse": north.pk})

    here, there = AllocationRun.objects.order_by("pk")
    assert (here.status, here.lines_changed, here.started_by.username[:5]) == (RunStatus.FINISHED, 1, "staff")
    assert there.lines == 0


def test_a_large_desk_is_served_by_the_worker(client, level, monkeypatch, django_capture_on_commit_callbacks):
    signed_in(client, LOOK, APPLY)
    called = []
    monkeypatch.setattr(allocation_runs, "SMALL", 1)
    monkeypatch.setattr(tasks.do_shard, "apply_async", lambda kwargs, **how: called.append(kwargs))

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post("/runs/new/", {"policy": "order-date", "kind": "manual"}, follow=True)

    run = AllocationRun.objects.get()
    assert (run.status, called) == (RunStatus.RUNNING, [{"run_id": run.pk}])
    assert (response.context["shards_done"], response.context["shards"]) == (0, 1)
    assert "hx-get" in response.content.decode()


def test_the_progress_reloads_the_page_once_the_run_has_ended(client, level):
    signed_in(client, LOOK)
    begun = start_run(kind=RunKind.MANUAL, now=NOON)

    waiting = client.get(f"/runs/{begun.pk}/progress/")
    tasks.continue_runs()
    over = client.get(f"/runs/{begun.pk}/progress/")

    assert ("HX-Refresh" in waiting, over["HX-Refresh"]) == (False, "true")


def test_a_failed_run_goes_on(client, level, monkeypatch, django_capture_on_commit_callbacks):
    signed_in(client, LOOK, APPLY)
    begun = start_run(kind=RunKind.MANUAL, now=NOON)
    AllocationRun.objects.filter(pk=begun.pk).update(status=RunStatus.FAILED, error="out of order")
    monkeypatch.setattr(tasks.continue_runs, "apply_async", lambda kwargs, **how: tasks.continue_runs(**kwargs))

    shown = client.get(f"/runs/{begun.pk}/")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/runs/{begun.pk}/retry/")

    begun.refresh_from_db()
    assert "out of order" in shown.content.decode()
    assert (begun.status, begun.error) == (RunStatus.FINISHED, "")


def test_a_finished_run_cannot_be_retried(client, level):
    signed_in(client, LOOK, APPLY)
    done = run()

    response = client.post(f"/runs/{done.pk}/retry/", follow=True)

    assert [str(m) for m in response.context["messages"]] == [f"{done} is finished: it cannot become running."]


@pytest.mark.parametrize(
    ("permissions", "kinds"),
    [((SIMULATE,), ["simulation"]), ((APPLY,), ["manual"]), ((SIMULATE, APPLY), ["simulation", "manual"])],
)
def test_the_form_offers_what_the_person_may_do(client, permissions, kinds):
    form = signed_in(client, *permissions).get("/runs/new/").context["form"]

    assert [value for value, _ in form.fields["kind"].choices] == kinds


def test_who_may_only_simulate_cannot_apply(client, level):
    response = signed_in(client, LOOK, SIMULATE).post("/runs/new/", {"policy": "order-date", "kind": "manual"})

    assert (AllocationRun.objects.count(), list(response.context["form"].errors)) == (0, ["kind"])


def test_pages_and_actions_need_their_permission(client, level):
    done = run()
    signed_in(client)

    for address in ("/runs/", f"/runs/{done.pk}/", f"/runs/{done.pk}/progress/", "/runs/new/"):
        assert client.get(address).status_code == 403
    assert client.post(f"/runs/{done.pk}/retry/").status_code == 403
