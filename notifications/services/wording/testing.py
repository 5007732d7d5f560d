"""Looking at a text before it is in force: a test email to oneself, and a specimen of every part."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.template.loader import render_to_string

from notifications.errors import NothingToTry, UnsafeMailInput
from notifications.models import Message
from notifications.services.outbox import Draft as Letter
from notifications.services.outbox import queue_messages
from notifications.services.rendering import inlined
from notifications.services.wording.html import html_of
from notifications.services.wording.versions import WordingDraft, try_wording

EVERY_PART = (
    "=== Heading ===\n\nA paragraph.\n\n- A point\n\nhttps://desk.example/\n\n--\nThe footer.\n\nhttps://desk.example/"
)


@transaction.atomic
def send_test(*, draft: WordingDraft, message: Message | None, to: User, now: datetime) -> None:
    """Queue the text, filled with the data of `message`, to the person who wrote it: rendered at once, marked a test.

    Raises UnsafeMailInput when that person has no address, NothingToTry without a message, and as `try_wording`.
    """
    if message is None:
        raise NothingToTry("No email of this kind has been written yet, so there is nothing to fill the text with.")
    if not to.email:
        raise UnsafeMailInput("email", "Your user account has no e-mail address to send a test to.")
    words = try_wording(draft, message)
    key = f"test:{uuid4().hex}"
    letter = Letter(
        payload=message.payload,
        recipient=to.email,
        recipient_name=to.get_full_name() or to.get_username(),
        language=draft.language,
        dedupe_key=key,
        aggregate="",
        cause=f"A test by {to}",
        is_test=True,
    )
    queue_messages([letter], now=now)
    Message.objects.filter(dedupe_key=key).update(
        sender=settings.DEFAULT_FROM_EMAIL,
        subject=f"[Test] {words.subject}"[:250],
        text=words.text,
        html=words.html,
        rendered_at=now,
    )


def specimen() -> str:
    """The HTML of an email that has every part."""
    body, footer = html_of(EVERY_PART)

    words = {"subject": "Subject", "body_html": body, "footer_html": footer, "language": "en"}
    return inlined(render_to_string("notifications/email/_plain.html", words))
