from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from backorders.models import DemandWeek, Forecast, ForecastOverride, ReorderProposal, StockoutWarning
from backorders.planning.forecast import forecast_demand
from backorders.planning.replenishment import propose_orders
from backorders.planning.stockouts import warn_of_stockouts
from inventory.models import PurchaseOrder
from tests.backorders.demand_history import wanted_weekly
from tests.backorders.desk.desk import signed_in, told
from tests.factories.inventory import ProductFactory, SupplierProductFactory, WarehouseFactory

pytestmark = pytest.mark.django_db
STEADY = [9, 11, 10, 8, 12, 10, 9, 11, 10, 10, 12, 8, 10, 9, 11, 10]
SEE = "backorders.view_forecast"
LISTS = ("backorders.view_reorderproposal", "backorders.view_stockoutwarning")


def a_night(*skus: str):
    """Products that sell ten a week and have nothing left; forecast, proposals and warnings of tonight."""
    now = timezone.now()
    products = [ProductFactory(sku=sku) for sku in skus]
    for product in products:
        SupplierProductFactory(product=product, lead_time_days=14)
        wanted_weekly(product, STEADY, until=now - timedelta(days=now.weekday()))
    forecast_demand(now=now)
    propose_orders(now=now)
    warn_of_stockouts(now=now)
    return products


@pytest.fixture
def product(db):
    return a_night("SAW-200")[0]


def test_the_page_of_a_product_shows_history_forecast_and_proposal(client, product):
    page = signed_in(client, SEE).get(reverse("backorders:product-forecast", args=[product.pk]))

    text = page.content.decode()
    assert "is likely to run out" in text
    assert "Demand a week, MAIN" in text
    assert ReorderProposal.objects.get().sentence.split(";")[0] in text
    assert "Draft the purchase order" not in text


def test_a_product_that_nobody_asked_for_says_so(client):
    page = signed_in(client, SEE).get(reverse("backorders:product-forecast", args=[ProductFactory().pk]))

    assert "No demand and no stock yet" in page.content.decode()


@pytest.mark.parametrize("name", ["proposals", "stockouts", "export-proposals", "export-stockouts"])
def test_lists_and_files_name_what_is_endangered(client, product, name):
    answer = signed_in(client, *LISTS).get(reverse(f"backorders:{name}"))

    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert "SAW-200" in text.decode()


@pytest.mark.parametrize("name", ["proposals", "stockouts"])
def test_lists_ask_the_database_as_often_for_three_rows_as_for_one(
    client, django_assert_max_num_queries, product, name
):
    reader = signed_in(client, *LISTS)
    reader.get(reverse(f"backorders:{name}"))
    with django_assert_max_num_queries(30) as one:
        reader.get(reverse(f"backorders:{name}"))
    a_night("SAW-300", "SAW-400")

    with django_assert_max_num_queries(30) as three:
        reader.get(reverse(f"backorders:{name}"))

    assert len(three) == len(one)


def test_a_list_can_be_searched_and_an_empty_one_explains_itself(client, product):
    reader = signed_in(client, *LISTS)

    assert "No proposal matches" in reader.get(reverse("backorders:proposals"), {"q": "ZZZ"}).content.decode()
    assert "No warning for this SKU" in reader.get(reverse("backorders:stockouts"), {"q": "ZZZ"}).content.decode()


def test_a_buyer_drafts_the_order_from_the_list(client, product):
    buyer = signed_in(client, "backorders.approve_reorderproposal", "inventory.view_purchaseorder", *LISTS)
    key = ReorderProposal.objects.get().pk

    answer = buyer.post(reverse("backorders:decide-proposals"), {"decision": "approve", "proposal": [key]}, follow=True)

    order = PurchaseOrder.objects.get()
    assert told(answer) == [f"Drafted: {order.number}. Send them to place the orders."]
    assert order.status == "draft"


@pytest.mark.parametrize("chosen", [[], ["x"], ["999999"]])
def test_nothing_is_decided_where_nothing_was_chosen(client, product, chosen):
    buyer = signed_in(client, "backorders.approve_reorderproposal", *LISTS)

    answer = buyer.post(reverse("backorders:decide-proposals"), {"proposal": chosen}, follow=True)

    assert told(answer) == ["Choose at least one open proposal."]
    assert not PurchaseOrder.objects.exists()


def test_a_planner_overrides_and_withdraws(client, product):
    planner = signed_in(client, SEE, "backorders.plan_demand")
    today = timezone.localdate()
    values = {
        "override-warehouse": WarehouseFactory().pk,
        "override-weekly": 30,
        "override-from_on": today,
        "override-until_on": today + timedelta(days=30),
        "override-reason": "New customer",
    }

    planner.post(reverse("backorders:override-forecast", args=[product.pk]), values)
    override = ForecastOverride.objects.get()
    page = planner.get(reverse("backorders:product-forecast", args=[product.pk])).content.decode()
    answer = planner.post(reverse("backorders:withdraw-override", args=[override.pk]), follow=True)

    assert "New customer" in page
    assert told(answer) == ["Withdrawn. From tonight on the numbers count again."]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"override-reason": " "}, "This field is required."),
        ({"override-until_on": "2020-01-01"}, "must not lie before"),
        ({"override-weekly": "-1"}, "greater than or equal to 0"),
    ],
)
def test_an_override_without_sense_is_refused(client, product, changed, message):
    today = timezone.localdate()
    values = {
        "override-warehouse": WarehouseFactory().pk,
        "override-weekly": 30,
        "override-from_on": today,
        "override-until_on": today,
        "override-reason": "New customer",
    }

    page = signed_in(client, SEE, "backorders.plan_demand").post(
        reverse("backorders:override-forecast", args=[product.pk]), values | changed
    )

    assert message in page.content.decode()
    assert not ForecastOverride.objects.exists()


def test_a_promotion_is_marked(client, product):
    week = DemandWeek.objects.order_by("-starts_on").first()
    values = {
        "mark-warehouse": week.warehouse_id,
        "mark-day": week.starts_on,
        "mark-mark": "promotion",
        "mark-extra": 4,
        "mark-note": "Flyer",
    }

    signed_in(client, SEE, "backorders.mark_demand").post(reverse("backorders:mark-demand", args=[product.pk]), values)

    week.refresh_from_db()
    assert (week.mark, week.extra, week.note) == ("promotion", 4, "Flyer")


def test_backorders_are_capped(client, product):
    buyer = signed_in(client, SEE, "inventory.change_product")

    buyer.post(reverse("backorders:cap-backorders", args=[product.pk]), {"limit": 200})
    refused = buyer.post(reverse("backorders:cap-backorders", args=[product.pk]), {"limit": "many"}, follow=True)

    product.refresh_from_db()
    assert product.backorder_limit == 200
    assert told(refused)[-1].startswith("Enter the maximum units")


def test_the_accuracy_page_compares_with_the_baselines_and_judges_finished_weeks(client):
    now = timezone.now()
    product = ProductFactory()
    wanted_weekly(product, [*STEADY, *STEADY], until=now - timedelta(days=now.weekday()))
    forecast_demand(now=now - timedelta(days=now.weekday() + 7))
    forecast_demand(now=now)

    page = signed_in(client, SEE).get(reverse("backorders:forecast-accuracy"))

    assert page.context["table"][0].name == "What was chosen"
    assert {row.name for row in page.context["table"]} >= {"Historic average", "Zero", "Croston"}
    assert [week.pools for week in page.context["weeks"]] == [1]
    assert page.context["weeks"][0].wanted == STEADY[-1]


def test_the_accuracy_page_is_calm_before_the_first_forecast(client):
    page = signed_in(client, SEE).get(reverse("backorders:forecast-accuracy"))

    assert "Nothing to measure yet" in page.content.decode()


@pytest.mark.parametrize(
    ("name", "arguments", "method"),
    [
        ("product-forecast", [1], "get"),
        ("forecast-accuracy", [], "get"),
        ("proposals", [], "get"),
        ("export-proposals", [], "get"),
        ("stockouts", [], "get"),
        ("export-stockouts", [], "get"),
        ("decide-proposals", [], "post"),
        ("override-forecast", [1], "post"),
        ("withdraw-override", [1], "post"),
        ("mark-demand", [1], "post"),
        ("cap-backorders", [1], "post"),
    ],
)
def test_nobody_without_the_permission_gets_in(client, name, arguments, method):
    answer = getattr(signed_in(client), method)(reverse(f"backorders:{name}", args=arguments))

    assert answer.status_code == 403
    assert not Forecast.objects.exists()
    assert not StockoutWarning.objects.exists()
