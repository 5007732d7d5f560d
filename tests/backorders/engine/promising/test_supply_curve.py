from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from backorders.engine.promising.supply_curve import NEVER, P50, P80, STEPS, Arrival, Slot, fill_shelf, walk_shelf
from backorders.engine.promising.walk import WaitingLine
from tests.backorders.engine.pools import laws
from tests.fixtures import EXAMPLES
from tests.inventory.engine.curves import curve_of

TODAY = date(2026, 3, 2).toordinal()
PAST = EXAMPLES["lead_time_quantiles"]["past"]


def arrival(units: int, source: str, past=PAST, *, age: int | None = None) -> Arrival:
    days = curve_of(past).steps(STEPS, age=age)
    start = TODAY - (age or 0)
    return Arrival(units, source, tuple(NEVER if day is None else start + day for day in days))


def certain(units: int, source: str, day: int) -> Arrival:
    return Arrival(units, source, (day,) * STEPS)


def dates(arrivals, *opens, free=0, capable=None):
    shelf = fill_shelf(today=TODAY, free=free, arrivals=arrivals, capable=capable)
    lines = [WaitingLine(number, units) for number, units in enumerate(opens)]
    return [
        (row.p50 - TODAY if row.p50 < NEVER else None, row.p80 - TODAY if row.p80 < NEVER else None)
        for row in walk_shelf(shelf, lines, today=TODAY)
    ]


def test_one_arrival_is_promised_at_the_quantiles_of_the_example():
    assert dates([arrival(5, "PO-1")], 5) == [(14, 21)]
    assert dates([arrival(5, "PO-1", age=16)], 5) == [(21 - 16, 30 - 16)]


def test_nothing_past_took_so_long_so_there_is_no_reliable_date():
    assert dates([arrival(5, "PO-1", age=30)], 5, free=2) == [(None, None)]
    assert dates([arrival(5, "PO-1", age=30)], 2, free=2) == [(0, 0)]


def test_a_median_may_be_known_where_the_safe_date_is_not():
    half_known = Arrival(5, "PO-1", (TODAY + 9,) * 25 + (NEVER,) * 15)

    assert dates([half_known], 5) == [(9, None)]


def test_a_sure_day_and_one_uncertain_arrival_follow_the_one_that_is_uncertain():
    shelf = fill_shelf(today=TODAY, free=1, arrivals=[arrival(5, "PO-1"), certain(4, "PO-2", TODAY + 18)], capable=None)

    assert shelf == [
        Slot(1, TODAY, TODAY, "stock"),
        Slot(4, TODAY + 14, TODAY + 18, "PO-1"),
        Slot(1, TODAY + 14, TODAY + 21, "PO-1"),
        Slot(4, TODAY + 18, TODAY + 21, "PO-2"),
    ]


def test_who_needs_both_of_two_arrivals_waits_longer_than_for_one_and_who_needs_either_less():
    both = [arrival(5, "PO-1"), arrival(5, "PO-2")]

    [(first50, first80), (second50, second80)] = dates(both, 5, 5)

    assert first50 < 14 <= second50
    assert first80 < 21 <= second80


def test_two_arrivals_that_are_drawn_together_come_close_to_the_true_odds():
    """P(both by 21) = (7/8)² = 77 %, P(both by 18) = (6/8)² = 56 %, P(one of them by 12) = 1 − (5/8)² = 61 %."""
    [(either50, _), (both50, both80)] = dates([arrival(5, "PO-1"), arrival(5, "PO-7")], 5, 5)

    assert either50 == 12
    assert both50 == 18
    assert both80 in (21, 30)


def test_what_nothing_covers_could_still_be_bought():
    capable = (TODAY + 40, TODAY + 50)

    assert dates([arrival(5, "PO-1")], 4, 4, capable=capable) == [(14, 21), (40, 50)]
    assert dates([certain(5, "PO-1", TODAY + 60)], 4, 4, capable=capable) == [(60, 60), (60, 60)]
    assert dates([], 4) == [(None, None)]


days_of_one = st.lists(st.integers(0, 60) | st.just(NEVER - TODAY), min_size=STEPS, max_size=STEPS).map(sorted)
arrivals = st.lists(
    st.builds(
        lambda units, source, days: Arrival(units, source, tuple(TODAY + day for day in days)),
        st.integers(1, 9),
        st.sampled_from(["PO-1", "PO-2", "PO-3", "PO-4"]),
        days_of_one | st.integers(0, 60).map(lambda day: [day] * STEPS),
    ),
    max_size=4,
)
needs = st.lists(st.integers(0, 9), max_size=6)
capables = st.none() | st.tuples(st.integers(0, 40), st.integers(41, 90)).map(
    lambda pair: (TODAY + pair[0], TODAY + pair[1])
)


def promised(coming, opens, free=2, capable=None):
    shelf = fill_shelf(today=TODAY, free=free, arrivals=coming, capable=capable)
    return walk_shelf(shelf, [WaitingLine(number, units) for number, units in enumerate(opens)], today=TODAY)


@laws
@given(arrivals, needs, capables, st.lists(st.integers(0, 30), min_size=4, max_size=4))
def test_later_supply_never_makes_a_promise_earlier(coming, opens, capable, delays):
    later = [
        one._replace(days=tuple(min(day + delay, NEVER) for day in one.days))
        for one, delay in zip(coming, delays, strict=False)
    ]

    for before, after in zip(
        promised(coming, opens, capable=capable), promised(later, opens, capable=capable), strict=True
    ):
        assert after.p50 >= before.p50
        assert after.p80 >= before.p80


@laws
@given(arrivals, needs, capables, st.integers(1, 9))
def test_a_line_added_behind_moves_nobody_before_it(coming, opens, capable, added):
    assert promised(coming, [*opens, added], capable=capable)[:-1] == promised(coming, opens, capable=capable)


@laws
@given(arrivals, needs, capables, st.randoms())
def test_the_safe_date_is_never_before_the_likely_one_nor_in_the_past_and_the_order_of_the_supply_is_nothing(
    coming, opens, capable, random
):
    told = promised(coming, opens, capable=capable)

    assert told == promised(random.sample(coming, len(coming)), opens, capable=capable)
    for row in told:
        assert TODAY <= row.p50 <= row.p80 <= NEVER
        assert (row.source == "") == (row.uncovered > 0)


@laws
@given(arrivals)
def test_the_shelf_holds_every_unit_once_in_the_order_of_its_days(coming):
    shelf = fill_shelf(today=TODAY, free=0, arrivals=coming, capable=None)

    assert sum(slot.quantity for slot in shelf) == sum(one.quantity for one in coming)
    assert [slot.p50 for slot in shelf] == sorted(slot.p50 for slot in shelf)
    assert [slot.p80 for slot in shelf] == sorted(slot.p80 for slot in shelf)


@laws
@given(arrivals)
def test_more_that_is_on_its_way_never_makes_anything_later(coming):
    if coming:
        fewer, more = (promised(given, [1, 2, 3]) for given in (coming[1:], coming))
        if sum(not one.is_certain for one in coming) <= 1:
            assert all(new.p80 <= old.p80 for old, new in zip(fewer, more, strict=True))


def test_the_steps_stand_for_the_median_and_four_of_five():
    assert ((P50 + 1) / STEPS, (P80 + 1) / STEPS) == (0.5, 0.8)
