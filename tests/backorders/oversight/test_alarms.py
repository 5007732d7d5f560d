"""Trouble reaches the staff by email, and each trouble once."""

from datetime import timedelta

import pytest

from backorders.delays.cases import watch_delays
from backorders.enums import RunKind
from backorders.oversight.alarms import tell_of_broken_invariants, tell_of_trouble
from backorders.oversight.queries.invariants import InvariantReport
from backorders.runs import allocate_stock as allocation
from backorders.runs.allocate_stock import allocate_stock
from notifications.models import MailRules, Message
from notifications.services.alerts import alert_staff
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY, ProductFactory
from tests.factories.notifications import MessageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def staff():
    MailRules.objects.update(staff_addresses=["a@desk.example", "b@desk.example"])


def titles() -> list[str]:
    alerts = Message.objects.filter(kind="staff_alert", recipient="a@desk.example").order_by("pk")
    return [message.context["title"] for message in alerts]


def test_everybody_on_the_list_is_told_once():
    for _ in range(2):
        alert_staff(topic="fire", title="Fire", details=["In the depot."], path="/runs/", now=MONDAY)

    assert sorted(Message.objects.values_list("recipient", flat=True)) == ["a@desk.example", "b@desk.example"]


def test_a_failed_run_is_told(monkeypatch):
    order_for({ProductFactory(): 1})
    with monkeypatch.context() as patch:
        patch.setattr(allocation, "decide_and_serve", lambda *args, **options: 1 / 0)
        allocate_stock(kind=RunKind.MANUAL, now=MONDAY)

    for _ in range(2):
        tell_of_trouble(now=MONDAY)

    [told] = [title for title in titles() if title.endswith("failed")]
    assert told


def test_a_notice_that_is_held_back_is_told_once_a_day():
    customer = CustomerFactory(jurisdiction="us-mail-order", email="")
    order_for({ProductFactory(): 1}, customer=customer)
    for day in (0, 3):
        watch_delays(now=MONDAY + timedelta(days=day))

    for _ in range(2):
        tell_of_trouble(now=MONDAY + timedelta(days=3))

    assert titles() == ["Delay notices or refunds need attention"]


def test_broken_books_are_told():
    tell_of_broken_invariants(InvariantReport({"I1": 2, "I2": 0}), now=MONDAY)

    alert = Message.objects.filter(kind="staff_alert").earliest("pk")
    assert alert.context["details"] == ["I1: 2 stock levels whose units on hand differ from the sum of their ledger."]


def test_true_books_are_no_news():
    tell_of_broken_invariants(InvariantReport({"I1": 0}), now=MONDAY)

    assert titles() == []


def test_without_a_list_nobody_is_told():
    MailRules.objects.update(staff_addresses=[])

    alert_staff(topic="fire", title="Fire", now=MONDAY)

    assert not Message.objects.exists()


def test_given_up_messages_are_told_once_a_day():
    message = MessageFactory(is_test=True)
    Message.objects.filter(pk=message.pk).update(
        status="sending", attempts=1, lease_by="me", lease_until="2030-01-01T00:00Z", available_at="2030-01-01T00:00Z"
    )
    Message.objects.filter(pk=message.pk).update(
        status="dead", lease_by="", lease_until=None, available_at=None, last_error="550 User unknown"
    )
    now = message.results.get().made_at

    for _ in range(2):
        tell_of_trouble(now=now)

    assert [title for title in titles() if "delivered" in title] == ["1 message could not be delivered"]
