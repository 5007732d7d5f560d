"""The private links of an email: to the order, to a supplier's answer, and to the reader's own choice of emails.

The reader's page is opened by a link whose reference is the message's number. It ends with its time, and with a
revocation. See config.lib.tokens for how tokens stay out of whatever is stored.
"""

from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from config.lib.tokens import LinkKind, reference_of, stand_in, with_tokens
from notifications.errors import PreferenceLinkNotValid
from notifications.models import Message, Preference

LINKS_LAST = timedelta(days=400)


def preferences_url(message: Message) -> str:
    """The address as it is stored; empty for who cannot choose: staff, suppliers, legal notices."""
    return _readers_page("preferences", message)


def opt_out_url(message: Message) -> str:
    """What mail programs call for their own "unsubscribe" button, as it is stored."""
    return _readers_page("opt-out", message)


def with_live_links(text: str, message: Message) -> str:
    """`text` as the reader gets it, and nobody else."""
    mails = message.context.get("parts", [message.context])
    links = [mail.get(name, "") for mail in mails for name in ("tracking_url", "answer_url")]
    return with_tokens(text, own=[*links, preferences_url(message)])


def message_of(token: str, *, now: datetime) -> Message:
    """The message whose reader holds this token. Raises LinkNotValid for a forged, expired or revoked one."""
    number = reference_of(LinkKind.EMAILS, token).int
    message = Message.objects.filter(pk=number).exclude(addressee="").first()
    if message is None or message.created_at + LINKS_LAST < now:
        raise PreferenceLinkNotValid("This link is invalid or has expired.")
    since = Preference.objects.filter(addressee=message.addressee).values_list("links_since", flat=True).first()
    if since and message.created_at <= since:
        raise PreferenceLinkNotValid("This link was revoked.")
    return message


def _readers_page(name: str, message: Message) -> str:
    if not message.addressee or message.legal:
        return ""
    return settings.SITE_URL + _path(name).replace("token", stand_in(UUID(int=message.pk)))


@cache
def _path(name: str) -> str:
    """Looked up once: a thousand emails would spend a second on it."""
    return reverse(f"preferences:{name}", args=["token"])
