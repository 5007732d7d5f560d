"""What is said to fill a line fills it: each stated change is applied to the snapshot of random pools."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from backorders.engine.allocation.counterfactuals import (
    EarlierArrival,
    MoreUnits,
    OtherTier,
    PoolArrival,
    Tier,
    counterfactuals,
    in_words,
    units_to_fill,
)
from backorders.engine.allocation.future_supply import Coming, Inbound
from backorders.enums import RunKind
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queues import QueueLine
from backorders.runs.allocate_stock import allocate_stock
from backorders.runs.explain import PoolSeen, explain_line
from tests.backorders.desk.desk import a_short_product
from tests.backorders.guarded import a_contested_pool
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory, CustomerTierFactory
from tests.factories.inventory import MONDAY

NOON = MONDAY + timedelta(hours=3)
TODAY = MONDAY.date()
TIERS = [Tier(3, "Gold"), Tier(2, "Platinum"), Tier(1, "Diamond")]
POOLS = 300


def drawn_policy(draw: random.Random) -> CompiledPolicy:
    """Two segments by tier and a rest, of any class; one of four sort keys."""
    keys = [{"field": draw.choice(["placed_at", "order_size", "requested_on"])}]
    if draw.random() < 0.5:
        keys.insert(0, {"field": "tier_rank"})
    classes = ["WIN", "GAIN", "IMPROVE", "REDISTRIBUTE", "FILL", "LOSE"]
    segments = [
        {
            "name": name,
            "strategy": draw.choice(classes),
            "keys": keys,
            "filters": [{"field": "order_size", "operator": "at_least", "values": [size]}],
        }
        for name, size in (("Large", 9), ("Middle", 5))
    ]
    rest = {"strategy": draw.choice(["IMPROVE", "REDISTRIBUTE"]), "keys": keys}
    ahead = {"inbound": draw.random() < 0.2, "borrow": draw.random() < 0.2}
    return CompiledPolicy.of({"code": "random", "segments": segments[: draw.randrange(3)], "rest": rest, **ahead})


def a_line(pk: int, draw: random.Random) -> QueueLine:
    wanted = draw.randint(1, 12)
    soft = draw.randint(0, wanted) if draw.random() < 0.4 else 0
    return QueueLine(
        id=pk,
        order_id=pk,
        product_id=1,
        warehouse_id=1,
        open=wanted,
        allocated=soft,
        shipped=0,
        unit_price=Decimal(1),
        requested_on=TODAY + timedelta(days=draw.randint(-5, 20)),
        placed_at=MONDAY.timestamp() - draw.randint(0, 90) * 86_400,
        times_slipped=0,
        manual_boost=0,
        is_backorder=True,
        p50_on=None,
        promised_on=None,
        promise_source="",
        tier_rank=draw.randint(1, 4),
        soft_id=pk,
        soft=soft,
        held_until=None,
    )


def test_each_stated_change_fills_its_line_in_random_pools():
    draw, stated = random.Random(7), dict.fromkeys([MoreUnits, OtherTier, EarlierArrival], 0)
    for _ in range(POOLS):
        lines = [a_line(pk, draw) for pk in range(1, draw.randint(2, 9))]
        seen = PoolSeen(lines, draw.randint(0, 12), {1: draw.choice([1, 1, 1, 4])}, drawn_policy(draw), MONDAY)
        arrivals = [PoolArrival(f"PO-{n}", draw.randint(1, 30), TODAY + timedelta(days=n * 9)) for n in range(3)]
        if seen.policy.looks_ahead:  # such a policy counts what is on its way already
            coming = tuple(Coming(n, arrival.on, arrival.units) for n, arrival in enumerate(arrivals) if n)
            seen, arrivals = replace(seen, inbound={(1, 1): Inbound(coming)}), []
        given = seen.plan().result.given
        for line in (each for each in lines if given.get(each.id, 0) < each.open):
            by = max(TODAY, line.requested_on or TODAY)
            tiers = [tier for tier in TIERS if tier.rank < line.tier_rank]
            found = counterfactuals(
                demanded=line.open, outcome=seen.outcome(line.id), tiers=tiers, arrivals=arrivals, by=by
            )
            for change in found:
                stated[type(change)] += 1
                assert with_the_change(seen, line, change, arrivals) == line.open, change

    assert all(count > 20 for count in stated.values()), stated


def with_the_change(seen: PoolSeen, line: QueueLine, change, arrivals) -> int:
    """The snapshot written anew with the change in it, and served from the beginning."""
    lines, free = list(seen.lines), seen.free
    match change:
        case MoreUnits(units):
            free += units
        case OtherTier(tier):
            lines = [each._replace(tier_rank=tier.rank) if each.id == line.id else each for each in lines]
        case EarlierArrival(reference, _, by, _):
            moved = [each._replace(on=by) if each.reference == reference else each for each in arrivals]
            free += sum(arrival.units for arrival in moved if arrival.on <= by)
    return replace(seen, lines=lines, free=free).plan().result.given[line.id]


def test_the_fewest_units_are_told_and_none_where_no_stock_helps():
    assert units_to_fill(5, lambda more, tier: max(0, more - 7)) == 12
    assert units_to_fill(5, lambda more, tier: 4) is None


def test_counterfactuals_read_as_a_sentence():
    found = [MoreUnits(12), OtherTier(TIERS[0]), EarlierArrival("PO-55", 40, TODAY, 0)]

    assert in_words(found, day=str) == (
        "+12 units, or tier Gold, or PO-55 (40 units) if it arrives by 2025-11-03 would fill it."
    )
    assert in_words([], day=str) == "More stock, another tier or an earlier delivery would not fill it."


@pytest.mark.django_db
def test_a_line_is_told_its_place_its_values_who_came_first_and_what_would_fill_it():
    level = a_short_product(here=3, coming=10)
    standard, basic = (CustomerFactory(tier=CustomerTierFactory(code=code)) for code in ("standard", "basic"))
    first = order_for({level.product: 3}, customer=standard)
    line = order_for({level.product: 4}, customer=basic, now=MONDAY + timedelta(hours=1)).lines.get()
    run = allocate_stock(kind=RunKind.SIMULATION, policy_code="customer-importance", now=NOON)

    told = explain_line(line=line, snapshot=run.policy_snapshot, now=NOON)

    assert (told.rank, told.queue_length, told.wanted, told.given) == (2, 2, 4, 0)
    assert told.keys[0][0] == "the most important tier"
    assert [(served.line.order, served.units) for served in told.served] == [(first, 3)]
    assert told.would_help == "+4 units, or PO-512-SAW-200 (10 units) if it arrives by 3 Nov 2025 would fill it."


@pytest.mark.django_db
def test_another_tier_is_stated_where_it_fills_the_line():
    _, basic, platinum = a_contested_pool()
    run = allocate_stock(kind=RunKind.SIMULATION, policy_code="customer-importance", now=NOON)

    told = explain_line(line=basic, snapshot=run.policy_snapshot, now=NOON)

    assert (told.rank, told.given) == (2, 0)
    assert [type(each) for each in told.found] == [MoreUnits, OtherTier]
    assert explain_line(line=platinum, snapshot=run.policy_snapshot, now=NOON).found == ()
