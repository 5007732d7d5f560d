import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorders.engine.allocation.warehouses import ShortLine, choose_warehouses, serve_elsewhere
from tests.backorders.engine.pools import laws
from tests.fixtures import EXAMPLES

HOME = 0
PLACES = (1, 2, 3)
stock = st.fixed_dictionaries({place: st.integers(0, 40) for place in (HOME, *PLACES)})
short_lines = st.lists(
    st.builds(
        ShortLine,
        id=st.just(0),
        missing=st.integers(1, 30),
        home=st.just(HOME),
        places=st.permutations(PLACES).flatmap(lambda places: st.integers(1, 3).map(lambda count: places[:count])),
        pack=st.sampled_from([1, 1, 4]),
        minimum=st.sampled_from([0, 0, 5]),
    ),
    max_size=6,
).map(lambda lines: [line._replace(id=number) for number, line in enumerate(lines)])


@pytest.mark.parametrize("example", EXAMPLES["warehouses"], ids=lambda example: example["id"])
def test_warehouses_are_chosen_as_in_the_worked_example(example):
    stock = [(code, free) for code, free in example["stock"]]

    assert choose_warehouses(example["open"], stock, split=example["split"]) == example["expect"]


@pytest.mark.parametrize("split", [True, False])
def test_the_first_warehouse_of_the_preference_list_wins_and_nothing_open_takes_nothing(split):
    assert choose_warehouses(5, [("EMPTY", 0), ("EAST", 9), ("WEST", 9)], split=split) == {"EAST": 5}
    assert choose_warehouses(0, [("EAST", 9)], split=split) == {}


def test_a_split_takes_what_there_is():
    assert choose_warehouses(50, [("EAST", 30), ("WEST", 4)], split=True) == {"EAST": 30, "WEST": 4}


def test_the_rest_of_a_line_that_others_serve_comes_from_home_where_it_lay_below_a_pack():
    served = serve_elsewhere({1: 3, 2: 6}, [ShortLine(9, missing=7, home=1, places=[2], pack=4)], split=True)

    assert served == ({9: {2: 4, 1: 3}}, frozenset())


def test_each_delivery_has_whole_packs_or_the_rest_and_enough_units():
    assert choose_warehouses(20, [("EAST", 11), ("WEST", 20)], split=True, pack=4) == {"EAST": 8, "WEST": 12}
    assert choose_warehouses(20, [("EAST", 4), ("WEST", 20)], split=True, minimum=5) == {"WEST": 20}


@laws
@given(stock, short_lines, st.booleans())
def test_nobody_gets_more_than_is_left_or_than_it_lacks(left, lines, split):
    served = serve_elsewhere(left, lines, split=split)

    for place in (HOME, *PLACES):
        assert sum(taken.get(place, 0) for taken in served.taken.values()) <= left[place]
    for line in lines:
        taken = served.taken.get(line.id, {})
        assert sum(taken.values()) <= line.missing
        assert set(taken) <= {HOME, *line.places}
        assert split or not taken or list(taken.values()) == [line.missing]
        assert all(units % line.pack == 0 for units in list(taken.values())[:-1])


@laws
@given(stock, short_lines, st.booleans())
def test_what_is_given_back_is_given_again(left, lines, split):
    served = serve_elsewhere(left, lines, split=split)

    assert serve_elsewhere(left, lines, split=split) == served
    rest = {place: left[place] - sum(t.get(place, 0) for t in served.taken.values()) for place in left}
    lacking = [line._replace(missing=line.missing - sum(served.taken.get(line.id, {}).values())) for line in lines]
    still = [line for line in lacking if line.missing and (split or line.id not in served.taken)]
    assert serve_elsewhere(rest, still, split=split).taken == {}


@laws
@given(stock, short_lines)
def test_whoever_is_held_back_could_take_no_whole_pack_of_what_was_left(left, lines):
    lines = [line._replace(pack=1, minimum=0) for line in lines]

    assert not serve_elsewhere(left, lines, split=True).held_back
