"""From the token in an address to the order that it opens."""

from datetime import datetime

from backorders.models import TrackingLink
from config.lib.tokens import LinkKind, reference_of


def link_of(token: str, *, now: datetime) -> TrackingLink | None:
    """The open link of this token. Unknown, expired and revoked ones are all the same: None."""
    links = TrackingLink.objects.open_at(now).select_related("order__customer")
    return links.filter(reference=reference_of(LinkKind.ORDER, token)).first()
