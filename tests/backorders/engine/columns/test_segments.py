"""Segments on columns catch and rank as the segments of `engine.segments` do, line by line."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backorders.engine.columns.pools import MISSING
from backorders.engine.columns.segments import (
    MONEY,
    TEXTS,
    catch_columns,
    column_segments,
    rank_segment_columns,
    words_of_policies,
)
from backorders.engine.policy.definition import FLAGS, KIND_OF, NUMBERS, OPERATORS, FilterField
from backorders.engine.policy.ranking import LineFacts, SortField
from backorders.engine.policy.reader import parse_definition
from backorders.engine.policy.segments import compile_segments, rank_segments
from tests.backorders.engine.pools import laws

CODES = {"one": 1, "two": 2, "three": 3}
IDS = {field.value: CODES for field in FilterField}
few = st.integers(0, 3)


@st.composite
def filters(draw):
    field = draw(st.sampled_from(list(FilterField)))
    operator = draw(st.sampled_from(OPERATORS[KIND_OF[field]]))
    if field in FLAGS:
        values = [draw(st.booleans())]
    elif field in NUMBERS:
        values = [draw(st.sampled_from(["1.5", "2", "0.25"])) if field == FilterField.LINE_VALUE else draw(few)]
    else:
        values = draw(st.lists(st.sampled_from([*CODES, "gone"]), min_size=1, max_size=3, unique=True))
    return {"field": field.value, "operator": operator.value, "values": values}


keys = st.lists(
    st.one_of(
        st.fixed_dictionaries({"field": st.sampled_from([f.value for f in SortField]), "descending": st.booleans()}),
        st.fixed_dictionaries(
            {"field": st.just("tier_rank"), "order": st.permutations(["two", "three"]), "descending": st.booleans()}
        ),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda key: key["field"],
)
strategies = st.sampled_from(["WIN", "GAIN", "IMPROVE", "REDISTRIBUTE", "FILL"])
policies = st.fixed_dictionaries(
    {
        "segments": st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.just(""),
                    "strategy": strategies,
                    "keys": keys,
                    "filters": st.lists(filters(), min_size=1, max_size=3, unique_by=lambda f: f["field"]),
                }
            ),
            max_size=4,
        ),
        "rest": st.fixed_dictionaries({"strategy": strategies, "keys": keys}),
        "age_boost_days": st.sampled_from([0, 3, 10]),
    }
)
facts = st.builds(
    LineFacts,
    id=st.just(0),
    order_size=few,
    tier_rank=st.integers(1, 4),
    placed_at=few,
    requested_on=st.one_of(st.none(), few),
    line_value=few,
    days_waiting=st.integers(0, 40),
    times_slipped=few,
    manual_boost=few,
    customer=few,
    country=st.sampled_from(["", *CODES]),
    channel=st.sampled_from(["", *CODES]),
    category=st.one_of(st.none(), few),
    product=few,
    warehouse=few,
    reason=st.sampled_from(["", *CODES]),
    requested_in_days=st.one_of(st.none(), st.integers(-3, 3)),
    ship_complete=st.booleans(),
    is_told=st.booleans(),
)


def as_columns(lines, words):
    def number(field, value):
        if field in words:
            return words[field].index(value) + 1 if value in words[field] else 0
        if field == "line_value":
            return value * MONEY
        return MISSING if value is None else int(value)

    return {field: np.array([number(field, getattr(line, field)) for line in lines]) for field in LineFacts._fields}


@laws
@given(policies, st.lists(st.tuples(st.integers(0, 2), facts), min_size=1, max_size=12))
def test_columns_are_caught_and_ranked_as_the_lines_are(policy, rows):
    for number, segment in enumerate(policy["segments"]):
        segment["name"] = f"Segment {number}"
    definition = parse_definition(policy)
    compiled, words = compile_segments(definition, IDS), words_of_policies([definition])
    segments = column_segments(definition, compiled, IDS, words)
    lines = [(pool, line._replace(id=number)) for number, (pool, line) in enumerate(rows)]
    columns = as_columns([line for _, line in lines], {field.value: words[field] for field in TEXTS})
    pool = np.array([at for at, _ in lines])

    caught = catch_columns(columns, segments)
    order = rank_segment_columns(columns, caught, segments, pool=pool, age_boost_days=definition.age_boost_days)

    expected = [
        (at, place, line.id)
        for at in range(3)
        for place, line in rank_segments(
            [line for pool, line in lines if pool == at], compiled, age_boost_days=definition.age_boost_days
        )
    ]
    assert list(zip(pool[order].tolist(), caught[order].tolist(), order.tolist(), strict=True)) == expected
