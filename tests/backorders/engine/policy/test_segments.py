"""Segments: each line is in the first one that wants it, and the order of service does not depend on the input's."""

from hypothesis import given
from hypothesis import strategies as st

from backorders.engine.allocation.pool import PoolLine, Strategy, allocate_pool
from backorders.engine.policy.ranking import LineFacts
from backorders.engine.policy.reader import parse_definition
from backorders.engine.policy.segments import compile_segments, place_lines, rank_segments
from tests.backorders.engine.pools import laws

IDS = {"tier": {"platinum": 1, "gold": 2, "silver": 3}}
REST = {"strategy": "REDISTRIBUTE", "keys": [{"field": "placed_at"}]}


def compiled(*segments, rest=REST):
    raw = {
        "segments": [
            {"name": f"Segment {number}", "strategy": strategy, "keys": keys or REST["keys"], "filters": filters}
            for number, (strategy, filters, keys) in enumerate(segments)
        ],
        "rest": rest,
    }
    return compile_segments(parse_definition(raw), IDS)


def wants(field, operator, *values):
    return {"field": field, "operator": operator, "values": list(values)}


def line(number, **facts):
    return LineFacts(number, **{"order_size": 5, "tier_rank": 3, "placed_at": number, **facts})


def placed(segments, *lines):
    return [[each.id for each in group] for group in place_lines(lines, segments)]


def test_a_line_belongs_to_the_first_segment_that_wants_it():
    segments = compiled(
        ("WIN", [wants("tier", "in", "Platinum", "gold")], None),
        ("GAIN", [wants("age_days", "at_least", 30), wants("order_size", "at_most", 5)], None),
    )

    assert placed(
        segments,
        line(1, tier_rank=2, days_waiting=90),
        line(2, days_waiting=30),
        line(3, days_waiting=29),
        line(4, days_waiting=90, order_size=6),
    ) == [[1], [2], [3, 4]]


def test_a_line_without_a_requested_date_meets_no_limit_of_it():
    segments = compiled(("WIN", [wants("requested_in_days", "at_most", 7)], None))

    assert placed(segments, line(1, requested_in_days=None), line(2, requested_in_days=-3)) == [[2], [1]]


def test_a_code_that_nobody_has_any_more_catches_nobody():
    segments = compiled(
        ("WIN", [wants("tier", "in", "bronze")], None), ("LOSE", [wants("tier", "not_in", "bronze")], None)
    )

    assert placed(segments, line(1)) == [[], [1], []]


def test_flags_and_words():
    segments = compiled(
        ("WIN", [wants("ship_complete", "is", True)], None),
        ("GAIN", [wants("channel", "not_in", "web")], None),
        ("IMPROVE", [wants("is_told", "is", False)], None),
    )
    web = {"channel": "web"}

    assert placed(
        segments, line(1, ship_complete=True, **web), line(2), line(3, **web), line(4, is_told=True, **web)
    ) == [[1], [2], [3], [4]]


def test_classes_are_served_in_their_order_and_segments_inside_a_class_in_theirs():
    segments = compiled(
        ("REDISTRIBUTE", [wants("tier", "in", "gold")], None),
        ("WIN", [wants("order_size", "at_least", 9)], [{"field": "order_size", "descending": True}]),
    )

    ranked = rank_segments([line(1), line(2, tier_rank=2), line(3, order_size=9), line(4, order_size=12)], segments)

    assert [(segment, each.id) for segment, each in ranked] == [(1, 4), (1, 3), (0, 2), (2, 1)]


def test_a_custom_order_of_tiers_is_followed():
    rest = {"strategy": "REDISTRIBUTE", "keys": [{"field": "tier_rank", "order": ["gold", "platinum"]}]}

    ranked = rank_segments([line(1, tier_rank=1), line(2, tier_rank=2), line(3, tier_rank=3)], compiled(rest=rest))

    assert [each.id for _, each in ranked] == [2, 1, 3]


def test_waiting_leads_a_line_past_the_newcomers_of_a_better_segment_of_its_class():
    segments = compiled(("REDISTRIBUTE", [wants("tier", "in", "platinum")], None))
    waits = line(1, tier_rank=3, placed_at=0)

    def first(days):
        newcomers = [line(number, tier_rank=1, placed_at=number) for number in range(2, 5)]
        return rank_segments([waits._replace(days_waiting=days), *newcomers], segments, age_boost_days=10)[0][1].id

    assert [first(days) for days in (0, 19, 20)] == [2, 2, 1]


FILTERS = st.one_of(
    st.builds(lambda codes: wants("tier", "in", *codes), st.lists(st.sampled_from(sorted(IDS["tier"])), min_size=1)),
    st.builds(lambda days: wants("age_days", "at_least", days), st.integers(0, 20)),
    st.builds(lambda units: wants("order_size", "at_most", units), st.integers(1, 20)),
    st.builds(lambda days: wants("requested_in_days", "at_most", days), st.integers(-5, 5)),
)
KEYS = st.sampled_from(["placed_at", "tier_rank", "order_size", "requested_on", "days_waiting"])
SEGMENTS = st.lists(
    st.tuples(
        st.sampled_from([strategy.value for strategy in Strategy]),
        st.lists(FILTERS, min_size=1, max_size=2),
        st.builds(lambda field: [{"field": field}], KEYS),
    ),
    max_size=4,
)
LINES = st.lists(
    st.builds(
        lambda size, rank, age, days: {
            "order_size": size,
            "tier_rank": rank,
            "days_waiting": age,
            "requested_in_days": days,
        },
        st.integers(1, 20),
        st.integers(1, 3),
        st.integers(0, 20),
        st.none() | st.integers(-5, 5),
    ),
    max_size=10,
)


@laws
@given(st.integers(0, 60), SEGMENTS, LINES, st.integers(0, 9), st.randoms())
def test_permuting_the_input_changes_nothing_and_nobody_is_lost(pool, segments, rows, age_boost_days, random):
    rules = compiled(*segments)
    facts = [line(number, **row) for number, row in enumerate(rows)]

    def run(lines):
        ranked = rank_segments(lines, rules, age_boost_days=age_boost_days)
        pool_lines = [
            PoolLine(each.id, rules[segment].strategy, each.order_size, each.order_size // 2)
            for segment, each in ranked
        ]
        return [each.id for each in pool_lines], allocate_pool(pool, pool_lines)

    order, result = run(facts)

    assert run(random.sample(facts, len(facts))) == (order, result)
    assert sorted(order) == [each.id for each in facts]
