"""Whose role asks for a second factor sets one up before anything else, and shows it at each sign-in from then on."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from backorders.enums import SecondFactor
from backorders.models import SignInRule
from backorders.oversight.sign_in import write_sign_in_rules
from tests.factories.inventory import MONDAY
from tests.factories.staff import PASSWORD, StaffFactory, set_up_factor, staff_with, totp_code
from tests.kit.addresses import addresses

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
SET_UP, SHOW = "/accounts/2fa/totp/activate/", "/accounts/2fa/reauthenticate/"
ASKED = {"administrator", "approver", "planner", "warehouse"}


@pytest.fixture
def served(settings):
    """The desk answers others than its own machine."""
    settings.SITE_IS_SECURE = True


def somebody(role: str, **fields) -> User:
    person = StaffFactory(**fields)
    person.groups.add(Group.objects.get(name=role))
    return person


def session_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def signed_in(person: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
    return client


def led_to(client: Client, address: str = "/livestock/") -> str:
    """Where the address leads; a page that does not exist is none either."""
    return client.get(address).headers.get("Location", "").partition("?")[0]


def choose(role: str, choice: SecondFactor) -> None:
    SignInRule.objects.filter(role__name=role).update(second_factor=choice)


def test_administrators_approvers_and_those_who_change_stock_are_asked_where_the_desk_is_served():
    rules = {rule.role.name: rule.second_factor for rule in SignInRule.objects.select_related("role")}

    assert {role for role, choice in rules.items() if choice == SecondFactor.WHEN_SERVED} == ASKED
    assert {role for role, choice in rules.items() if choice == SecondFactor.NEVER} == {"viewer", "buyer", "order desk"}


@pytest.mark.parametrize("role", sorted({*ASKED, "viewer", "buyer", "order desk"}))
def test_a_role_that_is_asked_is_led_to_the_set_up(served, role):
    assert led_to(session_of(somebody(role)), "/orders/") == (SET_UP if role in ASKED else "")


def test_on_one_machine_nobody_is_asked_unless_an_administrator_wants_it():
    client = session_of(somebody("warehouse"))
    before = led_to(client, "/orders/")

    choose("warehouse", SecondFactor.ALWAYS)

    assert (before, led_to(client, "/orders/")) == ("", SET_UP)


def test_without_it_no_other_page_is_reached(served):
    person = somebody("administrator", is_staff=True, is_superuser=True)
    client = session_of(person)
    pages = list(addresses(person.pk, behind_login=True))

    left = {page for page in pages if led_to(client, page) != SET_UP}

    assert (len(pages) > 300, left) == (True, {SET_UP, "/accounts/reauthenticate/"})
    assert client.post("/orders/new/").headers["Location"].startswith(SET_UP)


def test_the_way_out_is_open(served):
    client = session_of(somebody("warehouse"))

    client.post("/accounts/logout/")

    assert "_auth_user_id" not in client.session


def test_a_factor_is_set_up_right_after_the_sign_in_and_asked_for_at_the_next(served):
    person = somebody("warehouse")
    client = signed_in(person)

    page = client.get(SET_UP).content.decode()
    secret = re.search(r'value="([A-Z2-7]{32})"', page)[1]
    codes = client.post(SET_UP, {"code": totp_code(secret)}, follow=True)
    again = signed_in(person)

    assert (codes.resolver_match.view_name, codes.status_code) == ("mfa_view_recovery_codes", 200)
    assert client.get("/shipments/").status_code == 200
    assert again.get("/shipments/").headers["Location"].startswith("/accounts/login/")
    again.post("/accounts/2fa/authenticate/", {"code": totp_code(secret)})
    assert again.get("/shipments/").status_code == 200


def test_a_session_from_before_must_show_the_factor_too(served):
    person = somebody("warehouse")
    before = signed_in(person)
    set_up_factor(person)

    assert {led_to(before, page) for page in ("/shipments/", "/accounts/reauthenticate/", SET_UP)} == {SHOW}
    answer = before.post(f"{SHOW}?next=/shipments/", {"code": totp_code()})
    assert (answer.headers["Location"], before.get("/shipments/").status_code) == ("/shipments/", 200)


def test_a_password_alone_does_not_take_a_factor_away(served):
    with time_machine.travel(MONDAY, tick=False):
        client = signed_in(set_up_factor(somebody("warehouse")))
        client.post("/accounts/2fa/authenticate/", {"code": totp_code()})
    with time_machine.travel(MONDAY + timedelta(minutes=6), tick=False):
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        place = client.post("/accounts/2fa/totp/deactivate/").headers["Location"]

    assert (place.startswith(SHOW), Authenticator.objects.count()) == (True, 1)


def test_who_has_a_factor_shows_it_whatever_the_role_asks():
    assert led_to(session_of(set_up_factor(somebody("viewer"))), "/orders/") == SHOW


def test_who_takes_the_factor_away_is_led_to_the_set_up_again(served):
    person = set_up_factor(somebody("warehouse"))
    client = signed_in(person)
    client.post("/accounts/2fa/authenticate/", {"code": totp_code()})

    client.post("/accounts/2fa/totp/deactivate/")

    assert (Authenticator.objects.count(), led_to(client, "/shipments/")) == (0, SET_UP)


def test_an_address_that_nobody_verified_does_not_stand_in_the_way(served):
    person = somebody("warehouse")
    EmailAddress.objects.create(user=person, email="hannah@example.com", verified=False)

    assert signed_in(person).get(SET_UP).status_code == 200


def test_a_superuser_is_asked_as_an_administrator_is(served):
    client = session_of(StaffFactory(is_superuser=True))
    before = led_to(client, "/orders/")

    choose("administrator", SecondFactor.NEVER)

    assert (before, led_to(client, "/orders/")) == (SET_UP, "")


def test_rights_that_no_rule_speaks_of_ask_for_one_where_others_are_served(settings):
    by_group = StaffFactory()
    by_group.groups.add(Group.objects.create(name="auditors"))
    people = [by_group, staff_with("backorders.correct_stock")]
    here = [led_to(session_of(person), "/orders/") for person in people]

    settings.SITE_IS_SECURE = True

    assert here == ["", ""]
    assert [led_to(session_of(person), "/orders/") for person in people] == [SET_UP, SET_UP]


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_later_migrate_keeps_what_an_administrator_chose():
    choose("viewer", SecondFactor.ALWAYS)

    write_sign_in_rules()

    assert SignInRule.objects.get(role__name="viewer").second_factor == SecondFactor.ALWAYS


def test_administrators_change_the_rules_without_code_and_others_do_not_see_them():
    rules = list(SignInRule.objects.order_by("role__name"))
    form = {"form-TOTAL_FORMS": len(rules), "form-INITIAL_FORMS": len(rules), "_save": "Save"}
    for number, rule in enumerate(rules):
        form |= {f"form-{number}-id": rule.pk, f"form-{number}-second_factor": SecondFactor.ALWAYS}
    page = reverse("admin:backorders_signinrule_changelist")

    refused = session_of(somebody("planner", is_staff=True)).post(page, form).status_code
    session_of(somebody("administrator", is_staff=True)).post(page, form)

    assert refused == 403
    assert set(SignInRule.objects.values_list("second_factor", flat=True)) == {SecondFactor.ALWAYS}
    assert led_to(session_of(somebody("viewer")), "/orders/") == SET_UP


def test_administrators_take_away_a_lost_factor_but_see_no_secret_and_none_of_a_superuser():
    lost = Authenticator.objects.get(user=set_up_factor(somebody("viewer")))
    of_root = Authenticator.objects.get(user=set_up_factor(StaffFactory(is_superuser=True)))
    client = session_of(somebody("administrator", is_staff=True))

    page = client.get(reverse("admin:mfa_authenticator_change", args=[lost.pk])).content.decode()
    for factor in (lost, of_root):
        client.post(reverse("admin:mfa_authenticator_delete", args=[factor.pk]), {"post": "yes"})

    assert (lost.user.username in page, lost.data["secret"] in page) == (True, False)
    assert list(Authenticator.objects.all()) == [of_root]
