"""What customers wanted week by week, what is expected of the weeks to come, and what people know better."""

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils import timezone

from backorders.engine.forecasting.demand import DemandClass
from backorders.enums import DemandMark
from config.lib.numbers import STOCK_MAX
from config.lib.text import LineField, plain_text
from config.lib.triggers import append_only, frozen, never_deleted
from inventory.models import Category, Product, Warehouse

DEMAND_CLASSES = [(str(name), str(name).capitalize()) for name in DemandClass]


class DemandWeek(models.Model):
    """Unconstrained demand of a pool in one week, counted on the day on which the customers wanted it.

    `extra` units of a promotion or a one-off order are known, but nothing is foretold from them.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_on = models.DateField(help_text="The Monday of the week.")
    ordered = models.PositiveBigIntegerField(default=0)
    lines = models.PositiveIntegerField(default=0)
    mark = models.CharField(max_length=12, choices=DemandMark, blank=True)
    extra = models.PositiveBigIntegerField(default=0)
    note = LineField(max_length=200, blank=True)
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    marked_at = models.DateTimeField(null=True)

    class Meta:
        permissions = [("mark_demand", "Can mark promotions and one-off orders")]
        constraints = [
            UniqueConstraint(fields=["product", "warehouse", "starts_on"], name="one_demand_per_pool_and_week"),
            CheckConstraint(name="demand_week_starts_on_monday", condition=Q(starts_on__iso_week_day=1)),
            CheckConstraint(name="demand_mark_known", condition=Q(mark__in=[*DemandMark.values, ""])),
            CheckConstraint(
                name="extra_demand_is_marked",
                condition=Q(mark="", extra=0, marked_at__isnull=True) | (~Q(mark="") & Q(marked_at__isnull=False)),
            ),
            *plain_text("demand_week", "note"),
        ]

    def __str__(self) -> str:
        return f"{self.ordered} in the week of {self.starts_on}"

    @property
    def usual(self) -> int:
        """What forecasts learn from."""
        return max(0, self.ordered - self.extra)


class DemandMeter(models.Model):
    """One row: up to which order line and which event the demand was counted."""

    line_id = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [CheckConstraint(name="demand_meter_is_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"Demand counted up to line {self.line_id}"


class ForecastRun(models.Model):
    """One night's forecasts. `scores`: the rolling-origin backtest behind them, by class and with every baseline."""

    made_at = models.DateTimeField()
    from_on = models.DateField(help_text="The Monday of the first forecast week.")
    pools = models.PositiveIntegerField()
    seconds = models.FloatField()
    scores = models.JSONField(default=dict)

    class Meta:
        permissions = [("plan_demand", "Can override forecasts, set market trends and service levels")]
        indexes = [models.Index(fields=["-made_at"], name="forecast_runs_by_time")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"Forecast of {timezone.localtime(self.made_at):%-d %b %Y, %H:%M}"


class ForecastQuerySet(models.QuerySet["Forecast"]):
    def current(self):
        """The forecasts of the newest run."""
        return self.filter(run=ForecastRun.objects.order_by("-pk").values("pk")[:1])


class Forecast(models.Model):
    """What is expected of one pool. Quantiles are of demand in sum: over the lead time, and over lead time and review.

    Nights that a later one replaced are forgotten later (oversight/pruning.py); what was foretold never changes.
    `statistical` is the weekly mean before people's overrides and trends, `weekly` after them, `naive` the last week's.
    """

    run = models.ForeignKey(ForecastRun, on_delete=models.PROTECT, related_name="forecasts", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+", db_index=False)
    demand_class = models.CharField(max_length=12, choices=DEMAND_CLASSES)
    method = LineField(max_length=200)
    label = LineField(max_length=200, blank=True, help_text="What to know before relying on it.")
    periods = models.PositiveSmallIntegerField(help_text="Weeks of history.")
    path = models.JSONField(help_text="Expected units of each coming week.")
    statistical = models.FloatField()
    weekly = models.FloatField()
    naive = models.FloatField()
    seasonal_index = models.FloatField(default=1, help_text="Of the coming weeks, against an average week.")
    scale = models.FloatField(default=0, help_text="Root mean square of the steps of the history.")
    dispersion = models.FloatField()
    lead_days = models.PositiveSmallIntegerField()
    lead_spread = models.FloatField(default=0, help_text="Standard deviation of the lead time, in days.")
    lead_basis = LineField(max_length=200, blank=True)
    review_days = models.PositiveSmallIntegerField()
    lead_quantiles = models.JSONField()
    cover_quantiles = models.JSONField()
    rmsse = models.FloatField(null=True, help_text="Over the last origins; null: nothing to measure.")
    bias = models.FloatField(null=True)

    objects = ForecastQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["run", "product", "warehouse"], name="one_forecast_per_run_and_pool"),
            CheckConstraint(name="forecast_class_known", condition=Q(demand_class__in=[str(c) for c in DemandClass])),
            CheckConstraint(name="forecast_is_not_negative", condition=Q(weekly__gte=0, statistical__gte=0)),
        ]
        indexes = [models.Index(fields=["product", "warehouse", "-run"], name="forecasts_by_pool")]
        triggers = [frozen("run_id", "product_id", "warehouse_id", "path", "weekly", "statistical", "naive")]

    def __str__(self) -> str:
        return f"{self.weekly:.1f} a week"


@pghistory.track()
class ForecastOverride(models.Model):
    """A planner knows better: so many units a week, from one day until another, and why."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    weekly = models.PositiveIntegerField()
    reason = LineField(max_length=200)
    from_on = models.DateField()
    until_on = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CheckConstraint(name="forecast_override_within_bounds", condition=Q(weekly__lte=STOCK_MAX)),
            CheckConstraint(name="forecast_override_ends_after_it_starts", condition=Q(until_on__gte=F("from_on"))),
            CheckConstraint(name="forecast_override_has_a_reason", condition=~Q(reason="")),
            *plain_text("forecast_override", "reason"),
        ]
        triggers = never_deleted()

    def __str__(self) -> str:
        return f"{self.weekly} a week until {self.until_on}"


@pghistory.track()
class MarketTrend(models.Model):
    """What the history cannot know yet: the demand of a category grows or shrinks by this factor, until a day."""

    category = models.OneToOneField(Category, on_delete=models.PROTECT, related_name="+")
    factor = models.DecimalField(
        max_digits=4, decimal_places=2, validators=[MinValueValidator(0.1), MaxValueValidator(10)]
    )
    reason = LineField(max_length=200)
    until_on = models.DateField()

    class Meta:
        constraints = [
            CheckConstraint(name="trend_factor_within_bounds", condition=Q(factor__gte=0.1, factor__lte=10)),
            CheckConstraint(name="trend_has_a_reason", condition=~Q(reason="")),
            *plain_text("market_trend", "reason"),
        ]

    def __str__(self) -> str:
        return f"{self.category} × {self.factor}"
