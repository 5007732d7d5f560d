"""Every purchase order line as a delivery: when it was ordered, confirmed and complete."""

from collections.abc import Iterator
from datetime import date

from django.db.models import F, Max, Min, Q, QuerySet
from django.db.models.functions import TruncDate

from inventory.engine.deliveries import Delivery
from inventory.enums import PurchaseOrderStatus
from inventory.lead_times.queries.lead_times import lead_time_band
from inventory.models import PurchaseOrderLine


def past_deliveries() -> list[Delivery]:
    """From the order date all lines that were ever sent; from the first confirmed date those that have one.

    A line has arrived on the day on which its last units came; one that was cancelled before anything came says
    nothing.
    """
    return [delivery for row in _rows().iterator() for delivery in _deliveries(*row)]


def _rows() -> QuerySet[PurchaseOrderLine, tuple]:
    lines = PurchaseOrderLine.objects.exclude(purchase_order__status=PurchaseOrderStatus.DRAFT)
    return (
        lines.filter(purchase_order__ordered_on__isnull=False)
        .exclude(Q(received=0) & Q(cancelled__gte=F("ordered")))
        .order_by("purchase_order__ordered_on", "pk")
        .values_list("purchase_order__supplier_id", "product_id", "purchase_order__supplier__lead_time_days")
        .annotate(
            ordered_day=F("purchase_order__ordered_on"),
            promised_day=F("first_confirmed_on"),
            confirmed_day=Min(TruncDate("date_changes__made_at")),
            last_day=Max(TruncDate("receipt_lines__receipt__received_at")),
            units_to_come=F("ordered") - F("received") - F("cancelled"),
            ended=Q(purchase_order__status__in=[PurchaseOrderStatus.CLOSED, PurchaseOrderStatus.CANCELLED]),
        )
    )


def _deliveries(
    supplier_id: int,
    product_id: int,
    stated_days: int,
    ordered_on: date,
    promised_on: date | None,
    confirmed_on: date | None,
    last_on: date | None,
    to_come: int,
    ended: bool,
) -> Iterator[Delivery]:
    received_on = last_on if to_come <= 0 or ended else None
    if (ended and received_on is None) or (received_on and received_on < ordered_on):
        return
    arrived = received_on.toordinal() if received_on else None
    band = lead_time_band(stated_days)
    ordered = ordered_on.toordinal()
    yield Delivery(supplier_id, product_id, band, ordered, ordered, arrived)
    if promised_on:
        known_on = max((confirmed_on or ordered_on).toordinal(), ordered)
        if arrived is None or known_on <= arrived:
            yield Delivery(supplier_id, product_id, band, known_on, promised_on.toordinal(), arrived, word=True)
