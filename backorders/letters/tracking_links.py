"""The links to the customer's page: each email about an order carries one of its own."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.urls import reverse

from backorders.models import CustomerSettings, TrackingLink
from config.lib.bulk import copy_rows
from config.lib.tokens import stand_in


def issue_links(made_for: Mapping[str, int], *, now: datetime) -> dict[str, str]:
    """A link for each email: `made_for` is message key → order; returns message key → address.

    A step of the transaction that queues the emails. Each email has a link of its own, so that a forwarded one can be
    revoked; what was sent before stays open until it expires. The token comes in when the email leaves.
    """
    if not made_for:
        return {}
    expires_at = now + timedelta(days=CustomerSettings.objects.get().tracking_link_days)
    references = {key: uuid4() for key in made_for}
    copy_rows(
        TrackingLink,
        ["order", "reference", "made_for", "made_at", "expires_at"],
        ((order_id, references[key], key, now, expires_at) for key, order_id in made_for.items()),
    )
    page = settings.SITE_URL + reverse("tracking:order", args=["token"])
    return {key: page.replace("token", stand_in(reference)) for key, reference in references.items()}
