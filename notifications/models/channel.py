"""How the desk writes: the state of the channel, the house rules of sending, and the batches that wait for a person."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from config.lib.text import AddressField, LineField, plain_text
from notifications.enums import BatchState


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


class MailRules(models.Model):
    """The house rules of sending: one row, changed by staff."""

    quiet_from = models.TimeField(
        null=True, blank=True, help_text="Start of the quiet hours, in the reader's local time."
    )
    quiet_until = models.TimeField(
        null=True, blank=True, help_text="End of the quiet hours. Leave both empty to send at any time."
    )
    daily_cap = models.PositiveSmallIntegerField(
        default=0, help_text="Maximum emails to one customer per day. The rest is sent the next day. 0: no limit."
    )
    digest_hour = models.PositiveSmallIntegerField(
        default=8,
        validators=[MaxValueValidator(23)],
        help_text="When daily and weekly digests are sent, in the reader's local time.",
    )
    approval_above = models.PositiveIntegerField(
        default=500, help_text="A run that writes more emails than this needs approval. 0: never."
    )
    staff_addresses = ArrayField(
        AddressField(max_length=254),
        default=list,
        blank=True,
        help_text="Who receives alerts. Separate addresses with commas.",
    )

    class Meta:
        verbose_name_plural = "mail rules"
        constraints = [
            models.CheckConstraint(name="mail_rules_are_one_row", condition=Q(pk=1)),
            models.CheckConstraint(name="mail_rules_digest_hour_of_a_day", condition=Q(digest_hour__lte=23)),
            models.CheckConstraint(
                name="mail_rules_quiet_hours_in_pairs",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return "Mail rules"


class Batch(models.Model):
    """Many messages with one cause ("run:12"): complete once it is closed, and above a number a person lets it go."""

    key = models.CharField(max_length=100, unique=True)
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.CLOSED)
    closed_at = models.DateTimeField()
    held = models.PositiveIntegerField(default=0)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    note = LineField(max_length=250, blank=True)

    class Meta:
        permissions = [("approve_batch", "Can approve bulk sends")]
        constraints = [
            models.CheckConstraint(name="batch_state_known", condition=Q(state__in=BatchState.values)),
            models.CheckConstraint(
                name="batch_decided_at_iff_decided",
                condition=Q(state__in=[BatchState.APPROVED, BatchState.REJECTED], decided_at__isnull=False)
                | Q(state__in=[BatchState.CLOSED, BatchState.WAITING], decided_at__isnull=True),
            ),
            *plain_text("batch", "note"),
        ]
        indexes = [models.Index(name="batch_by_state", fields=["state", "-id"])]

    def __str__(self) -> str:
        return self.key
