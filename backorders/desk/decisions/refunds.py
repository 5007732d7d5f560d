"""Refunds: what is due until when, and that a person sent it."""

from decimal import Decimal

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Sum
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from backorders.decisions.refunds import record_refund
from backorders.desk.decisions.forms import RefundForm
from backorders.enums import RefundMethod
from backorders.models import RefundTask
from config.lib.csv import csv_response
from config.lib.keyset import keyset_page
from config.lib.replies import is_sound, refusals_told
from config.lib.requests import StaffRequest

COLUMNS = [
    *("order", "customer", "sku", "units", "amount", "currency", "vested_on", "due_on", "basis", "legal"),
    *("sent_on", "method", "sent_amount", "sent_by", "note"),
]


@require_safe
@permission_required("backorders.view_refundtask", raise_exception=True)
def refunds(request: StaffRequest) -> HttpResponse:
    """What is still to be sent, the first due first; with `show=sent` what was, the latest first."""
    sent = request.GET.get("show") == "sent"
    tasks = _tasks().exclude(done_at=None) if sent else _tasks().filter(done_at=None)
    order = ("-done_at", "-pk") if sent else ("due_on", "pk")
    today = timezone.localdate()
    still_open = RefundTask.objects.open()
    context = {
        "page": keyset_page(tasks, order=order, query=request.GET),
        "sent": sent,
        "today": today,
        "methods": RefundMethod.choices,
        "count": still_open.count(),
        "late": still_open.filter(due_on__lt=today).count(),
        "sums": still_open.order_by("currency").values("currency").annotate(amount=Sum("amount", default=Decimal())),
    }
    return render(request, "backorders/desk/decisions/refunds.html", context)


@require_safe
@permission_required("backorders.view_refundtask", raise_exception=True)
def export_refunds(request: StaffRequest) -> HttpResponseBase:
    rows = (
        (
            *(task.order.number, task.order.customer.code, task.line.product.sku, task.units, task.amount),
            *(task.currency, task.vested_on, task.due_on, task.basis, "yes" if task.is_legal else "no"),
            *(task.done_on, task.method, task.done_amount, task.done_by, task.done_note),
        )
        for task in _tasks().order_by("pk").iterator(chunk_size=2000)
    )
    return csv_response("refunds.csv", COLUMNS, rows)


@require_POST
@permission_required("backorders.refund_customer", raise_exception=True)
def record(request: StaffRequest, refund_id: int) -> HttpResponse:
    task = get_object_or_404(RefundTask, pk=refund_id)
    form = RefundForm(request.POST)
    if is_sound(request, form):
        chosen = form.cleaned_data
        with refusals_told(request):
            record_refund(
                refund_id=task.pk,
                method=RefundMethod(chosen["method"]),
                amount=chosen["amount"],
                sent_on=chosen["sent_on"],
                note=chosen["note"],
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, f"The refund for {task.order} is recorded.")
    return redirect("backorders:refunds")


def _tasks():
    return RefundTask.objects.select_related("order__customer", "line__product", "done_by")
