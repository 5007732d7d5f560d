"""Writing the timeline of order lines."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User

from backorders.enums import EventKind
from backorders.models import LineEvent
from config.lib.bulk import copy_rows


class Event(NamedTuple):
    line_id: int
    kind: EventKind
    quantity: int = 0
    note: str = ""
    message_key: str = ""


def record_events(events: Iterable[Event], *, now: datetime, by: User | None = None, run_id: int | None = None) -> None:
    """Append to the timelines, in the order given."""
    who = by.pk if by else None
    copy_rows(
        LineEvent,
        ["line", "kind", "quantity", "note", "message_key", "run", "made_by", "made_at"],
        (
            (event.line_id, event.kind.value, event.quantity, event.note, event.message_key, run_id, who, now)
            for event in events
        ),
    )
