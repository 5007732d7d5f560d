"""Telling the staff of trouble, and of decisions that wait, by email: the same outbox, and each of them once."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from config.lib.text import clean_email
from notifications.payloads import StaffAlert
from notifications.services.outbox import Draft, queue_messages
from notifications.services.preferences import mail_rules

BACKEND = "django.contrib.auth.backends.ModelBackend"  # that of the roles; allauth's looks at it too


@transaction.atomic
def alert_staff(*, topic: str, title: str, details: Sequence[str] = (), path: str = "", now: datetime) -> None:
    """Write to everybody in the mail rules. One email for a `topic` ("run-failed:12"), however often it is noticed."""
    _write(mail_rules().staff_addresses, topic, title, details, path, asked=False, now=now)


@transaction.atomic
def ask_staff(
    *,
    permission: str,
    started_by_id: int | None = None,
    topic: str,
    title: str,
    details: Sequence[str] = (),
    path: str,
    now: datetime,
) -> None:
    """Ask everybody who may decide but whoever started it; where none has an address, everybody in the mail rules."""
    deciders = User.objects.with_perm(permission, backend=BACKEND).exclude(pk=started_by_id or 0)
    known = {_address(text) for text in deciders.values_list("email", flat=True)} - {""}
    _write(sorted(known) or mail_rules().staff_addresses, topic, title, details, path, asked=True, now=now)


def _address(text: str) -> str:
    """Blank where it is odd: what the others are asked for must not fail on one address."""
    try:
        return clean_email(text)
    except ValidationError:
        return ""


def _write(
    addresses: Iterable[str],
    topic: str,
    title: str,
    details: Sequence[str],
    path: str,
    *,
    asked: bool,
    now: datetime,
) -> None:
    alert = StaffAlert(
        title=title[:200],
        details=tuple(detail[:400] for detail in details),
        page=f"{settings.SITE_URL}{path}" if path else "",
        asked=asked,
    )
    drafts = [
        Draft(
            payload=alert,
            recipient=address,
            recipient_name="Staff",
            language="en",
            dedupe_key=f"alert:{topic}:{address}"[:200],
            aggregate="",
            cause="Approval needed" if asked else "Alert",
        )
        for address in addresses
    ]
    queue_messages(drafts, now=now)
