"""What would fill a line that is short: found by asking the rules again with one thing changed, so that it is true.

The rules come in as a function, whatever they consist of: given extra units in the pool and a tier for the line, it
says what the line would hold.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

Outcome = Callable[[int, int | None], int]  # extra units, tier rank (None: its own) → what the line would hold
UNITS_AT_MOST = 10_000_000


class Tier(NamedTuple):
    rank: int
    name: str


class PoolArrival(NamedTuple):
    """Units that come into the pool; a date of None is overdue or unknown."""

    reference: str
    units: int
    on: date | None


class MoreUnits(NamedTuple):
    """So many units more in the pool would fill the line."""

    units: int


class OtherTier(NamedTuple):
    """With its customer in this tier the line would be filled."""

    tier: Tier


class EarlierArrival(NamedTuple):
    """With this delivery here by that day the line would be filled then; `with_units` of others are due by then."""

    reference: str
    units: int
    by: date
    with_units: int


Counterfactual = MoreUnits | OtherTier | EarlierArrival


def counterfactuals(
    *, demanded: int, outcome: Outcome, tiers: Sequence[Tier], arrivals: Iterable[PoolArrival], by: date
) -> list[Counterfactual]:
    """Each single change that fills a line of `wanted` units, as far as there is one.

    `tiers` are the better ones, nearest first; `by` is the day that the line has to be filled.
    """
    ways: list[Counterfactual] = []
    if (units := units_to_fill(demanded, outcome)) is not None:
        ways.append(MoreUnits(units))
    if tier := next((tier for tier in tiers if outcome(0, tier.rank) >= demanded), None):
        ways.append(OtherTier(tier))
    if arrival := _arrival_to_fill(demanded, outcome, sorted(arrivals, key=_by_date), by):
        ways.append(arrival)
    return ways


def units_to_fill(demanded: int, outcome: Outcome) -> int | None:
    """The fewest more units in the pool that fill the line; None where no stock does.

    Found by doubling and halving. Where packs make the way bumpy it may be more than the fewest, and is still true.
    """
    enough = 1
    while outcome(enough, None) < demanded:
        enough *= 2
        if enough > UNITS_AT_MOST:
            return None
    short = enough // 2
    while enough - short > 1:
        middle = (short + enough) // 2
        if outcome(middle, None) >= demanded:
            enough = middle
        else:
            short = middle
    return enough


def _arrival_to_fill(
    demanded: int, outcome: Outcome, arrivals: Sequence[PoolArrival], by: date
) -> EarlierArrival | None:
    """The first delivery which, were it here by that day beside what is due until then, would fill the line."""
    due = sum(arrival.units for arrival in arrivals if arrival.on is not None and arrival.on <= by)
    for arrival in arrivals:
        if arrival.on is not None and arrival.on <= by:
            continue
        if outcome(due + arrival.units, None) >= demanded:
            return EarlierArrival(arrival.reference, arrival.units, by, due)
    return None


def _by_date(arrival: PoolArrival) -> tuple[bool, date, str]:
    return arrival.on is None, arrival.on or date.max, arrival.reference


def in_words(ways: Sequence[Counterfactual], *, day: Callable[[date], str]) -> str:
    """ "+12 units, or tier A, or PO-55 arriving by 3 Oct would fill it."; what stands there is true."""
    if not ways:
        return "More stock, another tier or an earlier delivery would not fill it."
    return ", or ".join(_in_words(each, day) for each in ways) + " would fill it."


def _in_words(way: Counterfactual, day: Callable[[date], str]) -> str:
    match way:
        case MoreUnits(units):
            return f"+{units} {'unit' if units == 1 else 'units'}"
        case OtherTier(tier):
            return f"tier {tier.name}"
        case EarlierArrival(reference, units, by, _):
            return f"{reference} ({units} {'unit' if units == 1 else 'units'}) if it arrives by {day(by)}"
