"""Pools that look ahead: what a Win line waits for, what is lent, and the laws with both."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from backorders.engine.allocation.explanation import Reason, explain_pool
from backorders.engine.allocation.future_supply import (
    Ahead,
    Coming,
    Inbound,
    Lent,
    Wait,
    allocate_ahead,
    called_back,
    lend_ahead,
)
from backorders.engine.allocation.pool import PoolLine, Strategy, allocate_pool
from backorders.engine.promising.pegging import PegTo
from tests.backorders.engine.pools import MOVING, laws

TODAY = date(2026, 3, 2)
WIN, GAIN, IMPROVE, REST = Strategy.WIN, Strategy.GAIN, Strategy.IMPROVE, Strategy.REDISTRIBUTE


def on(days):
    return TODAY + timedelta(days)


def inbound(*coming, pegs=()):
    return Inbound(tuple(Coming(source, on(days), units) for source, days, units in coming), tuple(pegs))


def ahead(pool, lines, coming, **wanted_on):
    return allocate_ahead(
        pool, lines, coming, today=TODAY, wanted_on={line: on(day) for line, day in wanted_on.items()}
    )


def reasons(found):
    return {told.line: told.reason for told in found.explanations}


def test_a_win_line_waits_for_goods_in_time_and_leaves_the_stock_to_others():
    lines = [PoolLine("A", WIN, 10, 10), PoolLine("B", REST, 8, 0)]

    found = ahead(10, lines, inbound((55, 5, 6), (66, 9, 7), (77, 20, 99)), A=10)

    assert found.result.given == {"A": 0, "B": 8}
    assert found.waits == [Wait("A", 55, 3, on(5)), Wait("A", 66, 7, on(9))]
    assert reasons(found) == {"A": Reason.WAITS_FOR_GOODS, "B": Reason.FILLED}


def test_a_win_line_without_a_date_is_wanted_today():
    lines = [PoolLine("A", WIN, 10, 0)]

    found = ahead(4, lines, inbound((55, 5, 99)))

    assert [(each.line, each.missing) for each in found.result.exceptions] == [("A", 6)]
    assert (found.result.given, found.waits) == ({"A": 0}, [])


def test_pegged_goods_cover_their_line_and_are_on_nobody_elses_shelf():
    lines = [PoolLine("A", WIN, 10, 0), PoolLine("B", WIN, 5, 0), PoolLine("C", IMPROVE, 6, 0)]
    coming = inbound((55, 5, 9), pegs=[PegTo("A", 55, 4), PegTo("C", 55, 3)])

    found = ahead(12, lines, coming, A=7, B=7)

    assert found.result.given == {"A": 4, "B": 5, "C": 3}
    assert found.waits == [Wait("A", 55, 2, on(5))]


def test_stock_parked_for_a_later_day_is_lent_and_its_line_has_goods_kept_for_it():
    lines = [PoolLine("A", REST, 30, 30), PoolLine("B", REST, 25, 0)]
    result = allocate_pool(30, lines)
    passes = Ahead(result, explain_pool(30, lines, result), [])

    found = lend_ahead(passes, lines, inbound((55, 5, 12), (66, 9, 8), (77, 11, 99)), today=TODAY, parked={"A": on(10)})

    assert found.result.given == {"A": 10, "B": 20}
    assert found.waits == [Wait("A", 66, 8, on(9), "B"), Wait("A", 55, 12, on(5), "B")]
    assert reasons(found) == {"A": Reason.LENT, "B": Reason.BORROWED}
    assert [told.units_before for told in found.explanations] == [0, 10]


row = st.tuples(
    st.sampled_from(MOVING), st.integers(0, 12), st.integers(0, 12), st.none() | st.integers(0, 9), st.booleans()
)
rows = st.lists(row, max_size=7)
supplies = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(1, 15)), max_size=4, unique_by=lambda s: s[0]
)
pegs = st.lists(st.builds(PegTo, st.integers(0, 6), st.integers(1, 3), st.integers(1, 6)), max_size=2)


def planned(pool, found, coming, current=None):
    """Passes over dated supply, then lending; parked are the lines whose last column says so."""
    lines = [
        PoolLine(number, strategy, open_units, min(held, open_units) if current is None else current[number])
        for number, (strategy, open_units, held, *_) in enumerate(found)
    ]
    wanted = {number: on(day) for number, (*_, day, _) in enumerate(found) if day is not None}
    parked = {number: on(day or 0) for number, (*_, day, is_parked) in enumerate(found) if is_parked}
    passes = allocate_ahead(pool, called_back(lines, coming), coming, today=TODAY, wanted_on=wanted)
    if passes.result.exceptions:
        return lines, passes, passes
    return lines, passes, lend_ahead(passes, lines, coming, today=TODAY, parked=parked)


@laws
@given(st.integers(0, 30), rows, supplies, pegs)
def test_the_laws_hold_where_a_pool_looks_ahead(pool, found, receipts, pegged):
    coming = inbound(*receipts, pegs=pegged)
    lines, passes, result = planned(pool, found, coming)
    assume(not result.result.exceptions)
    given_units, waits = result.result.given, result.waits

    assert sum(given_units.values()) == sum(passes.result.given.values()) <= pool
    brought = {source: units for source, _, units in receipts}
    promised = Counter({wait.source: 0 for wait in waits})
    for wait in waits:
        promised[wait.source] += wait.units
    assert all(units <= brought[source] for source, units in promised.items())
    for line in lines:
        units = given_units[line.id]
        assert 0 <= units <= line.open
        wanted = found[line.id][3]
        if line.strategy == WIN:
            by_peg = sum(peg.units for peg in pegged if peg.line == line.id)
            kept = [wait for wait in waits if wait.line == line.id]
            assert all(wait.on <= on(wanted or 0) for wait in kept)
            assert units + sum(wait.units for wait in kept) + by_peg >= line.open
        if line.strategy == GAIN:
            assert units >= min(line.current, line.open)
        if line.strategy == Strategy.FILL:
            assert units <= line.current
        assert line.strategy != Strategy.LOSE or not units


@laws
@given(st.integers(0, 30), rows, supplies, pegs)
def test_a_second_look_ahead_changes_nothing(pool, found, receipts, pegged):
    coming = inbound(*receipts, pegs=pegged)
    _, _, first = planned(pool, found, coming)
    assume(not first.result.exceptions)
    # A peg counts again once its line has lost what it held.
    assume(not (pegged and first.result.over_confirmed))

    lent = tuple(Lent(wait.line, wait.lent_to, wait.units) for wait in first.waits if wait.lent_to is not None)
    _, _, second = planned(pool, found, coming._replace(lent=lent), current=first.result.given)

    assert (second.result.given, second.waits) == (first.result.given, first.waits)


@laws
@given(st.integers(0, 30), rows, supplies)
def test_as_many_more_units_as_are_stated_fill_a_line_that_needs_its_stock_now(pool, found, receipts):
    coming = inbound(*receipts)
    lines, _, first = planned(pool, found, coming)
    assume(not first.result.exceptions)

    for told in first.explanations:
        line = lines[int(told.line)]
        if told.more_units and not found[line.id][4]:
            _, _, then = planned(pool + told.more_units, found, coming)
            assert then.result.given[line.id] == line.open, (told, line)
