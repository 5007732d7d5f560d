"""Correcting the reason of, or cancelling, the lines that were ticked in the worklist: ask, do, tell per line."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from backorders.desk.orders.forms.bulk import LINES_AT_ONCE, CancelLinesForm, CorrectReasonsForm
from backorders.enums import BackorderReason
from backorders.models import OrderLine
from backorders.orders.bulk import cancel_lines, correct_reasons
from config.lib.requests import StaffRequest

require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_get_or_post
@permission_required("backorders.correct_reason", raise_exception=True)
def correct_reasons_of_lines(request: StaffRequest) -> HttpResponse:
    lines = chosen_lines(request)
    if not lines:
        return nothing_chosen(request)
    form = CorrectReasonsForm(request.POST or None)
    context: dict[str, Any] = {"lines": lines, "form": form, "back_url": back_url(request)}
    if request.method == "POST" and form.is_valid():
        reason = BackorderReason(form.cleaned_data["reason"])
        context["outcomes"] = correct_reasons(lines=lines, reason=reason, by=request.user, now=timezone.now())
        return render(request, "backorders/desk/bulk_outcomes.html", context | {"title": "Reasons corrected"})
    return render(request, "backorders/desk/orders/correct_reasons.html", context)


@require_get_or_post
@permission_required("backorders.cancel_line", raise_exception=True)
def cancel_chosen_lines(request: StaffRequest) -> HttpResponse:
    lines = chosen_lines(request)
    if not lines:
        return nothing_chosen(request)
    form = CancelLinesForm(request.POST or None)
    context: dict[str, Any] = {"lines": lines, "form": form, "back_url": back_url(request)}
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        context["outcomes"] = cancel_lines(lines=lines, by=request.user, now=timezone.now(), note=note)
        return render(request, "backorders/desk/bulk_outcomes.html", context | {"title": "Lines cancelled"})
    return render(request, "backorders/desk/orders/cancel_lines.html", context)


def chosen_lines(request: StaffRequest) -> list[OrderLine]:
    """The ticked lines, in the order of the worklist; what is no number is left out."""
    values = (request.POST if request.method == "POST" else request.GET).getlist("line")[:LINES_AT_ONCE]
    keys = [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19]
    lines = OrderLine.objects.filter(pk__in=keys).select_related("order__customer__tier", "product")
    return sorted(lines, key=lambda line: keys.index(line.pk))


def nothing_chosen(request: StaffRequest) -> HttpResponse:
    messages.warning(request, "Select lines first.")
    return redirect(back_url(request))


def back_url(request: StaffRequest) -> str:
    """The worklist as it was left."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    here = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if here and address.startswith("/") else reverse("backorders:backlog")
