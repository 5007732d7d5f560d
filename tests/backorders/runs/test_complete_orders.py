"""Orders that ship complete, over pools and shards: nobody parks stock for ever."""

from datetime import timedelta

import pytest

from backorders.enums import RunKind, RunStatus
from backorders.models import OrderLine, RunResult
from backorders.promising.promise_dates import promise_due
from backorders.runs import allocate_stock as allocation
from backorders.runs.allocate_stock import allocate_stock, continue_run, start_run
from backorders.runs.policies import choose_default_policy, write_policy
from tests.backorders.waiting import DAY
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, PurchaseOrderLineFactory, StockEntryFactory, StockLevelFactory

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=2)


@pytest.fixture
def limited():
    """The desk goes by order date, and complete orders hold for ten days at most."""
    rest = {"strategy": "REDISTRIBUTE", "keys": [{"field": "placed_at"}]}
    policy = write_policy(
        code="limited",
        name="Limited",
        description="",
        definition={"rest": rest, "hold_days": 10},
        comment="",
        by=None,
        now=MONDAY,
    )
    choose_default_policy(policy_id=policy.pk, by=None, now=MONDAY)


@pytest.fixture
def two_pools():
    """Five saws are there and no drill; a complete order wants both and came first, another one wants the saws."""
    saws, drills = StockLevelFactory(on_hand=5), StockLevelFactory()
    complete = order_for({saws.product: 5, drills.product: 2}, ship_complete=True)
    other = order_for({saws.product: 5}, now=MONDAY + timedelta(hours=1))
    return saws, drills, complete, other


def held(*orders):
    return [list(order.lines.order_by("pk").values_list("allocated", flat=True)) for order in orders]


def run(now=LATER, **values):
    return allocate_stock(kind=RunKind.MANUAL, now=now, **values)


def coming(level, *, days):
    PurchaseOrderLineFactory(product=level.product, ordered=2, confirmed_on=(MONDAY + days * DAY).date())
    promise_due(now=LATER)


def test_an_order_that_cannot_be_complete_in_time_gives_its_stock_to_others(limited, two_pools):
    _, drills, complete, other = two_pools
    coming(drills, days=40)

    done = run()

    assert held(complete, other) == [[0, 0], [5]]
    told = RunResult.objects.get(run_id=done.pk, line_id=complete.lines.order_by("pk")[0].pk)
    assert (told.before, told.after, told.reason) == (5, 0, "order_cannot_complete")
    assert set(done.releases.values_list("line_id", flat=True)) == set(complete.lines.values_list("pk", flat=True))


def test_an_order_keeps_its_parts_while_the_rest_is_near(limited, two_pools):
    _, drills, complete, other = two_pools
    coming(drills, days=4)

    run()

    assert held(complete, other) == [[5, 0], [0]]


def test_parts_are_held_for_the_limit_and_no_longer(limited, two_pools):
    _, drills, complete, other = two_pools
    coming(drills, days=4)
    run()
    drills.product.refresh_from_db()
    line = complete.lines.order_by("pk")[1]
    PurchaseOrderLineFactory(product=drills.product, ordered=5, confirmed_on=(MONDAY + 14 * DAY).date())
    promise_due(now=MONDAY + 11 * DAY)
    line.refresh_from_db()

    run(MONDAY + 11 * DAY)

    assert held(complete, other) == [[0, 0], [5]]


def test_a_second_run_changes_nothing(limited, two_pools):
    coming(two_pools[1], days=40)
    run()

    assert run(LATER + timedelta(hours=1)).lines_changed == 0


def test_a_complete_order_is_served_when_everything_is_there(limited, two_pools):
    _, drills, complete, other = two_pools
    coming(drills, days=40)
    run()
    StockEntryFactory(stock_level=drills, delta=2)
    StockEntryFactory(stock_level=two_pools[0], delta=5)

    run(LATER + timedelta(hours=1))

    assert held(complete, other) == [[5, 2], [5]]


def test_a_simulation_releases_the_same_lines(limited, two_pools):
    coming(two_pools[1], days=40)

    simulated = allocate_stock(kind=RunKind.SIMULATION, now=LATER)
    applied = run()

    after = [
        dict(RunResult.objects.filter(run_id=each.pk).values_list("line_id", "after")) for each in (simulated, applied)
    ]
    assert after[0] == after[1]


def test_a_run_that_is_taken_up_again_is_settled_once(limited, two_pools, monkeypatch):
    coming(two_pools[1], days=40)
    monkeypatch.setattr(allocation, "PRODUCTS_PER_SHARD", 1)
    started = start_run(kind=RunKind.MANUAL, now=LATER)
    monkeypatch.setattr(allocation, "take_shard", lambda run, **undone: None)
    continue_run(run_id=started.pk, now=LATER)
    monkeypatch.undo()

    continue_run(run_id=started.pk, now=LATER)

    started.refresh_from_db()
    assert started.status == RunStatus.FINISHED
    assert held(two_pools[2], two_pools[3]) == [[0, 0], [5]]
    assert OrderLine.objects.count() == 3
