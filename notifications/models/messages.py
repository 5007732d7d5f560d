"""The outbox: what is to be said, to whom, and what became of it."""

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse

from config.lib.text import AddressField, LineField, one_address, plain_text
from config.lib.triggers import append_only, frozen, never_deleted, state_machine
from notifications.enums import LOST, MESSAGE_TRANSITIONS, RESENDABLE, UNSENT, MessageStatus, Stage
from notifications.models.wording import TemplateVersion
from notifications.payloads import PAYLOADS, Payload

CONTENT = ("sender", "subject", "text", "html", "template_version_id", "rendered_at")
FACTS = (
    "kind", "recipient", "recipient_name", "language", "context", "dedupe_key", "message_id", "aggregate", "cause",
    "addressee", "time_zone", "batch", "legal", "deadline_at", "is_test", "created_at",
)  # fmt: skip


_LOG_THE_TRY = """
    INSERT INTO notifications_deliveryresult (message_id, attempt, result, reason, made_at)
    VALUES (NEW.id, OLD.attempts, NEW.status, NEW.last_error, statement_timestamp());
    RETURN NULL;
"""


# A message that is sent again was sent all the same.
_KEEP_THE_FIRST = """
    NEW.first_sent_at := COALESCE(NEW.first_sent_at, NEW.sent_at);
    RETURN NEW;
"""


class MessageQuerySet(models.QuerySet["Message"]):
    def left(self) -> "MessageQuerySet":
        """Accepted by the mail server, by itself or in a digest: only then somebody was told."""
        return self.filter(Q(first_sent_at__isnull=False) | Q(digest__first_sent_at__isnull=False))

    def lost(self) -> "MessageQuerySet":
        """Never left and will not, unless a person sends it again."""
        of_digest = Q(digest__status__in=LOST, digest__first_sent_at__isnull=True)
        return self.filter(Q(status__in=LOST, first_sent_at__isnull=True) | of_digest)

    def unsent(self) -> "MessageQuerySet":
        return self.filter(status__in=UNSENT)

    def dead(self) -> "MessageQuerySet":
        return self.filter(status=MessageStatus.DEAD)

    def unsorted(self) -> "MessageQuerySet":
        """Still to be held against preferences, quiet hours, caps and approvals."""
        return self.filter(status=MessageStatus.PENDING).exclude(stage=Stage.SORTED)

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

    `addressee` names whose preferences apply ("customer:12"); such a row is first sorted: it waits for its time, joins
    a `digest`, waits for an approval or is not wanted at all. `batch` names what wrote it among others ("run:12").
    """

    kind = LineField(max_length=40)
    recipient = AddressField(max_length=254)
    recipient_name = LineField(max_length=200, blank=True)
    language = models.CharField(max_length=10)
    context = models.JSONField(encoder=DjangoJSONEncoder)
    dedupe_key = models.CharField(max_length=200)
    message_id = models.CharField(max_length=200)
    aggregate = models.CharField(max_length=100, blank=True, help_text="Messages of one aggregate are sent in order.")
    cause = LineField(max_length=200, blank=True)
    addressee = models.CharField(max_length=60, blank=True, default="", db_default="")
    time_zone = models.CharField(max_length=60, blank=True, default="", db_default="")
    batch = models.CharField(max_length=100, blank=True, default="", db_default="")
    legal = models.BooleanField(default=False, db_default=False)
    deadline_at = models.DateTimeField(null=True, blank=True, help_text="A legal notice must be sent by then.")
    is_test = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()

    stage = models.CharField(max_length=10, choices=Stage, default=Stage.SORTED, db_default=Stage.SORTED)
    digest = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts", db_index=False
    )
    status = models.CharField(max_length=10, choices=MessageStatus, default=MessageStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    available_at = models.DateTimeField(db_default=Now(), null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_by = models.CharField(max_length=40, blank=True)
    last_error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    first_sent_at = models.DateTimeField(null=True, blank=True, help_text="When the mail server first accepted it.")

    sender = models.CharField(max_length=320, blank=True)
    subject = LineField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    template_version = models.ForeignKey(
        TemplateVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
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
            models.CheckConstraint(name="message_stage_known", condition=Q(stage__in=Stage.values)),
            models.CheckConstraint(
                name="message_leaves_sorted_only", condition=Q(stage=Stage.SORTED) | Q(status=MessageStatus.PENDING)
            ),
            models.CheckConstraint(
                name="message_bundled_iff_in_a_digest",
                condition=Q(status=MessageStatus.BUNDLED, digest__isnull=False)
                | ~Q(status=MessageStatus.BUNDLED) & Q(digest__isnull=True),
            ),
            models.CheckConstraint(
                name="message_with_a_deadline_is_legal", condition=Q(deadline_at__isnull=True) | Q(legal=True)
            ),
            models.UniqueConstraint(name="message_tells_its_fact_once", fields=["dedupe_key"]),
            models.UniqueConstraint(name="message_id_unique", fields=["message_id"]),
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
            models.Index(name="message_to_sort", fields=["addressee", "id"], condition=~Q(stage=Stage.SORTED)),
            models.Index(name="message_of_addressee", fields=["addressee", "id"], condition=~Q(addressee="")),
            models.Index(name="message_of_batch", fields=["batch", "id"], condition=~Q(batch="")),
            models.Index(name="message_parts", fields=["digest", "id"], condition=Q(digest__isnull=False)),
            models.Index(name="message_list_by_status", fields=["status", "-id"]),
            models.Index(name="message_list_by_kind", fields=["kind", "-id"]),
        ]
        triggers = [
            state_machine("status", MESSAGE_TRANSITIONS),
            *never_deleted(),
            frozen(*FACTS),
            pgtrigger.Protect(
                name="content_never_changes_once_rendered",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.rendered_at IS NOT NULL AND ("
                    + " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in CONTENT)
                    + ")"
                ),
            ),
            pgtrigger.Trigger(
                name="first_sending_is_kept",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.sent_at IS NOT NULL AND NEW.first_sent_at IS NULL"),
                func=_KEEP_THE_FIRST,
            ),
            pgtrigger.Trigger(
                name="every_try_is_logged",
                operation=pgtrigger.Update,
                when=pgtrigger.After,
                condition=pgtrigger.Condition("OLD.status = 'sending' AND NEW.status <> 'sending'"),
                func=_LOG_THE_TRY,
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
    def payload(self) -> Payload:
        """What it says, from the stored snapshot."""
        return PAYLOADS[self.kind].from_context(self.context)

    @property
    def is_unsent(self) -> bool:
        return self.status in UNSENT

    @property
    def can_be_sent_again(self) -> bool:
        return self.status in RESENDABLE


class DeliveryResult(models.Model):
    """What one try came to. A trigger of the message writes it, and "send again" forgets nothing."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="results", db_constraint=False)
    attempt = models.PositiveSmallIntegerField()
    result = models.CharField(max_length=10, choices=MessageStatus)
    reason = models.TextField(blank=True)
    made_at = models.DateTimeField()

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"try {self.attempt}: {self.get_result_display()}"
