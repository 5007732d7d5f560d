"""What became of one row that was to be saved: new, changed, the same as before, or refused and why."""

from dataclasses import dataclass
from enum import StrEnum


class Change(StrEnum):
    IMPORTED = "imported"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Outcome:
    change: Change
    reason: str = ""


IMPORTED = Outcome(Change.IMPORTED)
UPDATED = Outcome(Change.UPDATED)
UNCHANGED = Outcome(Change.UNCHANGED)


def rejected(reason: str) -> Outcome:
    return Outcome(Change.REJECTED, reason)
