"""What a failure means for the message and for the channel: who should try again, and when."""

import re
import secrets
import smtplib
import ssl
from dataclasses import dataclass
from datetime import timedelta

from django.core.mail import BadHeaderError

from notifications.enums import MAX_ATTEMPTS

BACKOFF_MINUTES = (1, 5, 15, 60, 240)
SPREAD = 0.2
_dice = secrets.SystemRandom()
CHANNEL_PAUSE = timedelta(minutes=15)

# Codes with which a server asks for, or refuses, a login. They are about us, never about the message.
LOGIN_CODES = {530, 534, 535, 538}


class ChannelFailure(Exception):
    """The connection could not be opened; the message itself was never offered. The cause is chained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureVerdict:
    """What to do now.

    `final`: another try cannot help. `suppress`: the address itself is bad. `pause`: nothing can be sent until somebody
    corrects the set-up, so the try does not count. `stop`: the server is out of reach, leave the other messages alone.
    """

    reason: str
    final: bool = False
    suppress: bool = False
    pause: bool = False
    stop: bool = False


def judge(error: Exception) -> FailureVerdict:
    """The verdict over anything that can go wrong between opening the connection and the server's last answer."""
    if isinstance(error, ChannelFailure):
        return _judge_channel(error.__cause__ or error)
    reason = describe(error)
    match error:
        case smtplib.SMTPRecipientsRefused():
            return _judge_recipient(error, reason)
        case smtplib.SMTPSenderRefused(smtp_code=552) | smtplib.SMTPNotSupportedError():
            return FailureVerdict(reason=reason, final=True)  # too big for this server; an address that it cannot take
        case smtplib.SMTPSenderRefused(smtp_code=code) if code >= 500:
            return FailureVerdict(reason=reason, pause=True)
        case smtplib.SMTPResponseException(smtp_code=code) if code in LOGIN_CODES:
            return FailureVerdict(reason=reason, pause=True)
        case smtplib.SMTPDataError(smtp_code=code) if code >= 500:
            return FailureVerdict(reason=reason, final=True)
        case smtplib.SMTPException() | OSError():
            return FailureVerdict(reason=reason)
        case BadHeaderError() | ValueError() | TypeError() | LookupError():
            return FailureVerdict(reason=reason, final=True)
        case _:
            return FailureVerdict(reason=reason)


def backoff(attempts: int) -> timedelta | None:
    """How long to wait after that many failed tries, spread by a fifth; None when there will be no further try."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return timedelta(minutes=BACKOFF_MINUTES[attempts - 1] * _dice.uniform(1 - SPREAD, 1 + SPREAD))


def describe(error: BaseException) -> str:
    """One line for the person at the desk."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=recipients):
            code, answer = next(iter(recipients.values()))
            text = f"The server refused the recipient: {code} {_decoded(answer)}"
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=answer):
            text = f"The server answered: {code} {_decoded(answer)}"
        case _:
            text = f"{type(error).__name__}: {error}"
    return " ".join(text.replace("\x00", "").encode("utf-8", "replace").decode().split())[:1000]


def _decoded(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def _judge_channel(error: BaseException) -> FailureVerdict:
    reason = describe(error)
    match error:
        case smtplib.SMTPAuthenticationError(smtp_code=code) if code < 500:
            return FailureVerdict(reason=reason, stop=True)
        case smtplib.SMTPAuthenticationError() | smtplib.SMTPNotSupportedError() | ssl.SSLCertVerificationError():
            return FailureVerdict(reason=reason, pause=True)
        case _:
            return FailureVerdict(reason=reason, stop=True)


def _judge_recipient(error: smtplib.SMTPRecipientsRefused, reason: str) -> FailureVerdict:
    code, answer = next(iter(error.recipients.values()))
    if code in LOGIN_CODES:
        return FailureVerdict(reason=reason, pause=True)
    if code < 500:
        return FailureVerdict(reason=reason)
    # A full mailbox empties, and 5.7.x is about our standing with that server: neither makes the address a bad one.
    bad_address = code != 552 and not re.match(r"5\.(7|2\.2)", _decoded(answer))
    return FailureVerdict(reason=reason, final=True, suppress=bad_address)
