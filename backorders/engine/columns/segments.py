"""Segments for many pools at once: who is caught by which filter, and the one order of service, on columns.

`segments` defines what is right, line by line; a differential test holds the two together. Texts are told by their
place among the words that the policy uses, from 1; 0 is every other text.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

import numpy as np

from backorders.engine.allocation.pool import Strategy
from backorders.engine.columns.pools import MISSING, STRATEGIES, Array, rank_columns
from backorders.engine.policy.definition import Filter, FilterField, Operator, PolicyDefinition
from backorders.engine.policy.ranking import SortField, SortKey
from backorders.engine.policy.segments import ATTRIBUTE, RESOLVED, CompiledSegment, Ids

TEXTS = (FilterField.COUNTRY, FilterField.CHANNEL, FilterField.REASON)
MONEY = 10_000  # line values are counted in ten-thousandths
Words = Mapping[FilterField, Sequence[str]]


class ColumnTest(NamedTuple):
    """What a filter asks of a column: to be among `values`, or not; at least or at most a limit; or a truth value."""

    attribute: str
    operator: Operator
    values: tuple[int, ...]

    def catches(self, facts: Mapping[str, Array]) -> Array:
        column = facts[self.attribute]
        if self.operator == Operator.IN:
            return np.isin(column, self.values)
        if self.operator == Operator.NOT_IN:
            return ~np.isin(column, self.values)
        [limit] = self.values
        if self.operator == Operator.IS:
            return (column != 0) == bool(limit)
        within = column >= limit if self.operator == Operator.AT_LEAST else column <= limit
        return within & (column != MISSING)


class ColumnSegment(NamedTuple):
    strategy: Strategy
    keys: tuple[SortKey, ...]
    tests: tuple[ColumnTest, ...]


def words_of_policies(definitions: Iterable[PolicyDefinition]) -> dict[FilterField, list[str]]:
    """The countries, channels and reasons that the filters of these policies name."""
    words: dict[FilterField, list[str]] = {field: [] for field in TEXTS}
    for test in (test for each in definitions for segment in each.segments for test in segment.filters):
        if test.field in words:
            words[test.field] += [word for word in test.values if word not in words[test.field]]
    return words


def column_segments(
    definition: PolicyDefinition, compiled: Sequence[CompiledSegment], ids: Ids, words: Words
) -> tuple[ColumnSegment, ...]:
    """The segments of a policy, the rest last, as columns are asked; `words` number the texts."""
    return tuple(
        ColumnSegment(segment.strategy, known.keys, tuple(_test(test, ids, words) for test in segment.filters))
        for segment, known in zip(definition.all_segments, compiled, strict=True)
    )


def catch_columns(facts: Mapping[str, Array], segments: Sequence[ColumnSegment]) -> Array:
    """The segment of each line: the first one whose filters it meets."""
    size = len(facts["id"])
    caught = np.full(size, len(segments) - 1)
    left = np.ones(size, dtype=bool)
    # A line belongs to the first segment that catches it: whoever is caught is not asked again.
    for place, segment in enumerate(segments[:-1]):
        here = left.copy()
        for test in segment.tests:
            here &= test.catches(facts)
        caught[here] = place
        left &= ~here
    return caught


def rank_segment_columns(
    facts: Mapping[str, Array],
    caught: Array,
    segments: Sequence[ColumnSegment],
    *,
    pool: Array,
    age_boost_days: int = 0,
) -> Array:
    """The places of the lines, pool by pool, in the order of segments.rank_segments."""
    strategy = np.array([STRATEGIES.index(segment.strategy) for segment in segments])[caught]
    # Where segments of one class meet in a pool, waiting for long counts across them: such lines are not boosted inside
    # their segment (`at`) but among all lines of the class (`turn`).
    mixed = _shares_its_class(pool, strategy, caught) & (age_boost_days > 0)
    at, turn, lead = np.zeros(len(pool), dtype=np.int64), caught.astype(np.int64), np.zeros(len(pool), dtype=np.int64)
    for place, segment in enumerate(segments):
        for boost, among in ((age_boost_days, ~mixed), (0, mixed)):
            [lines] = np.nonzero((caught == place) & among)
            if len(lines):
                few = {name: column[lines] for name, column in facts.items()}
                at[lines[rank_columns(few, segment.keys, pool=pool[lines], age_boost_days=boost)]] = range(len(lines))
        lead[caught == place] = _manual_lead(segment.keys)
    # Nor does it overtake a place that was given by hand (`lead`), where that is the segment's first key.
    if mixed.any():
        turn[mixed] -= facts["days_waiting"][mixed] // age_boost_days
        lead = np.where(mixed, lead * facts["manual_boost"], 0)
    else:
        lead[:] = 0
    return np.lexsort((facts["id"], at, caught, turn, lead, strategy, pool))


def _shares_its_class(pool: Array, strategy: Array, caught: Array) -> Array:
    """Which lines have lines of other segments of their class in their pool."""
    # The least and the greatest segment among the lines of a class in a pool: there are several where these differ.
    group = pool * len(STRATEGIES) + strategy
    size = int(group.max(initial=-1)) + 1
    least, most = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    np.minimum.at(least, group, caught)
    np.maximum.at(most, group, caught)
    return least[group] != most[group]


def _manual_lead(keys: Sequence[SortKey]) -> int:
    if not keys or keys[0].field != SortField.MANUAL_BOOST:
        return 0
    return -1 if keys[0].descending else 1


def _test(test: Filter, ids: Ids, words: Words) -> ColumnTest:
    return ColumnTest(ATTRIBUTE[test.field], test.operator, tuple(_values(test, ids, words)))


def _values(test: Filter, ids: Ids, words: Words) -> Iterable[int]:
    if test.field in RESOLVED:
        known = ids.get(test.field, {})
        return [known[code.lower()] for code in test.values if code.lower() in known]
    if test.field in TEXTS:
        return [words[test.field].index(word) + 1 for word in test.values]
    return [_limit(test.field, test.operator, value) for value in test.values]


def _limit(field: FilterField, operator: Operator, value: Any) -> int:
    if field != FilterField.LINE_VALUE:
        return int(value)
    # No line value lies between two ten-thousandths: a finer limit moves to the next one that keeps its meaning.
    rounding = ROUND_CEILING if operator == Operator.AT_LEAST else ROUND_FLOOR
    return int((Decimal(value) * MONEY).to_integral_value(rounding))
