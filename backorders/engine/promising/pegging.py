"""Goods on their way that are meant for a line: they are on nobody else's shelf, and say when the line has them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from backorders.engine.promising.supply_curve import Dates, Pegged


class PegTo(NamedTuple):
    """`units` of what `source`, a purchase-order line, brings are meant for the line."""

    line: int | str
    source: int
    units: int


def pegs_in_force(pegs: Iterable[PegTo], *, missing: Mapping[int | str, int], coming: Mapping[int, int]) -> list[PegTo]:
    """What of the pegs still counts, in their order: no more than its line lacks, no more than its source brings."""
    lacking, left = dict(missing), dict(coming)
    in_force = []
    for line, source, units in pegs:
        counts = min(units, lacking.get(line, 0), left.get(source, 0))
        if counts > 0:
            lacking[line] -= counts
            left[source] -= counts
            in_force.append(PegTo(line, source, counts))
    return in_force


def with_pegged(dates: Dates, pegged: Pegged) -> Dates:
    """The dates of a line, of which the queue serves all but the pegged units: it is served when both are here."""
    if dates.uncovered:
        return dates
    late = (dates.p80, dates.p50) > (pegged.p80, pegged.p50)
    source = dates.source if late else pegged.source
    return Dates(dates.line, max(dates.p50, pegged.p50), max(dates.p80, pegged.p80), source, 0)
