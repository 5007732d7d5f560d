"""Who may send which row, and until when: claiming, storing and finishing, each fenced by the lease."""

import logging
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection
from django.db.models.functions import Now

from notifications.enums import MAX_ATTEMPTS, MessageStatus
from notifications.models import Channel, Message
from notifications.services.rendering import Rendered

logger = logging.getLogger(__name__)

LEASE_SECONDS = 90

# One statement, one commit. The oldest due row whose aggregate has no earlier unsent one; rows that another sender is
# claiming are passed over. The clock is the database's (Django's `Now()`), so a wrong one steals no lease.
CLAIM = """
UPDATE notifications_message
   SET status = 'sending', attempts = attempts + 1, lease_by = %(token)s,
       lease_until = statement_timestamp() + make_interval(secs => %(lease)s),
       available_at = statement_timestamp() + make_interval(secs => %(lease)s)
 WHERE id = (
    SELECT due.id FROM notifications_message AS due
     WHERE due.status IN ('pending', 'retry', 'sending') AND due.available_at <= statement_timestamp()
       AND due.attempts < %(most)s
       AND NOT EXISTS (
           SELECT 1 FROM notifications_message AS earlier
            WHERE earlier.aggregate = due.aggregate AND due.aggregate <> '' AND earlier.id < due.id
              AND earlier.status IN ('pending', 'retry', 'sending'))
     ORDER BY due.available_at, due.id
     LIMIT 1 FOR UPDATE OF due SKIP LOCKED)
RETURNING id, EXISTS (SELECT 1 FROM notifications_suppression AS s WHERE s.address = recipient)
"""


def claim_message() -> tuple[Message, bool] | None:
    """The next due row, ours for 90 seconds, and whether its address is suppressed; None when nothing is due."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"token": uuid4().hex, "lease": LEASE_SECONDS, "most": MAX_ATTEMPTS})
        row = cursor.fetchone()
    if row is None:
        return None
    return Message.objects.get(pk=row[0]), row[1]


def bury_orphans() -> int:
    """Give up rows whose senders died at every try: whatever kills a sender six times will do so again."""
    return Message.objects.filter(
        status=MessageStatus.SENDING, available_at__lte=Now(), attempts__gte=MAX_ATTEMPTS
    ).update(
        status=MessageStatus.DEAD,
        lease_by="",
        lease_until=None,
        last_error=f"The sender stopped in the middle of all {MAX_ATTEMPTS} tries.",
    )


def store_rendering(message: Message, rendered: Rendered, *, sender: str, rendered_at: datetime) -> bool:
    """Fix how the message reads, before it is sent. False when the lease was lost meanwhile."""
    values = {
        "sender": sender,
        "subject": rendered.subject,
        "text": rendered.text,
        "html": rendered.html,
        "rendered_at": rendered_at,
    }
    stored = Message.objects.held_by(message).update(**values)
    for name, value in values.items():
        setattr(message, name, value)
    return bool(stored)


def finish_sent(message: Message, *, sent_at: datetime | None) -> bool:
    return _finish(message, status=MessageStatus.SENT, sent_at=sent_at or Now(), last_error="")


def finish_dead(message: Message, reason: str) -> bool:
    return _finish(message, status=MessageStatus.DEAD, last_error=reason)


def finish_retry(message: Message, reason: str, *, delay: timedelta, counts: bool = True) -> bool:
    """Due again after `delay`. A try that never reached the server's judgement of the message need not count."""
    return _finish(
        message,
        status=MessageStatus.RETRY,
        last_error=reason,
        available_at=Now() + delay,
        attempts=message.attempts if counts else message.attempts - 1,
    )


def channel_pause() -> Channel | None:
    """The pause in force, by the database's clock."""
    return Channel.objects.filter(paused_until__gt=Now()).first()


def pause_channel(reason: str, *, duration: timedelta) -> None:
    """Nothing is sent for a while: the set-up is wrong, and every further try would fail the same way."""
    Channel.objects.update_or_create(pk=1, defaults={"paused_until": Now() + duration, "reason": reason})


def _finish(message: Message, **values: object) -> bool:
    """Write the result if the lease is still ours; a sender that was too slow must not overwrite its successor's."""
    finished = Message.objects.held_by(message).update(lease_by="", lease_until=None, **values)
    if not finished:
        logger.warning(
            "The lease on message %s ran out before its result was known; the next sender decides.", message.pk
        )
    return bool(finished)
