"""Goods arrive: the receipt, the lines' received units, the stock ledger and the status, in one transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from config.lib.text import clean_line
from inventory.enums import INBOUND_STATUSES, PurchaseOrderStatus, StockKind
from inventory.errors import ConflictingRepeat, InvalidDate, InvalidQuantity, OverReceipt
from inventory.models import PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine
from inventory.purchasing.locks import locked_with_lines, refuse_foreign_lines, refuse_unless, settle_statuses
from inventory.stock.move import StockMove, move_stock, pools_of

# An extra unit within the tolerance may still come after the rest.
RECEIVABLE_STATUSES = (*INBOUND_STATUSES, PurchaseOrderStatus.RECEIVED)


class GoodsArrival(NamedTuple):
    """A delivery as the warehouse unpacked it: the units that came, by line of its purchase order."""

    purchase_order_id: int
    reference: str
    quantities: Mapping[int, int]
    received_at: datetime


def receive_purchase_order(
    *, purchase_order_id: int, reference: str, quantities: Mapping[int, int], by: User | None, now: datetime
) -> Receipt:
    """Book what arrived, by line; less than ordered leaves the rest open. A reference booked before is that receipt.

    Raises ConflictingRepeat when the reference stands for other quantities, OverReceipt beyond the tolerance,
    InvalidDate before the order was placed, MoveNotAllowed unless it is on its way, InvalidQuantity, WrongLine.
    """
    [receipt] = receive_arrivals(arrivals=[GoodsArrival(purchase_order_id, reference, quantities, now)], by=by)
    return receipt


@transaction.atomic
def receive_arrivals(*, arrivals: Sequence[GoodsArrival], by: User | None) -> list[Receipt]:
    """Book several deliveries, at most one of each purchase order, all or none; each as `receive_purchase_order`.

    Raises ValueError for two of one purchase order: what the second may bring is known once the first is booked.
    """
    arrivals = [_tidy(arrival) for arrival in arrivals]
    if len({arrival.purchase_order_id for arrival in arrivals}) < len(arrivals):
        raise ValueError("Two deliveries of one purchase order cannot be booked in one call.")
    lines_of = locked_with_lines(arrival.purchase_order_id for arrival in arrivals)
    orders = {order.pk: order for order in lines_of}
    known = _known_receipts(arrivals)
    receipts: list[Receipt] = []
    new: list[tuple[Receipt, GoodsArrival]] = []
    for arrival in arrivals:
        if arrival.purchase_order_id not in orders:
            raise PurchaseOrder.DoesNotExist(f"There is no purchase order {arrival.purchase_order_id}.")
        order = orders[arrival.purchase_order_id]
        receipt = known.get((order.pk, arrival.reference.lower()))
        if receipt:
            _refuse_other_quantities(receipt, order, arrival)
        else:
            _refuse_impossible(order, lines_of[order], arrival)
            receipt = Receipt(
                purchase_order=order, reference=arrival.reference, received_by=by, received_at=arrival.received_at
            )
            new.append((receipt, arrival))
        receipts.append(receipt)
    _book(new, lines_of, by=by)
    return receipts


def _tidy(arrival: GoodsArrival) -> GoodsArrival:
    quantities = {line_id: quantity for line_id, quantity in arrival.quantities.items() if quantity}
    return arrival._replace(reference=clean_line(arrival.reference), quantities=quantities)


def _known_receipts(arrivals: Sequence[GoodsArrival]) -> dict[tuple[int, str], Receipt]:
    of_orders = Receipt.objects.filter(purchase_order__in=[arrival.purchase_order_id for arrival in arrivals])
    return {(receipt.purchase_order_id, receipt.reference.lower()): receipt for receipt in of_orders}


def _book(
    new: Sequence[tuple[Receipt, GoodsArrival]],
    lines_of: Mapping[PurchaseOrder, Mapping[int, PurchaseOrderLine]],
    *,
    by: User | None,
) -> None:
    if not new:
        return
    Receipt.objects.bulk_create(receipt for receipt, _ in new)
    ReceiptLine.objects.bulk_create(
        ReceiptLine(receipt=receipt, purchase_order_line_id=line_id, quantity=quantity)
        for receipt, arrival in new
        for line_id, quantity in sorted(arrival.quantities.items())
    )
    move_stock(moves=_moves(new, lines_of), by=by, now=new[0][1].received_at)
    for receipt, arrival in new:
        for line_id, quantity in arrival.quantities.items():
            lines_of[receipt.purchase_order][line_id].received += quantity  # as the database has counted
    settle_statuses({receipt.purchase_order: lines_of[receipt.purchase_order].values() for receipt, _ in new})


def _moves(
    new: Sequence[tuple[Receipt, GoodsArrival]], lines_of: Mapping[PurchaseOrder, Mapping[int, PurchaseOrderLine]]
) -> list[StockMove]:
    products: dict[int, set[int]] = defaultdict(set)
    for receipt, arrival in new:
        order = receipt.purchase_order
        products[order.warehouse_id] |= {lines_of[order][line_id].product_id for line_id in arrival.quantities}
    pools = {
        warehouse_id: pools_of(product_ids=product_ids, warehouse_id=warehouse_id)
        for warehouse_id, product_ids in sorted(products.items())
    }
    return [
        StockMove(
            stock_level_id=pools[receipt.purchase_order.warehouse_id][
                lines_of[receipt.purchase_order][line_id].product_id
            ],
            delta=quantity,
            kind=StockKind.RECEIPT,
            idempotency_key=f"receipt:{receipt.pk}:{line_id}",
            reason=receipt.purchase_order.number,
            reference=receipt.reference,
            made_at=arrival.received_at,
        )
        for receipt, arrival in new
        for line_id, quantity in sorted(arrival.quantities.items())
    ]


def _refuse_other_quantities(known: Receipt, purchase_order: PurchaseOrder, arrival: GoodsArrival) -> None:
    booked = dict(ReceiptLine.objects.filter(receipt=known).values_list("purchase_order_line_id", "quantity"))
    if booked != arrival.quantities:
        raise ConflictingRepeat(
            f"Receipt {known.reference} of {purchase_order.number} is already booked with other quantities."
        )


def _refuse_impossible(
    purchase_order: PurchaseOrder, lines: Mapping[int, PurchaseOrderLine], arrival: GoodsArrival
) -> None:
    refuse_unless(purchase_order, RECEIVABLE_STATUSES, step="nothing can be received")
    refuse_foreign_lines(purchase_order, lines, arrival.quantities)
    if not arrival.reference:
        raise InvalidQuantity("A receipt needs a reference, such as the number of the delivery note.")
    if not arrival.quantities:
        raise InvalidQuantity(f"Nothing to receive for {purchase_order.number}. Enter at least one quantity.")
    if purchase_order.ordered_on and timezone.localdate(arrival.received_at) < purchase_order.ordered_on:
        raise InvalidDate(
            f"{purchase_order.number} was ordered on {purchase_order.ordered_on:%-d %b %Y}. "
            "Goods cannot arrive earlier."
        )
    for line_id, quantity in arrival.quantities.items():
        line = lines[line_id]
        if quantity < 1:
            raise InvalidQuantity(f"{line} ({line.product.sku}): {quantity:,} units cannot be received.")
        if quantity > line.receivable:
            raise OverReceipt(
                f"{line} ({line.product.sku}): {quantity:,} arrived, but only {line.outstanding:,} are outstanding and "
                f"at most {line.receivable:,} are accepted."
            )
