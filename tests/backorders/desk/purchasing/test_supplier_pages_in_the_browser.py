"""The pages of the talk with suppliers: accessible, no wider than the window, wide and narrow, light and dark."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from backorders.models import OrderLine
from inventory.models import PurchaseOrder, SupplierAnswer
from inventory.purchasing.receive import receive_purchase_order
from inventory.suppliers.ask import resend_purchase_order
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import (
    PurchaseOrderLineFactory,
    StockLevelFactory,
    SupplierProductFactory,
    WarehouseFactory,
)
from tests.inventory.conversation import HOUR, answer, lines_of, newest_token, says, sent_order
from tests.kit.pages import findings_by_page, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
SOON, LATER = timedelta(days=9), timedelta(days=23)


@pytest.fixture
def desk(calm_page: Page, live_server) -> Page:
    sign_in(calm_page, live_server.url, User.objects.create_superuser("root", first_name="Hannah", last_name="Vogel"))
    return calm_page


@pytest.fixture
def order(transactional_db) -> PurchaseOrder:
    """A year with one supplier: deliveries in two months, and now a slip, a split and a comment."""
    now = timezone.now()
    today = timezone.localdate(now)
    order = sent_order(40, 5, now=now - 3 * HOUR, asked_on=today + SOON, name="Nordwerk GmbH & Co. KG")
    first, second = lines_of(order)
    answer(order, says(first, (40, today + SOON)), says(second, (5, today + SOON)), now=now - 2 * HOUR)
    for name in ("Anna Bau", "Berta Werkzeuge und Beschläge GmbH", "Carl & Co"):
        order_for({first.product: 12}, customer=CustomerFactory(name=name), now=now - HOUR)
    OrderLine.objects.filter(product=first.product).update(latest_on=today + SOON)
    StockLevelFactory(product=first.product, warehouse=WarehouseFactory(code="NORTH"), on_hand=20)
    SupplierProductFactory(product=first.product, supplier__name="Sudwerk")
    _delivered(order, now)
    answer(
        order,
        says(first, (25, today + SOON), (10, today + LATER), (5, None), reason="Raw material shortage"),
        says(second, (5, today + LATER), reason="Container missed its vessel"),
        comment="We are sorry.\nPlease call us.",
        now=now,
    )
    resend_purchase_order(purchase_order_id=order.pk, by=None, now=now)
    return order


def _delivered(order: PurchaseOrder, now: datetime) -> None:
    for days_ago, late in ((70, 0), (60, 4), (35, 9), (20, -2)):
        due = timezone.localdate(now) - timedelta(days=days_ago)
        line = PurchaseOrderLineFactory(
            purchase_order__supplier=order.supplier, purchase_order__ordered_on=due - SOON, confirmed_on=due
        )
        receive_purchase_order(
            purchase_order_id=line.purchase_order_id,
            reference=f"DN-{days_ago}",
            quantities={line.pk: 10},
            by=None,
            now=now - timedelta(days=days_ago - late),
        )


def test_the_pages_are_accessible_and_fit(desk: Page, order: PurchaseOrder, live_server):
    answer, supplier = SupplierAnswer.objects.latest("pk"), f"/purchasing/suppliers/{order.supplier_id}"

    addresses = [
        *(f"/s/{newest_token(order)}/", "/purchasing/answers/", f"/purchasing/answers/{answer.pk}/"),
        *("/purchasing/expedite/", f"/purchasing/{order.pk}/", f"/purchasing/{order.pk}/unblocks/"),
        *("/purchasing/settings/", "/purchasing/suppliers/", f"{supplier}/scorecard/", f"{supplier}/receipts/"),
    ]

    assert findings_by_page(desk, live_server.url, addresses) == {}


def test_the_fields_of_a_choice_show_without_a_script(browser, order: PurchaseOrder, live_server):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{live_server.url}/s/{newest_token(order)}/")
    line = page.locator(".portal-line").first

    expect(line.locator(".portal-date input")).to_be_hidden()
    line.get_by_label("All of it on another date").check()
    expect(line.locator(".portal-date input")).to_be_visible()
    line.get_by_label("In several deliveries").check()
    expect(line.locator(".portal-parts input").first).to_be_visible()
    context.close()
