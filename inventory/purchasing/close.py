"""Giving up what has not come: a line, the rest of an order, or a whole order."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from inventory.enums import INBOUND_STATUSES, PurchaseOrderStatus
from inventory.errors import InvalidQuantity
from inventory.models import PurchaseOrder, PurchaseOrderLine
from inventory.products.supply_version import bump_supply_version
from inventory.purchasing.locks import (
    locked_lines,
    locked_order,
    locked_with_order,
    refuse_unless,
    settle_status,
)

CANCELLABLE_STATUSES = (PurchaseOrderStatus.DRAFT, PurchaseOrderStatus.SENT, PurchaseOrderStatus.CONFIRMED)
CLOSABLE_STATUSES = (*INBOUND_STATUSES, PurchaseOrderStatus.RECEIVED)


@transaction.atomic
def cancel_purchase_line(
    *, line_id: int, quantity: int | None = None, rejected: bool = False, by: User | None, now: datetime
) -> PurchaseOrderLine:
    """Give up units that have not arrived, all of them unless a quantity is named. The last one ends the order.

    `rejected` says that the supplier refused them: then they count as not delivered.

    Raises InvalidQuantity for more than is outstanding, MoveNotAllowed when the order is finished.
    """
    purchase_order, lines, line = locked_with_order(line_id)
    refuse_unless(purchase_order, {PurchaseOrderStatus.DRAFT, *INBOUND_STATUSES}, step="no line can be cancelled")
    given_up = line.outstanding if quantity is None else quantity
    if not 1 <= given_up <= line.outstanding:
        raise InvalidQuantity(
            f"{line} ({line.product.sku}): {given_up:,} cannot be cancelled, only {line.outstanding:,} are outstanding."
        )
    _give_up([line], units=given_up)
    if rejected:
        PurchaseOrderLine.objects.filter(pk=line.pk).update(rejected=F("rejected") + given_up)
    settle_status(purchase_order, lines.values())
    return line


@transaction.atomic
def close_purchase_order(*, purchase_order_id: int, by: User | None, now: datetime) -> PurchaseOrder:
    """Nothing more is expected: what is outstanding is given up. Raises MoveNotAllowed unless the order was sent."""
    return _end(purchase_order_id, PurchaseOrderStatus.CLOSED, CLOSABLE_STATUSES, step="it cannot be closed")


@transaction.atomic
def cancel_purchase_order(*, purchase_order_id: int, by: User | None, now: datetime) -> PurchaseOrder:
    """Give up a whole order. Raises MoveNotAllowed when something arrived: such an order is closed instead."""
    return _end(purchase_order_id, PurchaseOrderStatus.CANCELLED, CANCELLABLE_STATUSES, step="it cannot be cancelled")


def _end(purchase_order_id: int, status: PurchaseOrderStatus, allowed: Iterable[str], *, step: str) -> PurchaseOrder:
    purchase_order = locked_order(purchase_order_id)
    refuse_unless(purchase_order, allowed, step=step)
    lines = locked_lines(purchase_order)
    _give_up([line for line in lines.values() if line.outstanding])
    purchase_order.move_to(status)
    purchase_order.save(update_fields=["status"])
    return purchase_order


def _give_up(lines: Iterable[PurchaseOrderLine], *, units: int | None = None) -> None:
    """Counted up in the database, and here, since the status is derived from these rows."""
    lines = list(lines)
    for line in lines:
        given_up = line.outstanding if units is None else units
        PurchaseOrderLine.objects.filter(pk=line.pk).update(cancelled=F("cancelled") + given_up)
        line.cancelled += given_up
    bump_supply_version(product_ids={line.product_id for line in lines})
