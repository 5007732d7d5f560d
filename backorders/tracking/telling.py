"""Lines, dates and parcels in the customer's words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from backorders.enums import PromiseSource
from backorders.queries.tracking_page import TrackedLine, TrackedParcel
from backorders.tracking.phrases import Speaker


@dataclass(frozen=True, slots=True)
class ToldLine:
    row: TrackedLine
    when: str
    reason: str
    history: list[str]


def told_line(row: TrackedLine, speaker: Speaker, *, zone: str) -> ToldLine:
    line = row.line
    waits = line.is_open and line.missing > 0
    return ToldLine(
        row=row,
        when=_when(row, speaker) if waits else "",
        reason=speaker.phrases.get(line.reason, "") if waits else "",
        history=list(_history(row, speaker, zone)),
    )


def told_parcel(parcel: TrackedParcel, speaker: Speaker, *, zone: str) -> dict[str, Any]:
    title = speaker.say("parcel", number=parcel.number, day=local_day(parcel.shipped_at, zone))
    return {"parcel": parcel, "title": title}


def local_day(at: datetime, zone: str) -> date:
    """The day on the customer's calendar."""
    return timezone.localdate(at, ZoneInfo(zone))


def _when(row: TrackedLine, speaker: Speaker) -> str:
    line = row.line
    if line.promised_on is None or line.promise_source == PromiseSource.STOCK:
        return speaker["no_date"]
    if row.promised_from:
        return speaker.say("between", first=row.promised_from, last=line.promised_on)
    return speaker.say("by", day=line.promised_on)


def _history(row: TrackedLine, speaker: Speaker, zone: str) -> Iterator[str]:
    before: date | None = None
    for entry in row.history:
        told = local_day(entry.told_at, zone)
        if entry.from_stock:
            yield speaker.say("told_stock", told=told)
        elif entry.on is None:
            yield speaker.say("told_none", told=told)
        else:
            key = "told_date" if before is None else "told_later" if entry.on > before else "told_earlier"
            yield speaker.say(key, told=told, day=entry.on)
        before = entry.on
