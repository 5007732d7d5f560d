"""All sales orders, newest first, narrowed down as a person asks for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from backorders.models import OrderLine, SalesOrder
from backorders.orders.queries.backlog import OPEN_UNITS, OPEN_VALUE
from backorders.queue.queries.search import customers_found_by, keys_of, orders_found_by
from customers.models import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """What somebody asked for; blank means "all"."""

    q: str = ""
    status: str = ""
    customer: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.q or self.status or self.customer)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order with what its lines add up to."""

    order: SalesOrder
    lines: int
    open_units: int
    open_value: Decimal
    backorders: int


def sales_orders(filters: OrderFilter) -> QuerySet[SalesOrder]:
    """The orders that `wanted` leaves, neither sorted nor joined. A search names a number or a customer."""
    orders = SalesOrder.objects.all()
    if filters.status:
        orders = orders.filter(status=filters.status)
    if filters.customer:
        orders = orders.filter(customer__in=keys_of(customers_found_by(filters.customer)))
    if filters.q:
        of_customer = SalesOrder.objects.filter(customer__in=Customer.objects.found_by(filters.q).values("pk"))
        keys = orders_found_by(filters.q).values("pk").union(of_customer.values("pk"), all=True)
        orders = orders.filter(pk__in=keys)
    return orders


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
