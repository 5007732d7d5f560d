from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils.http import url_has_allowed_host_and_scheme

from tests.factories.inventory import MONDAY
from tests.factories.staff import PASSWORD, StaffFactory, set_up_factor, totp_code


@pytest.mark.django_db
def test_nobody_signs_up(client, django_user_model):
    client.post(
        "/accounts/signup/",
        {"username": "mallory", "password1": "a-long-password-1", "password2": "a-long-password-1"},
    )

    assert not django_user_model.objects.filter(username="mallory").exists()


ELSEWHERE = [
    *("https://evil.example/", "http://evil.example", "//evil.example/", "///evil.example", "////evil.example/%2e%2e"),
    *("/\\evil.example", "\\\\evil.example", "/\t/evil.example", "\t//evil.example", " //evil.example"),
    *("https:evil.example", "https:/evil.example", "https:///evil.example", "http:\\\\evil.example"),
    *("javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:alert(1)", "ftp://evil.example/"),
    *("https://testserver@evil.example/", "https://testserver.evil.example/", "//evil.example#testserver"),
    *("/\r\n//evil.example", "https://evil.example\\@testserver/", "\x00//evil.example"),
    *("http://[::1]@evil.example/", "/%09/evil.example/..;//evil.example"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ELSEWHERE)
def test_a_login_never_leads_off_the_site(client, django_user_model, address):
    django_user_model.objects.create_user("hannah", password="a-long-enough-word")

    answer = client.post("/accounts/login/", {"login": "hannah", "password": "a-long-enough-word", "next": address})

    assert answer.status_code == 302
    assert url_has_allowed_host_and_scheme(answer["Location"], {"testserver"})
    assert answer["Location"].startswith("/")
    assert not answer["Location"].startswith(("//", "/\\"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "127.0.0.1:80:80"]
)
def test_a_foreign_host_is_refused_and_a_forwarded_one_not_looked_at(client, host):
    assert client.get("/accounts/login/", headers={"Host": host}).status_code == 400

    page = client.get("/accounts/login/", headers={"X-Forwarded-Host": host})

    assert (page.status_code, "evil.example" in page.content.decode()) == (200, False)


def attempt(name, password=PASSWORD, client=None):
    return (client or Client()).post("/accounts/login/", {"login": name, "password": password})


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["hannah", "nobody"])
def test_the_sixth_try_is_told_how_long_to_wait_and_the_right_password_opens_after_that(name):
    StaffFactory(username="hannah")
    with time_machine.travel(MONDAY, tick=False):
        tries = [attempt(name, "wrong").status_code for _ in range(5)]
    with time_machine.travel(MONDAY + timedelta(minutes=4), tick=False):
        locked = attempt(name)
    with time_machine.travel(MONDAY + timedelta(minutes=15), tick=False):
        after = attempt(name)

    assert (tries, locked.status_code, locked.headers["Retry-After"]) == ([200] * 5, 429, "660")
    assert "Wait 11 minutes, then try again." in locked.content.decode()
    assert after.status_code == (302 if name == "hannah" else 200)


@pytest.mark.django_db
def test_an_office_behind_one_address_signs_in_at_the_start_of_a_shift(monday):
    people = [StaffFactory() for _ in range(35)]

    assert {attempt(person.username).status_code for person in people} == {302}


@pytest.mark.django_db
def test_a_locked_person_who_goes_on_trying_locks_nobody_else(monday):
    somebody, colleague = StaffFactory(), StaffFactory()
    tries = [attempt(somebody.username, "wrong").status_code for _ in range(40)]

    assert (tries.count(200), tries.count(429)) == (5, 35)
    assert attempt(colleague.username).status_code == 302


@pytest.mark.django_db
def test_a_client_that_failed_with_twenty_names_is_locked_and_no_other(monday):
    person = StaffFactory()
    for number in range(20):
        attempt(f"nobody{number}", "wrong")

    assert attempt(person.username).status_code == 429
    assert attempt(person.username, client=Client(REMOTE_ADDR="192.0.2.8")).status_code == 302


@pytest.mark.django_db
def test_five_wrong_codes_lock_the_right_one_out_and_no_code_is_taken_twice(monday):
    first, second = set_up_factor(StaffFactory()), set_up_factor(StaffFactory())
    answers = []
    for person, codes in ((first, ["000000"] * 5 + [totp_code()]), (second, [totp_code()])):
        client = Client()
        attempt(person.username, client=client)
        answers.append([client.post("/accounts/2fa/authenticate/", {"code": code}).status_code for code in codes])
    again = Client()
    attempt(second.username, client=again)

    assert answers == [[200] * 6, [302]]
    assert again.post("/accounts/2fa/authenticate/", {"code": totp_code()}).status_code == 200


@pytest.mark.django_db
def test_other_limits_are_told_in_words_of_their_own(monday):
    answers = [Client().post("/accounts/password/reset/", {"email": "a@example.com"}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "Too many tries" in answers[-1].content.decode()
