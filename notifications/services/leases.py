"""Who may send which row, and until when: claiming, storing and finishing, each fenced by the lease."""

import json
import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection
from django.db.models.functions import Now

from notifications.enums import MAX_ATTEMPTS, MessageStatus
from notifications.models import Channel, Message
from notifications.payloads import TRANSACTIONAL
from notifications.services.rendering import Rendered

logger = logging.getLogger(__name__)

LEASE_SECONDS = 90

# One statement, one commit. The oldest due row whose aggregate has no earlier unsent one; rows that another sender is
# claiming are passed over. Unsent is what has an `available_at`, waits for an approval, or is part of an unsent digest;
# a legal notice waits for nobody, and what is sent at once not for what waits for its time. The clock is the
# database's (Django's `Now()`), so a wrong one steals no lease.
# The planner's statistics say that hardly anything waits, even when thousands do; what it cannot choose does no harm.
# So NOT EXISTS stands inside an OR (else: a join of all due rows with all due rows), and "unsent" is written with
# COALESCE (else: a walk through the index of due rows instead of the few rows of one aggregate); and the stage is
# written with NOT IN (else: it thinks that one row is left, and sorts them all).
CLAIM = """
UPDATE notifications_message
   SET status = 'sending', attempts = attempts + 1, lease_by = %(token)s,
       lease_until = statement_timestamp() + make_interval(secs => %(lease)s),
       available_at = statement_timestamp() + make_interval(secs => %(lease)s)
 WHERE id = (
    SELECT due.id FROM notifications_message AS due
     WHERE due.available_at <= statement_timestamp() AND due.attempts < %(most)s
       AND due.stage NOT IN ('gathering', 'deferred')
       AND (due.aggregate = '' OR due.legal OR NOT EXISTS (
           SELECT 1 FROM notifications_message AS earlier
            WHERE earlier.aggregate = due.aggregate AND earlier.id < due.id
              AND (due.kind <> ALL(%(at_once)s) OR earlier.stage NOT IN ('gathering', 'deferred'))
              AND (COALESCE(earlier.available_at, 'infinity') < 'infinity' OR earlier.status = 'held'
                   OR COALESCE((SELECT digest.available_at FROM notifications_message AS digest
                                 WHERE digest.id = earlier.digest_id), 'infinity') < 'infinity')))
     ORDER BY due.available_at, due.id
     LIMIT 1 FOR UPDATE OF due SKIP LOCKED)
RETURNING {columns}, EXISTS (
    SELECT 1 FROM notifications_suppression AS s WHERE s.address = recipient AND s.lifted_at IS NULL)
"""

# Fenced: a sender whose lease was taken over matches no row. Written as SQL, since these two run for every message and
# the ORM takes 0.6 ms to compile each.
STORE = """
UPDATE notifications_message
   SET sender = %(sender)s, subject = %(subject)s, text = %(text)s, html = %(html)s,
       template_version_id = %(template_version_id)s, rendered_at = %(rendered_at)s
 WHERE id = %(id)s AND status = 'sending' AND lease_by = %(lease_by)s AND attempts = %(attempts)s
"""
FINISH = """
UPDATE notifications_message
   SET status = %(status)s, last_error = %(error)s, attempts = attempts - %(refund)s, lease_by = '', lease_until = NULL,
       sent_at = %(sent_at)s, available_at = statement_timestamp() + %(delay)s::interval
 WHERE id = %(id)s AND status = 'sending' AND lease_by = %(lease_by)s AND attempts = %(attempts)s
"""


def claim_message() -> tuple[Message, bool] | None:
    """The next due row, ours for 90 seconds, and whether its address is suppressed; None when nothing is due."""
    fields = [field.attname for field in Message._meta.concrete_fields]
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM.format(columns=", ".join(fields)),
            {"token": uuid4().hex, "lease": LEASE_SECONDS, "most": MAX_ATTEMPTS, "at_once": TRANSACTIONAL},
        )
        row = cursor.fetchone()
    if row is None:
        return None
    message = Message.from_db(connection.alias, fields, row[:-1])
    message.context = json.loads(row[fields.index("context")])
    return message, row[-1]


def bury_orphans() -> int:
    """Give up rows whose senders died at every try: whatever kills a sender six times will do so again."""
    return Message.objects.filter(
        status=MessageStatus.SENDING, available_at__lte=Now(), attempts__gte=MAX_ATTEMPTS
    ).update(
        status=MessageStatus.DEAD,
        available_at=None,
        lease_by="",
        lease_until=None,
        last_error=f"The sender stopped in the middle of all {MAX_ATTEMPTS} tries.",
    )


def store_rendering(
    message: Message, rendered: Rendered, *, sender: str, version_id: int | None, rendered_at: datetime
) -> bool:
    """Fix how the message reads, before it is sent. False when the lease was lost meanwhile."""
    values = {
        "sender": sender,
        "subject": rendered.subject,
        "text": rendered.text,
        "html": rendered.html,
        "template_version_id": version_id,
        "rendered_at": rendered_at,
    }
    for name, value in values.items():
        setattr(message, name, value)
    return _update_held(STORE, message, values)


def finish_sent(message: Message, *, sent_at: datetime) -> bool:
    return _finish(message, MessageStatus.SENT, sent_at=sent_at)


def finish_dead(message: Message, reason: str) -> bool:
    return _finish(message, MessageStatus.DEAD, error=reason)


def finish_retry(message: Message, reason: str, *, delay: timedelta, counts: bool = True) -> bool:
    """Due again after `delay`. A try that never reached the server's judgement of the message need not count."""
    return _finish(message, MessageStatus.RETRY, error=reason, delay=delay, refund=0 if counts else 1)


def channel_pause() -> Channel | None:
    """The pause in force, by the database's clock."""
    return Channel.objects.filter(paused_until__gt=Now()).first()


def pause_channel(reason: str, *, duration: timedelta) -> None:
    """Nothing is sent for a while: the set-up is wrong, and every further try would fail the same way."""
    Channel.objects.update_or_create(pk=1, defaults={"paused_until": Now() + duration, "reason": reason})


def _finish(
    message: Message,
    status: MessageStatus,
    *,
    error: str = "",
    sent_at: datetime | None = None,
    delay: timedelta | None = None,
    refund: int = 0,
) -> bool:
    """Write the result if the lease is still ours; a sender that was too slow must not overwrite its successor's."""
    values = {"status": status.value, "error": error, "sent_at": sent_at, "delay": delay, "refund": refund}
    finished = _update_held(FINISH, message, values)
    if not finished:
        logger.warning("The lease on message %s ran out before its result was known.", message.pk)
    return finished


def _update_held(sql: str, message: Message, values: dict[str, Any]) -> bool:
    lease = {"id": message.pk, "lease_by": message.lease_by, "attempts": message.attempts}
    with connection.cursor() as cursor:
        cursor.execute(sql, values | lease)
        return cursor.rowcount == 1
