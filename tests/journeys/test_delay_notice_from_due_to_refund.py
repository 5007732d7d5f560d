"""A delayed order of a protected customer, in the order in which it happens, with the clock and the mails."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.core import mail
from django.test import Client

from backorders.decisions.refunds import record_refund
from backorders.enums import PromiseCause
from backorders.models import DelayCase, Promise, RefundTask
from backorders.tasks import decide_by_silence, watch_delays
from notifications.services.delivery import deliver_due_messages
from tests.backorders.desk.desk import signed_in
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import ProductFactory
from tests.factories.staff import StaffFactory

pytestmark = pytest.mark.django_db(transaction=True)


def on(month: int, day: int, hour: int = 16) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def the_beat(now: datetime) -> None:
    """What beat does at this moment: watch, let silence decide, deliver."""
    with time_machine.travel(now, tick=False):
        watch_delays()
        decide_by_silence()
        deliver_due_messages(now=now)


def expect_goods_on(line, day: date, now: datetime) -> None:
    """The promise ledger learns of a date: from PO-77, told to nobody yet."""
    values = {"source": "purchase_order", "source_reference": "PO-77", "cause": PromiseCause.SUPPLY, "made_at": now}
    Promise.objects.create(line=line, promised_on=day, **values)


def test_due_sent_unanswered_renewed_silently_refused(client: Client):
    buyer = CustomerFactory(jurisdiction="us-mail-order", time_zone="America/New_York", email="ann@example.com")
    order = order_for({ProductFactory(sku="SAW-1", price="50"): 2}, customer=buyer, now=on(8, 5))
    line = order.lines.get()
    expect_goods_on(line, date(2026, 9, 30), on(8, 20))

    for day in (on(8, 26), on(8, 28)):
        the_beat(day)
    expect_goods_on(line, date(2026, 10, 20), on(9, 20))
    for day in (on(9, 5), on(9, 20), on(9, 22), on(9, 30)):
        the_beat(day)
    line.refresh_from_db()
    assert line.open == 2
    the_beat(on(10, 1, 5))

    line.refresh_from_db()
    refund = RefundTask.objects.get()
    assert (line.cancelled, refund.vested_on, refund.due_on) == (2, date(2026, 10, 1), date(2026, 10, 13))
    subjects = [message.subject for message in mail.outbox]
    assert [subject.partition(": ")[2] for subject in subjects if "delay" in subject] == [
        "a delay, and your choice",
        "a further delay, and your choice",
    ]
    first = next(message for message in mail.outbox if "a delay, and your choice" in message.subject)
    for statement in (
        "We now expect to ship by 30 September 2026.",
        "You may cancel now and receive a full and prompt refund",
        "use the link in this email or reply to it",
        "If we do not hear from you, you agree to the delay until 30 September 2026.",
    ):
        assert statement in " ".join(first.body.split())
    assert "We refund 100.00 EUR by 13 October 2026" in mail.outbox[-1].body

    sent = {"method": "as_paid", "amount": Decimal(100), "sent_on": date(2026, 10, 12)}
    record_refund(refund_id=refund.pk, by=StaffFactory(), now=on(10, 12), **sent)
    the_beat(on(10, 12))

    assert DelayCase.objects.get().state == "refund_sent"
    signed_in(client, "backorders.view_delaycase", "backorders.view_salesorder")
    document = client.get(f"/orders/{order.pk}/evidence/").content.decode()
    for fact in (
        "4 Sep 2026", "30 Sep 2026", "20 Oct 2026", "1 Oct 2026", "13 Oct 2026", "Renewed notice 2", "by silence",
        "PO-77", "full and prompt refund", "Refund sent", "12 Oct 2026", "ann@example.com",
    ):  # fmt: skip
        assert fact in document, fact
