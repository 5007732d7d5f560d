from datetime import timedelta

import pytest

from backorders.models import Forecast, ForecastRun
from backorders.oversight.pruning import prune
from tests.backorders.forecast_rows import forecast_rows
from tests.factories.inventory import MONDAY, ProductFactory, WarehouseFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_forecasts_of_replaced_nights_are_forgotten_and_what_a_week_is_judged_by_stays():
    first = forecast_rows(ProductFactory(), WarehouseFactory())
    tuesday, wednesday = (_again(first, MONDAY + day * DAY) for day in (1, 2))
    newest = _again(first, MONDAY + 7 * DAY)

    early = prune(now=MONDAY + 16 * DAY, dry_run=True)["forecasts"]
    after = prune(now=MONDAY + 20 * DAY)["forecasts"]
    kept = set(Forecast.objects.values_list("pk", flat=True))
    in_two_years = prune(now=MONDAY + 800 * DAY)["forecasts"]

    assert (early, after, in_two_years) == (1, 2, 1)
    assert kept == {first.pk, newest.pk}
    assert tuesday.pk not in kept
    assert wednesday.pk not in kept
    assert [row.pk for row in Forecast.objects.all()] == [newest.pk]
    assert ForecastRun.objects.count() == 4


def _again(forecast: Forecast, moment) -> Forecast:
    monday = moment.date() - timedelta(days=moment.weekday())
    run = ForecastRun.objects.create(made_at=moment, from_on=monday, pools=1, seconds=0.5)
    return Forecast.objects.create(
        **{field.attname: getattr(forecast, field.attname) for field in Forecast._meta.fields}
        | {"id": None, "run_id": run.pk}
    )
