"""What the manager and the order desk see first, in a real browser."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from backorders.enums import BackorderReason, RunKind
from backorders.models import OrderLine
from backorders.planning.reasons import correct_reason
from backorders.runs.allocate_stock import allocate_stock
from tests.backorders.waiting import ordered_line
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import ProductFactory, PurchaseOrderLineFactory, SupplierProductFactory
from tests.kit.pages import findings_by_page, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(calm_page: Page, live_server) -> Page:
    """A desk with late, risky, partly allocated and foreign-currency lines of all ages."""
    now, root = timezone.now(), User.objects.create_superuser("root", first_name="Hannah", last_name="Vogel")
    in_a_month = (now + timedelta(days=30)).date()
    incoming = PurchaseOrderLineFactory(product__sku="SAW-1", requested_on=in_a_month)
    risky = SupplierProductFactory(product__sku="DRILL-1").product
    customer = CustomerFactory(code="K1", name="Hofmann Garten- und Landschaftsbau GmbH & Co. KG")
    for days, product in ((1, incoming.product), (12, risky), (40, risky), (70, ProductFactory(sku="VICE-1"))):
        line = ordered_line(6, product=product, customer=customer, now=now - timedelta(days=days))
    correct_reason(line_id=line.pk, reason=BackorderReason.SUPPLIER_DELAY, by=root, now=now)
    ordered_line(9, at_hand=4, now=now - timedelta(days=100), currency="GBP", requested_on=now.date())
    allocate_stock(kind=RunKind.NIGHTLY, now=now)
    sign_in(calm_page, live_server.url, root)
    return calm_page


def test_the_pages_are_accessible_and_fit(desk: Page, live_server):
    """These of the reports and the backlog, and all that no other test looks at."""
    line = OrderLine.objects.order_by("pk").first()

    addresses = [
        *("/", "/backorders/", "/backorders/?state=late&customer=K1&age=61-90", "/backorders/?q=nothing", "/orders/"),
        *(f"/backorders/correct-reasons/?line={line.pk}", f"/backorders/cancel/?line={line.pk}"),
        *("/reports/", "/reports/lines/entered/?only=misses"),
        *("/reports/calibration/", "/reports/reasons/", "/reports/compliance/", "/decisions/", "/decisions/settings/"),
        *("/refunds/", "/customers/", "/customers/new/", f"/customers/{line.order.customer_id}/edit/", "/imports/"),
        *(f"/inventory/products/{line.product_id}/", "/inventory/products/new/", "/inventory/stock/transfer/"),
        *("/purchasing/new/", "/runs/compare/", "/runs/blocked/", "/runs/overrides/", "/messages/rules/"),
        *(f"/orders/lines/{line.pk}/{page}/" for page in ("ask", "peg", "override", "why")),
    ]

    assert findings_by_page(desk, live_server.url, addresses) == {}


def test_the_list_follows_while_one_types_and_the_address_keeps_up(desk: Page, live_server):
    desk.goto(f"{live_server.url}/backorders/")
    expect(desk.locator("#backlog tbody tr")).to_have_count(5)

    desk.get_by_label("Product").fill("drill")

    expect(desk.locator("#backlog tbody tr")).to_have_count(2)
    expect(desk).to_have_url(
        f"{live_server.url}/backorders/?q=&product=drill&customer=&age=&reason=&tier=&warehouse=&supplier=&dated="
    )
    desk.get_by_role("link", name="Remove this filter").click()
    expect(desk.locator("#backlog tbody tr")).to_have_count(5)


def test_ticked_lines_get_another_reason(desk: Page, live_server):
    desk.goto(f"{live_server.url}/backorders/?product=drill")
    button = desk.get_by_role("button", name="Correct reason")
    expect(button).to_be_disabled()

    desk.get_by_label("Select all lines of this page").check()
    expect(desk.get_by_text("2 selected")).to_be_visible()
    button.click()
    desk.get_by_label("Why do these lines wait?").select_option("seasonal")
    desk.get_by_role("button", name="Correct the reason").click()

    expect(desk.get_by_text("Reason is now: seasonal.")).to_have_count(2)
    desk.get_by_role("link", name="Back to the list").click()
    expect(desk).to_have_url(f"{live_server.url}/backorders/?product=drill")
    expect(desk.locator("#backlog tbody tr").first).to_contain_text("Seasonal")


def test_without_javascript_the_filters_and_the_boxes_work(desk: Page, live_server, browser):
    context = browser.new_context(java_script_enabled=False, storage_state=desk.context.storage_state())
    page = context.new_page()
    page.goto(f"{live_server.url}/backorders/")

    page.locator("[name=customer]").fill("K1")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Cancel lines").click()

    expect(page.get_by_role("heading", name="Cancel 1 line?")).to_be_visible()
    context.close()
