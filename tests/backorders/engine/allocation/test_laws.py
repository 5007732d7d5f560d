"""The laws of the allocation rules, on random pools."""

import itertools
from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from backorders.engine.allocation.pool import PoolLine, Strategy, allocate_pool, fair_share
from backorders.engine.policy.ranking import LineFacts, SortField, SortKey, rank_lines
from tests.backorders.engine.pools import any_lines, laws, plain_lines, units

WANTS_ALL = [Strategy.WIN, Strategy.GAIN, Strategy.IMPROVE, Strategy.REDISTRIBUTE]


@laws
@given(units, any_lines)
def test_every_class_gets_what_it_is_owed_and_no_unit_is_given_twice(pool, lines):
    result = allocate_pool(pool, lines)
    assume(not result.exceptions)

    assert result.free == pool - sum(result.given.values())
    for line in lines:
        units_given = result.given[line.id]
        assert 0 <= units_given <= line.open
        assert line.strategy != Strategy.WIN or units_given == line.open
        assert line.strategy != Strategy.GAIN or units_given >= line.current
        assert line.strategy != Strategy.FILL or units_given <= line.current
        assert line.strategy != Strategy.LOSE or units_given == 0


@laws
@given(units, any_lines)
def test_a_pool_with_an_exception_stays_as_it_is_and_says_what_is_missing(pool, lines):
    result = allocate_pool(pool, lines)
    owed = sum(line.open for line in lines if line.strategy == Strategy.WIN)
    owed += sum(line.current for line in lines if line.strategy == Strategy.GAIN)

    assert sum(exception.missing for exception in result.exceptions) == max(0, owed - pool)
    if owed > pool:
        assert (result.given, result.free) == ({line.id: line.current for line in lines}, None)


@laws
@given(units, any_lines)
def test_quantity_rules_hold_wherever_nothing_was_guaranteed(pool, lines):
    result = allocate_pool(pool, lines)
    assume(not result.exceptions)

    for line in lines:
        units_given = result.given[line.id]
        if units_given in (0, line.open) or (line.strategy == Strategy.GAIN and units_given == line.current):
            continue
        assert units_given % line.pack == 0
        assert line.has_shipped or units_given >= line.minimum


@laws
@given(units, any_lines)
def test_a_second_run_changes_nothing(pool, lines):
    first = allocate_pool(pool, lines)

    second = allocate_pool(pool, [line._replace(current=first.given[line.id]) for line in lines])

    assert (second.given, second.free, second.exceptions) == (first.given, first.free, first.exceptions)


@laws
@given(units, plain_lines())
def test_one_more_unit_lowers_neither_the_total_nor_any_line(pool, lines):
    less, more = allocate_pool(pool, lines), allocate_pool(pool + 1, lines)
    assume(not less.exceptions)

    assert more.exceptions == []
    assert all(more.given[line.id] >= less.given[line.id] for line in lines)


@laws
@given(units, plain_lines())
def test_no_stock_lies_idle_while_a_line_may_have_it(pool, lines):
    result = allocate_pool(pool, lines)
    assume(not result.exceptions and result.free)

    assert all(result.given[line.id] == line.open for line in lines if line.strategy in WANTS_ALL)
    assert all(result.given[line.id] == line.current for line in lines if line.strategy == Strategy.FILL)


@laws
@given(units, plain_lines())
def test_a_class_is_served_only_when_the_classes_before_it_are_full(pool, lines):
    result = allocate_pool(pool, lines)
    assume(not result.exceptions)
    place = {strategy: number for number, strategy in enumerate([*WANTS_ALL, Strategy.FILL, Strategy.LOSE])}
    short = [place[line.strategy] for line in lines if line.strategy in WANTS_ALL and result.given[line.id] < line.open]

    # Gain keeps what it holds before anybody is raised; every other class behind a short one goes empty.
    behind_a_short_class = [line for line in lines if short and place[line.strategy] > min(short)]
    assert all(result.given[line.id] == 0 for line in behind_a_short_class)


@laws
@given(units, plain_lines(strategies=[Strategy.REDISTRIBUTE]), st.data())
def test_a_better_rank_never_lowers_a_line_when_all_are_redistributed(pool, lines, data):
    assume(len(lines) > 1)
    old = data.draw(st.integers(1, len(lines) - 1))
    new = data.draw(st.integers(0, old - 1))
    moved = [*lines[:old], *lines[old + 1 :]]
    moved.insert(new, lines[old])

    assert allocate_pool(pool, moved).given[lines[old].id] >= allocate_pool(pool, lines).given[lines[old].id]


@laws
@given(units, any_lines, st.lists(st.sampled_from(list(SortField)), unique=True), st.integers(0, 9), st.randoms())
def test_permuting_the_input_changes_nothing(pool, lines, fields, age_boost_days, random):
    day = date(2026, 1, 1)
    facts = [
        LineFacts(line.id, line.open, line.open % 3, day + timedelta(line.current), days_waiting=line.pack)
        for line in lines
    ]
    by_id = {line.id: line for line in lines}
    shuffled = random.sample(facts, len(facts))

    def run(some_facts):
        keys = [SortKey(field, descending=len(field) % 2 == 0) for field in fields]
        ranked = rank_lines(some_facts, keys, age_boost_days=age_boost_days)
        return allocate_pool(pool, [by_id[fact.id] for fact in ranked])

    assert run(shuffled) == run(facts)


@laws
@given(units, any_lines)
def test_fair_shares_nest_in_the_pool_and_the_lines_and_keep_to_the_quantity_rules(pool, lines):
    result = fair_share(pool, lines)

    assert result.free == pool - sum(result.given.values())
    for line in lines:
        units_given = result.given[line.id]
        assert 0 <= units_given <= line.open
        if units_given not in (0, line.open):
            assert units_given % line.pack == 0
            assert line.has_shipped or units_given >= line.minimum


@laws
@given(st.integers(0, 12), plain_lines(max_open=5, max_size=4))
def test_a_fair_share_is_the_whole_unit_split_nearest_to_proportion_with_ties_by_rank(pool, lines):
    assert tuple(fair_share(pool, lines).given.values()) == _nearest_split(pool, lines)


def _nearest_split(pool: int, lines: list[PoolLine]) -> tuple[int, ...]:
    """Try all splits. Distances are compared exactly, in units of 1 / wanted."""
    wanted = sum(line.open for line in lines)
    shared = min(pool, wanted)
    splits = itertools.product(*(range(line.open + 1) for line in lines))

    def badness(split):
        distance = sum(
            (units_given * wanted - shared * line.open) ** 2 for units_given, line in zip(split, lines, strict=True)
        )
        return distance, [-units_given for units_given in split]

    return min((split for split in splits if sum(split) == shared), key=badness)
