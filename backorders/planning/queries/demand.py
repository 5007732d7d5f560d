"""What was wanted and what is expected: for pages, proposals, warnings, and the reasons of backorders."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from backorders.engine.forecasting.demand import week_of
from backorders.models import DemandWeek, Forecast, ForecastOverride, ForecastRun, OrderLine

Pool = tuple[int, int]  # product, warehouse
LEVELS = ("p50", "p80", "p90", "p95", "p99")


@dataclass(frozen=True, slots=True)
class DemandOutlook:
    """Of a product over all its warehouses. `lead_p90`: what the demand over `lead_days` exceeds one time in ten."""

    weekly: float
    lead_days: int
    lead_p90: float
    seasonal_index: float
    label: str


def demand_outlooks(product_ids: Collection[int]) -> dict[int, DemandOutlook]:
    """The newest forecasts of some products; a product without any is left out."""
    by_product: dict[int, list[Forecast]] = defaultdict(list)
    for forecast in Forecast.objects.current().filter(product__in=product_ids).order_by("pk"):
        by_product[forecast.product_id].append(forecast)
    return {product_id: _together(forecasts) for product_id, forecasts in by_product.items()}


def _together(forecasts: list[Forecast]) -> DemandOutlook:
    weekly = sum(forecast.weekly for forecast in forecasts)
    return DemandOutlook(
        weekly=weekly,
        lead_days=max(forecast.lead_days for forecast in forecasts),
        lead_p90=sum(forecast.lead_quantiles[LEVELS.index("p90")] for forecast in forecasts),
        seasonal_index=sum(forecast.seasonal_index * forecast.weekly for forecast in forecasts) / weekly
        if weekly
        else 1.0,
        label=next((forecast.label for forecast in forecasts if forecast.label), ""),
    )


def demand_by_pool(
    *, since: date, product_ids: Collection[int] | None = None, until: date | None = None
) -> dict[Pool, dict[date, int]]:
    """The usual units of each week; promotions and one-off orders are taken off."""
    weeks = DemandWeek.objects.filter(starts_on__gte=since, product__active=True)
    if product_ids is not None:
        weeks = weeks.filter(product__in=product_ids)
    if until is not None:
        weeks = weeks.filter(starts_on__lt=until)
    by_pool: dict[Pool, dict[date, int]] = defaultdict(dict)
    rows = weeks.order_by("product_id", "warehouse_id", "starts_on")
    for product_id, warehouse_id, starts_on, ordered, extra in rows.values_list(
        "product_id", "warehouse_id", "starts_on", "ordered", "extra"
    ):
        by_pool[product_id, warehouse_id][starts_on] = max(0, ordered - extra)
    return by_pool


def overrides_on(day: date, product_ids: Collection[int] | None = None) -> dict[Pool, ForecastOverride]:
    """The newest override of each pool that holds on `day`."""
    rows = ForecastOverride.objects.filter(from_on__lte=day, until_on__gte=day, withdrawn_at__isnull=True)
    if product_ids is not None:
        rows = rows.filter(product__in=product_ids)
    return {(row.product_id, row.warehouse_id): row for row in rows.order_by("pk")}


def latest_run() -> ForecastRun | None:
    return ForecastRun.objects.order_by("-pk").first()


def forecast_is_due(*, now: datetime, hour: int) -> bool:
    """Once a business day, from `hour` on; at once where there are orders but never was a forecast."""
    newest = latest_run()
    if newest is None:
        return OrderLine.objects.exists()
    local = timezone.localtime(now)
    return local.hour >= hour and timezone.localdate(newest.made_at) < local.date()


def demand_of(product_id: int, *, today: date, weeks: int) -> dict[int, list[DemandWeek]]:
    """The counted weeks of a product by warehouse, the oldest first."""
    since = week_of(today) - timedelta(weeks=weeks)
    rows = DemandWeek.objects.filter(product=product_id, starts_on__gte=since).order_by("starts_on")
    by_warehouse: dict[int, list[DemandWeek]] = defaultdict(list)
    for row in rows:
        by_warehouse[row.warehouse_id].append(row)
    return by_warehouse
