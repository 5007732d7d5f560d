"""The sorting office: before a message leaves, it is held against what its reader wants.

It runs at the start of every delivery. Each new message is let go, put off (quiet hours, a daily digest, the cap), laid
aside (not wanted), held (too many at once) or joined with its reader's others into one digest. Only one sorter works at
a time, so that no reader gets two digests; a second one goes straight to sending.
"""

import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q
from django.db.models.functions import Now

from config.lib.bulk import update_rows
from notifications.engine.reading_times import end_of_day, end_of_quiet, next_slot, start_of_day
from notifications.enums import UNSENT, Frequency, MessageStatus, Stage
from notifications.models import MailRules, Message
from notifications.payloads import PAYLOADS, TRANSACTIONAL, Digest, OrderMail
from notifications.payloads.netting import net_news
from notifications.services.batches import hold_large_batches, ripe_messages
from notifications.services.outbox import new_message_id
from notifications.services.preferences import Wishes, mail_rules, wishes_of

READERS_AT_ONCE = 200
SORTERS_LOCK = 0x5047_0001
Mail = list[Message]  # what leaves as one email: a message, or several that become a digest
LEAVES = (*UNSENT, MessageStatus.SENT)
EVENED_OUT = "What it said no longer held when it was to leave: nothing has changed for the reader."


class Sorted(NamedTuple):
    """The decisions of one round."""

    released: list[Message]
    deferred: dict[Message, datetime]
    unwanted: list[Message]
    digests: list[list[Message]]

    @classmethod
    def nothing(cls) -> "Sorted":
        return cls([], {}, [], [])


def sort_messages(*, now: datetime) -> None:
    """Sort whatever is ripe, some readers in one transaction each. `now` is the clock that quiet hours go by."""
    last: str | None = ""
    while last is not None:
        last = _sort_some(now, after=last)


@transaction.atomic
def _sort_some(now: datetime, *, after: str) -> str | None:
    """The last reader looked at; None when nobody is left, or somebody else is at it."""
    beyond = ripe_messages().filter(addressee__gt=after)
    if not beyond.exists() or not _alone():
        return None
    rules = mail_rules()
    if not after:
        hold_large_batches(rules, now=now)
    readers = list(beyond.order_by("addressee").values_list("addressee", flat=True).distinct()[:READERS_AT_ONCE])
    if not readers:
        return None
    ripe = list(ripe_messages().filter(addressee__in=readers).locked())
    wishes = wishes_of(readers, rules)
    decisions = Sorted.nothing()
    held_back = _behind_others(ripe)
    for reader, messages in _by_reader(ripe).items():
        _decide(messages, wishes[reader], rules, held_back, decisions, now)
    _write(decisions, now)
    return readers[-1]


def _decide(
    messages: Sequence[Message], wishes: Wishes, rules: MailRules, behind: set[int], decisions: Sorted, now: datetime
) -> None:
    """What becomes of one reader's messages; `behind` are those that must follow a mail on its way."""
    ready = []
    for message in messages:
        if PAYLOADS[message.kind].transactional:
            decisions.released.append(message)
        elif not message.legal and not wishes.preference.wants(message.kind):
            decisions.unwanted.append(message)
        elif until := _waits_until(message, wishes, rules, now):
            decisions.deferred[message] = until
        elif message.legal:
            decisions.released.append(message)
        else:
            ready.append(message)
    for mail in _within_cap(_mails(ready, behind), rules, decisions, now):
        if len(mail) == 1:
            decisions.released.extend(mail)
        else:
            decisions.digests.append(mail)


def _within_cap(mails: list[Mail], rules: MailRules, decisions: Sorted, now: datetime) -> list[Mail]:
    """As many as the reader may still get today; the rest waits for tomorrow's digest."""
    if not rules.daily_cap or not mails:
        return mails
    first = mails[0][0]
    zone = _zone(first)
    midnight = start_of_day(now, zone)
    room = max(rules.daily_cap - _mails_today(first.addressee, midnight), 0)
    tomorrow = next_slot(end_of_day(now, zone), zone, hour=rules.digest_hour, weekly=False)
    for mail in mails[room:]:
        decisions.deferred.update(dict.fromkeys(mail, tomorrow))
    return mails[:room]


def _waits_until(message: Message, wishes: Wishes, rules: MailRules, now: datetime) -> datetime | None:
    """A later moment at which this message is looked at again. A legal one passes rather than miss its deadline."""
    zone = _zone(message)
    quiet_end = end_of_quiet(now, zone, wishes.quiet)
    if message.legal:
        in_time = message.deadline_at is not None and quiet_end is not None and quiet_end < message.deadline_at
        return quiet_end if in_time else None
    frequency = wishes.preference.frequency
    if frequency != Frequency.AT_ONCE and PAYLOADS[message.kind].digestible:
        slot = next_slot(message.created_at, zone, hour=rules.digest_hour, weekly=frequency == Frequency.WEEKLY)
        if slot > now:
            return slot
    return quiet_end


def _mails(ready: Sequence[Message], behind: set[int]) -> list[Mail]:
    """Single mails first, then one digest for each address and language."""
    single: list[Mail] = []
    joined: dict[tuple[str, str, str], Mail] = defaultdict(list)
    for message in ready:
        if PAYLOADS[message.kind].digestible and message.pk not in behind:
            joined[message.recipient, message.recipient_name, message.language].append(message)
        else:
            single.append([message])
    return [*single, *joined.values()]


def _behind_others(ripe: Sequence[Message]) -> set[int]:
    """Those whose order has an earlier mail that has not left, or leaves alone: they follow it, one by one."""
    aggregates = {message.aggregate for message in ripe if message.aggregate}
    on_their_way = set(
        Message.objects.unsent()
        .filter(aggregate__in=aggregates, stage=Stage.SORTED)
        .values_list("aggregate", flat=True)
    )
    alone = {message.aggregate for message in ripe if message.aggregate and not PAYLOADS[message.kind].digestible}
    return {message.pk for message in ripe if message.aggregate in on_their_way | alone}


def _write(decisions: Sorted, now: datetime) -> None:
    ids = [message.pk for message in decisions.released]
    Message.objects.filter(pk__in=ids).update(stage=Stage.SORTED, available_at=Now())
    for message, until in decisions.deferred.items():
        message.stage, message.available_at = Stage.DEFERRED, until
    update_rows(decisions.deferred, ["stage", "available_at"])
    ids = [message.pk for message in decisions.unwanted]
    Message.objects.filter(pk__in=ids).update(status=MessageStatus.UNWANTED, stage=Stage.SORTED, available_at=None)
    digests = [(parts, _net(parts)) for parts in decisions.digests]
    _supersede(message for parts, news in digests if not news for message in parts)
    digests = [(parts, news) for parts, news in digests if news]
    carriers = Message.objects.bulk_create([_digest(parts, news, now) for parts, news in digests], batch_size=500)
    bundled = []
    for carrier, (parts, _) in zip(carriers, digests, strict=True):
        for part in parts:
            part.digest, part.status = carrier, MessageStatus.BUNDLED
            part.stage, part.available_at = Stage.SORTED, None
        bundled += parts
    update_rows(bundled, ["digest", "status", "stage", "available_at"])


def _net(parts: Sequence[Message]) -> list[OrderMail]:
    """What the reader is told by these; nothing where they even out."""
    mails = [part.payload for part in parts]
    return net_news(mail for mail in mails if isinstance(mail, OrderMail))


def _supersede(messages: Iterable[Message]) -> None:
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(
        status=MessageStatus.SUPERSEDED, stage=Stage.SORTED, available_at=None, last_error=EVENED_OUT
    )


def _digest(parts: Sequence[Message], news: Sequence[OrderMail], now: datetime) -> Message:
    first = parts[0]
    causes = list(dict.fromkeys(part.cause for part in parts if part.cause))
    return Message(
        kind=Digest.kind,
        recipient=first.recipient,
        recipient_name=first.recipient_name,
        language=first.language,
        context=Digest(customer_name=news[0].customer_name, parts=tuple(news)).to_context(),
        dedupe_key=f"digest:{first.pk}",
        message_id=new_message_id(),
        aggregate=first.addressee,
        cause=", ".join(causes)[:200],
        addressee=first.addressee,
        time_zone=first.time_zone,
        batch=first.batch,
        created_at=now,
        available_at=Now(),
    )


def _mails_today(reader: str, midnight: datetime) -> int:
    """How many mails have left for somebody today or are about to."""
    left = Message.objects.filter(addressee=reader, stage=Stage.SORTED, status__in=LEAVES, legal=False)
    left = left.exclude(kind__in=TRANSACTIONAL)
    return left.aggregate(count=Count("pk", filter=Q(sent_at__isnull=True) | Q(sent_at__gte=midnight)))["count"]


def _by_reader(messages: Sequence[Message]) -> dict[str, list[Message]]:
    readers: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        readers[message.addressee].append(message)
    return readers


def _zone(message: Message) -> zoneinfo.ZoneInfo:
    """The reader's; the desk's own for a zone that this machine does not know."""
    try:
        return zoneinfo.ZoneInfo(message.time_zone or settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)


def _alone() -> bool:
    """Until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SORTERS_LOCK])
        return bool(cursor.fetchone()[0])
