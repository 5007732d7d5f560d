"""The backlog as CSV: every open line, what it holds, what it lacks, and the date that was promised."""

from collections.abc import Iterator
from typing import Any

from backorders.models import OrderLine

BACKLOG_COLUMNS = (
    *(
        "order",
        "line",
        "source",
        "order_number",
        "customer",
        "customer_name",
        "tier",
        "sku",
        "product_name",
        "warehouse",
    ),
    *("ordered", "shipped", "cancelled", "allocated", "missing", "unit_price", "currency", "ordered_at"),
    *("requested_on", "latest_on", "promised_on", "likely_on", "promise_source", "backordered_at", "reason", "status"),
)


def exported_backlog() -> Iterator[tuple[Any, ...]]:
    """Oldest line first."""
    lines = OrderLine.objects.open().order_by("pk").select_related("order__customer__tier", "product", "warehouse")
    for line in lines.iterator():
        order, customer = line.order, line.order.customer
        yield (
            *(order.number, line.number, order.source, order.external_number),
            *(customer.code, customer.name, customer.tier.code),
            *(line.product.sku, line.product.name, line.warehouse.code),
            *(line.ordered, line.shipped, line.cancelled, line.allocated, line.missing),
            *(line.unit_price, order.currency, line.placed_at, line.requested_on, line.latest_on),
            *(line.promised_on, line.p50_on, line.promise_source, line.backordered_at, line.reason, line.status),
        )
