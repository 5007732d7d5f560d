"""What the database itself refuses, whoever writes."""

import json

import pytest
from django.db import Error, IntegrityError, connection, transaction

from notifications.enums import MESSAGE_TRANSITIONS, MessageStatus
from notifications.models import Message
from tests.factories.notifications import MessageFactory, SuppressionFactory

pytestmark = pytest.mark.django_db

# How a row of each state has to look; applied in one raw statement.
STATE_COLUMNS = {
    "pending": "available_at = now()",
    "sending": "available_at = '2030-01-01', lease_until = '2030-01-01', lease_by = 'me', attempts = 1",
    "retry": "available_at = now()",
    "sent": "available_at = NULL, sent_at = now()",
    "dead": "available_at = NULL, last_error = 'no'",
    "superseded": "available_at = NULL",
    "held": "available_at = NULL",
    "rejected": "available_at = NULL",
    "bundled": "available_at = NULL, digest_id = id",
    "unwanted": "available_at = NULL",
}
ROUTES = {
    "pending": [],
    "sending": ["sending"],
    "retry": ["sending", "retry"],
    "sent": ["sending", "sent"],
    "dead": ["sending", "dead"],
    "superseded": ["superseded"],
    "held": ["held"],
    "rejected": ["held", "rejected"],
    "bundled": ["bundled"],
    "unwanted": ["unwanted"],
}


def refused(sql: str, message: Message) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{sql} WHERE id = %s", [message.pk])
    except Error:
        return True
    return False


def move(message: Message, status: str) -> bool:
    """False when the database refuses."""
    blank = "sent_at = NULL, lease_until = NULL, lease_by = '', digest_id = NULL"
    wanted = STATE_COLUMNS[status]
    kept = ", ".join(part for part in blank.split(", ") if part.partition(" ")[0] not in wanted)
    columns = ", ".join(filter(None, [wanted, kept]))
    return not refused(f"UPDATE notifications_message SET status = '{status}', {columns}", message)


def rendered_message() -> Message:
    message = MessageFactory()
    Message.objects.filter(pk=message.pk).update(
        sender="Desk <desk@desk.example>", subject="S", text="T", html="H", rendered_at="2026-01-01T00:00Z"
    )
    return message


@pytest.mark.parametrize("end", MessageStatus.values)
@pytest.mark.parametrize("start", MessageStatus.values)
def test_the_database_follows_the_transition_table(start, end):
    message = rendered_message()
    for status in ROUTES[start]:
        assert move(message, status)

    moved = move(message, end)

    assert moved == (end == start or end in MESSAGE_TRANSITIONS[start])


@pytest.mark.parametrize(
    "change",
    [
        "status = 'lost'",
        "sent_at = now()",
        "available_at = NULL",
        "lease_by = 'me'",
        "lease_until = now()",
        "subject = 'only a subject'",
        "kind = 'shipped'",
        "recipient = 'other@customer.example'",
        "recipient_name = 'Other'",
        "language = 'de'",
        "context = '{}'",
        "dedupe_key = 'other'",
        "message_id = '<other@desk.example>'",
        "aggregate = 'order:9'",
        "cause = 'other'",
        "created_at = now()",
    ],
)
def test_a_waiting_message_cannot_be_rewritten(change):
    assert refused(f"UPDATE notifications_message SET {change}", MessageFactory())


@pytest.mark.parametrize("column", ["sender", "subject", "text", "html"])
def test_what_was_rendered_stays(column):
    assert refused(f"UPDATE notifications_message SET {column} = 'other'", rendered_message())


def test_what_was_rendered_cannot_be_unrendered():
    empty = "sender = '', subject = '', text = '', html = '', rendered_at = NULL"

    assert refused(f"UPDATE notifications_message SET {empty}", rendered_message())


def test_messages_are_never_deleted():
    assert refused("DELETE FROM notifications_message", MessageFactory())


def test_nothing_is_given_up_without_a_reason():
    message = MessageFactory()
    move(message, "sending")

    gone = "status = 'dead', available_at = NULL, lease_by = '', lease_until = NULL"
    assert refused(f"UPDATE notifications_message SET {gone}", message)


@pytest.mark.parametrize(
    "values",
    [
        {"recipient": "a@customer.example,b@customer.example"},
        {"recipient": "a@customer.example\r\nBcc: b@customer.example"},
        {"recipient": "a b@customer.example"},
        {"recipient": "a@@customer.example"},
        {"recipient": "nobody"},
        {"recipient": ""},
        {"recipient_name": "Eve\nBcc: x"},
        {"recipient_name": "Eve\u202e"},
        {"kind": "a\tb"},
        {"dedupe_key": "two words"},
        {"dedupe_key": ""},
        {"message_id": "no-brackets@desk.example"},
        {"message_id": "<a@b\n@desk.example>"},
        {"subject": "a\nb", "sender": "s", "text": "t", "html": "h", "rendered_at": "2026-01-01T00:00Z"},
    ],
)
def test_the_database_takes_no_unsafe_header_value(values):
    message = MessageFactory()
    new = {"id": message.pk + 1, "dedupe_key": "another", "message_id": "<another@desk.example>"}
    copy = (
        "INSERT INTO notifications_message SELECT (jsonb_populate_record(m, %s::jsonb)).* FROM notifications_message m"
    )

    with connection.cursor() as cursor:
        with pytest.raises(IntegrityError, match="violates check constraint"), transaction.atomic():
            cursor.execute(copy, [json.dumps(new | values)])
        cursor.execute(copy, [json.dumps(new)])

    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    "change",
    ["address = 'Gone@customer.example'", "address = ''", "address = 'a@b.example,c@d.example'", "reason = ''"],
)
def test_a_suppressed_address_is_one_address_with_a_reason(change):
    SuppressionFactory()

    with connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute(f"UPDATE notifications_suppression SET {change}")
