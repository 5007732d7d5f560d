"""Classes over dated supply: what "on time" and "no later than before" mean, and the laws with days."""

from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from backorders.engine.allocation.dated import DatedLine, allocate_dated
from backorders.engine.allocation.pool import Strategy
from tests.backorders.engine.pools import MOVING, laws

TODAY = date(2026, 3, 2)


def day(number):
    return TODAY + timedelta(days=number)


def coming(*receipts):
    return [(day(number), units) for number, units in receipts]


def test_a_win_line_is_served_by_what_is_there_on_its_requested_date():
    lines = [DatedLine("A", Strategy.WIN, 30, day(10)), DatedLine("B", Strategy.REDISTRIBUTE, 30)]

    result = allocate_dated(coming((0, 20), (10, 20), (20, 20)), lines)

    assert result.given == {"A": ((day(0), 10), (day(10), 20)), "B": ((day(0), 10), (day(20), 20))}


def test_goods_after_the_requested_date_do_not_win():
    lines = [DatedLine("A", Strategy.WIN, 30, day(9)), DatedLine("B", Strategy.REDISTRIBUTE, 5, None, ((day(0), 5),))]

    result = allocate_dated(coming((0, 20), (10, 20)), lines)

    assert [(each.line, each.missing) for each in result.exceptions] == [("A", 10)]
    assert result.given == {"A": (), "B": ((day(0), 5),)}


def test_a_gain_line_keeps_its_quantity_no_later_than_before_and_may_get_it_sooner():
    held = ((day(10), 20),)
    lines = [DatedLine("A", Strategy.GAIN, 20, None, held)]

    assert allocate_dated(coming((5, 20), (20, 20)), lines).given == {"A": ((day(5), 20),)}
    late = allocate_dated(coming((11, 20)), lines)
    assert [(each.line, each.missing) for each in late.exceptions] == [("A", 20)]


def test_an_improve_line_takes_a_later_day_when_its_own_is_gone():
    lines = [DatedLine("A", Strategy.IMPROVE, 20, None, ((day(10), 20),))]

    assert allocate_dated(coming((11, 20)), lines).given == {"A": ((day(11), 20),)}


def test_a_fill_line_never_gains_and_is_never_later():
    lines = [DatedLine("A", Strategy.FILL, 20, None, ((day(10), 5),))]

    assert allocate_dated(coming((0, 3), (11, 20)), lines).given == {"A": ((day(0), 3),)}


slices = st.dictionaries(st.integers(0, 6), st.integers(1, 6), max_size=3).map(
    lambda found: tuple((day(number), units) for number, units in sorted(found.items()))
)
row = st.tuples(st.sampled_from(MOVING), st.integers(0, 12), st.none() | st.integers(0, 6), slices)
rows = st.lists(row, max_size=7)
supplies = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 15)), max_size=5)


def lines_of(found):
    lines = []
    for number, (strategy, open_units, requested, held) in enumerate(found):
        room, current = open_units, []
        for when, units in held:
            if min(units, room):
                current.append((when, min(units, room)))
                room -= min(units, room)
        latest = None if requested is None else day(requested)
        lines.append(DatedLine(number, strategy, open_units, latest, tuple(current)))
    return lines


def units_by(held, when=None):
    return sum(units for day_here, units in held if when is None or day_here <= when)


@laws
@given(supplies, rows)
def test_no_unit_is_given_twice_and_every_class_gets_what_it_is_owed(receipts, found):
    lines, supply = lines_of(found), coming(*receipts)
    result = allocate_dated(supply, lines)
    assume(not result.exceptions)

    for when in {when for when, _ in supply}:
        given_then = sum(units for held in result.given.values() for day_here, units in held if day_here == when)
        assert given_then <= sum(units for day_here, units in supply if day_here == when)
    for line in lines:
        held = result.given[line.id]
        assert 0 <= units_by(held) <= line.open
        assert line.strategy != Strategy.WIN or units_by(held, line.requested_on) == line.open
        assert line.strategy != Strategy.LOSE or not held
        assert line.strategy != Strategy.FILL or units_by(held) <= units_by(line.current)
        if line.strategy == Strategy.GAIN:
            assert all(units_by(held, when) >= units_by(line.current, when) for when, _ in line.current)


@laws
@given(supplies, rows)
def test_a_second_run_changes_no_quantity(receipts, found):
    lines, supply = lines_of(found), coming(*receipts)
    first = allocate_dated(supply, lines)
    assume(not first.exceptions)

    second = allocate_dated(supply, [line._replace(current=first.given[line.id]) for line in lines])

    assert not second.exceptions
    assert {number: units_by(held) for number, held in second.given.items()} == {
        number: units_by(held) for number, held in first.given.items()
    }
