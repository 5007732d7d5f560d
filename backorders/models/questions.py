"""What customers are asked, what they decided, and the refunds that follow."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from backorders.enums import (
    QUESTION_TRANSITIONS,
    Answer,
    DecidedBy,
    QuestionKind,
    QuestionState,
    RefundMethod,
)
from backorders.models.orders import OrderLine, SalesOrder
from backorders.models.tracking import TrackingLink
from config.lib.text import LineField, plain_text
from config.lib.triggers import append_only, frozen, never_deleted, refuse, state_machine
from inventory.models import Substitute


class QuestionQuerySet(models.QuerySet["Question"]):
    def open(self):
        return self.filter(state=QuestionState.OPEN)

    def asking(self):
        """Open ones that are about something still: a legal notice about open units, any other about what waits."""
        waits = Q(line__ordered__gt=F("line__shipped") + F("line__cancelled") + F("line__allocated"))
        return self.open().filter(Q(kind=QuestionKind.NOTICE, line__is_open=True) | waits)

    def locked(self):
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class Question(models.Model):
    """One question about `units` of one line: until when it may be answered, and what silence comes to then. Only the
    law's own notices end the whole line by silence; any other ends the units that it named, as far as they still wait.

    `offered_units` at `offered_price` of a substitute are what the customer consents to; `message_key` names the email
    that asked. The answer is a `Decision`.
    """

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="questions")
    kind = models.CharField(max_length=12, choices=QuestionKind)
    units = models.PositiveIntegerField(help_text="Units that the customer was asked about.")
    default = models.CharField(max_length=12, choices=Answer)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    deadline_at = models.DateTimeField()
    substitute = models.ForeignKey(Substitute, on_delete=models.PROTECT, null=True, related_name="+")
    offered_units = models.PositiveIntegerField(null=True)
    offered_price = models.DecimalField(max_digits=11, decimal_places=4, null=True)
    message_key = LineField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=QuestionState, default=QuestionState.OPEN)
    settled_at = models.DateTimeField(null=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        permissions = [("ask_customer", "Can ask customers and answer for them")]
        constraints = [
            CheckConstraint(name="question_kind_known", condition=Q(kind__in=QuestionKind.values)),
            CheckConstraint(name="question_state_known", condition=Q(state__in=QuestionState.values)),
            CheckConstraint(
                name="question_default_is_safe",
                condition=Q(default__in=[Answer.KEEP_WAITING, Answer.CANCEL_UNITS])
                | Q(default=Answer.CANCEL_REST, kind=QuestionKind.NOTICE),
            ),
            CheckConstraint(
                name="question_settled_iff_not_open",
                condition=Q(state=QuestionState.OPEN, settled_at__isnull=True)
                | (~Q(state=QuestionState.OPEN) & Q(settled_at__isnull=False)),
            ),
            CheckConstraint(
                name="question_offers_iff_about_a_substitute",
                condition=Q(
                    kind=QuestionKind.SUBSTITUTE,
                    substitute__isnull=False,
                    offered_units__gte=1,
                    offered_price__isnull=False,
                )
                | (
                    ~Q(kind=QuestionKind.SUBSTITUTE)
                    & Q(substitute__isnull=True, offered_units__isnull=True, offered_price__isnull=True)
                ),
            ),
            UniqueConstraint(
                fields=["line", "kind"], condition=Q(state=QuestionState.OPEN), name="one_open_question_of_a_kind"
            ),
        ]
        indexes = [
            models.Index(
                fields=["deadline_at", "id"], condition=Q(state=QuestionState.OPEN), name="open_questions_by_deadline"
            ),
            models.Index(fields=["settled_at"], name="questions_by_settlement"),
        ]
        triggers = [
            *never_deleted(),
            state_machine("state", QUESTION_TRANSITIONS),
            frozen(
                *("line_id", "kind", "units", "default", "asked_at", "asked_by_id", "deadline_at", "substitute_id"),
                *("offered_units", "offered_price", "message_key"),
            ),
            refuse(
                "settled_stays_as_it_is",
                when="OLD.state <> 'open'",
                operation=pgtrigger.Update,
                message="a question that is settled stays as it is",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.line}"

    @property
    def answers(self) -> list[Answer]:
        """What may be answered."""
        offered = [Answer.SUBSTITUTE] if self.kind == QuestionKind.SUBSTITUTE else []
        return [*offered, Answer.KEEP_WAITING, Answer.CANCEL_UNITS, Answer.CANCEL_REST, Answer.CANCEL_ALL]


class Decision(models.Model):
    """What was decided about a line, by whom, and how many units it ended. `key` makes one form one decision."""

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="decisions")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, null=True, related_name="decisions")
    answer = models.CharField(max_length=12, choices=Answer)
    decided_by = models.CharField(max_length=10, choices=DecidedBy)
    link = models.ForeignKey(TrackingLink, on_delete=models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = LineField(max_length=200, blank=True)
    units = models.PositiveIntegerField(default=0, help_text="Units that were cancelled.")
    key = models.CharField(max_length=60, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(name="decision_answer_known", condition=Q(answer__in=Answer.values)),
            CheckConstraint(name="decision_maker_known", condition=Q(decided_by__in=DecidedBy.values)),
            CheckConstraint(
                name="decision_by_staff_names_them",
                condition=~Q(decided_by=DecidedBy.STAFF) | Q(made_by__isnull=False) & ~Q(note=""),
            ),
            CheckConstraint(
                name="decision_by_the_customer_names_the_link",
                condition=~Q(decided_by=DecidedBy.CUSTOMER) | Q(link__isnull=False),
            ),
            *plain_text("decision", "note"),
        ]
        indexes = [models.Index(fields=["made_at"], name="decisions_by_time")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.get_answer_display()} ({self.get_decided_by_display()})"


class RefundTaskQuerySet(models.QuerySet["RefundTask"]):
    def open(self):
        return self.filter(done_at__isnull=True)

    def locked(self):
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class RefundTask(models.Model):
    """Money that must go back until `due_on`; a person sends it and says so here."""

    order = models.ForeignKey(SalesOrder, on_delete=models.PROTECT, related_name="refunds")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="refunds")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="refunds")
    units = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=13, decimal_places=2)
    currency = LineField(max_length=3)
    vested_on = models.DateField(help_text="The day on which the right to the refund arose.")
    due_on = models.DateField()
    basis = LineField(max_length=200)
    is_legal = models.BooleanField(default=False, help_text="The law sets the due date.")
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    done_on = models.DateField(null=True, help_text="The day on which the money left.")
    method = models.CharField(max_length=14, choices=RefundMethod, blank=True)
    done_amount = models.DecimalField(max_digits=13, decimal_places=2, null=True)
    done_note = LineField(max_length=200, blank=True)

    objects = RefundTaskQuerySet.as_manager()

    class Meta:
        permissions = [("refund_customer", "Can record refunds")]
        constraints = [
            CheckConstraint(name="refund_is_of_something", condition=Q(units__gte=1, amount__gt=0)),
            CheckConstraint(name="refund_due_after_it_vested", condition=Q(due_on__gte=models.F("vested_on"))),
            CheckConstraint(
                name="refund_done_whole_or_not_at_all",
                condition=Q(
                    done_at__isnull=True,
                    done_by__isnull=True,
                    done_on__isnull=True,
                    method="",
                    done_amount__isnull=True,
                )
                | Q(
                    done_at__isnull=False,
                    done_by__isnull=False,
                    done_on__isnull=False,
                    method__in=RefundMethod.values,
                    done_amount__gte=0,
                ),
            ),
            *plain_text("refund", "basis", "done_note"),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], condition=Q(done_at__isnull=True), name="open_refunds_by_due_date"),
            models.Index(fields=["due_on"], name="refunds_by_due_date"),
        ]
        triggers = [
            *never_deleted(),
            frozen(
                *("order_id", "line_id", "decision_id", "units", "amount", "currency", "vested_on", "due_on", "basis"),
                *("is_legal", "made_at"),
            ),
            refuse(
                "done_stays_done",
                when="OLD.done_at IS NOT NULL",
                operation=pgtrigger.Update,
                message="a refund that was sent stays as it is",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} for {self.order}"
