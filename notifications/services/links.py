"""The reader's own page, opened from an email without a login.

The token is a signature over the message's number: unguessable without the desk's key, and the same at every try. The
database does not keep it: in the stored text stands a placeholder, and the token comes in when the email is put
together. It ends with its time, and with a revocation.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from notifications.errors import LinkNotValid
from notifications.models import Message, Preference

PLACEHOLDER = "your-personal-link"
LINKS_LAST = timedelta(days=400)
_signer = Signer(salt="notifications.preferences", sep=".")


def preferences_url(message: Message) -> str:
    """The address as it stands in the stored text; empty for who cannot choose: staff, suppliers, legal notices."""
    if not message.addressee or message.legal:
        return ""
    return settings.SITE_URL + reverse("preferences:preferences", args=[PLACEHOLDER])


def opt_out_url(message: Message) -> str:
    """What mail programs call for their own "unsubscribe" button."""
    if not message.addressee or message.legal:
        return ""
    return settings.SITE_URL + reverse("preferences:opt-out", args=[link_token(message)])


def with_token(text: str, message: Message) -> str:
    """`text` as the reader gets it."""
    return text.replace(PLACEHOLDER, link_token(message)) if message.addressee and not message.legal else text


def link_token(message: Message) -> str:
    return _signer.sign(f"{message.pk:x}")


def message_of(token: str, *, now: datetime) -> Message:
    """The message whose reader holds this token. Raises LinkNotValid for a forged, expired or revoked one."""
    try:
        message_id = int(_signer.unsign(token), 16)
    except (BadSignature, ValueError):
        raise LinkNotValid("This link is not one of ours.") from None
    message = Message.objects.filter(pk=message_id).exclude(addressee="").first()
    if message is None or message.created_at + LINKS_LAST < now:
        raise LinkNotValid("This link is too old.")
    since = Preference.objects.filter(addressee=message.addressee).values_list("links_since", flat=True).first()
    if since and message.created_at <= since:
        raise LinkNotValid("This link was revoked.")
    return message
