"""The purchase order board, and one order with everything that happened to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Min, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Greatest

from inventory.enums import INBOUND_STATUSES
from inventory.models import PurchaseDateChange, PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine

OUTSTANDING = Greatest(F("ordered") - F("received") - F("cancelled"), 0)
TO_COME = Q(ordered__gt=F("received") + F("cancelled"))


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """`next_on`: the first day on which something is expected; late when that day has passed."""

    lines: int = 0
    ordered: int = 0
    received: int = 0
    outstanding: int = 0
    next_on: date | None = None
    late: bool = False


def figures_of(orders: Iterable[PurchaseOrder], *, today: date) -> dict[int, OrderFigures]:
    """The sums of each order's lines, for the rows of one page."""
    by_id = {order.pk: order for order in orders}
    lines = PurchaseOrderLine.objects.filter(purchase_order__in=by_id).with_expected_on()
    sums = lines.values("purchase_order_id").annotate(
        lines=Count("pk"),
        units=Sum("ordered"),
        arrived=Sum("received"),
        open=Sum(OUTSTANDING),
        next_on=Min("expected_on", filter=TO_COME),
    )
    figures = {pk: OrderFigures() for pk in by_id}
    for row in sums:
        inbound = by_id[row["purchase_order_id"]].status in INBOUND_STATUSES
        next_on = row["next_on"] if inbound else None
        figures[row["purchase_order_id"]] = OrderFigures(
            lines=row["lines"],
            ordered=row["units"],
            received=row["arrived"],
            outstanding=row["open"],
            next_on=next_on,
            late=next_on is not None and next_on < today,
        )
    return figures


def purchase_orders_for_page() -> QuerySet[PurchaseOrder]:
    """For one order's page: its lines with product and date history, its receipts with their lines."""
    changes = PurchaseDateChange.objects.select_related("made_by").order_by("pk")
    lines = PurchaseOrderLine.objects.select_related("product").with_expected_on().order_by("number")
    booked = ReceiptLine.objects.select_related("purchase_order_line__product").order_by("pk")
    receipts = Receipt.objects.select_related("received_by").order_by("-pk")
    return PurchaseOrder.objects.select_related("supplier", "warehouse").prefetch_related(
        Prefetch("lines", lines.prefetch_related(Prefetch("date_changes", changes))),
        Prefetch("receipts", receipts.prefetch_related(Prefetch("lines", booked))),
    )
