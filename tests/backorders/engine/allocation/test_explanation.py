import pytest
from hypothesis import given

from backorders.engine.allocation.explanation import LineExplanation, Reason, explain_pool, explain_share
from backorders.engine.allocation.pool import PoolLine, Strategy, allocate_pool, fair_share
from tests.backorders.engine.pools import any_lines, laws, plain_lines, units


def story(pool, *lines):
    return {told.line: told for told in explain_pool(pool, lines, allocate_pool(pool, lines))}


def reasons(pool, *lines):
    return {line: told.reason for line, told in story(pool, *lines).items()}


def test_a_line_learns_its_rank_who_came_first_and_what_would_fill_it():
    told = story(
        45,
        PoolLine("A", "REDISTRIBUTE", 30, 0),
        PoolLine("B", "REDISTRIBUTE", 10, 10),
        PoolLine("C", "REDISTRIBUTE", 8, 0),
        PoolLine("D", "REDISTRIBUTE", 6, 0),
    )

    assert told == {
        "A": LineExplanation("A", Reason.FILLED, 1, 0, 0, 0, 0),
        "B": LineExplanation("B", Reason.KEPT, 2, 1, 30, 0, 0),
        "C": LineExplanation("C", Reason.PARTLY_FILLED, 3, 2, 40, 0, 3),
        "D": LineExplanation("D", Reason.STOCK_WENT_TO_EARLIER_LINES, 4, 3, 45, 0, 9),
    }


def test_the_queue_is_the_order_of_service_not_of_the_list():
    told = story(10, PoolLine("late", "REDISTRIBUTE", 5, 0), PoolLine("first", "WIN", 8, 0))

    assert [(line, figures.rank, figures.units_before) for line, figures in told.items()] == [
        ("first", 1, 0),
        ("late", 2, 8),
    ]


def test_protected_holders_behind_a_line_are_the_reason_for_what_it_misses():
    told = story(100, PoolLine("X", "IMPROVE", 40, 0), PoolLine("Y", "IMPROVE", 90, 90))

    assert told["X"] == LineExplanation("X", Reason.PARTLY_FILLED, 1, 0, 0, 90, 30)
    assert reasons(90, PoolLine("X", "IMPROVE", 40, 0), PoolLine("Y", "IMPROVE", 90, 90)) == {
        "X": Reason.STOCK_KEPT_BY_HOLDERS,
        "Y": Reason.KEPT,
    }


def test_a_holder_of_all_it_wants_needs_only_what_lets_everybody_up_to_it_keep_theirs():
    told = story(6, PoolLine("A", "IMPROVE", 10, 3), PoolLine("B", "IMPROVE", 5, 5))

    assert (told["A"].more_units, told["B"].more_units) == (9, 2)


def test_packs_and_minimum_fill_are_named_when_stock_was_there():
    pack = PoolLine("pack", "REDISTRIBUTE", 30, 0, pack=12)
    minimum = PoolLine("minimum", "REDISTRIBUTE", 30, 0, minimum=20)

    assert reasons(11, pack) == {"pack": Reason.PACK_REMAINDER}
    assert reasons(25, pack) == {"pack": Reason.PACK_REMAINDER}
    assert reasons(19, minimum) == {"minimum": Reason.HELD_BACK_BELOW_MINIMUM_FILL}
    assert reasons(24, pack) == {"pack": Reason.PARTLY_FILLED}


def test_the_other_reasons():
    holder = PoolLine("A", "REDISTRIBUTE", 8, 6)

    assert reasons(0, holder._replace(current=0)) == {"A": Reason.NO_STOCK}
    assert reasons(5, holder) == {"A": Reason.TAKEN_BACK}
    assert reasons(6, holder) == {"A": Reason.KEPT}
    assert reasons(9, holder._replace(strategy="FILL")) == {"A": Reason.STRATEGY_FILL}
    assert reasons(9, holder._replace(strategy="LOSE")) == {"A": Reason.STRATEGY_LOSE}
    assert reasons(5, holder, PoolLine("B", "WIN", 6, 0)) == {"B": Reason.EXCEPTION, "A": Reason.POOL_BLOCKED}


def test_only_a_change_of_class_fills_a_line_that_may_not_gain():
    told = story(99, PoolLine("F", "FILL", 8, 6), PoolLine("L", "LOSE", 8, 6))

    assert [figures.more_units for figures in told.values()] == [None, None]


def test_a_fair_share_puts_nobody_before_anybody():
    lines = [PoolLine("A", "WIN", 60, 0), PoolLine("B", "WIN", 30, 20), PoolLine("S", "SKIP", 9, 9)]

    assert explain_share(45, lines, fair_share(45, lines)) == [
        LineExplanation("A", Reason.FAIR_SHARE, 1, 0, 0, 0, 45),
        LineExplanation("B", Reason.TAKEN_BACK, 2, 0, 0, 0, 45),
    ]
    assert [told.reason for told in explain_share(0, lines[:1], fair_share(0, lines[:1]))] == [Reason.NO_STOCK]
    picky = [PoolLine("A", "WIN", 60, 0, minimum=50), PoolLine("B", "WIN", 60, 0)]
    assert [told.reason for told in explain_share(45, picky, fair_share(45, picky))] == [
        Reason.HELD_BACK_BELOW_MINIMUM_FILL,
        Reason.FAIR_SHARE,
    ]
    assert [told.reason for told in explain_share(99, lines, fair_share(99, lines))] == [Reason.FILLED] * 2


@laws
@given(units, any_lines)
def test_the_stated_extra_units_really_fill_the_line(pool, lines):
    result = allocate_pool(pool, lines)

    for told in explain_pool(pool, lines, result):
        wanted = next(line.open for line in lines if line.id == told.line)
        if told.more_units is None:
            assert allocate_pool(10_000, lines).given[told.line] < wanted
        elif told.more_units:
            assert allocate_pool(pool + told.more_units, lines).given[told.line] == wanted
        else:
            assert result.given[told.line] == wanted


@laws
@given(units, plain_lines())
def test_without_quantity_rules_one_unit_less_would_not_fill_it(pool, lines):
    for told in explain_pool(pool, lines, allocate_pool(pool, lines)):
        wanted = next(line.open for line in lines if line.id == told.line)
        if told.more_units:
            almost = allocate_pool(pool + told.more_units - 1, lines)
            assert almost.exceptions or almost.given[told.line] < wanted


@laws
@given(units, any_lines)
def test_the_figures_of_the_queue_add_up(pool, lines):
    result = allocate_pool(pool, lines)

    told = explain_pool(pool, lines, result)

    assert [figures.rank for figures in told] == list(range(1, len(lines) + 1))
    served_before = [[result.given[ahead.line] for ahead in told[:place]] for place in range(len(told))]
    assert [figures.units_before for figures in told] == [sum(given_before) for given_before in served_before]
    assert [figures.lines_before for figures in told] == [
        sum(units_given > 0 for units_given in given_before) for given_before in served_before
    ]


@pytest.mark.parametrize("strategy", list(Strategy)[:-1])
def test_a_line_that_wants_nothing_is_never_short(strategy):
    assert story(5, PoolLine("A", strategy, 0, 0))["A"] == LineExplanation("A", Reason.KEPT, 1, 0, 0, 0, 0)
