"""A made-up past: delivered without a server, and yet as real messages are."""

from datetime import timedelta

import pytest

from notifications.models import Message, Suppression
from notifications.services.replay import Bounce, record_deliveries
from tests.factories.notifications import NOON, MessageFactory, SuppressionFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_what_was_written_before_is_rendered_and_sent_shortly_after_its_fact(mailoutbox):
    past, german = MessageFactory(), MessageFactory(language="de")
    last = MessageFactory(created_at=NOON + HOUR)

    count = record_deliveries(before=NOON + HOUR)

    assert (count, mailoutbox) == (2, [])
    past.refresh_from_db()
    german.refresh_from_db()
    last.refresh_from_db()
    assert (past.status, past.attempts, last.status, last.attempts) == ("sent", 1, "pending", 0)
    assert NOON < past.rendered_at < past.sent_at < NOON + HOUR
    assert "SO-1042" in past.subject
    assert "Vogel &amp; Söhne" in past.html
    assert past.text != german.text


def test_after_a_bounce_the_address_is_given_up():
    before, first, later = (
        MessageFactory(recipient="gone@customer.example", created_at=NOON + hours * HOUR) for hours in range(3)
    )
    bounce = Bounce("gone@customer.example", NOON + HOUR, "550 5.1.1 User unknown")

    record_deliveries(before=NOON + 9 * HOUR, bounce=bounce)

    assert list(Message.objects.order_by("pk").values_list("pk", "status", "last_error")) == [
        (before.pk, "sent", ""),
        (first.pk, "dead", "550 5.1.1 User unknown"),
        (later.pk, "dead", "address suppressed"),
    ]
    assert list(Suppression.objects.values_list("address", "created_at")) == [("gone@customer.example", NOON + HOUR)]


def test_an_address_suppressed_before_gets_nothing():
    SuppressionFactory(address="gone@customer.example")
    MessageFactory(recipient="gone@customer.example")

    record_deliveries(before=NOON + HOUR, bounce=Bounce("gone@customer.example", NOON, "550"))

    assert Message.objects.get().last_error == "address suppressed"
