"""The outbox, the addresses that are not written to, and the state of the channel."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.urls import reverse

from config.lib.text import AddressField, LineField, one_address, plain_text
from config.lib.triggers import frozen, never_deleted, state_machine
from notifications.enums import MESSAGE_TRANSITIONS, RESENDABLE, UNSENT, MessageStatus
from notifications.payloads import PAYLOADS

CONTENT = ("sender", "subject", "text", "html", "rendered_at")


class MessageQuerySet(models.QuerySet["Message"]):
    def unsent(self) -> "MessageQuerySet":
        return self.filter(status__in=UNSENT)

    def dead(self) -> "MessageQuerySet":
        return self.filter(status=MessageStatus.DEAD)

    def resendable(self) -> "MessageQuerySet":
        return self.filter(status__in=RESENDABLE)

    def locked(self) -> "MessageQuerySet":
        """Row locks in primary-key order."""
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class Message(models.Model):
    """One email to one person, written in the transaction of the fact that it tells.

    What to say is fixed at the insert (`context`), how it reads at the first attempt (`subject`, `text`, `html`), so
    every attempt sends the same bytes under the same Message-ID. `available_at` is when a sender may next look at the
    row; while it is being sent that is the end of the lease, so one index finds waiting rows and orphans alike. A
    finished row has none.
    """

    kind = LineField(max_length=40)
    recipient = AddressField(max_length=254)
    recipient_name = LineField(max_length=200, blank=True)
    language = models.CharField(max_length=10)
    context = models.JSONField()
    dedupe_key = models.CharField(max_length=200, unique=True)
    message_id = models.CharField(max_length=200, unique=True)
    aggregate = models.CharField(max_length=100, blank=True, help_text="Messages of one aggregate leave in order.")
    cause = LineField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    status = models.CharField(max_length=10, choices=MessageStatus, default=MessageStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    available_at = models.DateTimeField(db_default=Now(), null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_by = models.CharField(max_length=40, blank=True)
    last_error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    sender = models.CharField(max_length=320, blank=True)
    subject = LineField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    rendered_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="message_status_known", condition=Q(status__in=MessageStatus.values)),
            models.CheckConstraint(
                name="message_sent_at_iff_sent",
                condition=Q(status=MessageStatus.SENT, sent_at__isnull=False)
                | (~Q(status=MessageStatus.SENT) & Q(sent_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="message_leased_iff_being_sent",
                condition=Q(status=MessageStatus.SENDING, lease_until=F("available_at"), attempts__gt=0)
                & ~Q(lease_by="")
                | (~Q(status=MessageStatus.SENDING) & Q(lease_until__isnull=True, lease_by="")),
            ),
            models.CheckConstraint(
                name="message_due_iff_unsent",
                condition=Q(status__in=UNSENT, available_at__isnull=False)
                | (~Q(status__in=UNSENT) & Q(available_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="message_given_up_with_a_reason", condition=~Q(status=MessageStatus.DEAD, last_error="")
            ),
            models.CheckConstraint(
                name="message_rendered_whole_or_not_at_all",
                condition=Q(rendered_at__isnull=True, sender="", subject="", text="", html="")
                | Q(rendered_at__isnull=False) & ~Q(sender="") & ~Q(subject="") & ~Q(text="") & ~Q(html=""),
            ),
            models.CheckConstraint(
                name="message_sent_as_rendered", condition=~Q(status=MessageStatus.SENT, rendered_at__isnull=True)
            ),
            models.CheckConstraint(name="message_recipient_given", condition=~Q(recipient="")),
            one_address("message", "recipient"),
            *plain_text("message", "kind", "recipient_name", "cause", "sender", "subject"),
            models.CheckConstraint(
                name="message_dedupe_key_is_plain_ascii", condition=Q(dedupe_key__regex=r"^[!-~]+$")
            ),
            models.CheckConstraint(
                name="message_id_is_well_formed", condition=Q(message_id__regex=r"^<[!-;=?A-~]+@[!-;=?A-~]+>$")
            ),
        ]
        indexes = [
            # The only index that the claim can use to find due rows, in the order in which it wants them. With another
            # partial one beside it, or the status in the query, the planner sorted all due rows: 13 s for one claim out
            # of 2,000, because its statistics still said that nothing waits.
            models.Index(name="message_due", fields=["available_at", "id"], condition=Q(available_at__isnull=False)),
            models.Index(name="message_of_aggregate", fields=["aggregate", "id"]),
            models.Index(name="message_list_by_status", fields=["status", "-id"]),
            models.Index(name="message_list_by_kind", fields=["kind", "-id"]),
        ]
        triggers = [
            state_machine("status", MESSAGE_TRANSITIONS),
            *never_deleted(),
            frozen(
                "kind",
                "recipient",
                "recipient_name",
                "language",
                "context",
                "dedupe_key",
                "message_id",
                "aggregate",
                "cause",
                "created_at",
            ),
            pgtrigger.Protect(
                name="content_never_changes_once_rendered",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.rendered_at IS NOT NULL AND ("
                    + " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in CONTENT)
                    + ")"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} to {self.recipient}"

    def get_absolute_url(self) -> str:
        return reverse("notifications:message", args=[self.pk])

    @property
    def label(self) -> str:
        payload = PAYLOADS.get(self.kind)
        return payload.label if payload else self.kind

    @property
    def is_unsent(self) -> bool:
        return self.status in UNSENT

    @property
    def can_be_sent_again(self) -> bool:
        return self.status in RESENDABLE


class Suppression(models.Model):
    """An address that is not written to: it bounced, or its owner asked us to stop."""

    address = AddressField(max_length=254, unique=True)
    reason = LineField(max_length=250)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(name="suppression_address_given", condition=~Q(address="")),
            models.CheckConstraint(name="suppression_address_in_lower_case", condition=Q(address=Lower("address"))),
            models.CheckConstraint(name="suppression_has_a_reason", condition=~Q(reason="")),
            one_address("suppression", "address"),
            *plain_text("suppression", "reason"),
        ]

    def __str__(self) -> str:
        return self.address


class Channel(models.Model):
    """The way to the mail server: one row. While it is paused, nothing is claimed and no attempt is spent."""

    paused_until = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="channel_is_one_row", condition=Q(pk=1)),
            models.CheckConstraint(
                name="channel_pause_has_a_reason", condition=Q(paused_until__isnull=True) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"paused until {self.paused_until}" if self.paused_until else "open"
