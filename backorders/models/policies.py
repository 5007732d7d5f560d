"""The rules that decide who gets stock first, and the few numbers that the staff may set for the whole desk."""

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Lower
from django.urls import reverse

from backorders.engine.policy.definition import PolicyDefinition
from backorders.engine.policy.reader import parse_definition
from config.lib.text import LineField, plain_text
from config.lib.triggers import append_only, never_deleted


@pghistory.track()
class AllocationPolicy(models.Model):
    """Known by its code. What it says stands in its versions; the newest one is in force."""

    code = LineField(max_length=40)
    name = LineField(max_length=80)
    description = models.TextField(blank=True, max_length=1000)
    is_default = models.BooleanField(default=False, help_text="What nightly runs, receipts and new orders use.")
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "allocation policies"
        constraints = [
            UniqueConstraint(Lower("code"), name="policy_code_unique"),
            UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_policy"),
            CheckConstraint(name="default_policy_is_in_use", condition=Q(is_default=False) | Q(active=True)),
            *plain_text("policy", "code", "name"),
        ]
        triggers = never_deleted()

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("backorders:policy", args=[self.pk])


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def current(self):
        """The newest version of each policy."""
        return self.order_by("policy_id", "-number").distinct("policy_id")


class PolicyVersion(models.Model):
    """What a policy said from a moment on, as `backorders.engine.policy.reader` reads it; a run names the one it used.

    A change is a new version with a comment, never an edit.
    """

    policy = models.ForeignKey(AllocationPolicy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    comment = LineField(max_length=200, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["policy", "number"], name="version_number_unique_in_policy"),
            CheckConstraint(name="policy_version_from_1", condition=Q(number__gte=1)),
            *plain_text("policy_version", "comment"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.policy}, version {self.number}"

    @property
    def parsed(self) -> PolicyDefinition:
        """Raises InvalidPolicy where a later desk no longer knows a word of it."""
        return parse_definition(self.definition)


@pghistory.track()
class DeskSettings(models.Model):
    """One row; staff with the right to plan may change it."""

    company_name = LineField(max_length=100, default="Backorder Desk")
    date_change_threshold_days = models.PositiveSmallIntegerField(
        default=3, help_text="A customer hears of a new date only when it moved by more days than this."
    )
    order_cycle_days = models.PositiveSmallIntegerField(
        default=5, help_text="How long it may take until the buyer orders again, in working days."
    )
    handling_days = models.PositiveSmallIntegerField(default=1, help_text="Receiving and packing, in working days.")
    nightly_hour = models.PositiveSmallIntegerField(
        default=4,
        validators=[MinValueValidator(0), MaxValueValidator(23)],
        help_text="Local hour after which the nightly run of a day may start.",
    )

    names_causes = models.BooleanField(
        default=False,
        verbose_name="name causes to customers",
        help_text="Emails and order pages may say that a supplier is late or that our records were wrong. "
        "Otherwise they say that delivery to us is delayed.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "desk settings"
        constraints = [
            CheckConstraint(name="desk_settings_is_one_row", condition=Q(id=1)),
            CheckConstraint(name="nightly_hour_is_an_hour", condition=Q(nightly_hour__lte=23)),
            *plain_text("desk_settings", "company_name"),
        ]
        triggers = never_deleted()

    def __str__(self) -> str:
        return "Desk settings"
