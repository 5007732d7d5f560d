"""From the token in an address to the order that it opens."""

from datetime import datetime

from backorders.models import TrackingLink
from config.lib.tokens import token_hash


def link_of(token: str, *, now: datetime) -> TrackingLink | None:
    """The open link of this token. Unknown, expired and revoked ones are all the same: None."""
    try:
        digest = token_hash(token)
    except UnicodeEncodeError:
        return None
    links = TrackingLink.objects.open_at(now).select_related("order__customer")
    return links.filter(token_hash=digest).first()
