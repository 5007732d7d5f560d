"""All sales orders, newest first, narrowed down as a person asks for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from backorders.models import OrderLine, SalesOrder
from backorders.orders.queries.backlog import OPEN_UNITS, OPEN_VALUE


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order with what its lines add up to."""

    order: SalesOrder
    lines: int
    open_units: int
    open_value: Decimal
    backorders: int


def order_rows(orders: Iterable[SalesOrder]) -> list[OrderRow]:
    """The orders of one page with the sums of their lines, in one query more."""
    shown = list(orders)
    sums = {
        row[0]: row[1:]
        for row in OrderLine.objects.filter(order__in=shown)
        .order_by()
        .values_list("order")
        .annotate(
            lines=Count("pk"),
            units=Sum(OPEN_UNITS),
            value=Sum(OPEN_VALUE),
            backorders=Count("pk", filter=Q(is_open=True, backordered_at__isnull=False)),
        )
    }
    return [OrderRow(order, *sums.get(order.pk, (0, 0, Decimal(0), 0))) for order in shown]
