"""Telling the staff of trouble by email: the same outbox, and each trouble once."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from notifications.payloads import StaffAlert
from notifications.services.outbox import Draft, queue_messages
from notifications.services.preferences import mail_rules


@transaction.atomic
def alert_staff(*, topic: str, title: str, details: Sequence[str] = (), path: str = "", now: datetime) -> None:
    """Write to everybody in the mail rules. `topic` ("run-failed:12") is told once, however often it is noticed."""
    alert = StaffAlert(
        title=title[:200],
        details=tuple(detail[:400] for detail in details),
        page=f"{settings.SITE_URL}{path}" if path else "",
    )
    drafts = [
        Draft(
            payload=alert,
            recipient=address,
            recipient_name="Staff",
            language="en",
            dedupe_key=f"alert:{topic}:{address}"[:200],
            aggregate="",
            cause="Trouble at the desk",
        )
        for address in mail_rules().staff_addresses
    ]
    queue_messages(drafts, now=now)
