"""What an import must know of orders that are there already."""

from collections import defaultdict
from collections.abc import Collection

from backorders.models import OrderLine, SalesOrder


def known_lines(*, source: str, numbers: Collection[str]) -> dict[str, dict[str, int]]:
    """The lines of the orders of a source: order number in lower case → external line → product."""
    lowered = {number.lower() for number in numbers}
    orders = dict(SalesOrder.objects.filter(source=source).numbered(lowered).values_list("pk", "external_number"))
    known: dict[str, dict[str, int]] = defaultdict(dict)
    if orders:
        lines = OrderLine.objects.filter(order__in=list(orders)).values_list("order_id", "external_line", "product_id")
        for order_id, external_line, product_id in lines.iterator():
            known[orders[order_id].lower()][external_line] = product_id
    return known
