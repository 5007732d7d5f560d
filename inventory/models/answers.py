"""What passes between us and a supplier about an order: links, questions, answers and what became of them."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from config.lib.numbers import QUANTITY_MAX
from config.lib.text import AddressField, LineField, one_address, plain_text
from config.lib.triggers import append_only, frozen, never_deleted, state_machine
from inventory.enums import ANSWER_TRANSITIONS, AnswerState, LinkPurpose
from inventory.models.purchasing import PurchaseOrder, PurchaseOrderLine


class SupplierLinkQuerySet(models.QuerySet["SupplierLink"]):
    def live(self, *, now: datetime):
        """Links that still open the order."""
        return self.filter(answered_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)


class SupplierLink(models.Model):
    """A link that lets a supplier answer one order once, without a login; its token is made from `reference`.

    `message_key` names that email, blank for a link that was shown on the page after an answer.
    """

    purchase_order = models.ForeignKey(PurchaseOrder, on_delete=models.PROTECT, related_name="links")
    purpose = models.CharField(max_length=10, choices=LinkPurpose)
    reference = models.UUIDField(unique=True, db_default=RandomUUID())
    sent_to = AddressField(max_length=254, blank=True)
    message_key = LineField(max_length=120, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = SupplierLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(name="supplier_link_purpose_known", condition=Q(purpose__in=LinkPurpose.values)),
            CheckConstraint(name="supplier_link_expires_later", condition=Q(expires_at__gt=models.F("made_at"))),
            CheckConstraint(
                name="supplier_link_ends_in_one_way", condition=Q(answered_at__isnull=True) | Q(revoked_at__isnull=True)
            ),
            one_address("supplier_link", "sent_to"),
        ]
        indexes = [
            models.Index(fields=["message_key"], condition=~Q(message_key=""), name="supplier_links_by_message"),
        ]
        triggers = [
            *never_deleted(),
            frozen(
                *("purchase_order_id", "purpose", "reference", "sent_to", "message_key"),
                *("made_by_id", "made_at", "expires_at"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} to {self.sent_to or 'the page'}"

    def is_live(self, *, now: datetime) -> bool:
        return self.answered_at is None and self.revoked_at is None and self.expires_at > now


class SupplierAnswer(models.Model):
    """What the supplier said by one link; its lines say what became of it."""

    purchase_order = models.ForeignKey(PurchaseOrder, on_delete=models.PROTECT, related_name="answers")
    link = models.OneToOneField(SupplierLink, on_delete=models.PROTECT, related_name="answer")
    comment = models.TextField(blank=True, max_length=2000)
    made_at = models.DateTimeField()

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"Answer {self.pk} to {self.purchase_order.number}"


class SupplierAnswerLineQuerySet(models.QuerySet["SupplierAnswerLine"]):
    def open(self):
        """Proposals that a buyer has to decide on."""
        return self.filter(state=AnswerState.OPEN)

    def locked(self):
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class SupplierAnswerLine(models.Model):
    """The answer for one line of the order, beside the day that we had asked for; its parts are quantities and days."""

    answer = models.ForeignKey(SupplierAnswer, on_delete=models.PROTECT, related_name="lines")
    purchase_order_line = models.ForeignKey(PurchaseOrderLine, on_delete=models.PROTECT, related_name="answer_lines")
    asked_on = models.DateField()
    reason = LineField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=AnswerState)
    note = LineField(max_length=300, blank=True, help_text="What the buyer replied.")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = SupplierAnswerLineQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["answer", "purchase_order_line"], name="purchase_line_once_in_answer"),
            UniqueConstraint(
                fields=["purchase_order_line"], condition=Q(state=AnswerState.OPEN), name="one_open_proposal_per_line"
            ),
            CheckConstraint(name="answer_state_known", condition=Q(state__in=AnswerState.values)),
            CheckConstraint(
                name="answer_decided_iff_not_open",
                condition=Q(state=AnswerState.OPEN, decided_at__isnull=True)
                | (~Q(state=AnswerState.OPEN) & Q(decided_at__isnull=False)),
            ),
            *plain_text("supplier_answer", "reason", "note"),
        ]
        triggers = [
            *never_deleted(),
            state_machine("state", ANSWER_TRANSITIONS),
            frozen("answer_id", "purchase_order_line_id", "asked_on", "reason"),
        ]

    def __str__(self) -> str:
        return f"{self.purchase_order_line}: {self.get_state_display().lower()}"


class SupplierAnswerPart(models.Model):
    """So many units on that day; no day says that they will not come."""

    answer_line = models.ForeignKey(SupplierAnswerLine, on_delete=models.PROTECT, related_name="parts")
    quantity = models.PositiveIntegerField()
    available_on = models.DateField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["answer_line", "available_on"], name="one_answer_part_per_day", nulls_distinct=False
            ),
            CheckConstraint(name="answer_part_within_bounds", condition=Q(quantity__gte=1, quantity__lte=QUANTITY_MAX)),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.quantity} on {self.available_on or 'no day'}"


class SupplierQuestion(models.Model):
    """What we asked the supplier about one line with a link: a day that we wish for, or just how it stands.

    `counters` is the proposal that it replies to.
    """

    link = models.ForeignKey(SupplierLink, on_delete=models.PROTECT, related_name="questions")
    purchase_order_line = models.ForeignKey(PurchaseOrderLine, on_delete=models.PROTECT, related_name="questions")
    counters = models.OneToOneField(SupplierAnswerLine, on_delete=models.PROTECT, null=True, related_name="counter")
    wished_on = models.DateField(null=True)
    note = LineField(max_length=300, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["link", "purchase_order_line"], name="purchase_line_once_in_question"),
            *plain_text("supplier_question", "note"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.purchase_order_line}: {self.wished_on or 'how does it stand?'}"
