"""What a mail service reports about addresses: signed, fresh, and each event once."""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from config.lib.text import clean_email, clean_line
from notifications.enums import BounceKind
from notifications.errors import ReportNotTrusted, ReportNotUnderstood, ReportRepeated
from notifications.models import BounceReport, Suppression

FRESH_FOR = timedelta(minutes=5)
SUPPRESSING = (BounceKind.HARD, BounceKind.COMPLAINT)


def signature_of(body: bytes, timestamp: str) -> str:
    """HMAC-SHA256 over the time, a full stop and the body, as hexadecimal digits."""
    secret = settings.BOUNCE_WEBHOOK_SECRET.encode()
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def take_report(*, body: bytes, timestamp: str, signature: str, now: datetime) -> bool:
    """Keep a signed report; True when its address is not written to from now on.

    Raises ReportNotTrusted for a wrong signature or an old report, ReportNotUnderstood for one without the fields, and
    ReportRepeated for an event that is known.
    """
    if not hmac.compare_digest(signature_of(body, timestamp).encode(), signature.encode()):
        raise ReportNotTrusted("The signature is wrong.")
    if not timestamp.isdigit() or abs(now.timestamp() - int(timestamp)) > FRESH_FOR.total_seconds():
        raise ReportNotTrusted("The report is older than five minutes.")
    return _keep(_fields(body), now)


@transaction.atomic
def _keep(report: BounceReport, now: datetime) -> bool:
    report.received_at = now
    BounceReport.objects.bulk_create([report], ignore_conflicts=True)
    if BounceReport.objects.get(event=report.event).received_at != now:
        raise ReportRepeated(f"The event {report.event} is known already.")
    if report.kind not in SUPPRESSING:
        return False
    reason = f"{BounceKind(report.kind).label}: {report.reason or 'no reason given'}"[:250]
    Suppression.objects.bulk_create(
        [Suppression(address=report.address, reason=reason, created_at=now)], ignore_conflicts=True
    )
    return True


def _fields(body: bytes) -> BounceReport:
    try:
        fields: Any = json.loads(body)
        if not isinstance(fields, dict):
            raise ReportNotUnderstood("The report must be one JSON object.")
        event, kind = clean_line(str(fields.get("id", ""))), fields.get("type", "")
        address, reason = clean_email(str(fields.get("address", ""))), clean_line(str(fields.get("reason", "")))
    except (ValueError, ValidationError, RecursionError):
        raise ReportNotUnderstood("The report must be JSON with one address and plain text.") from None
    if not event or len(event) > 200 or not address or kind not in BounceKind.values:
        raise ReportNotUnderstood('Needed: "id", "address" and "type", one of hard, soft and complaint.')
    return BounceReport(event=event, address=address, kind=kind, reason=reason[:200])
