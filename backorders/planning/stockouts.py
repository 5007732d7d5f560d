"""Early warnings: what is likely to run out before its next supply, ranked by the value that would be waited for."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from backorders.engine.forecasting.demand import DemandClass
from backorders.engine.forecasting.stockout import HORIZONS, DemandRate, stockout_risk
from backorders.models import Forecast, StockoutWarning
from backorders.planning.lead_times import spread_out
from backorders.planning.queries.demand import Pool, latest_run
from backorders.planning.replenishment import PoolSupply, supply_of
from config.lib.numbers import line_value
from inventory.models import Product, PurchaseOrderLine

LIKELY = 0.5  # a warning tells of what rather happens than not before goods ordered today would be there
DRIFT = 0.1
LATE_BY = 0.5  # of the lead time's spread a confirmed date still has


@dataclass(frozen=True, slots=True)
class WarningSummary:
    pools: int
    warnings: int
    value: dict[str, Decimal]


@transaction.atomic
def warn_of_stockouts(*, now: datetime) -> WarningSummary:
    """Write the warnings anew from the newest forecasts and today's stock. Products that ended are left out.

    What an order of today would still save is no warning yet but a reorder proposal.
    """
    run = latest_run()
    forecasts = list(
        Forecast.objects.filter(run=run, product__active=True).exclude(demand_class=DemandClass.ENDED)
        if run
        else Forecast.objects.none()
    )
    product_ids = {forecast.product_id for forecast in forecasts}
    products, supply = Product.objects.in_bulk(product_ids), supply_of(product_ids)
    arriving = _arrivals(product_ids, timezone.localdate(now))
    warnings = []
    for forecast in forecasts:
        pool = (forecast.product_id, forecast.warehouse_id)
        row = _warning(forecast, products[pool[0]], supply.get(pool, PoolSupply()), arriving.get(pool), now)
        if row:
            warnings.append(row)
    StockoutWarning.objects.all().delete()
    StockoutWarning.objects.bulk_create(warnings, batch_size=1000)
    value: dict[str, Decimal] = defaultdict(Decimal)
    for row in warnings:
        value[row.currency] += row.value
    return WarningSummary(len(forecasts), len(warnings), dict(value))


def _warning(
    forecast: Forecast, product: Product, supply: PoolSupply, next_on: tuple[date, int] | None, now: datetime
) -> StockoutWarning | None:
    free = supply.on_hand - supply.backorders
    today = timezone.localdate(now)
    rate = DemandRate(forecast.weekly, forecast.dispersion, DRIFT)
    arrivals: tuple[tuple[int, float], ...] = ()
    if next_on:
        days, late = (next_on[0] - today).days, round(forecast.lead_spread * LATE_BY)
        arrivals = spread_out(max(0, days - late // 2), max(0, days), days + late, days + 2 * late)
    reach = max(HORIZONS[0], min(forecast.lead_days, HORIZONS[-1]))
    risk = stockout_risk(free=free, rate=rate, arrivals=arrivals, horizons=(reach, *HORIZONS))
    too_late, *within = risk.within
    if too_late < LIKELY:
        return None
    missing = risk.missing
    return StockoutWarning(
        product=product,
        warehouse_id=forecast.warehouse_id,
        free=free,
        weekly=forecast.weekly,
        within_7=round(within[0], 4),
        within_14=round(within[1], 4),
        within_30=round(within[2], 4),
        missing=round(missing, 1),
        value=line_value(round(missing), product.price),
        currency=product.currency,
        next_supply_on=next_on[0] if next_on else None,
        label=forecast.label,
        made_at=now,
    )


def _arrivals(product_ids: Collection[int], today: date) -> Mapping[Pool, tuple[date, int]]:
    """The next dated supply of each pool. A day that has passed is taken for a week from now: it is late, not lost."""
    lines = PurchaseOrderLine.objects.inbound().with_expected_on().filter(product__in=product_ids)
    first_arrivals: dict[Pool, tuple[date, int]] = {}
    rows = lines.order_by("expected_on", "pk").values_list(
        "product_id", "purchase_order__warehouse_id", "expected_on", "open"
    )
    for product_id, warehouse_id, expected_on, units in rows:
        if expected_on is not None:
            day = expected_on if expected_on > today else today + timedelta(days=7)
            first_arrivals.setdefault((product_id, warehouse_id), (day, units))
    return first_arrivals
