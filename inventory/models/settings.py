"""The few numbers of purchasing that the staff may set."""

from decimal import Decimal

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CheckConstraint, Q

from config.lib.triggers import never_deleted


@pghistory.track()
class PurchasingSettings(models.Model):
    """One row; buyers may change it. The two costs only rank the ways out of a delay."""

    link_days = models.PositiveSmallIntegerField(
        default=45,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text="How many days a supplier's link opens the order.",
    )
    reminder_days = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text="Working days without an answer until the supplier is reminded.",
    )
    most_reminders = models.PositiveSmallIntegerField(
        default=2, validators=[MaxValueValidator(10)], help_text="How often a supplier is reminded of one question."
    )
    transfer_cost = models.DecimalField(
        max_digits=7,
        decimal_places=2,
        default=Decimal("0.80"),
        validators=[MinValueValidator(0)],
        help_text="What moving one unit to another warehouse costs, for ranking ways out of a delay.",
    )
    express_percent = models.PositiveSmallIntegerField(
        default=15,
        validators=[MaxValueValidator(500)],
        help_text="What a hastened delivery costs, in percent of the goods' cost, for the same ranking.",
    )

    enough_deliveries = models.PositiveSmallIntegerField(
        default=8,
        validators=[MinValueValidator(2), MaxValueValidator(200)],
        help_text="So many deliveries speak for themselves; fewer are left to the wider experience.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "purchasing settings"
        constraints = [
            CheckConstraint(name="enough_deliveries_within_bounds", condition=Q(enough_deliveries__gte=2)),
            CheckConstraint(name="purchasing_settings_is_one_row", condition=Q(id=1)),
            CheckConstraint(name="link_days_within_a_year", condition=Q(link_days__gte=1, link_days__lte=365)),
            CheckConstraint(name="reminder_days_within_bounds", condition=Q(reminder_days__gte=1)),
            CheckConstraint(
                name="transfer_cost_within_bounds", condition=Q(transfer_cost__gte=0, transfer_cost__lte=99_999)
            ),
        ]
        triggers = never_deleted()

    def __str__(self) -> str:
        return "Purchasing settings"
