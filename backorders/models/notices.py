"""Delay notices: under which rule a line stands, what was sent, and the evidence of it."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from backorders.engine.delays import NoticeState, Silence
from backorders.enums import DelayStepKind
from backorders.models.orders import OrderLine
from backorders.models.questions import Question
from config.lib.text import LineField, plain_text
from config.lib.triggers import append_only, frozen, never_deleted
from customers.models import JurisdictionProfile

STATES = [(state.value, state.value.replace("_", " ").capitalize()) for state in NoticeState]
SETTLED = (NoticeState.SHIPPED, NoticeState.CANCELLED, NoticeState.REFUND_SENT)


class DelayCaseQuerySet(models.QuerySet["DelayCase"]):
    def unsettled(self):
        return self.exclude(state__in=SETTLED)

    def locked(self):
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class DelayCase(models.Model):
    """One order line under a jurisdiction profile. The facts are corrected by people; state and dates are computed.

    `deadline_on` is the last day for what is due next. `learned_on`: since when our date lies behind what carries.
    `blocked` says why a notice that is due could not be sent.
    """

    line = models.OneToOneField(OrderLine, on_delete=models.PROTECT, primary_key=True, related_name="delay_case")
    profile = models.ForeignKey(JurisdictionProfile, on_delete=models.PROTECT, related_name="+")
    completed_on = models.DateField(help_text="The order was complete, and paid or authorised.")
    stated_on = models.DateField(null=True, blank=True, help_text="The shipping date that was stated at ordering.")
    credit_application = models.BooleanField(default=False)
    cannot_ship_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=30, choices=STATES, default=NoticeState.ON_TIME.value)
    applicable_on = models.DateField()
    deadline_on = models.DateField(null=True)
    learned_on = models.DateField(null=True)
    vested_on = models.DateField(null=True)
    refund_due_on = models.DateField(null=True)
    why = LineField(max_length=200, blank=True)
    blocked = LineField(max_length=300, blank=True)
    opened_at = models.DateTimeField()

    objects = DelayCaseQuerySet.as_manager()

    class Meta:
        permissions = [("correct_delaycase", "Can correct the facts of delay cases and record notices")]
        constraints = [
            CheckConstraint(
                name="delay_case_state_known", condition=Q(state__in=[state.value for state in NoticeState])
            ),
            *plain_text("delay_case", "why", "blocked"),
        ]
        indexes = [
            models.Index(
                fields=["deadline_on"],
                condition=~Q(state__in=[state.value for state in SETTLED]),
                name="delay_cases_by_deadline",
            )
        ]
        triggers = [*never_deleted(), frozen("line_id", "profile_id", "opened_at")]

    def __str__(self) -> str:
        return f"Delay of {self.line}"


class DelayNotice(models.Model):
    """A notice as it was given: the date, what silence means until when, on what basis, with which statements."""

    case = models.ForeignKey(DelayCase, on_delete=models.PROTECT, related_name="notices")
    number = models.PositiveSmallIntegerField()
    renewed = models.BooleanField()
    sent_on = models.DateField(help_text="The buyer's calendar day.")
    revised_on = models.DateField(null=True)
    silence = models.CharField(max_length=10, choices=[(s.value, s.value) for s in Silence])
    silence_until = models.DateField()
    basis = models.JSONField(help_text="What the date rests on: promise, source, purchase order, quantile.")
    statements = models.JSONField(help_text="The required statements as they were sent.")
    question = models.OneToOneField(Question, on_delete=models.PROTECT, null=True, related_name="notice")
    message_key = LineField(max_length=120, blank=True)
    by_other_means = LineField(max_length=200, blank=True, help_text="How it was sent where not by email.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["case", "number"], name="notice_number_unique_in_case"),
            CheckConstraint(name="notice_was_given_somehow", condition=~Q(message_key="") | ~Q(by_other_means="")),
            *plain_text("delay_notice", "by_other_means"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"Notice {self.number} of {self.case.line}"


class DelayStep(models.Model):
    """One entry of the evidence: what happened on which day of the buyer's calendar, and what it rests on."""

    case = models.ForeignKey(DelayCase, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12, choices=DelayStepKind)
    on = models.DateField()
    note = LineField(max_length=300, blank=True)
    detail = models.JSONField(default=dict)
    message_key = LineField(max_length=120, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(name="delay_step_kind_known", condition=Q(kind__in=DelayStepKind.values)),
            *plain_text("delay_step", "note"),
        ]
        indexes = [models.Index(fields=["case", "id"], name="delay_steps_by_case")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.on}"
