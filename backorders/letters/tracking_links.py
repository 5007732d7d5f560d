"""The links to the customer's page: each email about an order carries one of its own."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse

from backorders.models import CustomerSettings, TrackingLink
from config.lib.bulk import copy_rows
from config.lib.tokens import new_token, token_hash


def issue_links(made_for: Mapping[str, int], *, now: datetime) -> dict[str, str]:
    """A link for each email: `made_for` is message key → order; returns message key → address.

    A step of the transaction that queues the emails. Each email has a token of its own, so that a forwarded one can be
    revoked; what was sent before stays open until it expires.
    """
    if not made_for:
        return {}
    expires_at = now + timedelta(days=CustomerSettings.objects.get().tracking_link_days)
    tokens = {key: new_token() for key in made_for}
    copy_rows(
        TrackingLink,
        ["order", "token_hash", "made_for", "made_at", "expires_at"],
        ((order_id, token_hash(tokens[key]), key, now, expires_at) for key, order_id in made_for.items()),
    )
    return {key: tracking_address(token) for key, token in tokens.items()}


def tracking_address(token: str) -> str:
    return settings.SITE_URL.rstrip("/") + reverse("tracking:order", args=[token])
