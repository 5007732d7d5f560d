"""Which product may be offered in place of which; a person approves each pair."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from inventory.errors import NoSubstitute
from inventory.models import Product, Substitute


@transaction.atomic
def approve_substitute(
    *, product_id: int, substitute_id: int, units: int, per: int, rank: int, by: User, now: datetime
) -> Substitute:
    """Let `units` of the substitute be offered for `per` units of the product; a pair known already is changed.

    Questions already asked keep what they offered. Raises NoSubstitute.
    """
    products = Product.objects.in_bulk([product_id, substitute_id])
    product, substitute = products[product_id], products[substitute_id]
    if product_id == substitute_id:
        raise NoSubstitute(f"{product.sku} cannot replace itself.")
    if not substitute.active:
        raise NoSubstitute(f"{substitute.sku} is no longer sold.")
    approved = {"units": units, "per": per, "rank": rank, "active": True, "approved_by": by, "approved_at": now}
    pair, _ = Substitute.objects.update_or_create(product=product, substitute=substitute, defaults=approved)
    return pair


@transaction.atomic
def withdraw_substitute(*, pair_id: int) -> Substitute:
    """Offer it no more; whoever was asked may still take it."""
    pair = Substitute.objects.select_related("product", "substitute").select_for_update(of=("self",)).get(pk=pair_id)
    pair.active = False
    pair.save(update_fields=["active"])
    return pair
