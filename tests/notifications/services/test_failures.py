"""Servers on a bad day: what each failure means for the message, for its neighbours and for the channel."""

import smtplib
import time
from datetime import timedelta

import pytest
from django.core.mail import BadHeaderError
from django.db.models.functions import Now
from django.utils import timezone

from notifications.models import Channel, Message, Suppression
from notifications.services import delivery
from notifications.services.delivery import deliver_due_messages
from notifications.services.failures import BACKOFF_MINUTES, ChannelFailure, FailureVerdict, backoff, judge


def is_due_in(message: Message, minutes: int) -> bool:
    """Within a fifth of `minutes` from now, a few seconds allowed for the test itself."""
    assert message.available_at is not None
    left = (message.available_at - timezone.now()).total_seconds()
    return minutes * 60 * 0.8 - 20 <= left <= minutes * 60 * 1.2 + 20


@pytest.mark.real_clock
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("rcpt_answer", "450 4.2.0 Greylisted"),
        ("rcpt_answer", "451 4.3.0 Try later"),
        ("rcpt_answer", "421 4.7.0 Closing"),
        ("data_answer", "451 4.3.0 Try later"),
        ("data_answer", "421 4.3.2 Shutting down"),
    ],
)
def test_not_now_means_again_in_a_minute(mail_server, queue, place, answer):
    message = queue()
    setattr(mail_server, place, answer)

    report = deliver_due_messages()

    message.refresh_from_db()
    assert (report.retried, message.status, message.attempts) == (1, "retry", 1)
    assert answer in message.last_error
    assert is_due_in(message, 1)


@pytest.mark.real_clock
@pytest.mark.django_db
def test_six_tries_with_growing_pauses_and_then_no_more(mail_server, queue):
    message = queue()
    mail_server.data_answer = "451 4.3.0 Try later"
    for minutes in BACKOFF_MINUTES:
        deliver_due_messages()
        message.refresh_from_db()
        assert message.status == "retry"
        assert is_due_in(message, minutes)
        Message.objects.update(available_at=Now())

    report = deliver_due_messages()

    message.refresh_from_db()
    assert (report.dead, message.status, message.attempts) == (1, "dead", 6)
    assert message.last_error == "Given up after 6 tries. The server answered: 451 4.3.0 Try later"


def test_the_pauses_are_1_5_15_60_240_minutes_give_or_take_a_fifth():
    for attempts, minutes in enumerate((1, 5, 15, 60, 240), start=1):
        pauses = [backoff(attempts) or timedelta() for _ in range(200)]
        assert min(pauses) >= timedelta(minutes=minutes * 0.8)
        assert max(pauses) <= timedelta(minutes=minutes * 1.2)
        assert len(set(pauses)) > 100
    assert backoff(6) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "suppressed"),
    [
        ("550 5.1.1 No such user", True),
        ("553 5.1.3 Bad address syntax", True),
        ("552 5.2.2 Mailbox full", False),
        ("552 Storage exceeded", False),
        ("550 5.2.2 Mailbox full", False),
        ("550 5.7.1 Relaying denied", False),
    ],
)
def test_a_refused_recipient_is_given_up_and_a_bad_address_remembered(mail_server, queue, answer, suppressed):
    message = queue()
    mail_server.rcpt_answer = answer

    report = deliver_due_messages()

    message.refresh_from_db()
    assert (report.dead, message.status, message.attempts) == (1, "dead", 1)
    assert message.last_error == f"The server refused the recipient: {answer}"
    assert Suppression.objects.filter(address=message.recipient).exists() == suppressed


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["552 5.3.4 Message too big", "554 5.6.0 Rejected as spam"])
def test_a_refused_content_is_given_up_without_blaming_the_address(mail_server, queue, answer):
    message = queue()
    mail_server.data_answer = answer

    deliver_due_messages()

    message.refresh_from_db()
    assert (message.status, message.attempts, Suppression.objects.count()) == ("dead", 1, 0)


@pytest.mark.django_db
def test_a_server_that_hangs_up_before_its_answer_gets_the_same_email_again(bad_server, use_smtp, smtp_sink, queue):
    queue()
    server = bad_server("drop_after_data")
    assert deliver_due_messages().retried == 1

    use_smtp(smtp_sink.port)
    Message.objects.update(available_at=Now())
    assert deliver_due_messages().sent == 1

    assert unify(server.taken[0]) == unify(smtp_sink.received[0].raw)


def unify(raw: bytes) -> bytes:
    """Without the header that the sink itself adds."""
    return b"\r\n".join(line for line in raw.splitlines() if not line.startswith(b"X-Peer"))


@pytest.mark.django_db
@pytest.mark.parametrize("misbehaviour", ["busy", "closing_421"])
def test_a_busy_server_is_left_alone(bad_server, queue, misbehaviour):
    message = queue()
    bad_server(misbehaviour)

    report = deliver_due_messages()

    message.refresh_from_db()
    assert (report.retried, message.status) == (1, "retry")
    assert "421" in message.last_error


@pytest.mark.django_db
def test_a_server_out_of_reach_costs_one_message_one_try(use_smtp, queue):
    messages = [queue() for _ in range(3)]
    use_smtp(9)

    report = deliver_due_messages()

    assert (report.retried, report.left) == (1, 2)
    assert list(Message.objects.order_by("pk").values_list("attempts", flat=True)) == [1, 0, 0]
    assert "Connection refused" in Message.objects.get(pk=messages[0].pk).last_error


@pytest.mark.django_db
@pytest.mark.parametrize("misbehaviour", ["silent", "drip", "drip_after_data"])
def test_a_hung_server_holds_a_sender_no_longer_than_the_deadline(bad_server, queue, monkeypatch, misbehaviour):
    message = queue()
    bad_server(misbehaviour)
    monkeypatch.setattr(delivery, "SEND_SECONDS", 1)

    started = time.monotonic()
    report = deliver_due_messages()
    lasted = time.monotonic() - started

    message.refresh_from_db()
    assert (report.retried, message.status) == (1, "retry")
    assert message.last_error == "TimeoutError: The mail server did not finish within 1 seconds."
    assert 0.9 < lasted < 20


@pytest.mark.django_db
def test_a_server_that_ignores_the_goodbye_does_not_undo_the_delivery(bad_server, queue, monkeypatch):
    message = queue()
    server = bad_server("hang_on_goodbye")
    monkeypatch.setattr(delivery, "SEND_SECONDS", 3)

    assert deliver_due_messages().sent == 1

    message.refresh_from_db()
    assert (message.status, len(server.taken)) == ("sent", 1)


@pytest.mark.django_db
def test_a_refused_login_pauses_the_channel_and_costs_no_try(bad_server, settings, queue):
    messages = [queue(), queue()]
    bad_server("auth_fail")
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "desk", "wrong"

    report = deliver_due_messages()
    again = deliver_due_messages()

    first = Message.objects.get(pk=messages[0].pk)
    assert (report.retried, report.left, again.left) == (1, 1, 1)
    assert (first.status, first.attempts) == ("retry", 0)
    assert "535" in Channel.objects.get().reason
    assert Channel.objects.filter(paused_until__gt=Now()).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("misbehaviour", ["no_extensions", "sender_refused"])
def test_a_set_up_that_cannot_work_pauses_the_channel(bad_server, settings, queue, misbehaviour):
    message = queue()
    bad_server(misbehaviour)
    settings.EMAIL_USE_TLS = misbehaviour == "no_extensions"  # STARTTLS asked for, not offered

    deliver_due_messages()

    message.refresh_from_db()
    assert (message.status, message.attempts, Channel.objects.count()) == ("retry", 0, 1)


@pytest.mark.django_db
def test_a_server_of_seven_bits_takes_our_umlauts(bad_server, queue):
    message = queue(recipient_name="Jörg Groß", language="de")
    server = bad_server("no_extensions")

    assert deliver_due_messages().sent == 1

    message.refresh_from_db()
    assert (message.status, server.taken[0].isascii()) == ("sent", True)


@pytest.mark.django_db
def test_after_an_error_the_next_message_gets_a_new_connection(mail_server, queue):
    queue(recipient="gone@customer.example")
    queue()
    mail_server.rcpt_answer = "550 5.1.1 No such user"

    async def once(server, session, envelope, address, options):
        if address == "gone@customer.example":
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    mail_server.handle_RCPT = once
    report = deliver_due_messages()

    assert (report.sent, report.dead) == (1, 1)


OPENED_BADLY = [
    (smtplib.SMTPAuthenticationError(535, b"no"), {"pause": True}),
    (smtplib.SMTPAuthenticationError(454, b"later"), {"stop": True}),
    (smtplib.SMTPNotSupportedError("STARTTLS extension not supported by server."), {"pause": True}),
    (smtplib.SMTPConnectError(554, b"no service"), {"stop": True}),
    (ConnectionRefusedError("no"), {"stop": True}),
]
SENT_BADLY = [
    (BadHeaderError("newline"), {"final": True}),
    (UnicodeEncodeError("ascii", "ä", 0, 1, "no"), {"final": True}),
    (smtplib.SMTPNotSupportedError("SMTPUTF8 needed"), {"final": True}),
    (smtplib.SMTPSenderRefused(552, b"too big", "a@b.example"), {"final": True}),
    (smtplib.SMTPSenderRefused(550, b"who?", "a@b.example"), {"pause": True}),
    (smtplib.SMTPSenderRefused(530, b"login first", "a@b.example"), {"pause": True}),
    (smtplib.SMTPSenderRefused(451, b"later", "a@b.example"), {}),
    (smtplib.SMTPRecipientsRefused({"a@b.example": (530, b"login first")}), {"pause": True}),
    (smtplib.SMTPServerDisconnected("gone"), {}),
    (TimeoutError("late"), {}),
    (RuntimeError("what?"), {}),
]


@pytest.mark.parametrize(("error", "expected"), OPENED_BADLY)
def test_what_a_failed_opening_means(error, expected):
    failure = ChannelFailure()
    failure.__cause__ = error

    verdict = judge(failure)

    assert verdict == FailureVerdict(reason=verdict.reason, **expected)


@pytest.mark.parametrize(("error", "expected"), SENT_BADLY)
def test_what_a_failed_sending_means(error, expected):
    verdict = judge(error)

    assert verdict == FailureVerdict(reason=verdict.reason, **expected)
    assert "\n" not in verdict.reason
