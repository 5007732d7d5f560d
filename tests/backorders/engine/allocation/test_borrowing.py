from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorders.engine.allocation.borrowing import Borrowing, Holder, ParkedLine, borrow_without_delay, lend_parked
from backorders.engine.allocation.pool import PoolLine, Strategy
from backorders.engine.promising.walk import Supply, WaitingLine, walk_queue
from tests.backorders.engine.pools import laws
from tests.fixtures import EXAMPLES

TODAY = date(2026, 3, 2)


def on(days: int) -> date:
    return TODAY + timedelta(days)


def borrow(free, coming, parked, wanted):
    supplies = [Supply(on(days), quantity, "PO") for days, quantity in coming]
    return borrow_without_delay(today=TODAY, free=free, supplies=supplies, parked=parked, demanded=wanted)


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


holders = st.tuples(
    st.integers(0, 12), st.integers(0, 12), st.none() | st.integers(0, 9), st.integers(0, 6), st.integers(1, 4)
)


def queue_of(rows):
    queue = []
    for number, (open_units, holds, parked, owed, pack) in enumerate(rows):
        held = min(holds, open_units)
        line = PoolLine(number, Strategy.REDISTRIBUTE, open_units, held, pack)
        queue.append(Holder(line, held, None if parked is None else on(parked), min(owed, held), number % 5 != 4))
    return queue


def completions_of(missing, coming):
    """The day on which each line is complete when goods go by the queue; None: nothing brings its last unit."""
    supply = sorted(coming)
    days = []
    for place, units in enumerate(missing):
        needed = sum(missing[: place + 1])
        arrived = [day for n, (day, _) in enumerate(supply) if sum(each for _, each in supply[: n + 1]) >= needed]
        days.append(0 if not units else arrived[0] if arrived else None)
    return days


@laws
@given(st.lists(holders, max_size=7), supply_days)
def test_lending_through_a_queue_delays_nobody_and_gives_to_nobody_what_is_owed(rows, coming):
    queue = queue_of(rows)
    loans = lend_parked(today=TODAY, coming=[(on(days), units) for days, units in coming], queue=queue)

    before = [holder.line.open - holder.held for holder in queue]
    after = list(before)
    for lender, borrower, units, _ in loans:
        assert lender < borrower
        assert units > 0
        after[lender] += units
        after[borrower] -= units
    complete, then = completions_of(before, coming), completions_of(after, coming)
    for place, holder in enumerate(queue):
        held, needed = holder.line.open - after[place], complete[place]
        assert min(holder.held, holder.owed) <= held <= holder.line.open
        if holder.parked_until and needed is not None:
            needed = max(needed, (holder.parked_until - TODAY).days)
        assert needed is None or (then[place] is not None and then[place] <= needed)
        if held > holder.held:
            assert holder.parked_until is None
            assert holder.may_borrow
            assert held == holder.line.open or held % holder.line.pack == 0
        if held < holder.held:
            assert holder.parked_until


@laws
@given(st.integers(0, 20), supply_days, st.lists(st.integers(1, 20), min_size=1, max_size=3))
def test_one_borrower_gets_from_a_queue_what_the_definition_says(free, coming, opens):
    left, queue = free, []
    for number, open_units in enumerate(opens):
        held = min(left, open_units)
        left -= held
        queue.append(Holder(PoolLine(number, Strategy.REDISTRIBUTE, open_units, held), held, TODAY))
    queue.append(Holder(PoolLine("borrower", Strategy.REDISTRIBUTE, 99, left), left))

    loans = lend_parked(today=TODAY, coming=[(on(days), units) for days, units in coming], queue=queue)

    assert (
        sum(loan.units for loan in loans) + left == borrow(free, coming, [ParkedLine(each) for each in opens], 99).units
    )
