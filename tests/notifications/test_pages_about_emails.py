"""The pages about emails in a real browser: on a phone and a desk, light and dark, with nothing to complain about."""

from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config.lib.tokens import LinkKind, token_of
from notifications.models import Batch, MailRules
from notifications.services.sorting import sort_messages
from tests.factories.customers import CustomerFactory
from tests.factories.notifications import NOON, MessageFactory, SuppressionFactory
from tests.factories.staff import staff_with
from tests.kit.pages import findings, findings_by_page, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
PERMISSIONS = [
    *(f"notifications.view_{name}" for name in ("message", "batch", "suppression", "templateversion", "preference")),
    *("notifications.approve_batch", "notifications.change_suppression", "notifications.add_templateversion"),
    *("notifications.change_preference", "customers.view_customer"),
]


@pytest.fixture
def desk(live_server, calm_page):
    sign_in(calm_page, live_server.url, staff_with(*PERMISSIONS))
    return calm_page, live_server.url


@pytest.fixture
def waiting_batch() -> Batch:
    MailRules.objects.update(approval_above=2)
    for number in range(3):
        MessageFactory(addressee=f"customer:{number}", batch="run:7", stage="gathering", cause="Run 7, every night")
    sort_messages(now=NOON)
    return Batch.objects.get()


def look_at(page, url: str) -> None:
    page.goto(url)
    assert findings(page) == []


def test_the_pages_are_accessible_and_fit(desk, waiting_batch):
    SuppressionFactory(address="a.rather.long.address.of.somebody@a-rather-long-domain.example")
    customer = CustomerFactory()
    page, url = desk

    addresses = [
        *("/messages/", "/messages/approvals/", "/messages/suppressions/", "/messages/texts/"),
        *(f"/customers/{customer.pk}/", f"/customers/{customer.pk}/emails/"),
    ]

    assert findings_by_page(page, url, addresses) == {}


def test_editing_a_text_and_looking_at_it(desk):
    MessageFactory()
    page, url = desk
    look_at(page, f"{url}/messages/texts/order_received/en/")

    page.get_by_role("button", name="Preview").click()

    heading = page.frame_locator("iframe.email-preview").locator("h1")
    expect(heading).to_have_css("font-size", "20px")


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_reader_chooses_on_a_phone(live_server, calm_page, language):
    message = MessageFactory(addressee="customer:1", language=language, created_at=timezone.now())
    page = f"{live_server.url}/m/{token_of(LinkKind.EMAILS, UUID(int=message.pk))}/"
    look_at(calm_page, page)

    calm_page.get_by_label("Einmal täglich" if language == "de" else "Once a day").check()
    calm_page.get_by_role("button", name="Speichern" if language == "de" else "Save").click()

    calm_page.get_by_role("status").wait_for()
    assert calm_page.get_by_label("Einmal täglich" if language == "de" else "Once a day").is_checked()
    look_at(calm_page, f"{page}stop/")
    calm_page.get_by_role("button").click()
    calm_page.get_by_role("heading", name="Sie haben" if language == "de" else "You have unsubscribed").wait_for()
