"""Runs that serve lines from several warehouses, in the database: from the policy to the parcels."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from backorders.desk.orders.order_page import order_page
from backorders.desk.runs.forms.overrides import SettleForm
from backorders.engine.allocation.counterfactuals import MoreUnits
from backorders.enums import EventKind, OverrideKind, RunKind, RunStatus
from backorders.errors import CannotOverride
from backorders.fulfilment.ship import cancel_pick, pick_order, ship
from backorders.fulfilment.stock_corrections import count_stock
from backorders.models import (
    Allocation,
    AllocationPolicy,
    AllocationRun,
    AwayResult,
    LineEvent,
    OrderLine,
    PoolBlock,
    RunResult,
)
from backorders.orders.cancel import cancel_line
from backorders.runs.allocate_stock import allocate_stock, continue_runs
from backorders.runs.approve import apply_run, roll_back_run
from backorders.runs.explain import explain_line
from backorders.runs.overrides.outcomes import Wish
from backorders.runs.overrides.override import override_line
from backorders.runs.policies import choose_default_policy
from backorders.runs.queries.blocks import lines_in_block
from backorders.runs.queries.run_results import told_results
from backorders.runs.snapshots import replay_run
from inventory.models import StockLevel
from notifications.models import Message
from tests.backorders.guarded import a_policy
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY, ProductFactory, StockEntryFactory, StockLevelFactory, WarehouseFactory
from tests.fixtures import EXAMPLES

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = MONDAY + 5 * DAY


@pytest.fixture(autouse=True)
def policies():
    for reach in ("own", "whole", "split"):
        a_policy(reach, warehouses=reach)


@pytest.fixture
def product():
    return ProductFactory()


@pytest.fixture
def east(product):
    return StockLevelFactory(product=product, warehouse=WarehouseFactory(code="EAST", preference=1))


@pytest.fixture
def west(product):
    return StockLevelFactory(product=product, warehouse=WarehouseFactory(code="WEST", preference=2))


@pytest.fixture
def line(product, east, west):
    """50 units that wait for EAST."""
    customer = CustomerFactory(email="buyer@example.com")
    return order_for({product: 50}, customer=customer, warehouse_id=east.warehouse_id).lines.get()


def arrives(level: StockLevel, units: int) -> None:
    if units:
        StockEntryFactory(stock_level=level, delta=units)


def run(policy: str, kind: RunKind = RunKind.MANUAL, **values) -> AllocationRun:
    return allocate_stock(kind=kind, policy_code=policy, now=LATER, **values)


def held(line: OrderLine) -> dict[str, int]:
    rows = Allocation.objects.active().filter(line=line).order_by("stock_level__warehouse__code")
    found: dict[str, int] = {}
    for code, units in rows.values_list("stock_level__warehouse__code", "quantity"):
        found[code] = found.get(code, 0) + units
    return found


def available(*levels: StockLevel) -> list[int]:
    return [StockLevel.objects.get(pk=level.pk).available for level in levels]


@pytest.mark.parametrize("example", EXAMPLES["warehouses"], ids=lambda example: example["id"])
def test_a_run_serves_a_line_as_in_the_worked_example(line, east, west, example):
    levels = {"EAST": east, "WEST": west}
    for code, units in example["stock"]:
        arrives(levels[code], units)

    run("split" if example["split"] else "whole")

    assert held(line) == example["expect"]


def test_under_a_policy_of_the_own_warehouse_a_line_gets_nothing_from_others(line, east, west):
    arrives(east, 30)
    arrives(west, 60)

    run("own")

    assert held(line) == {"EAST": 30}


def test_the_result_says_from_where_and_a_second_run_changes_nothing(line, east, west):
    arrives(east, 30)
    arrives(west, 40)

    first = run("split")

    result = RunResult.objects.get(run_id=first.pk)
    assert (result.before, result.after, result.open, result.reason) == (0, 50, 50, "filled")
    assert list(AwayResult.objects.values_list("warehouse_id", "before", "after")) == [(west.warehouse_id, 0, 20)]
    assert available(east, west) == [0, 20]
    [told] = LineEvent.objects.filter(line=line, kind=EventKind.ALLOCATED)
    assert (told.quantity, told.message_key != "") == (50, True)
    rows = set(Allocation.objects.values_list("pk", flat=True))
    assert run("split").lines_changed == 0
    assert set(Allocation.objects.values_list("pk", flat=True)) == rows


@pytest.mark.parametrize("policy", ["own", "order-date"])
def test_a_policy_of_the_own_warehouse_takes_back_what_lies_elsewhere(line, east, west, policy):
    arrives(east, 30)
    arrives(west, 40)
    run("split")

    run(policy)

    assert held(line) == {"EAST": 30}
    assert available(east, west) == [0, 40]


def test_the_lines_of_a_warehouse_come_before_those_of_others(line, product, east, west):
    arrives(west, 40)
    run("split")
    local = order_for({product: 15}, warehouse_id=west.warehouse_id, now=LATER).lines.get()
    assert (held(line), held(local)) == ({"WEST": 40}, {})

    run("split")

    assert (held(line), held(local)) == ({"WEST": 25}, {"WEST": 15})


def test_a_run_limited_to_a_warehouse_leaves_the_others_alone(line, east, west):
    arrives(west, 40)
    run("split")
    arrives(east, 20)

    run("split", warehouse_id=east.warehouse_id)

    assert held(line) == {"EAST": 10, "WEST": 40}


def test_the_list_of_the_order_says_which_warehouses_are_asked_and_in_which_order(product, east, west):
    north = StockLevelFactory(product=product, warehouse=WarehouseFactory(code="NORTH", preference=3))
    home = {"warehouse_id": east.warehouse_id}
    usual = order_for({product: 5}, **home).lines.get()
    asks = order_for({product: 5}, **home, other_warehouses=(north.warehouse_id, west.warehouse_id)).lines.get()
    north_only = order_for({product: 5}, **home, other_warehouses=(north.warehouse_id,)).lines.get()
    arrives(west, 20)
    arrives(north, 7)

    done = run("split")

    assert [held(line) for line in (usual, asks, north_only)] == [{"WEST": 5}, {"NORTH": 5}, {"NORTH": 2}]
    assert run("split").lines_changed == 0
    assert replay_run(run_id=done.pk).identical
    assert explain_line(line=north_only, snapshot=done.policy_snapshot, now=LATER).given == 2


def test_units_that_move_between_warehouses_are_no_news(line, east, west):
    arrives(west, 50)
    run("whole")
    events, letters = LineEvent.objects.count(), Message.objects.count()
    arrives(east, 50)

    moved = run("whole")

    assert held(line) == {"EAST": 50}
    assert (moved.lines_changed, LineEvent.objects.count(), Message.objects.count()) == (0, events, letters)


@pytest.mark.parametrize("kind", [RunKind.MANUAL, RunKind.SIMULATION])
def test_a_replay_comes_to_the_same_result(line, east, west, kind):
    arrives(east, 30)
    arrives(west, 40)
    run("split")
    arrives(west, 3)
    done = run("split", kind)
    WarehouseFactory(code="NEW", preference=0)
    arrives(east, 60)

    assert replay_run(run_id=done.pk).identical


def test_a_simulation_is_applied_as_it_was_shown_and_rolled_back(line, east, west):
    arrives(east, 30)
    arrives(west, 40)
    simulated = run("split", RunKind.SIMULATION)
    assert held(line) == {}

    applied = apply_run(run_id=simulated.pk, by=None, now=LATER)
    continue_runs(now=LATER)

    assert held(line) == {"EAST": 30, "WEST": 20}
    assert not applied.skips.exists()
    back = roll_back_run(run_id=applied.pk, reason="Wrong", by=None, now=LATER)
    continue_runs(now=LATER)
    back.refresh_from_db()
    assert (held(line), back.status, available(east, west)) == ({}, RunStatus.FINISHED, [30, 40])


def test_a_simulation_is_not_applied_where_one_of_the_warehouses_changed(line, product, east, west):
    arrives(east, 30)
    arrives(west, 40)
    simulated = run("split", RunKind.SIMULATION)
    order_for({product: 25}, warehouse_id=west.warehouse_id, now=LATER)

    applied = apply_run(run_id=simulated.pk, by=None, now=LATER)
    continue_runs(now=LATER)

    assert held(line) == {}
    assert [skip.reason for skip in applied.skips.all()] == [
        f"Its units come from several warehouses, and in one of them: 20 units would have to be free in {west}: 15 are."
    ]


def test_a_line_leaves_in_two_parcels_from_two_warehouses(line, east, west, mailoutbox):
    arrives(east, 30)
    arrives(west, 40)
    run("split")

    first, second = pick_order(order_id=line.order_id, by=None, now=LATER)

    assert [first.warehouse.code, second.warehouse.code] == ["EAST", "WEST"]
    cancel_pick(shipment_id=second.pk, by=None, now=LATER)
    assert held(line) == {"EAST": 30, "WEST": 20}
    [second] = pick_order(order_id=line.order_id, by=None, now=LATER)
    ship(shipment_id=first.pk, by=None, now=LATER)
    ship(shipment_id=second.pk, by=None, now=LATER, quantities={line.pk: 15})
    line.refresh_from_db()
    assert (line.shipped, held(line), available(east, west)) == (45, {"WEST": 5}, [0, 20])


def test_a_count_takes_units_from_guests_too(line, product, east, west):
    choose_default_policy(policy_id=AllocationPolicy.objects.get(code="split").pk, by=None, now=LATER)
    arrives(east, 30)
    arrives(west, 40)
    run("split")

    count_stock(
        product_id=product.pk, warehouse_id=west.warehouse_id, counted=12, reason="Count", key="c", by=None, now=LATER
    )

    assert held(line) == {"EAST": 30, "WEST": 12}
    block = PoolBlock.objects.get()
    assert [(loss.line, loss.units) for loss in block.losses.all()] == [(line, 8)]
    [row] = lines_in_block(block, movable={line.pk: 12})
    assert (row.lost, row.holds, row.guest) == (8, 12, True)
    assert SettleForm(rows=[row]).lines == []


def test_run_and_order_page_say_from_where_the_units_come(line, east, west):
    arrives(east, 30)
    arrives(west, 40)
    done = run("split")

    [told] = told_results(RunResult.objects.filter(run_id=done.pk), run=done)

    assert told.sentence == (
        f"Only line in the queue for {line.product.sku}: gets all 50 units; 20 units come from WEST."
    )
    assert order_page(line.order).lines[0].verdict == told.sentence


@pytest.mark.parametrize("policy", ["whole", "split"])
def test_what_is_said_to_fill_a_line_fills_it(line, product, east, west, policy):
    arrives(east, 8)
    arrives(west, 37)
    order_for({product: 9}, warehouse_id=west.warehouse_id, now=LATER)
    done = run(policy)

    told = explain_line(line=line, snapshot=done.policy_snapshot, now=LATER)

    assert (told.wanted, told.given) == ((50, 0) if policy == "whole" else (50, 36))
    [more] = told.found
    assert RunResult.objects.get(run_id=done.pk, line_id=line.pk).more_units == more.units
    assert more == MoreUnits(42 if policy == "whole" else 14)
    arrives(east, more.units)
    run(policy)
    assert sum(held(line).values()) == 50


def test_cancelling_gives_back_units_wherever_they_lie(line, east, west):
    arrives(east, 30)
    arrives(west, 20)
    run("split")

    cancel_line(line_id=line.pk, quantity=40, by=None, now=LATER)

    line.refresh_from_db()
    assert (line.open, line.allocated, sum(held(line).values())) == (10, 10, 10)


@pytest.mark.parametrize(
    ("wish", "holds"),
    [
        ({"kind": OverrideKind.PIN, "units": 25}, {"EAST": 30, "WEST": 20}),
        ({"kind": OverrideKind.SET, "units": 12}, {"EAST": 12}),
        ({"kind": OverrideKind.HOLD, "until": LATER.date() + DAY, "gives_back": True}, {}),
        ({"kind": OverrideKind.HOLD, "until": LATER.date() + DAY}, {"EAST": 30, "WEST": 20}),
    ],
)
def test_a_person_decides_over_units_from_elsewhere_too(line, east, west, wish, holds):
    arrives(east, 30)
    arrives(west, 20)
    run("split")

    override_line(wish=Wish(line_id=line.pk, reason="Agreed by phone", **wish), by=None, now=LATER)
    run("split")

    assert held(line) == holds


def test_more_than_lies_at_home_cannot_be_pinned_there(line, east, west):
    arrives(east, 30)
    arrives(west, 20)
    run("split")

    with pytest.raises(CannotOverride, match="30 units of the line are not fixed yet, beside 20"):
        override_line(
            wish=Wish(line_id=line.pk, kind=OverrideKind.PIN, units=31, reason="All of it"), by=None, now=LATER
        )


def test_a_guarded_run_weighs_what_it_takes_from_other_warehouses(line, product, east, west):
    a_policy("guarded", warehouses="split", churn_budget=0)
    arrives(west, 40)
    run("split")
    order_for({product: 15}, warehouse_id=west.warehouse_id, now=LATER)

    waiting = run("guarded")

    assert (waiting.status, waiting.lines_lost, held(line)) == (RunStatus.AWAITING, 1, {"WEST": 40})


def test_the_database_knows_which_units_lie_elsewhere(line, east, west):
    arrives(west, 40)
    arrives(east, 40)
    rows = {"line": line, "product": line.product, "stock_level": west, "quantity": 5, "made_at": LATER}

    with pytest.raises(IntegrityError, match="one product and warehouse"), transaction.atomic():
        Allocation.objects.create(**rows)
    with pytest.raises(IntegrityError, match="another warehouse than the line's own"), transaction.atomic():
        Allocation.objects.create(**rows | {"stock_level": east, "is_away": True})
