"""What became of the emails that tell customers of facts. Queued is not sent, and sent is what the mail server took."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.timezone import localtime

from config.lib.bulk import any_of
from notifications.enums import LOST, MessageStatus
from notifications.models import Message


@dataclass(frozen=True, slots=True)
class Sending:
    """One email, by itself or as part of a digest: `message_id` is the row of the fact, `carrier_id` what leaves."""

    message_id: int
    carrier_id: int
    status: str
    sent_at: datetime | None
    recipient: str
    error: str

    @property
    def is_lost(self) -> bool:
        """It never left and will not, unless a person sends it again."""
        return self.status in LOST and self.sent_at is None

    def in_words(self) -> str:
        """For staff: "emailed 3 Dec, 14:05", "email queued", "email failed"."""
        if self.sent_at:
            return f"emailed {date_format(localtime(self.sent_at), 'j M, H:i')}"
        if self.status == MessageStatus.HELD:
            return "email needs approval"
        if self.status == MessageStatus.UNWANTED:
            return "not emailed: unsubscribed"
        if self.status == MessageStatus.SUPERSEDED:
            return "not emailed: changed back before it left"
        return f"email {MessageStatus(self.status).label.lower()}" if self.is_lost else "email queued"


def sendings_of(message_keys: Iterable[str]) -> dict[str, Sending]:
    """By message key; a fact that nobody was to be told has none."""
    keys = {key for key in message_keys if key}
    if not keys:
        return {}
    messages = Message.objects.filter(any_of("dedupe_key", sorted(keys))).values_list(
        "dedupe_key",
        "id",
        Coalesce("digest_id", "id"),
        Coalesce("digest__status", "status"),
        Coalesce("first_sent_at", "digest__first_sent_at"),
        "recipient",
        Coalesce("digest__last_error", "last_error"),
    )
    return {row[0]: Sending(*row[1:]) for row in messages}
