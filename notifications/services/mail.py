"""From a rendered outbox row to the bytes of an email: the same bytes at every try."""

import binascii
from collections.abc import Callable
from email.message import Message as MimeMessage
from email.utils import format_datetime, formataddr
from functools import partial
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import forbid_multi_line_headers

from config.lib.logs import redact
from notifications.models import Message
from notifications.services.links import opt_out_url, with_live_links
from notifications.services.rendering import spoken_language

ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058


class OutboxEmail(EmailMultiAlternatives):
    """An email that is assembled from ready parts.

    Python's generator takes 1.5 ms for what is concatenation here; that is most of what the outbox costs beside plain
    Django. The boundary follows from the Message-ID instead of chance. Quoted-printable keeps every byte below 128 and
    every line short, so servers without 8BITMIME take it as it is.
    """

    def message(self, **options: Any) -> Any:
        return ReadyMime(self.source())

    def source(self) -> bytes:
        """Raises BadHeaderError for a line break in a header."""
        boundary = f"=_{self.extra_headers['Message-ID'].strip('<>').partition('@')[0]}"
        headers = {
            "Content-Type": f'multipart/alternative; boundary="{boundary}"',
            "MIME-Version": "1.0",
            "Subject": self.subject,
            "From": self.from_email,
            "To": ", ".join(self.to),
            **self.extra_headers,
        }
        lines = [f"{name}: {forbid_multi_line_headers(name, value, 'utf-8')[1]}" for name, value in headers.items()]
        parts = [("text/plain", self.body), *((mimetype, content) for content, mimetype in self.alternatives)]
        lines.append("")
        for mimetype, content in parts:
            lines += [
                f"--{boundary}",
                f'Content-Type: {mimetype}; charset="utf-8"',
                "Content-Transfer-Encoding: quoted-printable",
                "",
                _quoted_printable(str(content)),
            ]
        return "\n".join([*lines, f"--{boundary}--", ""]).encode("ascii")


class ReadyMime(MimeMessage):
    """What a backend asks an email for: its bytes. They are final."""

    def __init__(self, source: bytes) -> None:
        super().__init__()
        self._source = source

    def as_bytes(self, unixfrom: bool = False, policy: Any = None, linesep: str = "\n") -> bytes:
        return self._source.replace(b"\n", linesep.encode())


def email_of(message: Message) -> OutboxEmail:
    """As it leaves, with live links: for the sender only."""
    return _email(message, partial(with_live_links, message=message))


def email_without_links(message: Message) -> OutboxEmail:
    """The same for whoever looks at it at the desk."""
    return _email(message, redact)


def _email(message: Message, links: Callable[[str], str]) -> OutboxEmail:
    """Everything comes from the row and the desk's key, nothing from the clock or the settings of the moment."""
    assert message.rendered_at is not None
    if not message.recipient.partition("@")[0].isascii():  # Django would write to a different, garbled address
        raise ValueError(f"Only plain ASCII can stand before the @ of {message.recipient}.")
    one_click = links(opt_out_url(message))
    email = OutboxEmail(
        subject=message.subject,
        body=links(message.text),
        from_email=message.sender,
        to=[formataddr((message.recipient_name, message.recipient))],
        headers={
            "Message-ID": message.message_id,
            "Date": format_datetime(message.rendered_at),
            "Auto-Submitted": "auto-generated",
            "X-Backorder-Event": message.dedupe_key,
            "Content-Language": spoken_language(message.language),
        }
        | ({"List-Unsubscribe": f"<{one_click}>", "List-Unsubscribe-Post": ONE_CLICK} if one_click else {}),
    )
    email.attach_alternative(links(message.html), "text/html")
    return email


def _quoted_printable(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode()
    return binascii.b2a_qp(lines, istext=True).decode("ascii")
