from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorders.engine.policy.ranking import LineFacts, SortField, SortKey, rank_lines
from tests.backorders.engine.pools import laws

DAY = date(2026, 5, 1)
LINE = LineFacts(0, order_size=10, tier_rank=2, placed_at=DAY)


def ranked_ids(lines, *keys, **options):
    return [line.id for line in rank_lines(lines, keys, **options)]


@pytest.mark.parametrize("field", [field for field in SortField if field not in ("placed_at", "requested_on")])
def test_a_number_ranks_ascending_or_descending(field):
    lines = [LINE._replace(id=1, **{field: 5}), LINE._replace(id=2, **{field: 3}), LINE._replace(id=3, **{field: 4})]

    assert ranked_ids(lines, SortKey(field)) == [2, 3, 1]
    assert ranked_ids(lines, SortKey(field, descending=True)) == [1, 3, 2]


@pytest.mark.parametrize("field", ["placed_at", "requested_on"])
def test_a_date_ranks_ascending_or_descending(field):
    lines = [LINE._replace(id=days, **{field: DAY + timedelta(days)}) for days in (2, 3, 1)]

    assert ranked_ids(lines, SortKey(field)) == [1, 2, 3]
    assert ranked_ids(lines, SortKey(field, descending=True)) == [3, 2, 1]


def test_a_line_without_a_requested_date_stands_last_in_either_direction():
    lines = [LINE._replace(id=1), LINE._replace(id=2, requested_on=DAY)]

    assert ranked_ids(lines, SortKey("requested_on")) == [2, 1]
    assert ranked_ids(lines, SortKey("requested_on", descending=True)) == [2, 1]


def test_a_custom_order_names_its_values_and_leaves_the_others_behind_in_either_direction():
    lines = [LINE._replace(id=tier, tier_rank=tier) for tier in (1, 2, 3, 4)]

    assert ranked_ids(lines, SortKey("tier_rank", order=(3, 1))) == [3, 1, 2, 4]
    assert ranked_ids(lines, SortKey("tier_rank", descending=True, order=(3, 1))) == [1, 3, 2, 4]


def test_later_keys_decide_between_equals_and_the_id_has_the_last_word():
    lines = [
        LINE._replace(id=4),
        LINE._replace(id=3),
        LINE._replace(id=2, tier_rank=1, placed_at=DAY + timedelta(9)),
        LINE._replace(id=1, placed_at=DAY + timedelta(1)),
    ]

    assert ranked_ids(lines, SortKey("tier_rank"), SortKey("placed_at")) == [2, 3, 4, 1]
    assert ranked_ids(lines, SortKey("tier_rank", descending=True)) == [1, 3, 4, 2]
    assert ranked_ids(lines) == [1, 2, 3, 4]


@pytest.mark.parametrize(("days_waiting", "first"), [(59, "gold"), (60, "silver"), (61, "silver")])
def test_a_waiting_line_moves_up_one_tier_for_each_full_span_of_days(days_waiting, first):
    lines = [
        LINE._replace(id="gold", tier_rank=1, placed_at=DAY + timedelta(5)),
        LINE._replace(id="silver", tier_rank=3, days_waiting=days_waiting),
    ]

    ranked = ranked_ids(lines, SortKey("tier_rank"), SortKey("placed_at"), age_boost_days=30)

    assert ranked[0] == first


def test_the_age_boost_bounds_the_wait_under_a_key_without_tiers():
    lines = [LINE._replace(id="large", order_size=900, days_waiting=30), LINE._replace(id="small", order_size=1)]

    assert ranked_ids(lines, SortKey("order_size")) == ["small", "large"]
    assert ranked_ids(lines, SortKey("order_size"), age_boost_days=30) == ["large", "small"]


def test_the_age_boost_follows_the_direction_and_the_custom_order_of_the_tiers():
    lines = [LINE._replace(id="new", tier_rank=2), LINE._replace(id="old", tier_rank=1, days_waiting=30)]

    assert ranked_ids(lines, SortKey("tier_rank", descending=True), age_boost_days=15) == ["old", "new"]
    assert ranked_ids(lines, SortKey("tier_rank", order=(2, 1)), age_boost_days=15) == ["old", "new"]
    assert ranked_ids(lines, SortKey("tier_rank", order=(2,)), age_boost_days=15) == ["old", "new"]
    assert ranked_ids(lines, SortKey("tier_rank", descending=True), age_boost_days=31) == ["new", "old"]


def test_a_persons_boost_stays_in_front_of_the_age_boost():
    lines = [LINE._replace(id="old", days_waiting=999), LINE._replace(id="boosted", manual_boost=1)]
    keys = [SortKey("manual_boost", descending=True), SortKey("placed_at")]

    assert ranked_ids(lines, *keys, age_boost_days=7) == ["boosted", "old"]
    assert ranked_ids(lines, keys[0], age_boost_days=7) == ["boosted", "old"]


def test_an_unknown_field_is_refused():
    with pytest.raises(ValueError, match="shoe_size"):
        SortKey("shoe_size")


facts = st.builds(
    LineFacts,
    id=st.integers(),
    order_size=st.integers(1, 3),
    tier_rank=st.integers(1, 3),
    placed_at=st.dates(DAY, DAY + timedelta(3)),
    requested_on=st.none() | st.dates(DAY, DAY + timedelta(3)),
    days_waiting=st.integers(0, 50),
)
sort_keys = st.builds(
    SortKey,
    st.sampled_from(["tier_rank", "placed_at", "requested_on", "order_size", "days_waiting"]),
    st.booleans(),
    st.none() | st.permutations([1, 2]).map(tuple),
)


@laws
@given(st.lists(facts, unique_by=lambda line: line.id), st.lists(sort_keys), st.integers(0, 20), st.randoms())
def test_the_rank_is_the_same_for_every_permutation_of_the_lines(lines, keys, age_boost_days, random):
    shuffled = random.sample(lines, len(lines))

    assert rank_lines(shuffled, keys, age_boost_days=age_boost_days) == rank_lines(
        lines, keys, age_boost_days=age_boost_days
    )
