"""What a run does, whoever starts it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backorders.enums import EventKind, RunKind, RunStatus
from backorders.errors import PolicyUnknown
from backorders.fulfilment.ship import pick_order
from backorders.models import Allocation, AllocationRun, LineEvent, OrderLine, RunResult, RunShard
from backorders.runs.allocate_stock import allocate_stock, continue_run, continue_runs, start_nightly
from inventory.models import StockLevel
from notifications.models import Message
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory, CustomerTierFactory
from tests.factories.inventory import MONDAY, ProductFactory, StockEntryFactory, StockLevelFactory, WarehouseFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = MONDAY + 5 * DAY


def a_short_pool(*quantities: int, tiers: tuple[str, ...] = ()) -> tuple[StockLevel, list[OrderLine]]:
    """A pool without stock and lines that wait for it, one a day, from customers of these tiers."""
    level = StockLevelFactory()
    tiers = tiers or ("standard",) * len(quantities)
    lines = []
    for day, (units, tier) in enumerate(zip(quantities, tiers, strict=True)):
        customer = CustomerFactory(tier=CustomerTierFactory(code=tier))
        order = order_for({level.product: units}, customer=customer, now=MONDAY + day * DAY)
        lines.append(OrderLine.objects.get(order=order))
    return level, lines


def arrives(level: StockLevel, units: int) -> None:
    StockEntryFactory(stock_level=level, delta=units)


def run(policy: str = "", kind: RunKind = RunKind.MANUAL, **values) -> AllocationRun:
    return allocate_stock(kind=kind, policy_code=policy, now=LATER, **values)


def allocated(lines: list[OrderLine]) -> list[int]:
    by_id = dict(OrderLine.objects.filter(pk__in=[line.pk for line in lines]).values_list("pk", "allocated"))
    return [by_id[line.pk] for line in lines]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("order-date", [6, 4, 0]),
        ("customer-importance", [1, 4, 5]),
        ("order-size", [1, 4, 5]),
        ("fair-share", [4, 3, 3]),
    ],
)
def test_the_policy_says_who_is_served_first(policy, expected):
    level, lines = a_short_pool(6, 4, 5, tiers=("basic", "gold", "platinum"))
    arrives(level, 10)

    run(policy)

    assert allocated(lines) == expected


def test_a_run_takes_soft_allocations_back_but_says_so():
    level, lines = a_short_pool(6, 6, tiers=("basic", "platinum"))
    arrives(level, 6)
    run("order-date")

    run("customer-importance")

    assert allocated(lines) == [0, 6]
    assert list(LineEvent.objects.filter(line=lines[0]).order_by("pk").values_list("kind", "quantity"))[-2:] == [
        (EventKind.ALLOCATED, 6),
        (EventKind.TAKEN_BACK, 6),
    ]


def test_goods_on_a_pick_list_are_never_touched():
    level, lines = a_short_pool(6, 6, tiers=("basic", "platinum"))
    arrives(level, 6)
    run("order-date")
    pick_order(order_id=lines[0].order_id, by=None, now=LATER)

    run("customer-importance")

    assert allocated(lines) == [6, 0]


def test_a_second_run_changes_nothing():
    level, _ = a_short_pool(6, 4, 5)
    arrives(level, 10)
    run()
    before = list(Allocation.objects.order_by("pk").values()), Message.objects.count(), LineEvent.objects.count()

    again = run()

    assert again.lines_changed == 0
    assert before == (
        list(Allocation.objects.order_by("pk").values()),
        Message.objects.count(),
        LineEvent.objects.count(),
    )


def test_a_simulation_writes_its_results_and_nothing_else():
    level, lines = a_short_pool(6, 4)
    arrives(level, 7)
    before = Allocation.objects.count(), Message.objects.count(), LineEvent.objects.count()

    simulated = run(kind=RunKind.SIMULATION)

    assert before == (Allocation.objects.count(), Message.objects.count(), LineEvent.objects.count())
    assert (simulated.units_allocated, simulated.units_open, simulated.lines_changed) == (7, 3, 2)
    applied = run()
    columns = ("line_id", "before", "after", "rank", "reason", "more_units")
    simulation, application = (
        list(RunResult.objects.filter(run_id=r.pk).order_by("line_id").values_list(*columns))
        for r in (simulated, applied)
    )
    assert simulation == application
    assert allocated(lines) == [6, 1]


def test_each_line_has_a_result_with_rank_and_reason():
    level, _ = a_short_pool(6, 4, 5)
    arrives(level, 8)

    done = run()

    assert list(
        RunResult.objects.filter(run_id=done.pk)
        .order_by("rank")
        .values_list("rank", "before", "after", "reason", "more_units")
    ) == [
        (1, 0, 6, "filled", 0),
        (2, 0, 2, "partly_filled", 2),
        (3, 0, 0, "stock_went_to_earlier_lines", 7),
    ]
    assert (done.lines, done.pools, done.units_allocated, done.units_open) == (3, 1, 8, 7)


def test_a_run_may_be_kept_to_products_or_a_warehouse():
    here, first = a_short_pool(3)
    there, second = a_short_pool(3)
    arrives(here, 3)
    arrives(there, 3)

    run(product_ids=[here.product_id])
    assert (allocated(first), allocated(second)) == ([3], [0])

    run(warehouse_id=WarehouseFactory(code="ELSEWHERE").pk)
    assert allocated(second) == [0]


def test_an_unknown_policy_is_refused_by_naming_the_known_ones():
    with pytest.raises(PolicyUnknown, match="“nonsense”; there are configured-classes, customer-importance, fair"):
        run("nonsense")


def test_the_nightly_run_exists_once_per_business_date_whatever_fires_twice():
    level, lines = a_short_pool(3)
    arrives(level, 3)
    four_in_berlin = datetime(2025, 11, 10, 3, 5, tzinfo=UTC)

    first = start_nightly(now=four_in_berlin)
    continue_run(run_id=first.pk, now=four_in_berlin)
    second = start_nightly(now=four_in_berlin + DAY / 4)

    assert first == second
    first.refresh_from_db()
    assert (first.business_date, first.status, allocated(lines)) == (date(2025, 11, 10), RunStatus.FINISHED, [3])
    assert start_nightly(now=four_in_berlin + DAY).business_date == date(2025, 11, 11)


def test_the_nightly_run_waits_for_its_hour():
    assert start_nightly(now=datetime(2025, 11, 10, 2, 55, tzinfo=UTC)) is None
    assert AllocationRun.objects.count() == 0


@pytest.mark.parametrize(
    ("day", "instants"),
    [
        # 2026-10-25: 02:00–03:00 comes twice in Berlin; 2027-03-28: it does not come at all.
        (date(2026, 10, 25), [datetime(2026, 10, 25, hour, tzinfo=UTC) for hour in (3, 4, 12, 22)]),
        (date(2027, 3, 28), [datetime(2027, 3, 28, hour, tzinfo=UTC) for hour in (2, 3, 12, 21)]),
        (date(2028, 2, 29), [datetime(2028, 2, 29, hour, tzinfo=UTC) for hour in (3, 12, 22)]),
        (date(2027, 1, 1), [datetime(2027, 1, 1, hour, tzinfo=UTC) for hour in (3, 12, 22)]),
    ],
)
def test_clock_changes_leap_days_and_new_year_have_one_run_each(day, instants):
    runs = {start_nightly(now=instant).pk for instant in instants}

    assert len(runs) == 1
    assert AllocationRun.objects.get().business_date == day


def test_a_run_that_was_left_half_done_is_finished_by_the_next_one():
    level, lines = a_short_pool(3)
    other, more = a_short_pool(2)
    arrives(level, 3)
    arrives(other, 2)
    left = run(kind=RunKind.SIMULATION)
    half = AllocationRun.objects.create(
        kind=RunKind.MANUAL,
        business_date=LATER.date(),
        policy_version=left.policy_version,
        policy_snapshot=left.policy_snapshot,
        started_at=LATER,
    )
    RunShard.objects.create(run=half, number=1, product_ids=[level.product_id])
    RunShard.objects.create(run=half, number=2, product_ids=[other.product_id])

    assert continue_runs(now=LATER) == [half.pk]
    assert continue_runs(now=LATER) == []

    half.refresh_from_db()
    assert (half.status, half.lines, half.lines_changed) == (RunStatus.FINISHED, 2, 2)
    assert (allocated(lines), allocated(more)) == ([3], [2])


def test_customers_hear_of_allocated_goods_once_per_order():
    level, _ = a_short_pool(3)
    arrives(level, 3)

    run()
    run()

    assert list(Message.objects.order_by("pk").values_list("kind", flat=True)) == ["order_received", "goods_allocated"]


def test_whole_packs_are_given_and_the_rest_stays_free():
    product = ProductFactory(pack_size=12)
    level = StockLevelFactory(product=product)
    line = OrderLine.objects.get(order=order_for({product: 30}))
    arrives(level, 25)

    done = run()

    assert allocated([line]) == [24]
    assert RunResult.objects.get(run_id=done.pk).reason == "pack_remainder"


def test_a_run_told_in_the_past_ends_there_too():
    a_short_pool(3)

    assert run().seconds < 60


def test_the_longest_wait_that_a_run_leaves_is_told():
    level, _ = a_short_pool(6, 4)

    assert run().longest_wait_days == (LATER - MONDAY).days
    arrives(level, 10)
    assert run().longest_wait_days is None
