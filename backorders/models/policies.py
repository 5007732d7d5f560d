"""In which order waiting lines are served, and the few numbers that the staff may set for the whole desk."""

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Lower
from django.urls import reverse

from backorders.enums import AllocationMethod
from config.lib.text import LineField, plain_text
from config.lib.triggers import never_deleted


@pghistory.track()
class AllocationPolicy(models.Model):
    """`keys` is the sort key: a list of `{"field": …, "descending": …}`, see backorders.engine.ranking.

    The line's primary key is always the last key, so that the order is total. A run keeps a copy of what it used.
    """

    code = LineField(max_length=40)
    name = LineField(max_length=80)
    description = models.TextField(blank=True, max_length=1000)
    method = models.CharField(max_length=12, choices=AllocationMethod, default=AllocationMethod.SEQUENCE)
    keys = models.JSONField(default=list)
    age_boost_days = models.PositiveSmallIntegerField(
        default=0, help_text="A waiting line gains one tier every so many days; 0: never."
    )
    is_default = models.BooleanField(default=False, help_text="What nightly runs, receipts and new orders use.")
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "allocation policies"
        constraints = [
            UniqueConstraint(Lower("code"), name="policy_code_unique"),
            UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_policy"),
            CheckConstraint(name="policy_method_known", condition=Q(method__in=AllocationMethod.values)),
            *plain_text("policy", "code", "name"),
        ]
        triggers = never_deleted()

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("backorders:policies")

    def snapshot(self) -> dict[str, object]:
        """What a run must remember to say later how it decided."""
        return {
            "code": self.code,
            "name": self.name,
            "method": self.method,
            "keys": self.keys,
            "age_boost_days": self.age_boost_days,
        }


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
