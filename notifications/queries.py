"""Reading the outbox: the staff list, one order's letters, what waits for a person, and how the sending is doing."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Now

from notifications.enums import UNSENT, BatchState, MessageStatus, Stage
from notifications.models import (
    Batch,
    Channel,
    Message,
    MessageQuerySet,
    Suppression,
    SuppressionQuerySet,
    TemplateVersion,
)
from notifications.payloads import PAYLOADS


def message_list() -> MessageQuerySet:
    """What the staff list shows."""
    return Message.objects.defer("html", "text")


def messages_of(aggregate: str) -> MessageQuerySet:
    """The letters about one aggregate ("order:12"), oldest first."""
    return Message.objects.defer("html", "text").filter(aggregate=aggregate).order_by("pk")


@dataclass(frozen=True, slots=True)
class BulkSend:
    """A batch that waits for an approval: how many emails of which kinds, why, to how many, and one to look at."""

    batch: Batch
    kinds: list[tuple[str, int]]
    readers: int
    cause: str
    sample: Message | None


def bulk_sends() -> list[BulkSend]:
    """Those that wait, oldest first; three statements however many there are."""
    waiting = list(Batch.objects.filter(state=BatchState.WAITING).order_by("pk")[:50])
    mails = Message.objects.filter(batch__in=[batch.key for batch in waiting], status=MessageStatus.HELD)
    kinds: dict[str, list[tuple[str, int]]] = {batch.key: [] for batch in waiting}
    for key, kind, count in mails.values_list("batch", "kind").annotate(Count("pk")).order_by("batch", "kind"):
        kinds[key].append((PAYLOADS[kind].label if kind in PAYLOADS else kind, count))
    facts = mails.order_by().values("batch").annotate(readers=Count("addressee", distinct=True), first=Min("pk"))
    readers = {row["batch"]: row["readers"] for row in facts}
    samples = {
        message.batch: message
        for message in Message.objects.defer("html", "text").filter(pk__in=[row["first"] for row in facts])
    }
    return [
        BulkSend(
            batch=batch,
            kinds=kinds[batch.key],
            readers=readers.get(batch.key, 0),
            cause=samples[batch.key].cause if batch.key in samples else "",
            sample=samples.get(batch.key),
        )
        for batch in waiting
    ]


def newest_versions() -> dict[tuple[str, str], TemplateVersion]:
    """What staff wrote last, by kind and language."""
    versions = TemplateVersion.objects.select_related("made_by").order_by("kind", "language", "-number")
    return {(version.kind, version.language): version for version in versions.distinct("kind", "language")}


def versions_of(kind: str, language: str) -> QuerySet[TemplateVersion]:
    """Newest first."""
    versions = TemplateVersion.objects.filter(kind=kind, language=language)
    return versions.select_related("made_by").order_by("-number")


def newest_of_kind(kind: str) -> Message | None:
    """A real message whose data a text can be tried with."""
    return Message.objects.filter(kind=kind, is_test=False).order_by("-pk").first()


def suppression_list() -> SuppressionQuerySet:
    return Suppression.objects.select_related("lifted_by")


@dataclass(frozen=True, slots=True)
class OutboxState:
    """For the dashboard, the health page and metrics. `waiting_since`: since when the oldest due row is due."""

    due: int
    waiting_since: datetime | None
    retried: int
    dead: int
    put_off: int
    paused_until: datetime | None
    pause_reason: str


def outbox_state() -> OutboxState:
    is_due = Q(available_at__lte=Now())
    figures = Message.objects.filter(status__in=[*UNSENT, MessageStatus.DEAD]).aggregate(
        due=Count("pk", filter=is_due),
        put_off=Count("pk", filter=Q(stage=Stage.DEFERRED, available_at__gt=Now())),
        waiting_since=Min("available_at", filter=is_due),
        retried=Count("pk", filter=Q(status=MessageStatus.RETRY)),
        dead=Count("pk", filter=Q(status=MessageStatus.DEAD)),
    )
    pause = Channel.objects.filter(paused_until__gt=Now()).first()
    return OutboxState(
        **figures,
        paused_until=pause.paused_until if pause else None,
        pause_reason=pause.reason if pause else "",
    )
