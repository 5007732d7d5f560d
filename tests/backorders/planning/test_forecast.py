from datetime import timedelta

import pytest
from django.db import connection

from backorders.models import Forecast, ForecastRun, MarketTrend
from backorders.planning.forecast import forecast_demand
from backorders.planning.forecast_overrides import override_forecast, withdraw_override
from backorders.planning.queries.demand import demand_outlooks
from tests.backorders.demand_history import wanted_weekly
from tests.factories.backorders import order_for
from tests.factories.inventory import (
    MONDAY,
    CategoryFactory,
    ProductFactory,
    SupplierProductFactory,
    WarehouseFactory,
)
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
STEADY = [9, 11, 10, 8, 12, 10, 9, 11, 10, 10, 12, 8, 10, 9, 11, 10]


def forecast_of(product) -> Forecast:
    return Forecast.objects.current().get(product=product)


def test_a_steady_product_is_expected_to_go_on_and_its_quantiles_rise():
    product = SupplierProductFactory(lead_time_days=14).product
    wanted_weekly(product, STEADY)

    forecast_demand(now=MONDAY)

    forecast = forecast_of(product)
    assert (forecast.demand_class, forecast.periods, forecast.label) == ("smooth", 16, "")
    assert 8 <= forecast.weekly <= 12
    assert forecast.lead_days == 14
    assert forecast.lead_quantiles == sorted(forecast.lead_quantiles)
    assert 15 <= forecast.lead_quantiles[0] <= 25
    assert all(cover > lead for cover, lead in zip(forecast.cover_quantiles, forecast.lead_quantiles, strict=True))


def test_the_week_under_way_and_later_ones_do_not_count_yet():
    product = ProductFactory()
    wanted_weekly(product, STEADY)
    order_for({product: 500}, now=MONDAY)

    forecast_demand(now=MONDAY + timedelta(days=2))

    assert forecast_of(product).weekly < 20


def test_a_product_without_enough_history_gets_what_its_category_sells_and_a_label():
    category = CategoryFactory(name="Saws")
    known = [ProductFactory(category=category) for _ in range(3)]
    for product in known:
        wanted_weekly(product, STEADY)
    new = ProductFactory(category=category)
    wanted_weekly(new, [2])

    forecast_demand(now=MONDAY)

    forecast = forecast_of(new)
    assert forecast.demand_class == "new"
    assert forecast.label == "Only 1 week of history: mostly what its category sells."
    assert 5 < forecast.weekly < 10
    assert forecast.lead_quantiles[3] > 3 * forecast.lead_quantiles[0]
    assert forecast.rmsse is None


def test_one_single_order_ever_is_told_as_a_guess():
    product = ProductFactory()
    wanted_weekly(product, [40])

    summary = forecast_demand(now=MONDAY)

    assert summary.by_class == {"new": 1}
    assert forecast_of(product).label == "Only 1 week of history: a first guess from very little."
    assert forecast_of(product).weekly < 20


def test_a_product_that_nobody_asked_for_in_half_a_year_has_ended():
    product = ProductFactory()
    wanted_weekly(product, [5, 6, 4, 5, 6, 5, 4, 5] + [0] * 30)
    wanted_weekly(ProductFactory(), STEADY)

    forecast_demand(now=MONDAY)

    assert forecast_of(product).demand_class == "ended"
    assert forecast_of(product).label == "No demand for a long time: it seems to have ended."


def test_without_any_demand_there_is_a_run_and_no_forecast():
    ProductFactory()

    summary = forecast_demand(now=MONDAY)

    assert (summary.pools, Forecast.objects.count(), ForecastRun.objects.count()) == (0, 0, 1)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_stays_open_while_forecasts_are_computed():
    """The database ends one that waits for a minute, and ten thousand products take longer."""
    wanted_weekly(ProductFactory(), [5, 6, 7, 5] * 4)
    open_ones = []

    forecast_demand(now=MONDAY, progress=lambda text: open_ones.append(connection.in_atomic_block))

    assert len(open_ones) > 2
    assert not any(open_ones)


def test_the_same_history_gives_the_same_forecast():
    product = ProductFactory()
    wanted_weekly(product, [0, 3, 0, 0, 7, 1, 0, 0, 2, 0, 5, 0, 0, 1, 0, 4])
    forecast_demand(now=MONDAY)
    first = forecast_of(product)

    forecast_demand(now=MONDAY)

    second = forecast_of(product)
    assert first.pk != second.pk
    assert (first.path, first.lead_quantiles, first.method) == (second.path, second.lead_quantiles, second.method)


def test_a_planner_who_knows_better_is_followed_until_the_day_that_was_named():
    product = ProductFactory()
    wanted_weekly(product, STEADY)
    override = override_forecast(
        product_id=product.pk,
        warehouse_id=WarehouseFactory().pk,
        weekly=30,
        reason="A new customer from Monday",
        from_on=MONDAY.date(),
        until_on=MONDAY.date() + timedelta(days=20),
        by=staff_with(),
        now=MONDAY,
    )

    summary = forecast_demand(now=MONDAY)
    followed = forecast_of(product)
    forecast_demand(now=MONDAY + timedelta(days=21))
    later = forecast_of(product)
    withdraw_override(override_id=override.pk, now=MONDAY)
    forecast_demand(now=MONDAY)

    assert summary.overridden == 1
    assert (followed.weekly, round(followed.statistical)) == (30, 10)
    assert followed.label.startswith("Changed by people: ")
    assert later.weekly < 15
    assert forecast_of(product).weekly < 15


def test_a_market_trend_moves_its_category_only():
    saws, drills = CategoryFactory(name="Saws"), CategoryFactory(name="Drills")
    saw, drill = ProductFactory(category=saws), ProductFactory(category=drills)
    for product in (saw, drill):
        wanted_weekly(product, STEADY)
    MarketTrend.objects.create(category=saws, factor="1.50", reason="Building season", until_on=MONDAY.date())

    forecast_demand(now=MONDAY)

    assert round(forecast_of(saw).weekly / forecast_of(saw).statistical, 2) == 1.5
    assert forecast_of(drill).weekly == forecast_of(drill).statistical


def test_reasons_can_read_the_demand_that_was_to_be_expected():
    product = SupplierProductFactory(lead_time_days=14).product
    wanted_weekly(product, STEADY)
    forecast_demand(now=MONDAY)

    outlook = demand_outlooks([product.pk])[product.pk]

    assert outlook.lead_days == 14
    assert outlook.lead_p90 == forecast_of(product).lead_quantiles[2]
    assert demand_outlooks([ProductFactory().pk]) == {}
