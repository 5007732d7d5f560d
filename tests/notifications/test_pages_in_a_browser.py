"""The email's preview in a real browser: styled, framed, and no complaint from the security policy."""

import pytest
from django.conf import settings
from django.urls import reverse

from notifications.models import Message
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(client, live_server, calm_page):
    """The page of a logged-in viewer and the address of the desk."""
    client.force_login(staff_with("notifications.view_message", "notifications.change_message"))
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    calm_page.context.add_cookies([{**cookie, "url": live_server.url}])
    return calm_page, live_server.url


def address_of(name: str, message: Message) -> str:
    return reverse(f"notifications:{name}", args=[message.pk])


def test_the_framed_email_looks_like_the_email(desk, queue):
    page, url = desk
    message = queue()

    page.goto(url + address_of("message", message))

    heading = page.frame_locator("iframe.email-preview").locator("h1")
    heading.wait_for()
    assert heading.inner_text().startswith("Order SO-1042 received")
    assert heading.evaluate("element => getComputedStyle(element).fontSize") == "20px"


def test_the_email_alone_on_a_page_is_styled_as_well(desk, queue):
    page, url = desk
    message = queue(language="de")

    page.goto(url + address_of("message-preview", message))

    assert page.locator("h1").evaluate("element => getComputedStyle(element).fontSize") == "20px"
    assert page.locator("html").get_attribute("lang") == "de"
