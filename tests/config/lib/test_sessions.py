"""How long a session lasts, and what stays in the browser."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from tests.factories.staff import PASSWORD, StaffFactory

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 9, 1, 8, tzinfo=UTC)


@pytest.fixture
def signed_in() -> Client:
    person = StaffFactory()
    client = Client()
    with time_machine.travel(MORNING, tick=False):
        client.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
    return client


def page_after(client: Client, minutes: int) -> int:
    with time_machine.travel(MORNING + timedelta(minutes=minutes), tick=False):
        return client.get("/help/words/").status_code


def test_half_an_hour_without_a_page_ends_the_session(signed_in):
    assert [page_after(signed_in, minutes) for minutes in (20, 45, 74)] == [200, 200, 200]
    assert page_after(signed_in, 105) == 302
    assert page_after(signed_in, 106) == 302


def test_twelve_hours_after_the_sign_in_the_session_ends_however_busy_the_day(signed_in):
    assert {page_after(signed_in, minutes) for minutes in range(0, 12 * 60, 20)} == {200}
    assert page_after(signed_in, 12 * 60 + 10) == 302


def test_the_note_of_another_session_keeps_nobody_in(signed_in):
    page_after(signed_in, 20)
    other = Client()
    person = StaffFactory()
    with time_machine.travel(MORNING, tick=False):
        other.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
    other.cookies["seen"] = signed_in.cookies["seen"].value

    assert page_after(other, 45) == 302


def test_staff_pages_are_not_stored_and_public_ones_as_before(signed_in):
    with time_machine.travel(MORNING, tick=False):
        assert signed_in.get("/help/words/").headers["Cache-Control"] == "no-store, private"
        assert "no-store, private" not in Client().get("/livez").headers.get("Cache-Control", "")


@pytest.mark.parametrize("page", ["signup/", "email/", "confirm-email/", "password/set/", "inactive/"])
def test_pages_of_the_library_that_the_desk_does_without_are_not_there(signed_in, page):
    with time_machine.travel(MORNING, tick=False):
        assert signed_in.get(f"/accounts/{page}").status_code == 404


def test_nothing_is_mailed_to_an_address_that_no_account_has(client):
    client.post("/accounts/password/reset/", {"email": "nobody@example.com"})

    assert mail.outbox == []
