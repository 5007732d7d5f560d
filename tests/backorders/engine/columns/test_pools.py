import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backorders.engine.allocation.explanation import explain_pool, explain_share
from backorders.engine.allocation.pool import PoolLine, allocate_pool, fair_share
from backorders.engine.columns.fair_share import explain_share_columns, share_columns
from backorders.engine.columns.pools import (
    MISSING,
    NEVER,
    REASONS,
    STRATEGIES,
    PoolLines,
    allocate_columns,
    explain_columns,
    rank_columns,
)
from backorders.engine.policy.ranking import LineFacts, SortField, SortKey, rank_lines
from tests.backorders.engine.pools import any_lines, laws, units

pools = st.lists(st.tuples(units, any_lines), max_size=5)


def as_columns(everybody):
    rows = [(pool, line) for pool, (_, lines) in enumerate(everybody) for line in lines]
    fields = ("open", "current", "pack", "minimum", "has_shipped")
    kinds = (int, int, int, int, bool)
    return np.array([supply for supply, _ in everybody], dtype=int), PoolLines(
        np.array([pool for pool, _ in rows], dtype=int),
        np.array([STRATEGIES.index(line.strategy) for _, line in rows], dtype=int),
        *(
            np.array([getattr(line, field) for _, line in rows], dtype=kind)
            for field, kind in zip(fields, kinds, strict=True)
        ),
    )


@laws
@given(pools)
def test_many_pools_at_once_get_what_each_gets_alone_and_are_told_the_same(everybody):
    supply, lines = as_columns(everybody)

    decision = allocate_columns(supply, lines)
    story = explain_columns(supply, lines, decision)

    alone = [(allocate_pool(units, rows), units, rows) for units, rows in everybody]
    assert decision.given.tolist() == [result.given[row.id] for result, _, rows in alone for row in rows]
    assert decision.failed.tolist() == [
        row.id in {exception.line for exception in result.exceptions} for result, _, rows in alone for row in rows
    ]
    told = [
        tuple(
            REASONS[place] if name == "reason" else int(place) for name, place in zip(story._fields, row, strict=True)
        )
        for row in zip(*story, strict=True)
    ]
    expected = []
    for result, pool, rows in alone:
        by_line = {figures.line: figures for figures in explain_pool(pool, rows, result)}
        for row in rows:
            figures = by_line[row.id]
            more = NEVER if figures.more_units is None else figures.more_units
            expected.append((*figures[1:-1], more))
    assert told == expected


@laws
@given(pools)
def test_fair_shares_of_many_pools_at_once_are_what_each_gets_alone(everybody):
    supply, lines = as_columns(everybody)

    decision = share_columns(supply, lines)
    story = explain_share_columns(supply, lines, decision)

    alone = [(fair_share(units, rows), units, rows) for units, rows in everybody]
    assert decision.given.tolist() == [result.given[row.id] for result, _, rows in alone for row in rows]
    expected = [figures for result, pool, rows in alone for figures in explain_share(pool, rows, result)]
    assert [REASONS[place] for place in story.reason.tolist()] == [figures.reason for figures in expected]
    assert story.rank.tolist() == [figures.rank for figures in expected]
    assert story.more_units.tolist() == [figures.more_units for figures in expected]


def test_a_pool_where_a_pack_binds_passes_on_what_the_line_cannot_take():
    lines = [PoolLine(0, "REDISTRIBUTE", 30, 0, pack=12), PoolLine(1, "REDISTRIBUTE", 9, 0)]

    decision = allocate_columns(*as_columns([(20, lines)]))

    assert decision.given.tolist() == [12, 8]


def test_no_line_at_all_is_no_work():
    supply, lines = as_columns([])

    decision = allocate_columns(supply, lines)

    assert (decision.given.tolist(), explain_columns(supply, lines, decision).rank.tolist()) == ([], [])


few = st.integers(0, 3)
facts = st.builds(
    LineFacts,
    id=st.just(0),
    order_size=few,
    tier_rank=few,
    placed_at=few,
    requested_on=st.one_of(st.none(), few),
    line_value=few,
    days_waiting=st.integers(0, 40),
    times_slipped=few,
    manual_boost=few,
)
keys = st.builds(SortKey, st.sampled_from(list(SortField)), st.booleans())
custom = st.builds(
    lambda descending, order: SortKey("tier_rank", descending, tuple(order)), st.booleans(), st.permutations([3, 1, 2])
)


@laws
@given(
    st.lists(st.tuples(st.integers(0, 2), facts), max_size=12),
    st.lists(st.one_of(keys, custom), max_size=4),
    st.integers(0, 20),
)
def test_columns_stand_in_the_order_of_the_lines(rows, keys, age_boost_days):
    lines = [(pool, line._replace(id=number)) for number, (pool, line) in enumerate(rows)]
    columns = {
        field: np.array(
            [MISSING if getattr(line, field) is None else getattr(line, field) for _, line in lines], dtype=int
        )
        for field in ("id", *SortField)
    }

    order = rank_columns(
        columns, keys, pool=np.array([pool for pool, _ in lines], dtype=int), age_boost_days=age_boost_days
    )

    expected = []
    for pool in range(3):
        queue = rank_lines([line for at, line in lines if at == pool], keys, age_boost_days=age_boost_days)
        expected += [line.id for line in queue]
    assert order.tolist() == expected
