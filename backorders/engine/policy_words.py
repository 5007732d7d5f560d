"""A policy's sort key as a sentence that a person can check."""

from collections.abc import Mapping, Sequence
from typing import Any

from backorders.engine.ranking import SortField

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


def key_in_words(field: str, *, descending: bool) -> str:
    return WORDS[SortField(field)][descending]


def policy_in_words(keys: Sequence[Mapping[str, Any]], *, fair: bool, age_boost_days: int) -> str:
    """One sentence, or two where waiting counts."""
    parts = [key_in_words(key["field"], descending=bool(key.get("descending"))) for key in keys]
    order = ", then ".join(parts) or "the order in which lines were entered"
    if fair:
        told = f"Everybody gets the same share of what is there; odd units go first to {order}."
    else:
        told = f"First {order}."
    if age_boost_days:
        told += f" A waiting line moves up by one tier every {age_boost_days} days."
    return told
