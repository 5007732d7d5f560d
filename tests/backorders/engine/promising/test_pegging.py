"""What is pegged is on nobody else's shelf, and says when its line is served."""

from hypothesis import given
from hypothesis import strategies as st

from backorders.engine.promising.pegging import PegTo, pegs_in_force, with_pegged
from backorders.engine.promising.supply_curve import NEVER, Dates, Pegged
from tests.backorders.engine.pools import laws

TODAY = 740_000
BY_THE_QUEUE = Dates("A", TODAY + 3, TODAY + 5, "PO-1", 0)


def test_a_peg_counts_as_far_as_its_line_lacks_units_and_its_source_brings_them():
    pegs = [PegTo("A", 1, 6), PegTo("A", 2, 6), PegTo("B", 2, 6)]

    assert pegs_in_force(pegs, missing={"A": 8, "B": 6}, coming={1: 5, 2: 7}) == [
        PegTo("A", 1, 5),
        PegTo("A", 2, 3),
        PegTo("B", 2, 4),
    ]
    assert pegs_in_force(pegs, missing={"A": 0}, coming={2: 7}) == []


def test_a_line_is_served_when_pegged_units_and_all_others_are_here():
    assert with_pegged(BY_THE_QUEUE, Pegged(2, TODAY, TODAY + 1, "PO-2")) == BY_THE_QUEUE
    later = Pegged(2, TODAY + 1, TODAY + 9, "PO-2")
    assert with_pegged(BY_THE_QUEUE, later) == Dates("A", TODAY + 3, TODAY + 9, "PO-2", 0)
    undated = Pegged(2, NEVER, NEVER, "PO-2")
    assert with_pegged(BY_THE_QUEUE, undated) == Dates("A", NEVER, NEVER, "PO-2", 0)


def test_pegged_goods_do_not_date_units_that_come_from_nowhere():
    uncovered = Dates("A", NEVER, NEVER, "", 4)

    assert with_pegged(uncovered, Pegged(2, TODAY, TODAY, "PO-2")) == uncovered


names, units = st.integers(1, 4), st.integers(0, 9)


@laws
@given(st.lists(st.builds(PegTo, names, names, units)), st.dictionaries(names, units), st.dictionaries(names, units))
def test_no_unit_is_meant_twice(pegs, missing, coming):
    found = pegs_in_force(pegs, missing=missing, coming=coming)

    for name in range(1, 5):
        assert sum(peg.units for peg in found if peg.line == name) <= missing.get(name, 0)
        assert sum(peg.units for peg in found if peg.source == name) <= coming.get(name, 0)
    assert all(peg.units > 0 for peg in found)
