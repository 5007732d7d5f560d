"""All sales orders, newest first."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backorders.desk.orders.backlog import address_with
from backorders.desk.orders.forms.order_list import OrderListForm
from backorders.enums import OrderStatus
from backorders.orders.queries.order_list import OrderFilter, order_rows, sales_orders
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
    form = OrderListForm(request.GET)
    rows = sales_orders(form.wanted).select_related("customer__tier")
    page = keyset_page(rows, order=("-pk",), query=request.GET)
    context: dict[str, Any] = {
        "form": form,
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
    filters = OrderListForm(request.GET).wanted
    return csv_response(f"orders-{timezone.localdate()}.csv", COLUMNS, _cells(filters))


def _cells(filters: OrderFilter) -> Iterator[tuple[Any, ...]]:
    for order in sales_orders(filters).select_related("customer").order_by("-pk").iterator(chunk_size=2000):
        yield (
            *(order.number, order.source, order.external_number, order.customer_reference, order.customer.code),
            *(order.customer.name, order.placed_at, order.status, order.currency),
        )
