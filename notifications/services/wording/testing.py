"""Looking at a text before it is in force: a test email to oneself, and a specimen of every part."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from notifications.errors import NothingToTry, UnsafeMailInput
from notifications.models import Message
from notifications.services.outbox import Draft, queue_messages
from notifications.services.rendering import html_page
from notifications.services.wording.versions import WordingDraft, try_wording

EVERY_PART = """
=== Heading ===

A paragraph, https://desk.example/

Order: SO-1

Items:
- 3 × Lamp (LAMP-1)
  tomorrow

- A point

Look here: {site_url}/

--
The footer
{site_url}
"""


@transaction.atomic
def send_test(*, draft: WordingDraft, message: Message | None, to: User, now: datetime) -> None:
    """Queue the text, filled with the data of `message`, to the person who wrote it: rendered at once, marked a test.

    Raises UnsafeMailInput when that person has no address, NothingToTry without a message, and as `try_wording`.
    """
    if message is None:
        raise NothingToTry("There is no email of this kind yet to take the data from.")
    if not to.email:
        raise UnsafeMailInput("email", "Your user account has no email address.")
    words = try_wording(draft, message)
    key = f"test:{uuid4().hex}"
    letter = Draft(
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
    return html_page("Subject", EVERY_PART.format(site_url=settings.SITE_URL), "en")
