"""Giving up what has not come: a line, the rest of an order, or a whole order."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from config.lib.bulk import update_rows
from inventory.enums import INBOUND_STATUSES, PurchaseOrderStatus
from inventory.errors import InvalidQuantity
from inventory.models import PurchaseOrder, PurchaseOrderLine
from inventory.products.supply_version import bump_supply_version
from inventory.purchasing.locks import locked_with_lines, locked_with_order, refuse_unless, settle_status

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


def close_purchase_order(*, purchase_order_id: int, by: User | None, now: datetime) -> PurchaseOrder:
    """Nothing more is expected: what is outstanding is given up. Raises MoveNotAllowed unless the order was sent."""
    [purchase_order] = close_purchase_orders(purchase_order_ids=[purchase_order_id], by=by, now=now)
    return purchase_order


@transaction.atomic
def close_purchase_orders(*, purchase_order_ids: Iterable[int], by: User | None, now: datetime) -> list[PurchaseOrder]:
    """All of these or none. Raises MoveNotAllowed unless each was sent."""
    return _end(purchase_order_ids, PurchaseOrderStatus.CLOSED, CLOSABLE_STATUSES, step="it cannot be closed")


@transaction.atomic
def cancel_purchase_order(*, purchase_order_id: int, by: User | None, now: datetime) -> PurchaseOrder:
    """Give up a whole order. Raises MoveNotAllowed when something arrived: such an order is closed instead."""
    [purchase_order] = _end(
        [purchase_order_id], PurchaseOrderStatus.CANCELLED, CANCELLABLE_STATUSES, step="it cannot be cancelled"
    )
    return purchase_order


def _end(
    order_ids: Iterable[int], status: PurchaseOrderStatus, allowed: Iterable[str], *, step: str
) -> list[PurchaseOrder]:
    orders = locked_with_lines(order_ids)
    for purchase_order in orders:
        refuse_unless(purchase_order, allowed, step=step)
    _give_up([line for lines in orders.values() for line in lines.values() if line.outstanding])
    for purchase_order in orders:
        purchase_order.move_to(status)
    update_rows(orders, ["status"])
    return list(orders)


def _give_up(lines: Sequence[PurchaseOrderLine], *, units: int | None = None) -> None:
    """Of locked lines: all that is outstanding, unless a number of units is named."""
    for line in lines:
        line.cancelled += line.outstanding if units is None else units
    if lines:
        update_rows(lines, ["cancelled"])
        bump_supply_version(product_ids={line.product_id for line in lines})
