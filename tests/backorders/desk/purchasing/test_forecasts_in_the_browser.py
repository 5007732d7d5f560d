"""From the warning on the dashboard to the purchase order that was sent; and how the pages look."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from backorders.models import ReorderProposal, StockoutWarning
from backorders.planning.forecast import forecast_demand
from backorders.planning.replenishment import propose_orders
from backorders.planning.stockouts import warn_of_stockouts
from inventory.models import PurchaseOrder
from tests.backorders.demand_history import wanted_weekly
from tests.factories.inventory import ProductFactory, StockLevelFactory, SupplierFactory, SupplierProductFactory
from tests.kit.pages import findings_by_page, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
STEADY = [9, 11, 10, 8, 12, 10, 9, 11, 10, 10, 12, 8, 10, 9, 11, 10]


@pytest.fixture
def desk(calm_page: Page, live_server) -> Page:
    """One product with ten units too few for what is to come, one that has enough."""
    now = timezone.now()
    monday = now - timedelta(days=now.weekday())
    nordwerk = SupplierFactory(name="Nordwerk")
    for sku, spare in (("SAW-200", 12), ("SAW-900", 900)):
        product = ProductFactory(sku=sku)
        SupplierProductFactory(product=product, supplier=nordwerk, lead_time_days=14, minimum_quantity=20, pack_size=10)
        wanted_weekly(product, STEADY, until=monday)
        StockLevelFactory(product=product, on_hand=sum(STEADY) + spare)
    forecast_demand(now=now - timedelta(days=7))
    forecast_demand(now=now)
    propose_orders(now=now)
    warn_of_stockouts(now=now)
    sign_in(calm_page, live_server.url, User.objects.create_superuser("root", first_name="Hannah", last_name="Vogel"))
    return calm_page


def test_from_the_warning_to_the_order_that_was_sent(desk: Page, live_server):
    desk.goto(live_server.url)
    desk.get_by_role("region", name="Stockout warnings").get_by_role("link", name="SAW-200").click()
    expect(desk.locator("h1")).to_have_text("Forecast of SAW-200")
    expect(desk.get_by_text("MAIN is likely to run out:")).to_be_visible()
    expect(desk.get_by_role("img", name="Demand a week, MAIN")).to_be_visible()

    desk.get_by_role("button", name="Draft the purchase order").click()

    expect(desk.locator("h1")).to_contain_text("Draft")
    order = PurchaseOrder.objects.get()
    expect(desk.locator("h1")).to_contain_text(order.number)
    desk.get_by_role("button", name="Send", exact=True).click()
    expect(desk.locator("h1")).to_contain_text("Sent")
    order.refresh_from_db()
    assert order.status == "sent"
    assert order.lines.get().ordered == ReorderProposal.objects.get(state="approved").quantity


def test_the_pages_are_accessible_and_fit(desk: Page, live_server):
    addresses = [
        f"/inventory/products/{StockoutWarning.objects.get().product_id}/forecast/",
        *("/purchasing/proposals/", "/purchasing/proposals/?q=nothing", "/purchasing/stockouts/"),
        "/reports/forecast-accuracy/",
    ]

    assert findings_by_page(desk, live_server.url, addresses) == {}
