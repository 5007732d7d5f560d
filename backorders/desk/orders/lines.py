"""What can be done to one line of an order."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from backorders.desk.orders.forms.lines import BackorderReasonForm, CancelLineForm, ReturnForm
from backorders.fulfilment import stock_corrections
from backorders.models import OrderLine
from backorders.orders import cancel
from backorders.planning import reasons
from config.lib.replies import is_sound, refusals_told
from config.lib.requests import StaffRequest


def _line(line_id: int) -> OrderLine:
    return get_object_or_404(OrderLine.objects.select_related("order", "product"), pk=line_id)


@require_POST
@permission_required("backorders.cancel_line", raise_exception=True)
def cancel_line(request: StaffRequest, line_id: int) -> HttpResponse:
    line, form = _line(line_id), CancelLineForm(request.POST)
    if is_sound(request, form):
        quantity = form.cleaned_data["quantity"]
        with refusals_told(request):
            cancel.cancel_line(
                line_id=line.pk,
                quantity=quantity,
                note=form.cleaned_data["note"],
                seen_open=form.cleaned_data["open"],
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, f"{quantity:,} × {line.product.sku} of {line.order} are cancelled.")
    return redirect(line.order)


@require_POST
@permission_required("backorders.correct_reason", raise_exception=True)
def correct_reason(request: StaffRequest, line_id: int) -> HttpResponse:
    line, form = _line(line_id), BackorderReasonForm(request.POST)
    if is_sound(request, form):
        with refusals_told(request):
            reasons.correct_reason(line_id=line.pk, by=request.user, now=timezone.now(), **form.cleaned_data)
            messages.success(request, f"The reason of {line} is corrected.")
    return redirect(line.order)


@require_POST
@permission_required("backorders.return_goods", raise_exception=True)
def return_goods(request: StaffRequest, line_id: int) -> HttpResponse:
    line, form = _line(line_id), ReturnForm(request.POST)
    if is_sound(request, form):
        with refusals_told(request):
            stock_corrections.return_goods(line_id=line.pk, by=request.user, now=timezone.now(), **form.cleaned_data)
            quantity = form.cleaned_data["quantity"]
            messages.success(request, f"{quantity:,} × {line.product.sku} returned to stock.")
    return redirect(line.order)
