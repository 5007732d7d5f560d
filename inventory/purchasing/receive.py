"""Goods arrive: the receipt, the lines' received units, the stock ledger and the status, in one transaction."""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from config.lib.text import clean_line
from inventory.enums import INBOUND_STATUSES, PurchaseOrderStatus, StockKind
from inventory.errors import ConflictingRepeat, InvalidDate, InvalidQuantity, OverReceipt
from inventory.models import PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine
from inventory.purchasing.locks import (
    locked_lines,
    locked_order,
    refuse_foreign_lines,
    refuse_unless,
    settle_status,
)
from inventory.stock.move import StockMove, move_stock, pools_of

# An extra unit within the tolerance may still come after the rest.
RECEIVABLE_STATUSES = (*INBOUND_STATUSES, PurchaseOrderStatus.RECEIVED)


@transaction.atomic
def receive_purchase_order(
    *, purchase_order_id: int, reference: str, quantities: dict[int, int], by: User | None, now: datetime
) -> Receipt:
    """Book what arrived, by line; less than ordered leaves the rest open. A reference booked before is that receipt.

    Raises ConflictingRepeat when the reference stands for other quantities, OverReceipt beyond the tolerance,
    InvalidDate before the order was placed, MoveNotAllowed unless it is on its way, InvalidQuantity, WrongLine.
    """
    reference = clean_line(reference)
    quantities = {line_id: quantity for line_id, quantity in quantities.items() if quantity}
    purchase_order = locked_order(purchase_order_id)
    if known := Receipt.objects.filter(purchase_order=purchase_order, reference__iexact=reference).first():
        return _same_receipt(known, purchase_order, quantities)
    refuse_unless(purchase_order, RECEIVABLE_STATUSES, step="nothing can be received")
    lines = locked_lines(purchase_order)
    refuse_foreign_lines(purchase_order, lines, quantities)
    _refuse_impossible(purchase_order, lines, reference, quantities, now=now)

    receipt = Receipt.objects.create(
        purchase_order=purchase_order, reference=reference, received_by=by, received_at=now
    )
    ReceiptLine.objects.bulk_create(
        ReceiptLine(receipt=receipt, purchase_order_line=lines[line_id], quantity=quantity)
        for line_id, quantity in sorted(quantities.items())
    )
    move_stock(moves=_moves(receipt, purchase_order, lines, quantities), by=by, now=now)
    for line_id, quantity in quantities.items():
        lines[line_id].received += quantity  # as the database has counted: these rows are locked
    settle_status(purchase_order, lines.values())
    return receipt


def _moves(
    receipt: Receipt,
    purchase_order: PurchaseOrder,
    lines: Mapping[int, PurchaseOrderLine],
    quantities: Mapping[int, int],
) -> list[StockMove]:
    products = {lines[line_id].product_id for line_id in quantities}
    pools = pools_of(product_ids=products, warehouse_id=purchase_order.warehouse_id)
    return [
        StockMove(
            stock_level_id=pools[lines[line_id].product_id],
            delta=quantity,
            kind=StockKind.RECEIPT,
            idempotency_key=f"receipt:{receipt.pk}:{line_id}",
            reason=purchase_order.number,
            reference=receipt.reference,
        )
        for line_id, quantity in sorted(quantities.items())
    ]


def _same_receipt(known: Receipt, purchase_order: PurchaseOrder, quantities: Mapping[int, int]) -> Receipt:
    booked = dict(ReceiptLine.objects.filter(receipt=known).values_list("purchase_order_line_id", "quantity"))
    if booked != quantities:
        raise ConflictingRepeat(
            f"Receipt {known.reference} of {purchase_order.number} is already booked with other quantities."
        )
    return known


def _refuse_impossible(
    purchase_order: PurchaseOrder,
    lines: Mapping[int, PurchaseOrderLine],
    reference: str,
    quantities: Mapping[int, int],
    *,
    now: datetime,
) -> None:
    if not reference:
        raise InvalidQuantity("A receipt needs a reference, such as the number of the delivery note.")
    if not quantities:
        raise InvalidQuantity(f"Nothing to receive for {purchase_order.number}. Enter at least one quantity.")
    if purchase_order.ordered_on and timezone.localdate(now) < purchase_order.ordered_on:
        raise InvalidDate(
            f"{purchase_order.number} was ordered on {purchase_order.ordered_on:%-d %b %Y}. "
            "Goods cannot arrive earlier."
        )
    for line_id, quantity in quantities.items():
        line = lines[line_id]
        if quantity < 1:
            raise InvalidQuantity(f"{line} ({line.product.sku}): {quantity:,} units cannot be received.")
        if quantity > line.receivable:
            raise OverReceipt(
                f"{line} ({line.product.sku}): {quantity:,} arrived, but only {line.outstanding:,} are outstanding and "
                f"at most {line.receivable:,} are accepted."
            )
