import pytest

from backorders.engine.allocation.pool import (
    PoolException,
    PoolLine,
    Strategy,
    allocate_pool,
    deliverable,
    fair_share,
    minimum_units,
)
from tests.fixtures import EXAMPLES


def named(example: dict) -> str:
    return example["id"]


@pytest.mark.parametrize("example", EXAMPLES["pools"], ids=named)
def test_a_pool_is_shared_as_in_the_worked_example(example):
    expected = example["expect"]

    result = allocate_pool(example["pool"], [PoolLine(**line) for line in example["lines"]])

    assert result.given == expected["given"]
    assert [exception._asdict() for exception in result.exceptions] == expected.get("exceptions", [])
    assert result.free == expected.get("free")
    assert result.over_confirmed == expected.get("over_confirmed", result.over_confirmed)


@pytest.mark.parametrize("example", EXAMPLES["packs"], ids=named)
def test_packs_and_minimum_fill_limit_what_a_line_gets(example):
    minimum = minimum_units(example["open"], percent=round(example["min_fill"] * 100))
    line = PoolLine("A", Strategy.REDISTRIBUTE, example["open"], 0, pack=example["pack"], minimum=minimum)

    result = allocate_pool(example["pool"], [line])

    assert (result.given, result.free) == ({"A": example["expect"]}, example["pool"] - example["expect"])


@pytest.mark.parametrize("example", EXAMPLES["fair_share"], ids=named)
def test_a_fair_share_is_the_worked_example(example):
    lines = [PoolLine(name, "REDISTRIBUTE", open_units, 0) for name, open_units in example["lines"]]

    result = fair_share(example["pool"], lines)

    assert (result.given, result.free, result.exceptions) == (example["expect"], 0, [])


def test_every_guarantee_that_cannot_be_met_is_named_and_together_they_miss_what_the_pool_lacks():
    lines = [PoolLine("A", "WIN", 70, 0), PoolLine("B", "WIN", 50, 10), PoolLine("C", "GAIN", 20, 15)]

    result = allocate_pool(100, lines)

    assert result.exceptions == [
        PoolException(Strategy.WIN, "B", 20),
        PoolException(Strategy.GAIN, "C", 15),
    ]
    assert (result.given, result.free, result.over_confirmed) == ({"A": 0, "B": 10, "C": 15}, None, False)


def test_a_skipped_line_is_no_part_of_the_run():
    lines = [PoolLine("S", "SKIP", 50, 50), PoolLine("A", "REDISTRIBUTE", 8, 0)]

    result = allocate_pool(10, lines)

    assert (result.given, result.free, result.over_confirmed) == ({"A": 8}, 2, False)
    assert fair_share(4, lines).given == {"A": 4}


def test_the_first_shipment_waits_for_the_minimum_fill_and_the_stock_passes_on():
    lines = [PoolLine("A", "REDISTRIBUTE", 30, 0, minimum=15), PoolLine("B", "REDISTRIBUTE", 9, 0)]

    result = allocate_pool(12, lines)

    assert (result.given, result.free) == ({"A": 0, "B": 9}, 3)


def test_a_line_that_has_shipped_before_has_no_minimum_fill_any_more():
    line = PoolLine("A", "REDISTRIBUTE", 30, 0, minimum=15, has_shipped=True)

    result = allocate_pool(12, [line])

    assert result.given == {"A": 12}


def test_a_gain_line_keeps_a_broken_pack_below_its_minimum_fill_because_it_is_guaranteed():
    line = PoolLine("A", "GAIN", 30, 7, pack=6, minimum=20)

    assert allocate_pool(19, [line]).given == {"A": 7}
    assert allocate_pool(25, [line]).given == {"A": 24}


def test_an_improve_line_keeps_whole_packs_only_and_what_it_loses_passes_on():
    lines = [PoolLine("A", "IMPROVE", 30, 7, pack=6), PoolLine("B", "IMPROVE", 5, 0)]

    assert allocate_pool(7, lines).given == {"A": 6, "B": 1}


@pytest.mark.parametrize(
    ("open_units", "units", "percent", "minimum"),
    [(30, 0, 50, 15), (31, 0, 50, 16), (30, 20, 50, 20), (30, 40, 0, 30), (30, 0, 0, 0)],
)
def test_a_minimum_fill_is_the_stricter_of_units_and_share_rounded_up(open_units, units, percent, minimum):
    assert minimum_units(open_units, units=units, percent=percent) == minimum


def test_the_full_open_quantity_may_break_a_pack():
    line = PoolLine("A", "REDISTRIBUTE", 30, 0, pack=12)

    assert [deliverable(line, at_hand) for at_hand in (11, 12, 29, 30, 99)] == [0, 12, 24, 30, 30]


def test_a_fair_share_gives_packs_and_hands_the_rest_to_whoever_lacks_most_of_its_share():
    lines = [PoolLine("A", "WIN", 20, 0, pack=6), PoolLine("B", "WIN", 40, 0, pack=6)]

    result = fair_share(30, lines)

    assert (result.given, result.free) == ({"A": 12, "B": 18}, 0)


def test_a_fair_share_below_the_minimum_fill_goes_to_the_others():
    lines = [PoolLine("A", "WIN", 10, 0, minimum=8), PoolLine("B", "WIN", 10, 0), PoolLine("C", "WIN", 10, 0)]

    assert fair_share(6, lines).given == {"A": 0, "B": 3, "C": 3}


def test_a_fair_share_of_plenty_fills_everybody():
    lines = [PoolLine("A", "WIN", 3, 0), PoolLine("B", "LOSE", 0, 0)]

    result = fair_share(5, lines)

    assert (result.given, result.free) == ({"A": 3, "B": 0}, 2)


@pytest.mark.parametrize("share", [allocate_pool, fair_share])
def test_nonsense_is_refused(share):
    line = PoolLine("A", "REDISTRIBUTE", 8, 0)

    with pytest.raises(ValueError, match="cannot hold -1 units"):
        share(-1, [line])
    with pytest.raises(ValueError, match="stands in the pool twice"):
        share(5, [line, line])
    with pytest.raises(ValueError, match="'HOPE' is no strategy class"):
        share(5, [line._replace(strategy="HOPE")])
