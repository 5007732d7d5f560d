"""A policy in sentences that a person can check."""

from collections.abc import Iterator, Mapping, Sequence

from backorders.engine.allocation.pool import Strategy
from backorders.engine.allocation.warehouses import Reach
from backorders.engine.policy.definition import (
    ExceptionMode,
    Filter,
    FilterField,
    Key,
    Method,
    Operator,
    PolicyDefinition,
    Segment,
)
from backorders.engine.policy.ranking import SortField

# Field → ascending, descending.
WORDS: Mapping[str, tuple[str, str]] = {
    SortField.TIER_RANK: ("the most important tier", "the least important tier"),
    SortField.PLACED_AT: ("the oldest order line", "the newest order line"),
    SortField.REQUESTED_ON: ("the earliest requested date", "the latest requested date"),
    SortField.ORDER_SIZE: ("the smallest open quantity", "the largest open quantity"),
    SortField.LINE_VALUE: ("the smallest open value", "the largest open value"),
    SortField.DAYS_WAITING: ("the shortest wait", "the longest wait"),
    SortField.TIMES_SLIPPED: ("the fewest broken promises", "the most broken promises"),
    SortField.MANUAL_BOOST: ("the lowest manual boost", "the highest manual boost"),
}

STRATEGY_WORDS: Mapping[Strategy, str] = {
    Strategy.WIN: "get all they need before others; where stock is too short, the run reports an exception",
    Strategy.GAIN: "keep their allocation, guaranteed, and gain first",
    Strategy.IMPROVE: "keep their allocation while stock lasts, and gain next",
    Strategy.REDISTRIBUTE: "start from zero and gain in order",
    Strategy.FILL: "keep their allocation from what is left, and never gain",
    Strategy.LOSE: "give up their allocation",
    Strategy.SKIP: "are skipped by the run",
}

FIELD_WORDS: Mapping[FilterField, str] = {
    FilterField.TIER: "tier",
    FilterField.CUSTOMER: "customer",
    FilterField.COUNTRY: "country",
    FilterField.CHANNEL: "channel",
    FilterField.CATEGORY: "category",
    FilterField.PRODUCT: "product",
    FilterField.WAREHOUSE: "warehouse",
    FilterField.REASON: "reason",
    FilterField.AGE_DAYS: "days waiting",
    FilterField.LINE_VALUE: "open value",
    FilterField.ORDER_SIZE: "open quantity",
    FilterField.REQUESTED_IN_DAYS: "days until the requested date",
    FilterField.TIMES_SLIPPED: "broken promises",
}
FLAG_WORDS: Mapping[FilterField, tuple[str, str]] = {
    FilterField.SHIP_COMPLETE: ("of orders that ship complete", "of orders that ship in parts"),
    FilterField.IS_TOLD: ("whose customer was promised a date", "whose customer was promised no date"),
}
REACH_WORDS: Mapping[Reach, str] = {
    Reach.WHOLE: "One warehouse supplies a whole line, its own or the first other one that can, or the line waits.",
    Reach.SPLIT: "A line gets from other warehouses what its own lacks, after the lines of those warehouses.",
}
OPERATOR_WORDS: Mapping[Operator, str] = {
    Operator.IN: "is",
    Operator.NOT_IN: "is not",
    Operator.AT_LEAST: "at least",
    Operator.AT_MOST: "at most",
}
COMPARING_WORDS: Mapping[Operator, str] = {  # inside a sentence
    Operator.IN: "",
    Operator.NOT_IN: "other than ",
    Operator.AT_LEAST: "at least ",
    Operator.AT_MOST: "at most ",
}


def key_in_words(field: str, *, descending: bool) -> str:
    return WORDS[SortField(field)][descending]


def order_in_words(keys: Sequence[Key]) -> str:
    return ", then ".join(map(_key_in_words, keys)) or "the order in which lines were entered"


def _key_in_words(key: Key) -> str:
    if key.order:
        return f"the tiers {', '.join(key.order)} in this order"
    return key_in_words(key.field, descending=key.descending)


def filter_in_words(test: Filter) -> str:
    if test.field in FLAG_WORDS:
        return FLAG_WORDS[test.field][not test.values[0]]
    values = " or ".join(str(value) for value in test.values)
    return f"with {FIELD_WORDS[test.field]} {COMPARING_WORDS[test.operator]}{values}"


def segment_in_words(segment: Segment, *, is_rest: bool, fair: bool = False) -> str:
    """One sentence: who they are, what they get, in which order."""
    who = "All other lines" if is_rest else f"Lines {' and '.join(map(filter_in_words, segment.filters))}"
    if fair and segment.strategy != Strategy.SKIP:
        return f"{who} share the stock equally."
    order = "" if segment.strategy in (Strategy.LOSE, Strategy.SKIP) else f", {order_in_words(segment.keys)} first"
    return f"{who} {STRATEGY_WORDS[segment.strategy]}{order}."


def policy_in_words(definition: PolicyDefinition) -> str:
    """The whole policy in a few sentences."""
    return " ".join(_sentences(definition))


def _order_first(order: str) -> str:
    """ "the oldest order line, then the largest value" → "Oldest order line first, then the largest value." """
    head, then, rest = order.removeprefix("the ").partition(", then ")
    return f"{head[0].upper()}{head[1:]} first{then}{rest}."


def _sentences(definition: PolicyDefinition) -> Iterator[str]:
    fair = definition.method == Method.FAIR_SHARE
    order = order_in_words(definition.rest.keys)
    if definition.segments:
        yield from (segment_in_words(each, is_rest=False, fair=fair) for each in definition.segments)
        yield segment_in_words(definition.rest, is_rest=True, fair=fair)
    elif fair:
        yield f"Every line gets an equal share of the stock; odd units go first to {order}."
    elif definition.rest.strategy == Strategy.REDISTRIBUTE:
        yield _order_first(order)
    else:
        yield segment_in_words(definition.rest, is_rest=True)
    yield from limits_in_words(definition)


def limits_in_words(definition: PolicyDefinition) -> Iterator[str]:
    """The rules that hold for all segments, where they say anything."""
    if definition.age_boost_days:
        yield _what_waiting_does(definition)
    if definition.minimum_units or definition.minimum_percent:
        yield f"A first delivery has {_minimum(definition)}; a smaller one waits."
    if definition.warehouses in REACH_WORDS:
        yield REACH_WORDS[definition.warehouses]
    if definition.hold_days is not None:
        yield f"Complete-ship orders keep stock for at most {definition.hold_days} days."
    yield from _what_looks_ahead(definition)
    if definition.exceptions == ExceptionMode.STOP_ALL:
        yield "A guarantee that cannot be met stops the whole run."
    if definition.fallback:
        yield f"Where a guarantee cannot be met, “{definition.fallback}” is used instead."
    if definition.churn_budget is not None:
        lines = f"more than {definition.churn_budget} lines" if definition.churn_budget else "any line"
        yield f"A run that takes units from {lines} needs approval."
    if definition.approval_threshold is not None:
        dates = (
            f"more than {definition.approval_threshold} promised dates"
            if definition.approval_threshold
            else "any promised date"
        )
        yield f"A run that pushes back {dates} needs approval."


def _what_waiting_does(definition: PolicyDefinition) -> str:
    """As `ranking` and `segments` do it: a step is a segment, else a tier where the tier leads, else goes first."""
    days = definition.age_boost_days
    leading = next((key.field for key in definition.rest.keys if key.field != SortField.MANUAL_BOOST), "")
    if definition.segments:
        return f"A waiting line moves up by one segment every {days} days."
    if leading == SortField.TIER_RANK:
        return f"A waiting line moves up by one tier every {days} days."
    return f"Each {days} days of waiting put a line before all that have waited less."


def _what_looks_ahead(definition: PolicyDefinition) -> Iterator[str]:
    if definition.inbound:
        yield "Incoming goods are used: a Win line waits for goods that arrive by its date and leaves stock to others."
    if definition.borrow:
        yield "Stock that waits for an order is lent to other lines if nobody is delayed."


def _minimum(definition: PolicyDefinition) -> str:
    units, percent = definition.minimum_units, definition.minimum_percent
    parts = [f"{units} units" if units else "", f"{percent} % of the line" if percent else ""]
    return f"at least {' and '.join(part for part in parts if part)}"
