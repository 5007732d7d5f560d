"""Queueing: in the transaction of the fact, once per fact, and nothing that could break out of its header."""

from contextlib import suppress

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from notifications.enums import MessageStatus
from notifications.errors import NothingToSendAgain, UnsafeMailInput
from notifications.models import Message
from notifications.services.delivery import deliver_due_messages
from notifications.services.outbox import Draft, queue_messages, requeue_messages
from tests.factories.notifications import LAMP, NOON, MessageFactory, order_mail


def draft(**values) -> Draft:
    defaults = {
        "payload": order_mail(),
        "recipient": "buyer@customer.example",
        "recipient_name": "Vogel & Söhne",
        "language": "en",
        "dedupe_key": "fact:1",
        "aggregate": "order:1",
        "cause": "line event 1",
    }
    return Draft(**{**defaults, **values})


@pytest.mark.django_db
def test_a_queued_message_waits_with_everything_the_email_needs():
    queue_messages([draft()], now=NOON)

    message = Message.objects.get()
    assert (message.status, message.kind, message.recipient) == ("pending", "order_received", "buyer@customer.example")
    assert message.context["order_number"] == "SO-1042"
    assert message.context["lines"][0]["promised_on"] == "2026-10-03"
    assert message.message_id.endswith("@backorder-desk.example>")
    assert (message.created_at, message.rendered_at) == (NOON, None)


@pytest.mark.django_db
def test_the_same_fact_is_told_once():
    queue_messages([draft()], now=NOON)
    queue_messages([draft(recipient="other@customer.example"), draft(dedupe_key="fact:2")], now=NOON)

    assert list(Message.objects.order_by("pk").values_list("dedupe_key", "recipient")) == [
        ("fact:1", "buyer@customer.example"),
        ("fact:2", "buyer@customer.example"),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_message_outside_a_transaction_is_refused():
    with pytest.raises(TransactionManagementError):
        queue_messages([draft()], now=NOON)

    assert Message.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_fact_that_was_rolled_back_sends_nothing(mail_server):
    with suppress(ZeroDivisionError), transaction.atomic():
        queue_messages([draft()], now=NOON)
        raise ZeroDivisionError

    report = deliver_due_messages()

    assert (report.sent, report.left, mail_server.received) == (0, 0, [])


HOSTILE_LINES = [
    "Eve\r\nBcc: all@customer.example",
    "Eve\nBcc: all@customer.example",
    "\rEve",
    "Eve\n",
    "Eve\x00",
    "Eve\x0b",
    "Eve\x1b[31m",
    "Eve\x7f",
    "Eve\x85",
    "Eve\u2028Subject: free",
    "Eve\u2029",
    "Eve \u202egnp.exe",
    "Eve\u2066",
    "Eve\u200f",
    "Eve\ud800",
]
HOSTILE_ADDRESSES = [
    "",
    "nobody",
    "a@b",
    "a@customer.example, b@customer.example",
    "a@customer.example,b@customer.example",
    "a@customer.example;b@customer.example",
    "a@customer.example b@customer.example",
    "Eve <a@customer.example>",
    "a@customer.example\r\nBcc: b@customer.example",
    "a@customer.example\n",
    "a@@customer.example",
    "a@b@customer.example",
    "a@customer.example\u2028",
    "a@customer.example\x00",
    '"a b"@customer.example',
    "a" * 250 + "@customer.example",
]


@pytest.mark.django_db
@pytest.mark.parametrize("text", HOSTILE_LINES)
@pytest.mark.parametrize("field", ["recipient_name", "customer_name", "order_number", "sku", "cause"])
def test_a_name_that_could_break_out_of_its_line_is_refused_by_field(field, text):
    values = {
        "recipient_name": {"recipient_name": text},
        "cause": {"cause": text},
        "customer_name": {"payload": order_mail(customer_name=text)},
        "order_number": {"payload": order_mail(order_number=text)},
        "sku": {"payload": order_mail(lines=(type(LAMP)(sku=text, name="Lamp"),))},
    }[field]

    with pytest.raises(UnsafeMailInput) as refusal:
        queue_messages([draft(dedupe_key="fine"), draft(**values)], now=NOON)

    assert refusal.value.field == field
    assert str(refusal.value).startswith(f"{field}: ")
    assert Message.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_anything_but_one_address_is_refused(address):
    with pytest.raises(UnsafeMailInput) as refusal:
        queue_messages([draft(recipient=address)], now=NOON)

    assert refusal.value.field == "recipient"
    assert Message.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "ümlaut", "x" * 201])
def test_a_dedupe_key_is_a_plain_header_value(key):
    with pytest.raises(UnsafeMailInput, match="dedupe_key"):
        queue_messages([draft(dedupe_key=key)], now=NOON)


@pytest.mark.django_db
def test_a_note_may_have_lines_but_no_control_characters():
    queue_messages([draft(payload=order_mail(note="First.\r\nSecond."))], now=NOON)

    assert Message.objects.get().context["note"] == "First.\r\nSecond."
    with pytest.raises(UnsafeMailInput, match="note"):
        queue_messages([draft(dedupe_key="fact:2", payload=order_mail(note="bell\x07"))], now=NOON)


@pytest.mark.django_db
def test_odd_but_honest_names_arrive_as_they_are(mail_server):
    names = ['O\'Brien, "Bob" (Ltd)', "Žluťoučký kůň", "株式会社", "Anna 🧵 Garn", "=HYPERLINK(1)", "x" * 200]
    for number, name in enumerate(names):
        queue_messages([draft(dedupe_key=f"fact:{number}", recipient_name=name)], now=NOON)

    deliver_due_messages()

    received = mail_server.wait_for(len(names))
    assert [mail.recipients for mail in received] == [("buyer@customer.example",)] * len(names)
    assert [mail.message["To"].addresses[0].display_name for mail in received] == names


@pytest.mark.django_db
def test_sending_again_keeps_content_and_message_id(mail_server, queue):
    message = queue()
    deliver_due_messages()

    assert requeue_messages(message_ids=[message.pk]) == 1
    deliver_due_messages()

    first, second = mail_server.wait_for(2)
    assert first.raw == second.raw
    assert first.message["Message-ID"] == message.message_id


@pytest.mark.django_db
def test_a_message_that_waits_or_was_superseded_is_not_sent_again():
    waiting = MessageFactory()
    superseded = MessageFactory(status=MessageStatus.SUPERSEDED)

    with pytest.raises(NothingToSendAgain):
        requeue_messages(message_ids=[waiting.pk, superseded.pk])
