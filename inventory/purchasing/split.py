"""A quantity of a line that comes on another day becomes a line of its own."""

from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from inventory.enums import INBOUND_STATUSES
from inventory.errors import InvalidDate, InvalidQuantity
from inventory.models import PurchaseDateChange, PurchaseOrderLine
from inventory.products.supply_version import bump_supply_version
from inventory.purchasing.locks import locked_with_order, refuse_unless

FIRST_NUMBER = 901


@transaction.atomic
def split_purchase_line(
    *, line_id: int, quantity: int, new_on: date, reason: str, by: User | None, now: datetime
) -> PurchaseOrderLine:
    """Move units that have not come to a new line that is confirmed for `new_on`.

    The new line is measured by the first date of the old one; where there was none, by its own. Receipts, promises and
    figures see two lines. Raises InvalidQuantity unless units are left on both, InvalidDate for a day that is past.
    """
    purchase_order, _, line = locked_with_order(line_id)
    refuse_unless(purchase_order, INBOUND_STATUSES, step="its lines cannot be split")
    if not 1 <= quantity < line.outstanding:
        raise InvalidQuantity(
            f"{line} ({line.product.sku}): of {line.outstanding:,} outstanding units 1 to {line.outstanding - 1:,} can "
            f"be split off, not {quantity:,}."
        )
    if new_on < timezone.localdate(now):
        raise InvalidDate(f"{line} ({line.product.sku}): {new_on:%-d %b %Y} is in the past.")
    PurchaseOrderLine.objects.filter(pk=line.pk).update(ordered=F("ordered") - quantity)
    part = PurchaseOrderLine.objects.create(
        purchase_order=purchase_order,
        number=_next_number(line),
        product=line.product,
        ordered=quantity,
        requested_on=line.requested_on,
        first_confirmed_on=line.first_confirmed_on or new_on,
        confirmed_on=new_on,
        cost=line.cost,
        split_from_id=line.split_from_id or line.pk,
    )
    PurchaseDateChange.objects.create(
        line=part, previous_on=line.confirmed_on, new_on=new_on, reason=reason, made_by=by, made_at=now
    )
    bump_supply_version(product_ids=[line.product_id])
    return part


def _next_number(line: PurchaseOrderLine) -> int:
    """Behind whatever numbers the order's own lines may still get from a file."""
    highest = PurchaseOrderLine.objects.filter(purchase_order=line.purchase_order_id).aggregate(n=Max("number"))["n"]
    return max(int(highest) + 1, FIRST_NUMBER)
