from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorders.engine.promising.walk import LinePromise, PromiseSlice, Supply, WaitingLine, walk_queue
from tests.backorders.engine.pools import laws
from tests.fixtures import EXAMPLES

TODAY = date(2026, 3, 2)


def on(days: int) -> date:
    return TODAY + timedelta(days)


@pytest.mark.parametrize("example", EXAMPLES["dated"], ids=lambda example: example["id"])
def test_the_queue_walks_dated_supply_as_in_the_worked_example(example):
    supplies = [Supply(on(days), quantity, "PO") for days, quantity in example["supply"]]
    lines = [WaitingLine(name, open_units) for name, open_units in example["lines"]]

    promises = walk_queue(today=TODAY, free=0, supplies=supplies, lines=lines)

    told = {
        promise.line: {
            "slices": [[piece.available_on, piece.quantity] for piece in promise.slices],
            "uncovered": promise.uncovered,
        }
        for promise in promises
    }
    assert told == {
        name: {"slices": [[on(days), quantity] for days, quantity in line["slices"]], "uncovered": line["uncovered"]}
        for name, line in example["expect"].items()
    }


def test_allocated_units_and_free_stock_are_one_slice_of_today():
    promises = walk_queue(
        today=TODAY, free=3, supplies=[Supply(on(4), 9, "PO-1/1")], lines=[WaitingLine(1, 10, allocated=5)]
    )

    slices = (PromiseSlice(8, TODAY, "stock"), PromiseSlice(2, on(4), "PO-1/1"))
    assert promises == [LinePromise(1, slices, on(4), "PO-1/1", 0)]


def test_a_line_that_waits_for_nothing_is_promised_today():
    lines = [WaitingLine(1, 5, allocated=5), WaitingLine(2, 0)]

    promises = walk_queue(today=TODAY, free=0, supplies=[], lines=lines)

    assert promises == [
        LinePromise(1, (PromiseSlice(5, TODAY, "stock"),), TODAY, "stock", 0),
        LinePromise(2, (), TODAY, "stock", 0),
    ]


def test_overdue_supply_comes_after_dated_supply_and_has_no_reliable_date():
    supplies = [Supply(on(-3), 4, "PO-1/1"), Supply(None, 4, "PO-2/1"), Supply(on(30), 4, "PO-3/1")]

    promises = walk_queue(today=TODAY, free=0, supplies=supplies, lines=[WaitingLine(1, 4), WaitingLine(2, 8)])

    assert [(promise.queue_date, promise.source) for promise in promises] == [(on(30), "PO-3/1"), (None, "PO-2/1")]
    assert promises[1].slices == (PromiseSlice(4, None, "PO-1/1"), PromiseSlice(4, None, "PO-2/1"))


def test_what_no_supply_covers_is_capable_to_promise():
    promises = walk_queue(today=TODAY, free=2, supplies=[], lines=[WaitingLine(1, 5)], capable_on=on(21))

    slices = (PromiseSlice(2, TODAY, "stock"), PromiseSlice(3, on(21), "lead time"))
    assert promises == [LinePromise(1, slices, on(21), "lead time", 0)]


def test_what_nobody_can_supply_has_no_reliable_date_yet():
    promises = walk_queue(today=TODAY, free=2, supplies=[], lines=[WaitingLine(1, 5)])

    assert promises == [LinePromise(1, (PromiseSlice(2, TODAY, "stock"),), None, "", 3)]


def test_a_unit_without_a_date_has_the_last_word_even_before_capable_to_promise():
    promises = walk_queue(
        today=TODAY, free=0, supplies=[Supply(None, 1, "PO-1/1")], lines=[WaitingLine(1, 2)], capable_on=on(9)
    )

    assert (promises[0].queue_date, promises[0].source) == (None, "lead time")


def test_the_last_unit_counts_when_buying_would_be_quicker_than_what_is_on_order():
    promises = walk_queue(
        today=TODAY, free=0, supplies=[Supply(on(60), 1, "PO-1/1")], lines=[WaitingLine(1, 2)], capable_on=on(9)
    )

    assert promises[0].queue_date == on(60)


supplies_to_come = st.lists(
    st.builds(Supply, st.none() | st.integers(0, 30).map(on), st.integers(0, 9), st.sampled_from(["PO-1", "PO-2"])),
    max_size=6,
)
queues = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4)), max_size=6).map(
    lambda rows: [
        WaitingLine(number, open_units, min(open_units, here)) for number, (open_units, here) in enumerate(rows)
    ]
)
free_units = st.integers(0, 9)
capable = st.none() | st.integers(-5, 40).map(on)


def promised(free, supplies, lines, capable_on):
    return walk_queue(today=TODAY, free=free, supplies=supplies, lines=lines, capable_on=capable_on)


def lateness(promise: LinePromise) -> date:
    return promise.queue_date or date.max


@laws
@given(free_units, supplies_to_come, queues, capable, st.lists(st.integers(0, 20), min_size=6, max_size=6))
def test_later_supply_never_makes_a_promise_earlier(free, supplies, lines, capable_on, delays):
    later = [
        supply._replace(available_on=supply.available_on and supply.available_on + timedelta(delay))
        for supply, delay in zip(supplies, delays, strict=False)
    ]

    before = promised(free, supplies, lines, capable_on)
    after = promised(free, later, lines, capable_on)

    assert all(lateness(new) >= lateness(old) for old, new in zip(before, after, strict=True))


@laws
@given(free_units, supplies_to_come, queues, capable, st.integers(1, 12))
def test_a_line_added_behind_moves_nobody_before_it(free, supplies, lines, capable_on, open_units):
    longer = [*lines, WaitingLine("new", open_units)]

    assert promised(free, supplies, longer, capable_on)[:-1] == promised(free, supplies, lines, capable_on)


@laws
@given(free_units, supplies_to_come, queues, capable, st.randoms())
def test_every_unit_is_promised_once_and_never_in_the_past(free, supplies, lines, capable_on, random):
    overdue = [supply._replace(available_on=on(-1)) if supply.quantity == 9 else supply for supply in supplies]

    promises = promised(free, overdue, lines, capable_on)

    assert promises == promised(free, random.sample(overdue, len(overdue)), lines, capable_on)
    for line, promise in zip(lines, promises, strict=True):
        assert sum(piece.quantity for piece in promise.slices) + promise.uncovered == line.open
        assert all(piece.available_on is None or piece.available_on >= TODAY for piece in promise.slices)
        assert promise.queue_date is None or promise.uncovered == 0
    from_supply = [piece for promise in promises for piece in promise.slices if piece.source.startswith("PO")]
    assert sum(piece.quantity for piece in from_supply) <= sum(supply.quantity for supply in supplies)
