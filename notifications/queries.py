"""Reading the outbox: the staff list, one order's letters, and how the sending is doing."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q
from django.db.models.functions import Now

from notifications.enums import UNSENT, MessageStatus
from notifications.models import Channel, Message, MessageQuerySet


def message_list(*, status: str = "", kind: str = "", text: str = "") -> MessageQuerySet:
    """What the staff list shows; `text` is part of a recipient's address or name, or a whole order number."""
    found = Message.objects.defer("html", "text")
    if status:
        found = found.filter(status=status)
    if kind:
        found = found.filter(kind=kind)
    if text:
        found = found.filter(
            Q(recipient__icontains=text) | Q(recipient_name__icontains=text) | Q(context__order_number__iexact=text)
        )
    return found


def messages_of(aggregate: str) -> MessageQuerySet:
    """The letters about one aggregate ("order:12"), oldest first."""
    return Message.objects.defer("html", "text").filter(aggregate=aggregate).order_by("pk")


@dataclass(frozen=True, slots=True)
class OutboxState:
    """For the dashboard, the health page and metrics. `waiting_since`: since when the oldest due row is due."""

    due: int
    waiting_since: datetime | None
    retried: int
    dead: int
    paused_until: datetime | None
    pause_reason: str


def outbox_state() -> OutboxState:
    is_due = Q(available_at__lte=Now())
    figures = Message.objects.filter(status__in=[*UNSENT, MessageStatus.DEAD]).aggregate(
        due=Count("pk", filter=is_due),
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
