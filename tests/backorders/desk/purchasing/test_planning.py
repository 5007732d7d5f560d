from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from backorders.models import MarketTrend, ServiceLevel, StockingRule
from backorders.planning.forecast_overrides import override_forecast
from tests.backorders.desk.desk import signed_in, told
from tests.factories.inventory import CategoryFactory, ProductFactory, WarehouseFactory

pytestmark = pytest.mark.django_db
PAGE = "/purchasing/planning/"
LOOK, LEVELS = "backorders.view_servicelevel", "backorders.change_servicelevel"
TREND, END, STOCKING = (
    f"backorders.{act}" for act in ("change_markettrend", "delete_markettrend", "change_stockingrule")
)


def trend(**values):
    until = timezone.localdate() + timedelta(days=60)
    return {
        f"trend-{name}": value for name, value in {"factor": "1.2", "until_on": until, "reason": "Season"}.items()
    } | {f"trend-{name}": value for name, value in values.items()}


def stocking(**values):
    return {f"stocking-{name}": value for name, value in {"value_class": "", "percent": ""}.items()} | {
        f"stocking-{name}": value for name, value in values.items()
    }


def test_service_levels_are_set_for_all_classes(client):
    signed_in(client, LOOK, LEVELS)

    answer = client.post(
        f"{PAGE}service-levels/", {"levels-a": "97.5", "levels-b": "95", "levels-c": "90"}, follow=True
    )

    assert told(answer) == ["Used from tonight's proposals on."]
    assert dict(ServiceLevel.objects.values_list("value_class", "percent")) == {
        "A": Decimal("97.5"),
        "B": Decimal(95),
        "C": Decimal(90),
    }


@pytest.mark.parametrize("percent", ["49.9", "100", "", "95,5x"])
def test_a_service_level_out_of_bounds_is_refused_and_changes_nothing(client, percent):
    signed_in(client, LOOK, LEVELS)
    before = dict(ServiceLevel.objects.values_list("value_class", "percent"))

    answer = client.post(f"{PAGE}service-levels/", {"levels-a": percent, "levels-b": "90", "levels-c": "90"})

    assert answer.status_code == 422
    assert dict(ServiceLevel.objects.values_list("value_class", "percent")) == before


def test_a_trend_takes_the_place_of_the_one_before_and_can_be_ended(client):
    signed_in(client, LOOK, TREND, END)
    category = CategoryFactory(name="Saws")

    client.post(f"{PAGE}trends/", trend(category=category.pk))
    client.post(f"{PAGE}trends/", trend(category=category.pk, factor="0.8", reason="Season is over"))

    one = MarketTrend.objects.get()
    assert (one.factor, one.reason) == (Decimal("0.80"), "Season is over")
    assert "× 0.80" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}trends/{one.pk}/end/")
    assert not MarketTrend.objects.exists()


@pytest.mark.parametrize("values", [{"factor": "11"}, {"factor": "0"}, {"reason": " "}, {"until_on": "2020-01-01"}])
def test_a_trend_without_sense_is_refused(client, values):
    signed_in(client, LOOK, TREND)

    answer = client.post(f"{PAGE}trends/", trend(category=CategoryFactory().pk, **values))

    assert answer.status_code == 422
    assert not MarketTrend.objects.exists()


def test_a_product_is_set_by_hand_and_follows_its_class_again(client):
    signed_in(client, LOOK, STOCKING)
    product = ProductFactory(sku="SAW-200")

    client.post(f"{PAGE}products/", stocking(product="saw-200", value_class="A", percent="99", discontinued="on"))
    rule = StockingRule.objects.get(product=product)
    shown = client.get(PAGE).content.decode()
    listed = b"".join(client.get(f"{PAGE}export.csv").streaming_content).decode().splitlines()
    client.post(f"{PAGE}products/", stocking(product="SAW-200"))

    assert (rule.value_class, rule.percent, rule.discontinued) == ("A", Decimal("99.0"), True)
    assert "SAW-200" in shown
    assert listed[1] == f'"SAW-200","{product.name}","A",99.0,"true"'
    assert "No manual settings" in client.get(PAGE).content.decode()


@pytest.mark.parametrize("values", [{"product": "NONE-1"}, {"percent": "12"}, {"value_class": "D"}])
def test_a_product_that_is_not_there_or_a_level_that_is_none_is_refused(client, values):
    signed_in(client, LOOK, STOCKING)
    ProductFactory(sku="SAW-200")

    answer = client.post(f"{PAGE}products/", stocking(**{"product": "SAW-200", **values}))

    assert answer.status_code == 422
    assert not StockingRule.objects.exists()


def test_who_only_looks_gets_no_form_and_who_may_not_is_refused(client):
    signed_in(client, LOOK)
    page = client.get(PAGE).content.decode()
    refused = [client.post(f"{PAGE}{what}/").status_code for what in ("service-levels", "trends", "products")]

    assert "Aim at these" not in page
    assert refused == [403, 403, 403]
    signed_in(client, "backorders.view_forecast")
    assert [client.get(address).status_code for address in (PAGE, f"{PAGE}export.csv")] == [403, 403]


def test_the_page_takes_as_many_queries_for_one_product_as_for_three(client, django_assert_num_queries):
    signed_in(client, LOOK)
    by, now = User.objects.get(), timezone.now()
    for count in (1, 2):
        for _ in range(count):
            product = ProductFactory()
            StockingRule.objects.create(product=product, percent=90)
            MarketTrend.objects.create(
                category=CategoryFactory(name=product.sku), factor=1, reason="Because", until_on=now + timedelta(days=9)
            )
            override_forecast(
                product_id=product.pk,
                warehouse_id=WarehouseFactory().pk,
                weekly=5,
                reason="New shop",
                from_on=now.date(),
                until_on=(now + timedelta(days=9)).date(),
                by=by,
                now=now,
            )
        with django_assert_num_queries(9):
            client.get(PAGE)
