"""All sales orders, newest first."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backorders.desk.orders.backlog import address_with
from backorders.enums import OrderStatus
from backorders.models import SalesOrder
from backorders.orders.queries.filters import OrderFilters
from backorders.orders.queries.order_list import order_rows
from config.lib.csv import csv_response
from config.lib.keyset import keyset_page
from config.lib.requests import StaffRequest

COLUMNS = [
    "order",
    "source",
    "external_number",
    "reference",
    "customer",
    "customer_name",
    "placed_at",
    "status",
    "currency",
]


@require_safe
@permission_required("backorders.view_salesorder", raise_exception=True)
def orders(request: StaffRequest) -> HttpResponse:
    filters = OrderFilters(request.GET, SalesOrder.objects.select_related("customer__tier"))
    page = keyset_page(filters.qs, order=("-pk",), query=request.GET)
    context: dict[str, Any] = {
        "form": filters.form,
        "chosen": filters.chosen,
        "page": page,
        "rows": order_rows(page.rows),
        "tabs": [
            (status, words, address_with(request.GET, status=status))
            for status, words in [("", "All"), *OrderStatus.choices]
        ],
    }
    return render(request, "backorders/desk/orders/orders.html", context)


@require_safe
@permission_required("backorders.view_salesorder", raise_exception=True)
def export_orders(request: StaffRequest) -> HttpResponseBase:
    """All orders of the filter as CSV, newest first."""
    filters = OrderFilters(request.GET, SalesOrder.objects.select_related("customer"))
    return csv_response(f"orders-{timezone.localdate()}.csv", COLUMNS, _cells(filters.qs.order_by("-pk")))


def _cells(orders: QuerySet[SalesOrder]) -> Iterator[tuple[Any, ...]]:
    for order in orders.iterator(chunk_size=2000):
        yield (
            *(order.number, order.source, order.external_number, order.customer_reference, order.customer.code),
            *(order.customer.name, order.placed_at, order.status, order.currency),
        )
