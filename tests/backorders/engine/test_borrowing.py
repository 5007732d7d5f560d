from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorders.engine.borrowing import Borrowing, ParkedLine, borrow_without_delay
from backorders.engine.promising import Supply, WaitingLine, walk_queue
from tests.backorders.engine.pools import laws
from tests.fixtures import EXAMPLES

TODAY = date(2026, 3, 2)


def on(days: int) -> date:
    return TODAY + timedelta(days)


def borrow(free, coming, parked, wanted):
    supplies = [Supply(on(days), quantity, "PO") for days, quantity in coming]
    return borrow_without_delay(today=TODAY, free=free, supplies=supplies, parked=parked, wanted=wanted)


@pytest.mark.parametrize("example", EXAMPLES["borrow_without_delay"], ids=lambda example: example["id"])
def test_a_lower_line_borrows_as_far_as_the_first_is_not_delayed(example):
    (_, free), *coming = example["supply"]
    expected = example["expect"]

    borrowing = borrow(free, coming, [ParkedLine(example["first"]["open"])], example["second"]["open"])

    assert borrowing == Borrowing(expected["second_may_take_now"], (on(expected["first_completes"]),))


def test_stock_for_a_line_not_wanted_yet_is_lent_when_it_comes_back_in_time():
    assert borrow(30, [(10, 20)], [ParkedLine(30)], 30).units == 0
    assert borrow(30, [(10, 20)], [ParkedLine(30, not_before=on(9))], 30).units == 0
    assert borrow(30, [(10, 20)], [ParkedLine(30, not_before=on(10))], 30).units == 20


def test_every_parked_line_before_the_borrower_must_keep_its_date():
    assert borrow(30, [(10, 40)], [ParkedLine(50)], 40).units == 20
    assert borrow(30, [(10, 40)], [ParkedLine(50), ParkedLine(15)], 40) == Borrowing(5, (on(10), on(10)))


def test_a_line_without_a_reliable_date_lends_nothing():
    assert borrow(30, [], [ParkedLine(50)], 40) == Borrowing(0, (None,))


def test_nobody_borrows_more_than_it_wants_or_than_is_here():
    assert borrow(30, [(10, 99)], [ParkedLine(50)], 7).units == 7
    assert borrow(30, [(10, 99)], [ParkedLine(50)], 70).units == 30


supply_days = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=4)


@laws
@given(st.integers(0, 20), supply_days, st.lists(st.integers(1, 20), min_size=1, max_size=3))
def test_borrowing_moves_no_completion_and_one_unit_more_would(free, coming, opens):
    parked = [ParkedLine(open_units) for open_units in opens]

    borrowing = borrow(free, coming, parked, 99)

    def completions(stock):
        supplies = [Supply(on(days), quantity, "PO") for days, quantity in coming]
        queue = [WaitingLine(number, open_units) for number, open_units in enumerate(opens)]
        promises = walk_queue(today=TODAY, free=stock, supplies=supplies, lines=queue)
        return tuple(promise.queue_date for promise in promises)

    assert completions(free - borrowing.units) == completions(free) == borrowing.completed_on
    if None not in borrowing.completed_on and borrowing.units < free:
        assert completions(free - borrowing.units - 1) != completions(free)
