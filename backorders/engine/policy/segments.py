"""Which segment of a policy each line belongs to, and the one order in which all of them are served.

Compiled once per policy: filters look at whole columns of lines, and a policy without segments pays nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from backorders.engine.allocation.pool import Strategy
from backorders.engine.policy.definition import Filter, FilterField, Key, Operator, PolicyDefinition, Segment
from backorders.engine.policy.ranking import LineFacts, SortField, SortKey, rank_lines

# Codes as people write them → what a line carries: the rank of a tier, else a primary key. By filter field, lowered.
Ids = Mapping[str, Mapping[str, int]]
RESOLVED = (FilterField.TIER, FilterField.CUSTOMER, FilterField.CATEGORY, FilterField.PRODUCT, FilterField.WAREHOUSE)
ATTRIBUTE: Mapping[FilterField, str] = {
    **{field: field.value for field in FilterField},
    FilterField.TIER: "tier_rank",
    FilterField.AGE_DAYS: "days_waiting",
}
Test = tuple[Callable[[LineFacts], Any], Callable[[Any], bool]]
Placed = tuple[int, LineFacts]  # the segment, and the line


class CompiledSegment(NamedTuple):
    name: str
    strategy: Strategy
    keys: tuple[SortKey, ...]
    tests: tuple[Test, ...]


def compile_segments(definition: PolicyDefinition, ids: Ids) -> tuple[CompiledSegment, ...]:
    """The segments, the rest last. A code that nobody has any more catches nobody."""
    return tuple(_compiled(segment, ids) for segment in definition.all_segments)


def place_lines(lines: Sequence[LineFacts], segments: Sequence[CompiledSegment]) -> list[list[LineFacts]]:
    """The lines of each segment; each line belongs to the first one whose filters it meets."""
    left, placed = lines, []
    for segment in segments[:-1]:
        caught = list(left)
        for get, accepts in segment.tests:
            caught = [line for line, value in zip(caught, map(get, caught), strict=True) if accepts(value)]
        placed.append(caught)
        if caught:
            gone = {line.id for line in caught}
            left = [line for line in left if line.id not in gone]
    return [*placed, list(left)]


def rank_segments(
    lines: Sequence[LineFacts], segments: Sequence[CompiledSegment], *, age_boost_days: int = 0
) -> list[Placed]:
    """The lines in the order of service: by class, then by segment, then by the segment's key, then by id.

    Where several segments share a class, a waiting line moves up by one segment each `age_boost_days`, so that no
    stream of better newcomers starves it; see `rank_lines` for a class of one segment.
    """
    placed = place_lines(lines, segments)
    ranked: list[Placed] = []
    for strategy in Strategy:
        members = [place for place, segment in enumerate(segments) if segment.strategy == strategy and placed[place]]
        alone = len(members) == 1
        group = [
            (place, line)
            for place in members
            for line in rank_lines(placed[place], segments[place].keys, age_boost_days=age_boost_days if alone else 0)
        ]
        if age_boost_days > 0 and not alone:
            group.sort(key=_boosted(segments, age_boost_days))
        ranked += group
    return ranked


def _boosted(segments: Sequence[CompiledSegment], days: int) -> Callable[[Placed], tuple[int, int]]:
    """Behind a person's manual boost only, where the key of the segment begins with it."""
    leads = [_manual_lead(segment.keys) for segment in segments]

    def place_after_waiting(placed: Placed) -> tuple[int, int]:
        place, line = placed
        return leads[place] * line.manual_boost, place - line.days_waiting // days

    return place_after_waiting


def _manual_lead(keys: Sequence[SortKey]) -> int:
    if not keys or keys[0].field != SortField.MANUAL_BOOST:
        return 0
    return -1 if keys[0].descending else 1


def _compiled(segment: Segment, ids: Ids) -> CompiledSegment:
    keys = tuple(_sort_key(key, ids) for key in segment.keys)
    return CompiledSegment(segment.name, segment.strategy, keys, tuple(_test(each, ids) for each in segment.filters))


def _sort_key(key: Key, ids: Ids) -> SortKey:
    order = tuple(_known(FilterField.TIER, key.order, ids)) if key.order else None
    return SortKey(key.field, key.descending, order)


def _known(field: FilterField, codes: Iterable[str], ids: Ids) -> list[int]:
    known = ids.get(field, {})
    return [known[code.lower()] for code in codes if code.lower() in known]


def _test(test: Filter, ids: Ids) -> Test:
    return attrgetter(ATTRIBUTE[test.field]), _accepts(test, ids)


def _accepts(test: Filter, ids: Ids) -> Callable[[Any], bool]:
    """A line without a value (no requested date, say) meets no limit, and is in no list."""
    if test.operator in (Operator.IN, Operator.NOT_IN):
        resolved = test.field in RESOLVED
        values = frozenset(_known(test.field, test.values, ids) if resolved else test.values)
        return values.__contains__ if test.operator == Operator.IN else lambda value: value not in values
    [limit] = test.values
    if test.operator == Operator.AT_LEAST:
        return lambda value: value is not None and value >= limit
    if test.operator == Operator.AT_MOST:
        return lambda value: value is not None and value <= limit
    return lambda value: value is limit
