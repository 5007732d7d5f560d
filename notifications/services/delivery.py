"""Draining the outbox: claim one, send it with no transaction open, write down what happened, next.

Delivery is at least once. A second copy is possible only when a sender dies between the server's "250" and the commit
of `sent`; it carries the same Message-ID and the same bytes.
"""

import logging
import smtplib
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from notifications.enums import MAX_ATTEMPTS
from notifications.models import Message, Suppression
from notifications.services.failures import CHANNEL_PAUSE, ChannelFailure, FailureVerdict, backoff, describe, judge
from notifications.services.leases import (
    bury_orphans,
    channel_pause,
    claim_message,
    finish_dead,
    finish_retry,
    finish_sent,
    pause_channel,
    store_rendering,
)
from notifications.services.mail import OutboxEmail, email_of
from notifications.services.rendering import left_out, render_message, spoken_language
from notifications.services.smtp import DeadlineBackend
from notifications.services.sorting import sort_messages
from notifications.services.wording.versions import Wordings

logger = logging.getLogger(__name__)

SEND_SECONDS = 30
MESSAGES_PER_CONNECTION = 100  # many servers close a connection that carried more
DJANGO_SMTP = "django.core.mail.backends.smtp.EmailBackend"


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """`left`: due now and not looked at (limit or time reached, channel paused, server out of reach)."""

    sent: int = 0
    retried: int = 0
    dead: int = 0
    left: int = 0


class Postman:
    """One connection for many messages; dropped after any error, opened again by the next message."""

    def __init__(self) -> None:
        self._backend: BaseEmailBackend | None = None
        self._carried = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._part()

    def send(self, email: OutboxEmail) -> None:
        """Raises ChannelFailure when the connection could not be opened, else what the server or the message caused."""
        if self._carried >= MESSAGES_PER_CONNECTION:
            self._part()
        backend = self._backend = self._backend or _new_backend()
        opened = False
        try:
            with _deadline(backend):
                backend.open()
                opened = True
                backend.send_messages([email])
        except Exception as error:
            self._drop()
            if not opened:
                raise ChannelFailure from error
            raise
        self._carried += 1

    def _drop(self) -> None:
        if isinstance(self._backend, DeadlineBackend):
            self._backend.drop()
        self._backend, self._carried = None, 0

    def _part(self) -> None:
        """Say goodbye. What was sent is sent, so a server that stumbles over QUIT is nobody's problem."""
        if self._backend is not None:
            try:
                with _deadline(self._backend):
                    self._backend.close()
            except (OSError, smtplib.SMTPException) as error:
                logger.info("The mail server did not take leave properly: %s", describe(error))
        self._drop()


def deliver_due_messages(
    *,
    limit: int | None = None,
    seconds: float | None = None,
    now: datetime | None = None,
    on_progress: Callable[[Message, str], None] | None = None,
) -> DeliveryReport:
    """Send what is due, at most `limit` messages and for about `seconds`. Any number of senders may run at once.

    Due times and leases go by the database's clock; `now` is only what is written as `sent_at` and into the Date header
    (for replaying a year).
    Raises RuntimeError inside a transaction: no network call belongs there.
    """
    with transaction.atomic(durable=True):
        buried = bury_orphans()
        paused = channel_pause()
    sort_messages(now=now or timezone.now())
    if paused:
        logger.warning("Sending is paused until %s: %s", paused.paused_until, paused.reason)
        return DeliveryReport(dead=buried, left=due_count())

    counts = Counter(dead=buried)
    wordings = Wordings()
    started, looked_at = time.monotonic(), 0
    with Postman() as postman:
        while (limit is None or looked_at < limit) and (seconds is None or time.monotonic() - started < seconds):
            claimed = claim_message()
            if claimed is None:
                break
            looked_at += 1
            message, suppressed = claimed
            result, go_on = _deliver(message, suppressed, postman, wordings, now)
            counts[result] += 1
            if on_progress:
                on_progress(message, result)
            if not go_on:
                break
    return DeliveryReport(sent=counts["sent"], retried=counts["retried"], dead=counts["dead"], left=due_count())


def due_count() -> int:
    return Message.objects.filter(available_at__lte=Now()).count()


def _deliver(
    message: Message, suppressed: bool, postman: Postman, wordings: Wordings, now: datetime | None
) -> tuple[str, bool]:
    """The result ("sent", "retried", "dead" or "lost") and whether the next message may be tried."""
    if suppressed:
        return _given_up(message, "address suppressed"), True
    if message.deadline_at and message.deadline_at < (now or timezone.now()):
        return _given_up(message, "It could not leave before its deadline, and would no longer count."), True
    if message.rendered_at is None:
        version = wordings.of(message.kind, spoken_language(message.language))
        try:
            rendered = render_message(message, version)
        except Exception as error:  # a broken template or payload breaks the same way at every try
            logger.exception("Message %s cannot be rendered", message.pk)
            return _given_up(message, f"It cannot be rendered. {describe(error)}"), True
        if missing := left_out(message.payload, rendered):
            return _given_up(message, f"Its text leaves out what it has to say: {', '.join(missing)}."), True
        if not store_rendering(
            message,
            rendered,
            sender=settings.DEFAULT_FROM_EMAIL,
            version_id=version.pk if version else None,
            rendered_at=now or timezone.now(),
        ):
            return "lost", True
    try:
        postman.send(email_of(message))
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the row must say so
        return _undelivered(message, judge(error))
    return ("sent" if finish_sent(message, sent_at=now or timezone.now()) else "lost"), True


def _undelivered(message: Message, verdict: FailureVerdict) -> tuple[str, bool]:
    logger.warning("Message %s, try %s: %s", message.pk, message.attempts, verdict.reason)
    if verdict.pause:
        pause_channel(verdict.reason, duration=CHANNEL_PAUSE)
        is_ours = finish_retry(message, verdict.reason, delay=CHANNEL_PAUSE, counts=False)
        return ("retried" if is_ours else "lost"), False
    if verdict.suppress:
        Suppression.objects.bulk_create(
            [Suppression(address=message.recipient, reason=verdict.reason[:250])], ignore_conflicts=True
        )
    delay = None if verdict.final else backoff(message.attempts)
    if delay is None:
        reason = verdict.reason if verdict.final else f"Given up after {MAX_ATTEMPTS} tries. {verdict.reason}"
        return _given_up(message, reason), not verdict.stop
    is_ours = finish_retry(message, verdict.reason, delay=delay)
    return ("retried" if is_ours else "lost"), not verdict.stop


def _given_up(message: Message, reason: str) -> str:
    return "dead" if finish_dead(message, reason) else "lost"


def _new_backend() -> BaseEmailBackend:
    """The configured backend; plain SMTP through our own, which keeps a deadline."""
    return DeadlineBackend() if settings.EMAIL_BACKEND == DJANGO_SMTP else get_connection()


def _deadline(backend: BaseEmailBackend) -> AbstractContextManager[None]:
    return backend.deadline(SEND_SECONDS) if isinstance(backend, DeadlineBackend) else nullcontext()
