"""A customer on their phone: from the email to "cancel the rest"; the stock goes to the next, who hears of it."""

from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from backorders.decisions.questions import ask
from backorders.enums import QuestionKind
from backorders.models import OrderLine
from notifications.services.delivery import deliver_due_messages
from tests.backorders.tracking.pages import ADDRESS
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import StockLevelFactory
from tests.factories.staff import staff_with
from tests.kit.browser import BrowserComplaints
from tests.kit.pages import findings, sign_in

PHONE = {"width": 390, "height": 844}


def received(recipient: str) -> list:
    return [message for message in mail.outbox if message.to[0].endswith(f"{recipient}>") or message.to == [recipient]]


@pytest.fixture
def first(live_server) -> OrderLine:
    """Anna waits for two of five; three are set aside for her. The next customer waits for two."""
    now = timezone.now()
    saw = StockLevelFactory(product__sku="SAW-200", product__name="Panel saw", product__price="10", on_hand=3).product
    order = order_for({saw: 5}, customer=CustomerFactory(email="anna@example.com", name="Anna Bau"), now=now)
    order_for({saw: 2}, customer=CustomerFactory(email="next@example.com", name="Next AG"), now=now)
    deliver_due_messages()
    return order.lines.get()


def link_in(message, live_server) -> str:
    return live_server.url + ADDRESS.search(message.body)[0]


def test_cancel_the_rest_on_the_phone(first: OrderLine, calm_page: Page, live_server):
    page = calm_page
    page.set_viewport_size(PHONE)
    [received_by_anna] = received("anna@example.com")

    page.goto(link_in(received_by_anna, live_server))
    expect(page.locator("h1")).to_have_text(f"Order {first.order.number}")
    expect(page.get_by_role("main")).to_contain_text("3 reserved for you, ships next")
    expect(page.get_by_role("main")).not_to_contain_text("Next AG")
    page.get_by_text("Cancel the remaining 5").click()
    page.get_by_role("button", name="Yes, cancel 5 × Panel saw").click()
    expect(page.get_by_role("status").first).to_contain_text("Cancelled. You will receive an email to confirm.")

    first.refresh_from_db()
    waiting = OrderLine.objects.get(order__customer__email="next@example.com")
    assert (first.cancelled, waiting.allocated) == (5, 2)
    deliver_due_messages()
    assert "reserved for you" in received("next@example.com")[-1].body
    assert "50.00 EUR" in received("anna@example.com")[-1].body

    permissions = ("backorders.view_refundtask", "backorders.refund_customer", "backorders.view_salesorder")
    sign_in(page, live_server.url, staff_with(*permissions))
    page.goto(f"{live_server.url}/refunds/")
    row = page.get_by_role("row", name=first.order.number)
    expect(row).to_contain_text("5 × SAW-200")
    expect(row).to_contain_text("€50.00")
    row.locator("summary").click()
    row.get_by_role("button", name="Record").click()
    expect(page.get_by_role("main")).to_contain_text("is recorded")
    assert first.refunds.get().done_amount == Decimal("50.00")


def test_the_page_is_accessible_fits_and_works_without_scripts(
    first: OrderLine, calm_page: Page, live_server, browser, browser_complaints: BrowserComplaints
):
    ask(line_id=first.pk, kind=QuestionKind.WAIT, by=None, now=timezone.now())
    address = link_in(received("anna@example.com")[0], live_server)
    calm_page.goto(address)
    calm_page.get_by_text("Cancel the remaining 5").click()
    complaints = list(browser_complaints.lines)
    assert findings(calm_page) == []
    browser_complaints.lines[:] = complaints

    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(address)
    page.get_by_role("button", name="Keep waiting").click()
    expect(page.get_by_role("status").first).to_contain_text("Thank you. Your order stays open.")
    context.close()


def test_an_unknown_link_is_told_calmly(calm_page: Page, live_server, browser_complaints: BrowserComplaints):
    calm_page.goto(f"{live_server.url}/t/unknown/")

    expect(calm_page.locator("h1")).to_have_text("This link is not valid")
    assert findings(calm_page) == []
    browser_complaints.lines.clear()
