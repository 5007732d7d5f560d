"""Many messages with one cause: they wait for each other, and above a set number for a person."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse

from config.lib.text import counted
from notifications.enums import BatchState, MessageStatus, Stage
from notifications.errors import AlreadyDecided
from notifications.models import Batch, MailRules, Message, MessageQuerySet
from notifications.services.alerts import ask_staff

COMPLETE = (BatchState.CLOSED, BatchState.APPROVED)


@transaction.atomic
def close_batch(key: str, *, now: datetime) -> None:
    """All messages of the batch are written: they may go on. Nothing to do where none was; twice is as good as once."""
    if Message.objects.filter(batch=key).exists():
        Batch.objects.bulk_create([Batch(key=key, closed_at=now)], ignore_conflicts=True)


def ripe_messages() -> MessageQuerySet:
    """Unsorted rows whose time has come, or whose batch is complete."""
    complete = Batch.objects.filter(key=OuterRef("batch"), state__in=COMPLETE)
    return Message.objects.unsorted().filter(
        Q(available_at__lte=Now()) | Q(Exists(complete), stage=Stage.GATHERING) & ~Q(batch="")
    )


def hold_large_batches(rules: MailRules, *, now: datetime) -> None:
    """Put ripe batches above the number that needs no approval before a person; their latecomers join them."""
    ripe = ripe_messages().filter(stage=Stage.GATHERING, legal=False).exclude(batch="")
    counts = dict(ripe.values_list("batch").annotate(Count("pk")).order_by("batch"))
    states = dict(Batch.objects.filter(key__in=counts).values_list("key", "state"))
    for key, count in counts.items():
        state = states.get(key)
        too_many = bool(rules.approval_above) and count > rules.approval_above and state != BatchState.APPROVED
        if too_many or state == BatchState.WAITING:
            _hold(key, now=now)


@transaction.atomic
def approve_batch(*, batch_id: int, by: User, now: datetime, note: str = "") -> Batch:
    """Let the held messages go on. Raises AlreadyDecided."""
    batch = _decide(batch_id, BatchState.APPROVED, by=by, now=now, note=note)
    _held(batch).update(status=MessageStatus.PENDING, stage=Stage.GATHERING, available_at=Now())
    return batch


@transaction.atomic
def reject_batch(*, batch_id: int, by: User, now: datetime, note: str) -> Batch:
    """None of the held messages will leave; they stay on record with the reason. Raises AlreadyDecided."""
    batch = _decide(batch_id, BatchState.REJECTED, by=by, now=now, note=note)
    _held(batch).update(status=MessageStatus.REJECTED, last_error=f"Rejected: {note}")
    return batch


def _hold(key: str, *, now: datetime) -> None:
    batch, _ = Batch.objects.get_or_create(key=key, defaults={"closed_at": now})
    count = (
        Message.objects.unsorted()
        .filter(batch=key, stage=Stage.GATHERING, legal=False)
        .update(status=MessageStatus.HELD, stage=Stage.SORTED, available_at=None)
    )
    Batch.objects.filter(pk=batch.pk).update(
        state=BatchState.WAITING, held=F("held") + count, decided_by=None, decided_at=None
    )
    ask_staff(
        permission="notifications.approve_batch",
        topic=f"batch-awaits:{batch.pk}",
        title="Bulk email needs approval",
        details=[f"{counted(count, 'email')} from {key.replace(':', ' ')}."],
        path=reverse("notifications:approvals"),
        now=now,
    )


def _held(batch: Batch) -> MessageQuerySet:
    return Message.objects.filter(batch=batch.key, status=MessageStatus.HELD)


def _decide(batch_id: int, state: BatchState, *, by: User, now: datetime, note: str) -> Batch:
    batch = Batch.objects.select_for_update(of=("self",), no_key=True).get(pk=batch_id)
    if batch.state != BatchState.WAITING:
        raise AlreadyDecided(f"This bulk email is already {batch.get_state_display().lower()}.")
    batch.state, batch.decided_by, batch.decided_at, batch.note = state, by, now, note
    batch.save(update_fields=["state", "decided_by", "decided_at", "note"])
    return batch
