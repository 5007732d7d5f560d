"""One row of each table about demand, for tests that only look at them."""

from datetime import timedelta

from backorders.models import (
    DemandWeek,
    Forecast,
    ForecastOverride,
    ForecastRun,
    MarketTrend,
    ReorderProposal,
    StockingRule,
    StockoutWarning,
)
from tests.factories.inventory import MONDAY, CategoryFactory, SupplierFactory

QUANTILES = [20.0, 28.0, 33.0, 38.0, 50.0]


def forecast_rows(product, warehouse, **values):
    pool = {"product": product, "warehouse": warehouse}
    run = ForecastRun.objects.create(made_at=MONDAY, from_on=MONDAY.date(), pools=1, seconds=0.5)
    DemandWeek.objects.create(**pool, starts_on=MONDAY.date() - timedelta(weeks=1), ordered=10, lines=2)
    ForecastOverride.objects.create(
        **pool, weekly=9, reason="Known", from_on=MONDAY.date(), until_on=MONDAY.date(), made_at=MONDAY
    )
    MarketTrend.objects.create(category=CategoryFactory(), factor="1.10", reason="Season", until_on=MONDAY.date())
    StockingRule.objects.create(product=product, value_class="A")
    ReorderProposal.objects.create(
        **pool,
        run=run,
        supplier=SupplierFactory(),
        quantity=12,
        needed=10,
        backorders=0,
        forecast=30,
        safety=8,
        on_hand=28,
        on_order=0,
        reorder_point=38,
        lead_days=14,
        review_days=7,
        value_class="A",
        percent="95",
        cost="9.50",
        currency="EUR",
        urgency=0.3,
        sentence="Why.",
        made_at=MONDAY,
    )
    StockoutWarning.objects.create(
        **pool,
        free=5,
        weekly=10,
        within_7=0.4,
        within_14=0.8,
        within_30=0.99,
        missing=30,
        value=600,
        currency="EUR",
        made_at=MONDAY,
    )
    return Forecast.objects.create(
        **pool,
        run=run,
        demand_class="smooth",
        method="blend 100%",
        periods=16,
        path=[10.0] * 13,
        statistical=10,
        weekly=10,
        naive=9,
        dispersion=0.4,
        lead_days=14,
        review_days=7,
        lead_quantiles=QUANTILES,
        cover_quantiles=[value * 1.5 for value in QUANTILES],
        **values,
    )
