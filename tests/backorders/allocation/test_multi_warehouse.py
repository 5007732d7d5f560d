"""Where units come from: the laws of one product in several warehouses, on random queues."""

from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorders.allocation.multi_warehouse import plan_pools
from backorders.engine.allocation.pool import Strategy
from backorders.engine.allocation.warehouses import Reach
from backorders.engine.policy.definition import Filter, FilterField, Key, Operator, PolicyDefinition, Segment, as_json
from backorders.engine.policy.ranking import SortField
from backorders.enums import PromiseSource
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queues import HeldElsewhere, QueueLine
from tests.backorders.engine.pools import laws
from tests.factories.inventory import MONDAY

PRODUCT = 7
EAST, WEST, NORTH = PLACES = (1, 2, 3)
BY_TIER = (Key(SortField.TIER_RANK),)


def a_policy(reach: Reach, *classes: Strategy, **values) -> CompiledPolicy:
    """Lines of the first tier are of the first class, and so on; all others of the last one."""
    segments = tuple(
        Segment(f"Tier {rank}", strategy, BY_TIER, (Filter(FilterField.TIER, Operator.IN, (f"t{rank}",)),))
        for rank, strategy in enumerate(classes[:-1], start=1)
    )
    definition = PolicyDefinition(segments, Segment("", classes[-1], BY_TIER), warehouses=reach, **values)
    ids = {"tier": {f"t{rank}": rank for rank in range(1, len(classes))}}
    return CompiledPolicy.of({**as_json(definition), "code": "tried", "ids": ids, "preference": list(PLACES)})


def queue_line(number, *, wants, home=EAST, tier=9, soft=0, away=None, fixed=0) -> QueueLine:
    held = tuple(HeldElsewhere(place, units) for place, units in sorted((away or {}).items()) if units)
    allocated = soft + fixed + sum(each.units for each in held)
    line = QueueLine(
        *(number, number, PRODUCT, home, wants, allocated, 0, Decimal(10), None, float(number), 0, 0, False),
        *(None, None, PromiseSource.NONE, None, tier, None, soft),
    )
    return line.holding_elsewhere(held)


def queues_of(lines):
    queues = {}
    for line in lines:
        queues.setdefault((PRODUCT, line.warehouse_id), []).append(line)
    return queues


def planned(lines, free, policy, *, pack=1):
    pools = {(PRODUCT, place): units for place, units in free.items()}
    return plan_pools(queues_of(lines), policy, free=pools, packs={PRODUCT: pack}, now=MONDAY)


def holdings(plans):
    """What each line holds in which warehouse afterwards."""
    found = {}
    for (_, place), plan in plans.items():
        for line in plan.queue:
            places = Counter({place: plan.result.given.get(line.id, line.soft)}) + Counter(plan.away_after(line))
            found[line.id] = dict(places)
    return found


def after(lines, free, plans):
    """The queues and the free units once the plans are written."""
    held, left = holdings(plans), Counter(free)
    for line in lines:
        left[line.warehouse_id] += line.soft
        for each in line.elsewhere:
            left[each.warehouse_id] += each.units
        left.subtract(held[line.id])
    written = [
        queue_line(
            line.id,
            wants=line.open,
            home=line.warehouse_id,
            tier=line.tier_rank,
            soft=held[line.id].get(line.warehouse_id, 0),
            away={place: units for place, units in held[line.id].items() if place != line.warehouse_id},
            fixed=line.fixed,
        )
        for line in lines
    ]
    return written, dict(left)


@st.composite
def trades(draw):
    """Lines at home in three warehouses, some of which hold something there or elsewhere, and free units."""
    lines = []
    for number in range(1, draw(st.integers(1, 7)) + 1):
        wants, home = draw(st.integers(1, 12)), draw(st.sampled_from(PLACES))
        fixed = draw(st.sampled_from([0, 0, 0, 1]))
        soft = draw(st.integers(0, wants - fixed))
        units = draw(st.integers(0, wants - fixed - soft)) if draw(st.booleans()) else 0
        away = {draw(st.sampled_from([place for place in PLACES if place != home])): units}
        lines.append(
            queue_line(number, wants=wants, home=home, tier=draw(st.integers(1, 4)), soft=soft, away=away, fixed=fixed)
        )
    return lines, {place: draw(st.integers(0, 15)) for place in PLACES}


policies = st.builds(a_policy, st.sampled_from(list(Reach)), *[st.sampled_from(list(Strategy))] * 4) | st.builds(
    a_policy,
    st.sampled_from(list(Reach)),
    *[st.sampled_from(list(Strategy))] * 4,
    minimum_percent=st.sampled_from([0, 40]),
)


@laws
@given(trades(), policies, st.sampled_from([1, 1, 4]))
def test_no_unit_is_given_twice_and_each_class_gets_what_it_is_owed(trade, policy, pack):
    lines, free = trade

    plans = planned(lines, free, policy, pack=pack)

    _, left = after(lines, free, plans)
    assert min(left.values()) >= 0
    held = holdings(plans)
    for line in lines:
        plan, units, before = plans[PRODUCT, line.warehouse_id], sum(held[line.id].values()), line.soft + line.away
        strategy = policy.strategies[min(line.tier_rank, 4) - 1]
        assert 0 <= units <= line.movable
        if plan.exceptions:
            continue
        assert strategy != Strategy.WIN or units == line.movable
        assert strategy != Strategy.GAIN or units >= before
        assert strategy != Strategy.FILL or units <= before
        assert strategy != Strategy.LOSE or units == 0
        assert strategy != Strategy.SKIP or units == before
        if policy.reach == Reach.WHOLE and strategy == Strategy.REDISTRIBUTE:
            assert units in (0, line.movable)
            assert len(held[line.id]) <= 1
        if policy.reach == Reach.OWN and strategy in (Strategy.REDISTRIBUTE, Strategy.IMPROVE, Strategy.FILL):
            assert set(held[line.id]) <= {line.warehouse_id}


@laws
@given(trades(), policies, st.sampled_from([1, 1, 4]))
def test_a_second_run_changes_nothing(trade, policy, pack):
    lines, free = trade
    plans = planned(lines, free, policy, pack=pack)

    again, left = after(lines, free, plans)

    assert holdings(planned(again, left, policy, pack=pack)) == holdings(plans)


@laws
@given(trades(), policies, st.integers())
def test_the_order_in_which_lines_are_read_does_not_matter(trade, policy, seed):
    lines, free = trade
    shuffled = list(lines)
    Random(seed).shuffle(shuffled)

    assert holdings(planned(shuffled, free, policy)) == holdings(planned(lines, free, policy))


@laws
@given(trades())
def test_a_line_that_others_could_serve_waits_only_where_nothing_is_left(trade):
    lines, free = trade
    policy = a_policy(Reach.SPLIT, Strategy.REDISTRIBUTE)
    plans = planned(lines, free, policy)

    _, left = after(lines, free, plans)

    short = [line for line in lines if sum(holdings(plans)[line.id].values()) < line.movable]
    assert not short or sum(left.values()) == 0


def test_its_own_warehouse_serves_a_line_first_and_others_what_their_lines_leave():
    lines = [
        queue_line(1, wants=10, home=EAST, tier=1),
        queue_line(2, wants=6, home=WEST, tier=3),
        queue_line(3, wants=9, home=NORTH, tier=2),
    ]

    plans = planned(lines, {EAST: 4, WEST: 11, NORTH: 0}, a_policy(Reach.SPLIT, Strategy.REDISTRIBUTE))

    assert holdings(plans) == {1: {EAST: 4, WEST: 5}, 2: {WEST: 6}, 3: {}}


@pytest.mark.parametrize("reach", [Reach.WHOLE, Reach.SPLIT])
def test_a_guarantee_that_its_own_warehouse_cannot_meet_is_met_by_another_one(reach):
    lines = [queue_line(1, wants=10, tier=1), queue_line(2, wants=3, tier=2)]
    policy = a_policy(reach, Strategy.WIN, Strategy.REDISTRIBUTE)

    plans = planned(lines, {EAST: 4, WEST: 10}, policy)

    served = {1: {EAST: 4, WEST: 6}, 2: {WEST: 3}} if reach == Reach.SPLIT else {1: {WEST: 10}, 2: {EAST: 3}}
    assert holdings(plans) == served
    assert not plans[PRODUCT, EAST].exceptions


def test_a_guarantee_that_nobody_can_meet_stops_its_pool_and_what_its_lines_hold_stays():
    lines = [queue_line(1, wants=10, tier=1, soft=4, away={WEST: 2}), queue_line(2, wants=9, home=WEST, tier=2)]
    policy = a_policy(Reach.SPLIT, Strategy.WIN, Strategy.REDISTRIBUTE)

    plans = planned(lines, {EAST: 0, WEST: 3}, policy)

    assert holdings(plans) == {1: {EAST: 4, WEST: 2}, 2: {WEST: 3}}
    assert [(each.line, each.missing) for each in plans[PRODUCT, EAST].exceptions] == [(1, 4)]
