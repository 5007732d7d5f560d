"""From a rendered outbox row to the bytes of an email: the same bytes at every try."""

from email import charset
from email.utils import format_datetime, formataddr
from typing import Any

from django.core.mail import EmailMultiAlternatives

from notifications.models import Message
from notifications.services.rendering import spoken_language

# Quoted-printable keeps every byte below 128 and every line short: servers without 8BITMIME take it as it is.
_UTF8 = charset.Charset("utf-8")
_UTF8.body_encoding = charset.QP


class OutboxEmail(EmailMultiAlternatives):
    """An email whose MIME boundary follows from its Message-ID instead of chance."""

    def message(self, **options: Any) -> Any:
        mime = super().message(**options)
        token = self.extra_headers["Message-ID"].strip("<>").partition("@")[0]
        mime.set_boundary(f"=_{token}")
        return mime


def email_of(message: Message) -> OutboxEmail:
    """Everything comes from the row, nothing from the clock or the settings of the moment."""
    assert message.rendered_at is not None
    if not message.recipient.partition("@")[0].isascii():  # Django would write to a different, garbled address
        raise ValueError(f"Only plain ASCII can stand before the @ of {message.recipient}.")
    email = OutboxEmail(
        subject=message.subject,
        body=message.text,
        from_email=message.sender,
        to=[formataddr((message.recipient_name, message.recipient))],
        headers={
            "Message-ID": message.message_id,
            "Date": format_datetime(message.rendered_at),
            "Auto-Submitted": "auto-generated",
            "X-Backorder-Event": message.dedupe_key,
            "Content-Language": spoken_language(message.language),
        },
    )
    email.attach_alternative(message.html, "text/html")
    email.encoding = _UTF8
    return email
