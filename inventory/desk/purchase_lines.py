from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from config.lib.replies import refusals_beside
from config.lib.requests import StaffRequest
from inventory.desk.forms.purchasing import CancelPurchaseLineForm, ChangeDateForm
from inventory.models import PurchaseOrderLine
from inventory.purchasing.close import cancel_purchase_line
from inventory.purchasing.dates import change_confirmed_date


def _line(line_id: int) -> PurchaseOrderLine:
    lines = PurchaseOrderLine.objects.select_related("purchase_order__supplier", "product")
    return get_object_or_404(lines, pk=line_id)


@permission_required("inventory.confirm_purchaseorder", raise_exception=True)
def change_date(request: StaffRequest, line_id: int) -> HttpResponse:
    line = _line(line_id)
    form = ChangeDateForm(request.POST or None, initial={"new_on": line.confirmed_on})
    if request.method == "POST" and form.is_valid():
        with refusals_beside(form):
            change_confirmed_date(line_id=line.pk, by=request.user, now=timezone.now(), **form.cleaned_data)
            day = form.cleaned_data["new_on"]
            messages.success(request, f"{line} ({line.product.sku}) is now expected on {day:%-d %b %Y}.")
            return redirect(line.purchase_order)
    return render(
        request,
        "inventory/desk/change_date.html",
        {"line": line, "form": form, "changes": line.date_changes.select_related("made_by").order_by("-pk")},
    )


@permission_required("inventory.close_purchaseorder", raise_exception=True)
def cancel_line(request: StaffRequest, line_id: int) -> HttpResponse:
    line = _line(line_id)
    form = CancelPurchaseLineForm(request.POST or None, initial={"quantity": line.outstanding})
    if request.method == "POST" and form.is_valid():
        with refusals_beside(form):
            cancel_purchase_line(line_id=line.pk, by=request.user, now=timezone.now(), **form.cleaned_data)
            units = form.cleaned_data["quantity"]
            messages.success(request, f"{units:,} × {line.product.sku} are no longer expected.")
            return redirect(line.purchase_order)
    return render(request, "inventory/desk/cancel_purchase_line.html", {"line": line, "form": form})
