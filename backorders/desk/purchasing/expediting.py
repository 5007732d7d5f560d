"""What the goods on their way are waited for, and which of them to hasten."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from backorders.desk.purchasing.forms.expediting import ExpediteFilterForm
from backorders.supply.expedite import ToExpedite, Unblocked, expedite_list, unblocked_by
from config.lib.csv import csv_response
from config.lib.requests import StaffRequest
from inventory.models import PurchaseOrder

ROWS_SHOWN = 100


@require_GET
@permission_required("backorders.view_orderline", raise_exception=True)
def unblocks(request: StaffRequest, purchase_order_id: int) -> HttpResponse:
    """Who is waiting for this receipt? As a page, or alone inside the purchase order's page."""
    order = get_object_or_404(PurchaseOrder.objects.select_related("supplier", "warehouse"), pk=purchase_order_id)
    rows = unblocked_by(order, now=timezone.now())
    context = {
        "purchase_order": order,
        "rows": rows[:ROWS_SHOWN],
        "more": max(0, len(rows) - ROWS_SHOWN),
        "count": len({row.line.pk for row in rows}),
        "customers": len({row.line.order.customer_id for row in rows}),
        "value": sum(row.value for row in rows),
        "currency": _common(rows),
    }
    return render(
        request,
        "backorders/desk/purchasing/_unblocks.html" if request.htmx else "backorders/desk/purchasing/unblocks.html",
        context,
    )


@require_GET
@permission_required("backorders.view_orderline", raise_exception=True)
def expedite(request: StaffRequest) -> HttpResponse:
    form = ExpediteFilterForm(request.GET)
    rows = _chosen(form)
    return render(
        request,
        "backorders/desk/purchasing/expedite.html",
        {"form": form, "rows": rows[:ROWS_SHOWN], "more": max(0, len(rows) - ROWS_SHOWN)},
    )


@require_GET
@permission_required("backorders.view_orderline", raise_exception=True)
def export_expedite(request: StaffRequest) -> StreamingHttpResponse:
    header = [
        *("purchase_order", "line", "supplier", "sku", "outstanding", "expected_on", "units_waited_for", "lines"),
        *("customers", "value", "deadlines", "earliest_deadline"),
    ]
    return csv_response("expedite.csv", header, _cells(_chosen(ExpediteFilterForm(request.GET))))


def _cells(rows: Sequence[ToExpedite]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        line = row.supply
        yield (
            *(line.purchase_order.number, line.number, line.purchase_order.supplier.code, line.product.sku),
            *(line.outstanding, line.expected_on, row.units, row.lines),
            *(row.customers, row.value, row.deadlines, row.earliest_deadline),
        )


def _chosen(form: ExpediteFilterForm) -> list[ToExpedite]:
    form.is_valid()
    filters = form.cleaned_data
    supplier = filters.get("supplier")
    rows = expedite_list(now=timezone.now(), supplier_id=supplier.pk if supplier else None)
    if filters.get("late"):
        rows = [row for row in rows if row.is_late]
    order = filters.get("sort") or ""
    if order == "customers":
        return sorted(rows, key=lambda row: -row.customers)
    if order == "deadlines":
        return sorted(rows, key=lambda row: -row.deadlines)
    return rows


def _common(rows: Sequence[Unblocked]) -> str:
    """The currency of a sum, where its parts have one in common."""
    currencies = {row.line.order.currency for row in rows}
    return currencies.pop() if len(currencies) == 1 else ""
