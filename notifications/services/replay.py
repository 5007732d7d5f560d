"""The past of a made-up desk: its messages are booked as delivered, without a mail server. For demo data only.

Each takes the way of a real one (claimed, rendered, sent), many at a time, so that the pages show what customers read.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from notifications.enums import MessageStatus, Stage
from notifications.models import Message, Suppression
from notifications.services.leases import LEASE_SECONDS
from notifications.services.rendering import Rendered, render_message

BATCH = 500
ON_ITS_WAY = timedelta(seconds=40)

FINISH = """
UPDATE notifications_message AS message
   SET status = done.status, sent_at = done.sent_at, last_error = done.error,
       lease_by = '', lease_until = NULL, available_at = NULL,
       sender = %(sender)s, subject = done.subject, text = done.text, html = done.html, rendered_at = done.rendered_at
  FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(sent)s::timestamptz[], %(errors)s::text[],
              %(subjects)s::text[], %(texts)s::text[], %(htmls)s::text[], %(rendered)s::timestamptz[])
       AS done (id, status, sent_at, error, subject, text, html, rendered_at)
 WHERE message.id = done.id AND message.status = 'sending'
"""


class Bounce(NamedTuple):
    """From `since` on, nobody was there to take the messages for an address."""

    address: str
    since: datetime
    reason: str


@transaction.atomic
def record_deliveries(*, before: datetime, bounce: Bounce | None = None, legal_only: bool = False) -> int:
    """Book the messages that were written before a moment as sent, each shortly after its fact. Returns how many.

    After a bounce the address is suppressed and its later messages are given up, as the sender does it.
    """
    due = Message.objects.filter(status=MessageStatus.PENDING, created_at__lt=before)
    if legal_only:
        due = due.filter(legal=True)
    messages = list(due.locked())
    due_again = Now() + timedelta(seconds=LEASE_SECONDS)
    for start in range(0, len(messages), BATCH):
        batch = messages[start : start + BATCH]
        Message.objects.filter(pk__in=[message.pk for message in batch]).update(
            status=MessageStatus.SENDING,
            stage=Stage.SORTED,
            attempts=1,
            lease_by="replay",
            available_at=due_again,
            lease_until=due_again,
        )
        _finish(batch, [render_message(m) for m in batch], bounce)
    return len(messages)


def _finish(messages: Sequence[Message], rendered: Sequence[Rendered], bounce: Bounce | None) -> None:
    errors = [_refusal(message, bounce) for message in messages]
    with connection.cursor() as cursor:
        cursor.execute(
            FINISH,
            {
                "sender": settings.DEFAULT_FROM_EMAIL,
                "ids": [message.pk for message in messages],
                "statuses": [(MessageStatus.DEAD if error else MessageStatus.SENT).value for error in errors],
                "sent": [
                    None if error else message.created_at + ON_ITS_WAY
                    for message, error in zip(messages, errors, strict=True)
                ],
                "errors": errors,
                "subjects": [content.subject for content in rendered],
                "texts": [content.text for content in rendered],
                "htmls": [content.html for content in rendered],
                "rendered": [message.created_at + ON_ITS_WAY / 2 for message in messages],
            },
        )


def _refusal(message: Message, bounce: Bounce | None) -> str:
    """Why the address did not take it; empty when it did. The first refusal suppresses the address."""
    if bounce is None or message.recipient != bounce.address or message.created_at < bounce.since:
        return ""
    if Suppression.objects.active().filter(address=bounce.address).exists():
        return "address suppressed"
    Suppression.objects.create(address=bounce.address, reason=bounce.reason[:250], created_at=message.created_at)
    return bounce.reason
