"""Goods arrive: book them, and see whom they serve."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from backorders.desk.warehouse.forms.receiving import ReceiveForm
from backorders.enums import RunKind
from backorders.fulfilment.receive import receive_goods
from backorders.models import AllocationRun, OrderLine
from backorders.orders.preview import Beneficiary, preview_arrival
from backorders.runs.queries.run_results import results_of_lines
from config.lib.replies import refusals_beside
from config.lib.requests import StaffRequest
from inventory.models import PurchaseOrder, PurchaseOrderLine, Receipt
from inventory.purchasing.receive import RECEIVABLE_STATUSES

SHOWN_PER_PRODUCT = 20


@require_http_methods(["GET", "POST"])
@permission_required("backorders.receive_goods", raise_exception=True)
def receive(request: StaffRequest, purchase_order_id: int) -> HttpResponse:
    purchase_order = get_object_or_404(
        PurchaseOrder.objects.select_related("supplier", "warehouse"), pk=purchase_order_id
    )
    lines = list(purchase_order.lines.select_related("product", "purchase_order").order_by("number"))
    now = timezone.now()
    if request.method == "GET":
        return _page(request, purchase_order, lines, ReceiveForm(lines=lines), now=now)
    form = ReceiveForm(request.POST, lines=lines)
    if form.is_valid():
        with refusals_beside(form):
            receipt = receive_goods(
                purchase_order_id=purchase_order.pk,
                reference=form.cleaned_data["reference"],
                quantities=form.quantities,
                by=request.user,
                now=now,
            )
            messages.success(request, f"Receipt {receipt} of {purchase_order} is booked.")
            return redirect(f"{reverse('backorders:receive', args=[purchase_order.pk])}?receipt={receipt.pk}")
    return _page(request, purchase_order, lines, form, now=now)


def _page(
    request: StaffRequest,
    purchase_order: PurchaseOrder,
    lines: list[PurchaseOrderLine],
    form: ReceiveForm,
    *,
    now: datetime,
) -> HttpResponse:
    receivable = purchase_order.status in RECEIVABLE_STATUSES and any(line.receivable for line in lines)
    context: dict[str, Any] = {
        "purchase_order": purchase_order,
        "form": form,
        "rows": [(line, form[form.names[line.pk]]) for line in lines],
        "receivable": receivable,
        "expected": _expected(purchase_order, lines, now=now) if receivable else [],
        "receipts": purchase_order.receipts.select_related("received_by").order_by("-pk")[:20],
    }
    asked = request.GET.get("receipt", "")
    receipt = purchase_order.receipts.filter(pk=asked).first() if asked.isascii() and asked.isdigit() else None
    if receipt:
        run = _run_after(receipt)
        context |= {"receipt": receipt, "run": run, "served": results_of_lines(run) if run else []}
    return render(request, "backorders/desk/warehouse/receive.html", context)


def _run_after(receipt: Receipt) -> AllocationRun | None:
    """The run that the receipt started: both were written at the same moment."""
    runs = AllocationRun.objects.filter(
        kind=RunKind.RECEIPT, started_at__gte=receipt.received_at, cause=f"Receipt {receipt.reference}"
    )
    return runs.order_by("pk").first()


def _expected(purchase_order: PurchaseOrder, lines: list[PurchaseOrderLine], *, now: datetime) -> list[dict[str, Any]]:
    """Per product, who would gain if all that is outstanding came."""
    outstanding: dict[int, int] = {}
    for line in lines:
        outstanding[line.product_id] = outstanding.get(line.product_id, 0) + line.outstanding
    coming = {product_id: units for product_id, units in outstanding.items() if units}
    waiting = preview_arrival(quantities=coming, warehouse_id=purchase_order.warehouse_id, now=now)
    shown = {product_id: queue[:SHOWN_PER_PRODUCT] for product_id, queue in waiting.items() if queue}
    order_lines = OrderLine.objects.select_related("order__customer").in_bulk(
        [row.line.id for queue in shown.values() for row in queue]
    )
    products = {line.product_id: line.product for line in lines}
    return [
        {
            "product": products[product_id],
            "units": coming[product_id],
            "rows": [(row, order_lines[row.line.id]) for row in queue],
            "more": len(waiting[product_id]) - len(queue),
            "left": _left(coming[product_id], waiting[product_id]),
        }
        for product_id, queue in sorted(shown.items(), key=lambda item: products[item[0]].sku)
    ]


def _left(units: int, queue: list[Beneficiary]) -> int:
    return max(0, units - sum(row.gain for row in queue))
