"""One door: wherever a password is taken, tries are limited by account and by client, and the second factor is asked.

The doors are found, not listed: every address of the desk is opened by nobody and by a superuser, and a form that asks
for a password that somebody has already is a door.
"""

import base64
from html.parser import HTMLParser
from types import ModuleType
from typing import NamedTuple

import pytest
from django.contrib.admin import AdminSite
from django.core.cache import cache
from django.test import Client
from django.urls import path

from config import urls
from tests.factories.staff import PASSWORD, StaffFactory, set_up_factor, totp_code
from tests.kit.addresses import addresses

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
WRONG = "another-long-enough-word"
BY_ACCOUNT, BY_CLIENT = 5, 20


class Door(NamedTuple):
    address: str
    login: str | None  # the field that names the person, where nobody has signed in yet
    password: str


class Inputs(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input":
            self.found.append(dict(attrs))


@pytest.fixture
def person():
    return StaffFactory(is_staff=True, is_superuser=True)


def sign_in(person) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
    return client


def stranger(person) -> Client:
    """Somebody who knows a password and sends it in a header, as programs do."""
    known = base64.b64encode(f"{person.username}:{PASSWORD}".encode()).decode()
    return Client(headers={"Authorization": f"Basic {known}"})


def doors(client: Client, pk: int) -> set[Door]:
    found = set()
    for address in addresses(pk):
        response = client.get(address)
        if response.status_code != 200 or "html" not in response["Content-Type"]:
            continue
        inputs = Inputs(response.content.decode()).found
        fields = {field.get("autocomplete"): field["name"] for field in inputs if "name" in field}
        if "current-password" in fields:
            found.add(Door(address, fields.get("username"), fields["current-password"]))
        elif any(field.get("type") == "password" for field in inputs):
            assert "new-password" in fields, f"{address}: of whom is this password?"
    return found


def knock(door: Door, client: Client, person, password: str) -> int:
    form = {door.password: password, "password1": "a-new-and-long-word", "password2": "a-new-and-long-word"}
    return client.post(door.address, form | ({door.login: person.username} if door.login else {})).status_code


def open_to_many_tries(door: Door, person) -> bool:
    client = Client() if door.login else sign_in(person)
    for _ in range(BY_ACCOUNT):
        knock(door, client, person, WRONG)
    return knock(door, client, person, PASSWORD) != 429


def open_to_who_tried_others(door: Door, person) -> bool:
    client = Client() if door.login else sign_in(person)
    for number in range(BY_CLIENT):
        Client().post("/accounts/login/", {"login": f"nobody{number}", "password": WRONG})
    return knock(door, client, person, PASSWORD) != 429


def open_without_factor(door: Door, person) -> bool:
    client, wary = Client(), set_up_factor(StaffFactory(is_staff=True, is_superuser=True))
    if door.login:
        knock(door, client, wary, PASSWORD)
        return "_auth_user_id" in client.session
    client.force_login(wary)
    return client.get(door.address).status_code == 200 or knock(door, client, wary, PASSWORD) == 200


def faults(door: Door, person) -> list[str]:
    found = []
    for fault in (open_to_many_tries, open_to_who_tried_others, open_without_factor):
        cache.clear()
        if fault(door, person):
            found.append(fault.__name__)
    return found


def test_each_door_counts_tries_and_asks_for_the_factor(person, settings):
    """Django's own admin stands beside the desk here, so that its doors show what is looked for."""
    settings.ROOT_URLCONF = ModuleType("urls_with_a_second_door")
    settings.ROOT_URLCONF.urlpatterns = [path("old/", AdminSite(name="old").urls), *urls.urlpatterns]

    found = doors(stranger(person), person.pk) | doors(sign_in(person), person.pk)

    assert {door.address: faults(door, person) for door in found} == {
        "/accounts/login/": [],
        "/accounts/reauthenticate/": [],
        "/accounts/password/change/": [],
        "/old/login/": ["open_to_many_tries", "open_to_who_tried_others", "open_without_factor"],
        "/old/password_change/": ["open_to_many_tries", "open_to_who_tried_others"],
    }


@pytest.mark.parametrize("page", ["login", "password_change", "logout"])
def test_what_is_sent_to_the_admin_signs_nobody_in(person, page):
    colleague = Client()
    colleague.force_login(StaffFactory(is_staff=True))
    form = {"username": person.username, "password": PASSWORD, "next": "/admin/"}

    for client in (Client(), stranger(person), colleague):
        client.post(f"/admin/{page}/", form)
        assert client.session.get("_auth_user_id") != str(person.pk)


def test_a_password_in_a_header_opens_nothing(person):
    pages = list(addresses(person.pk, behind_login=True))

    answers = {stranger(person).get(page).headers.get("Location", "").partition("?")[0] for page in pages}

    assert (len(pages) > 300, answers) == (True, {"/accounts/login/", "/admin/login/"})


def test_the_way_to_a_page_of_the_admin_leads_through_the_one_door(person):
    set_up_factor(person)
    client, page = Client(), "/admin/auth/user/?is_active=1"

    door = client.get(page, follow=True)
    form = {"login": person.username, "password": PASSWORD, "next": door.context["redirect_field_value"]}
    client.post(door.request["PATH_INFO"], form)
    arrived = client.post("/accounts/2fa/authenticate/", {"code": totp_code()}, follow=True)

    assert (door.request["PATH_INFO"], arrived.request["PATH_INFO"]) == ("/accounts/login/", "/admin/auth/user/")
    assert (arrived.request["QUERY_STRING"], arrived.status_code) == ("is_active=1", 200)
    assert client.get("/admin/login/?next=https://evil.example/").headers["Location"] == "/admin/"


def test_who_is_no_staff_is_refused_by_the_admin(person):
    client = Client()
    client.force_login(StaffFactory())

    assert client.get("/admin/", follow=True).status_code == 403
