"""What happened to an order, in plain words: the timelines of its lines and the promise ledger, newest first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib.auth.models import User

from backorders.enums import EventKind, PromiseSource
from backorders.models import LineEvent, OrderLine, Promise
from config.lib.template_tags import quantity

# Event → what it is called, its symbol and its tone.
LOOKS: Mapping[str, tuple[str, str, str]] = {
    EventKind.PLACED: ("Ordered", "cart", ""),
    EventKind.BACKORDERED: ("Put on backorder", "clock", "warn"),
    EventKind.ALLOCATED: ("Goods allocated", "box", "info"),
    EventKind.TAKEN_BACK: ("Allocation withdrawn", "arrow-left", "warn"),
    EventKind.PROMISED: ("Promise date set", "calendar", ""),
    EventKind.PICKED: ("Put on a pick list", "clipboard", "info"),
    EventKind.UNPICKED: ("Taken off the pick list", "x", ""),
    EventKind.SHIPPED: ("Shipped", "truck", "good"),
    EventKind.CANCELLED: ("Cancelled", "ban", ""),
    EventKind.REASON_CORRECTED: ("Reason corrected", "pencil", ""),
    EventKind.RETURNED: ("Returned", "arrow-left", ""),
    EventKind.PINNED: ("Pinned to this line", "pin", "info"),
    EventKind.UNPINNED: ("Pin removed", "x", ""),
    EventKind.HELD: ("On hold: skipped by runs", "lock", "warn"),
    EventKind.HOLD_ENDED: ("Hold ended", "play", ""),
    EventKind.MOVED_AWAY: ("Given to another line", "arrow-right", "warn"),
    EventKind.MOVED_HERE: ("Received from another line", "arrow-left", "info"),
    EventKind.ROLLED_BACK: ("Run rolled back", "refresh", "warn"),
    EventKind.LINK_SENT: ("Tracking link", "mail", ""),
    EventKind.ASKED: ("Customer asked to decide", "users", "warn"),
    EventKind.ANSWERED: ("Decision", "check-circle", "info"),
    EventKind.NOTICED: ("Delay notice", "bell", "warn"),
    EventKind.REFUND_DUE: ("Refund due", "tag", "warn"),
    EventKind.REFUNDED: ("Refund sent", "check", "good"),
}
SHOWN_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class StoryEntry:
    """One moment, in the words of the trade; `message_key` names the email that told the customer."""

    at: datetime
    title: str
    detail: str
    icon: str
    tone: str = ""
    by: str = ""
    run_id: int | None = None
    message_key: str = ""
    order: tuple[int, int] = field(default=(0, 0))


def order_story(lines: Sequence[OrderLine]) -> list[StoryEntry]:
    """The last entries; what happened to several lines at one moment is one entry."""
    skus = {line.pk: line.product.sku for line in lines}
    events = LineEvent.objects.filter(line_id__in=skus).select_related("made_by").order_by("-pk")[: SHOWN_AT_MOST * 5]
    promises = Promise.objects.filter(line_id__in=skus).order_by("-pk")[: SHOWN_AT_MOST * 5]
    entries = [*_told_events(events, skus), *_told_promises(promises, skus)]
    return sorted(entries, key=lambda entry: (entry.at, entry.order), reverse=True)[:SHOWN_AT_MOST]


def _told_events(events: Iterable[LineEvent], skus: Mapping[int, str]) -> Iterator[StoryEntry]:
    together: dict[tuple[datetime, str, str, str], list[LineEvent]] = defaultdict(list)
    for event in events:
        together[event.made_at, event.kind, event.note, event.message_key].append(event)
    for (at, kind, note, message_key), group in together.items():
        ordered = sorted(group, key=lambda event: event.pk)
        title, icon, tone = LOOKS[kind]
        parts = [f"{quantity(e.quantity)} × {skus[e.line_id]}" if e.quantity else skus[e.line_id] for e in ordered]
        yield StoryEntry(
            at=at,
            title=title,
            detail=", ".join(parts) + (f" · {note}" if note else ""),
            icon=icon,
            tone=tone,
            by=_name(ordered[0].made_by),
            run_id=ordered[0].run_id,
            message_key=message_key,
            order=(1, ordered[0].pk),
        )


def _told_promises(promises: Iterable[Promise], skus: Mapping[int, str]) -> Iterator[StoryEntry]:
    together: dict[tuple[datetime, str, str], list[Promise]] = defaultdict(list)
    for promise in promises:
        together[promise.made_at, promise.cause, promise.message_key].append(promise)
    for (at, _, message_key), group in together.items():
        ordered = sorted(group, key=lambda promise: promise.pk)
        dates = "; ".join(f"{skus[p.line_id]}: {promise_in_words(p)}" for p in ordered)
        yield StoryEntry(
            at=at,
            title="Date promised" if message_key else "Date computed",
            detail=f"{dates} · {ordered[0].get_cause_display().lower()}",
            icon="calendar",
            message_key=message_key,
            order=(2, ordered[0].pk),
        )


def promise_in_words(promise: Promise) -> str:
    """Date and source, as short as it gets."""
    return date_in_words(promise.promised_on, promise.source, promise.source_reference)


def date_in_words(day: date | None, source: str, reference: str) -> str:
    if source == PromiseSource.STOCK:
        return "from stock"
    date_text = f"{day:%-d %b %Y}" if day else "no reliable date"
    if source == PromiseSource.PURCHASE_ORDER:
        return f"{date_text} ({reference})"
    if source == PromiseSource.LEAD_TIME:
        return f"{date_text} (if ordered today)"
    if source == PromiseSource.OVERDUE:
        return f"{date_text} ({reference} is overdue)"
    return f"{date_text} (no supplier)"


def _name(person: User | None) -> str:
    return (person.get_full_name() or person.get_username()) if person else ""
