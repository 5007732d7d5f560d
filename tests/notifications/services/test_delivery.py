"""Delivery on a good day: order, parallel senders, fencing, identical retries, poison."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from notifications.models import Channel, Message, Suppression
from notifications.payloads import TRANSACTIONAL
from notifications.services.delivery import deliver_due_messages
from notifications.services.leases import CLAIM, bury_orphans, claim_message, finish_retry, finish_sent, store_rendering
from notifications.services.rendering import Rendered, render_message
from notifications.tasks import deliver_messages
from tests.factories.notifications import NOON, MessageFactory, SuppressionFactory


def make_due() -> None:
    """As if the waiting were over, leases included."""
    Message.objects.unsent().update(available_at=Now() - timedelta(seconds=1))


def expire_leases() -> None:
    past = Now() - timedelta(seconds=1)
    Message.objects.filter(status="sending").update(available_at=past, lease_until=past)


@pytest.mark.django_db
def test_one_connection_carries_what_is_due(mail_server, queue):
    messages = [queue() for _ in range(3)]

    report = deliver_due_messages(now=NOON)

    assert (report.sent, report.retried, report.dead, report.left) == (3, 0, 0, 0)
    assert [mail.recipients for mail in mail_server.received] == [(message.recipient,) for message in messages]
    assert set(Message.objects.values_list("status", "sent_at", "attempts", "lease_by")) == {("sent", NOON, 1, "")}


@pytest.mark.django_db
def test_the_email_carries_its_identity_in_its_headers(mail_server, queue):
    message = queue(language="de-AT", recipient_name="Ina Müller")

    deliver_due_messages()

    received = mail_server.received[0]
    headers = received.message
    assert headers["Message-ID"] == message.message_id
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["X-Backorder-Event"] == message.dedupe_key
    assert headers["Content-Language"] == "de"
    assert headers["To"] == f"Ina Müller <{message.recipient}>"
    assert headers["From"] == "Backorder Desk <orders@backorder-desk.example>"
    assert headers.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in headers.iter_parts()] == ["text/plain", "text/html"]
    assert received.raw.isascii()
    assert max(map(len, received.raw.splitlines())) < 998


@pytest.mark.django_db
def test_the_limit_leaves_the_rest(mail_server, queue):
    for _ in range(3):
        queue()

    report = deliver_due_messages(limit=2)

    assert (report.sent, report.left) == (2, 1)


@pytest.mark.django_db
def test_no_time_sends_nothing(mail_server, queue):
    queue()

    report = deliver_due_messages(seconds=0)

    assert (report.sent, report.left) == (0, 1)


@pytest.mark.django_db
def test_the_task_may_run_twice(mail_server, queue):
    queue()

    deliver_messages()
    deliver_messages()

    assert len(mail_server.received) == 1


@pytest.mark.django_db(transaction=True)
def test_no_email_is_sent_inside_a_transaction(mail_server, queue):
    queue()

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        deliver_due_messages()

    assert mail_server.received == []


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_server_is_spoken_to(mail_server, queue, monkeypatch):
    queue()
    seen = []
    take = type(mail_server).handle_DATA

    async def watch(self, server, session, envelope):
        seen.append(backends_in_transaction())
        return await take(self, server, session, envelope)

    monkeypatch.setattr(type(mail_server), "handle_DATA", watch)

    deliver_due_messages()

    assert seen == [0]


def backends_in_transaction() -> int:
    """Asked from the sink's thread, so over a connection of its own."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
            )
            return cursor.fetchone()[0]
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_parallel_senders_send_each_message_once(mail_server, queue):
    for number in range(40):
        queue(aggregate=f"order:{number % 8}")
    failures = []

    def send() -> None:
        try:
            deliver_due_messages()
            deliver_due_messages()
        except Exception as error:  # noqa: BLE001 - a thread must hand it over
            failures.append(error)
        finally:
            connection.close()

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(60)
    deliver_due_messages()

    assert failures == []
    keys = [mail.message["X-Backorder-Event"] for mail in mail_server.received]
    assert sorted(keys, key=number_of) == [f"fact:{number}" for number in range(1, 41)]
    for order in range(8):
        own = [number_of(key) for key in keys if (number_of(key) - 1) % 8 == order]
        assert own == sorted(own)


def number_of(key: str) -> int:
    return int(key.partition(":")[2])


@pytest.mark.django_db
def test_a_claim_looks_at_a_few_rows_even_if_statistics_say_that_nothing_waits(queue):
    drafts = [MessageFactory.build(aggregate=f"order:{number}") for number in range(300)]
    Message.objects.bulk_create(drafts)
    plan = CLAIM.format(columns="id")

    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, TIMING OFF) {plan}", {"token": "me", "lease": 90, "most": 6, "at_once": TRANSACTIONAL}
        )
        steps = "\n".join(line for (line,) in cursor.fetchall())

    assert "Sort" not in steps
    assert "Join" not in steps
    assert "Index Scan using message_due on notifications_message due" in steps


@pytest.mark.django_db
def test_an_earlier_unsent_message_holds_back_those_of_its_order_only(mail_server, queue):
    held = queue("goods_allocated", aggregate="order:1")
    Message.objects.filter(pk=held.pk).update(available_at=Now() + timedelta(hours=1))
    later = queue("shipped", aggregate="order:1")
    other = queue("shipped", aggregate="order:2")
    loose = [queue("shipped", aggregate="") for _ in range(2)]

    deliver_due_messages()

    assert set(sent_keys(mail_server)) == {message.dedupe_key for message in (other, *loose)}
    make_due()
    deliver_due_messages()
    assert sent_keys(mail_server)[-2:] == [held.dedupe_key, later.dedupe_key]


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["dead", "superseded"])
def test_a_message_that_will_never_leave_holds_back_nothing(mail_server, queue, status):
    MessageFactory(status=status, last_error="refused", aggregate="order:1")
    queue(aggregate="order:1", dedupe_key="fact:next")

    deliver_due_messages()

    assert sent_keys(mail_server) == ["fact:next"]


def sent_keys(server) -> list[str]:
    return [mail.message["X-Backorder-Event"] for mail in server.received]


@pytest.mark.django_db
def test_a_suppressed_address_is_not_written_to(mail_server, queue):
    SuppressionFactory(address="gone@customer.example")
    message = queue(recipient="Gone@Customer.example")

    report = deliver_due_messages()

    message.refresh_from_db()
    assert (report.dead, message.status, message.last_error) == (1, "dead", "address suppressed")
    assert mail_server.received == []


@pytest.mark.django_db
def test_a_lease_that_ran_out_is_taken_over(mail_server, queue):
    message = queue()
    claim_message()

    assert deliver_due_messages().sent == 0
    expire_leases()
    assert deliver_due_messages().sent == 1

    message.refresh_from_db()
    assert (message.status, message.attempts) == ("sent", 2)


@pytest.mark.django_db
def test_a_sender_that_lost_its_lease_overwrites_nothing(queue):
    queue()
    slow = claimed_message()
    expire_leases()
    quick = claimed_message()
    rendered = render_message(quick)

    assert not store_rendering(slow, Rendered("old", "old", "old"), sender="old", version_id=None, rendered_at=NOON)
    assert store_rendering(quick, rendered, sender="Desk <desk@desk.example>", version_id=None, rendered_at=NOON)
    assert not finish_retry(slow, "too slow", delay=timedelta(minutes=1))
    assert finish_sent(quick, sent_at=NOON)
    assert not finish_sent(slow, sent_at=NOON)

    message = Message.objects.get()
    assert (message.status, message.last_error, message.subject) == ("sent", "", rendered.subject)


def claimed_message() -> Message:
    claimed = claim_message()
    assert claimed is not None
    return claimed[0]


@pytest.mark.django_db
def test_a_retry_sends_the_same_bytes_whatever_changed_meanwhile(mail_server, queue, settings):
    queue()
    mail_server.data_answer = "451 4.3.0 Try later"
    deliver_due_messages()
    rendered = Message.objects.values("subject", "text", "html", "sender", "rendered_at").get()
    settings.DEFAULT_FROM_EMAIL = "Somebody Else <else@else.example>"
    settings.SITE_URL = "https://elsewhere.example"

    mail_server.data_answer = ""
    make_due()
    deliver_due_messages()

    assert Message.objects.values(*rendered).get() == rendered
    assert mail_server.received[0].message["From"] == "Backorder Desk <orders@backorder-desk.example>"


@pytest.mark.django_db
def test_a_message_that_kills_its_senders_is_given_up(queue):
    message = queue()
    for _ in range(6):
        assert claim_message() is not None
        expire_leases()

    assert claim_message() is None
    assert bury_orphans() == 1

    message.refresh_from_db()
    assert (message.status, message.attempts) == ("dead", 6)
    assert message.last_error == "The sender stopped in the middle of all 6 tries."


@pytest.mark.django_db
def test_one_broken_message_does_not_hold_up_the_others(mail_server, queue):
    broken = MessageFactory(context={"lines": [], "nonsense": 1}, dedupe_key="broken")
    unknown = MessageFactory(kind="unheard_of", dedupe_key="unknown")
    queue()

    report = deliver_due_messages()

    assert (report.sent, report.dead, report.left) == (1, 2, 0)
    for message in (broken, unknown):
        message.refresh_from_db()
        assert (message.status, message.attempts) == ("dead", 1)
        assert message.last_error.startswith("It cannot be rendered. ")


@pytest.mark.django_db
def test_an_address_that_no_server_takes_is_given_up_not_garbled(mail_server, queue):
    message = queue(recipient="jörg@customer.example")

    deliver_due_messages()

    message.refresh_from_db()
    assert (message.status, message.attempts, mail_server.received) == ("dead", 1, [])
    assert "jörg@customer.example" in message.last_error


@pytest.mark.django_db
def test_a_paused_channel_claims_nothing(mail_server, queue):
    queue()
    Channel.objects.create(pk=1, paused_until=Now() + timedelta(minutes=5), reason="535 wrong password")

    report = deliver_due_messages()

    assert (report.sent, report.left, Message.objects.get().attempts) == (0, 1, 0)


@pytest.mark.django_db
def test_a_pause_ends_by_itself(mail_server, queue):
    queue()
    Channel.objects.create(pk=1, paused_until=Now() - timedelta(seconds=1), reason="535 wrong password")

    assert deliver_due_messages().sent == 1


@pytest.mark.django_db
def test_other_backends_work_as_well(queue, mailoutbox):
    queue()

    assert deliver_due_messages().sent == 1
    assert [mail.subject for mail in mailoutbox] == [Message.objects.get().subject]
    assert Suppression.objects.count() == 0
