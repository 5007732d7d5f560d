"""The reader's own page, and the one-click opt-out of RFC 8058."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from config.lib.tokens import LinkKind, token_of
from notifications.models import Preference
from notifications.services.delivery import deliver_due_messages
from notifications.services.links import LINKS_LAST
from notifications.services.preferences import optional_kinds, revoke_links
from tests.factories.notifications import MessageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def message():
    return MessageFactory(addressee="customer:1", created_at=timezone.now())


def page(message) -> str:
    return f"/m/{token_of(LinkKind.EMAILS, UUID(int=message.pk))}/"


def test_the_email_carries_the_way_to_its_page_and_the_database_does_not(mail_server, client, message):
    deliver_due_messages()

    [mail] = mail_server.wait_for(1)
    message.refresh_from_db()
    assert page(message) in mail.text
    assert page(message) in mail.html
    assert page(message) not in message.text + message.html
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch(r"<(https?://[^/]+)(/m/.+/stop/)>", mail.message["List-Unsubscribe"])
    assert address
    assert client.get(address[2]).status_code == 200


def test_one_click_stops_everything_without_a_cookie_or_a_page(message):
    mail_program = Client(enforce_csrf_checks=True)

    answers = [
        mail_program.post(f"{page(message)}stop/", {"List-Unsubscribe": "One-Click"}).status_code for _ in range(2)
    ]

    assert answers == [200, 200]
    assert Preference.objects.get().opted_out


@pytest.mark.parametrize("tail", ["", "stop/"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(client, message, method, tail):
    response = getattr(client, method)(page(message) + tail)

    assert response.status_code == 200
    assert not Preference.objects.exists()


def test_the_reader_chooses_kinds_frequency_and_hours(client, message):
    wanted = [kind for kind in optional_kinds() if kind != "date_changed"]
    form = {"wanted": wanted, "frequency": "daily", "quiet_from": "20:00", "quiet_until": "08:30"}

    response = client.post(page(message), form, follow=True)

    preference = Preference.objects.get()
    assert (preference.unwanted, preference.frequency) == (["date_changed"], "daily")
    assert (f"{preference.quiet_from:%H:%M}", f"{preference.quiet_until:%H:%M}") == ("20:00", "08:30")
    assert "Saved." in response.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"frequency": "hourly"},
        {"wanted": ["staff_alert"]},
        {"quiet_from": "20:00"},
        {"quiet_from": "25:00", "quiet_until": "07:00"},
    ],
)
def test_a_senseless_choice_is_refused(client, message, wrong):
    response = client.post(page(message), {"frequency": "daily"} | wrong)

    assert response.status_code == 200
    assert response.context["form"].errors
    assert not Preference.objects.exists()


def test_the_page_needs_its_csrf_token(message):
    assert Client(enforce_csrf_checks=True).post(page(message), {"frequency": "daily"}).status_code == 403


def test_the_page_speaks_the_language_of_the_email(client):
    message = MessageFactory(addressee="customer:1", language="de-AT", created_at=timezone.now())

    text = client.get(page(message)).content.decode()

    assert "Ihre E-Mail-Einstellungen" in text
    assert "Liefertermin geändert" in text
    assert "Write to me" not in text


@pytest.mark.parametrize("forge", [lambda token: "x" + token, lambda token: token[:-1], lambda token: token[1:]])
def test_a_forged_token_opens_nothing(client, message, forge):
    forged = forge(page(message).split("/")[2])

    for tail in ("", "stop/"):
        assert client.post(f"/m/{forged}/{tail}").status_code in {403, 404}
    assert not Preference.objects.exists()


def test_an_old_a_revoked_and_a_foreign_link_open_nothing(client, message):
    old = MessageFactory(addressee="customer:2", created_at=timezone.now() - LINKS_LAST - timedelta(days=1))
    nobody = MessageFactory(created_at=timezone.now())
    revoke_links(addressee="customer:1", by="a test", now=timezone.now())

    assert [client.get(page(one)).status_code for one in (old, nobody, message)] == [404, 404, 404]


def test_the_page_tells_nobody_where_it_was_opened(client, message):
    for tail in ("", "stop/"):
        response = client.get(page(message) + tail)
        assert response["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response["X-Robots-Tag"]
        assert "no-store" in response["Cache-Control"]
