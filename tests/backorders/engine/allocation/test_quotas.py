"""Stock that is kept for some lines, and the laws with it."""

from hypothesis import assume, given
from hypothesis import strategies as st

from backorders.engine.allocation.explanation import Reason
from backorders.engine.allocation.pool import PoolLine, Strategy, allocate_pool
from backorders.engine.allocation.quotas import ReservedUnits, allocate_kept, explain_kept, quota_units, share_kept
from tests.backorders.engine.pools import any_lines, laws, plain_lines, units


def line(number, open_units=10, strategy="REDISTRIBUTE", current=0):
    return PoolLine(number, strategy, open_units, current)


def kept(quantity, *members):
    return ReservedUnits(quantity, frozenset(members))


def test_what_is_kept_is_free_for_its_members_only():
    lines = [line(1), line(2), line(3, 4)]

    result = allocate_kept(12, lines, [kept(6, 3)])

    assert (result.given, result.free) == ({1: 6, 2: 0, 3: 4}, 2)


def test_members_draw_on_their_quota_first_and_then_on_the_rest():
    assert allocate_kept(12, [line(1), line(2)], [kept(6, 1)]).given == {1: 10, 2: 2}


def test_a_guarantee_is_not_met_out_of_what_is_kept_for_others():
    result = allocate_kept(12, [line(1, strategy="WIN"), line(2)], [kept(6, 2)])

    assert [(each.line, each.missing) for each in result.exceptions] == [(1, 4)]
    assert result.given == {1: 0, 2: 0}


def test_a_share_and_a_quantity_of_the_pool():
    assert quota_units(25, percent=30) == 7
    assert quota_units(25, units=10, used=4) == 6
    assert quota_units(25, units=10, used=12) == 0
    assert quota_units(5, units=10) == 5


def test_fair_shares_leave_what_is_kept():
    result = share_kept(20, [line(1), line(2), line(3)], [kept(8, 3)])

    assert (result.given, result.free) == ({1: 6, 2: 5, 3: 9}, 0)


def test_the_reason_names_the_quota_and_more_units_would_fill_the_line():
    lines, keeping = [line(1), line(2)], [kept(6, 99)]

    result = allocate_kept(12, lines, keeping)
    told = explain_kept(12, lines, result, keeping)[1]

    assert (result.given[2], told.reason) == (0, Reason.KEPT_FOR_A_QUOTA)
    assert allocate_kept(12 + told.more_units, lines, keeping).given[2] == 10


quotas = st.lists(
    st.builds(ReservedUnits, st.integers(0, 30), st.frozensets(st.integers(0, 7), max_size=5)), min_size=1, max_size=3
)


@laws
@given(units, any_lines)
def test_without_a_quota_nothing_changes(pool, lines):
    assert allocate_kept(pool, lines, []) == allocate_pool(pool, lines)
    assert allocate_kept(pool, lines, [kept(0)]) == allocate_pool(pool, lines)


@laws
@given(units, any_lines, quotas)
def test_every_class_gets_what_it_is_owed_and_no_unit_is_given_twice(pool, lines, keeping):
    result = allocate_kept(pool, lines, keeping)
    assume(not result.exceptions)

    assert result.free == pool - sum(result.given.values()) >= 0
    for each in lines:
        given_units = result.given[each.id]
        assert 0 <= given_units <= each.open
        assert each.strategy != Strategy.WIN or given_units == each.open
        assert each.strategy != Strategy.GAIN or given_units >= each.current
        assert each.strategy != Strategy.FILL or given_units <= each.current
        assert each.strategy != Strategy.LOSE or given_units == 0


@laws
@given(units, plain_lines(), st.integers(0, 30), st.frozensets(st.integers(0, 7), max_size=5))
def test_others_never_get_what_is_kept(pool, lines, quantity, members):
    result = allocate_kept(pool, lines, [ReservedUnits(quantity, members)])
    assume(not result.exceptions)

    others = sum(units_given for number, units_given in result.given.items() if number not in members)
    assert others <= max(0, pool - quantity)


@laws
@given(units, any_lines, quotas)
def test_a_second_run_changes_nothing(pool, lines, keeping):
    first = allocate_kept(pool, lines, keeping)

    second = allocate_kept(pool, [each._replace(current=first.given[each.id]) for each in lines], keeping)

    assert (second.given, second.free, second.exceptions) == (first.given, first.free, first.exceptions)


@laws
@given(units, plain_lines(), quotas)
def test_one_more_unit_lowers_neither_the_total_nor_any_line(pool, lines, keeping):
    less, more = allocate_kept(pool, lines, keeping), allocate_kept(pool + 1, lines, keeping)
    assume(not less.exceptions)

    assert more.exceptions == []
    assert all(more.given[each.id] >= less.given[each.id] for each in lines)


@laws
@given(units, plain_lines(), quotas)
def test_the_units_that_are_said_to_fill_a_line_do(pool, lines, keeping):
    result = allocate_kept(pool, lines, keeping)
    assume(not result.exceptions)

    for told in explain_kept(pool, lines, result, keeping):
        wanted = next(each.open for each in lines if each.id == told.line)
        if told.more_units:
            again = allocate_kept(pool + told.more_units, lines, keeping)
            assert again.given[told.line] == wanted


@laws
@given(units, any_lines, quotas)
def test_shares_nest_in_the_pool(pool, lines, keeping):
    result = share_kept(pool, lines, keeping)

    assert result.free == pool - sum(result.given.values()) >= 0
    assert all(0 <= result.given[each.id] <= each.open for each in lines)
