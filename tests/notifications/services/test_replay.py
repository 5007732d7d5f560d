"""A made-up past: delivered without a server, and yet as real messages are."""

from datetime import timedelta

import pytest

from notifications.models import Message, Suppression
from notifications.services.replay import Bounce, record_deliveries
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY, ProductFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_past_messages_are_rendered_and_sent_and_later_ones_stay_due():
    order_for({ProductFactory(): 1}, now=MONDAY)
    order_for({ProductFactory(): 1}, now=MONDAY + 2 * HOUR)

    assert record_deliveries(before=MONDAY + HOUR) == 1

    past, due = Message.objects.order_by("pk")
    assert (past.status, due.status) == ("sent", "pending")
    assert past.sent_at == MONDAY + timedelta(seconds=40)
    assert all([past.subject, past.text, past.html])


def test_an_address_that_bounced_gets_nothing_more():
    customer = CustomerFactory()
    for hours in (0, 1, 2):
        order_for({ProductFactory(): 1}, customer=customer, now=MONDAY + hours * HOUR)

    record_deliveries(before=MONDAY + 3 * HOUR, bounce=Bounce(customer.email, MONDAY + HOUR, "550 no such user"))

    assert list(Message.objects.order_by("pk").values_list("status", "last_error")) == [
        ("sent", ""),
        ("dead", "550 no such user"),
        ("dead", "address suppressed"),
    ]
    assert Suppression.objects.get().address == customer.email
