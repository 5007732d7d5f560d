"""Delay notices and refunds that the law asks for: what is due, what is late, and the proof of each order."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from backorders.delays.cases import correct_case, record_notice
from backorders.delays.queries.compliance import compliance, due_soon, evidence_of, late, watched_cases
from backorders.desk.reports.forms import CorrectCaseForm, RecordNoticeForm
from backorders.models import DelayCase, SalesOrder
from config.lib.csv import csv_response
from config.lib.keyset import keyset_page
from config.lib.periods import Period
from config.lib.replies import is_sound, refusals_told
from config.lib.requests import StaffRequest
from customers.models import JurisdictionProfile

DAYS = 90
VIEWS = {"soon": due_soon, "late": late}
COLUMNS = [
    *("order", "line", "customer", "sku", "open", "profile", "state", "completed_on", "stated_on", "applicable_on"),
    *("deadline_on", "vested_on", "refund_due_on", "why", "blocked"),
]


@require_safe
@permission_required("backorders.view_delaycase", raise_exception=True)
def compliance_page(request: StaffRequest) -> HttpResponse:
    today = timezone.localdate()
    profiles = list(JurisdictionProfile.objects.order_by("name"))
    code = request.GET.get("profile", "")
    code = code if code in {profile.code for profile in profiles} else ""
    show = request.GET.get("show", "soon")
    cases = watched_cases(profile=code).exclude(deadline_on=None)
    if show in VIEWS:
        cases = VIEWS[show](cases, today=today)
    figures = compliance(period=Period.until(today, days=DAYS), today=today, profile=code)
    context: dict[str, Any] = {
        "page": keyset_page(cases, order=("deadline_on", "pk"), query=request.GET),
        "figures": figures,
        "notes": {
            "notices": f"n = {figures.notices.n:,} · last {DAYS} days",
            "refunds": f"n = {figures.refunds.n:,} · last {DAYS} days",
        },
        "profiles": profiles,
        "profile": code,
        "show": show if show in VIEWS else "all",
        "today": today,
    }
    return render(request, "backorders/desk/reports/compliance.html", context)


@require_safe
@permission_required("backorders.view_delaycase", raise_exception=True)
def export_compliance(request: StaffRequest) -> HttpResponseBase:
    rows = (
        (
            *(case.line.order.number, case.line.number, case.line.order.customer.code, case.line.product.sku),
            *(case.line.open, case.profile.code, case.state, case.completed_on, case.stated_on, case.applicable_on),
            *(case.deadline_on, case.vested_on, case.refund_due_on, case.why, case.blocked),
        )
        for case in watched_cases().order_by("pk").iterator(chunk_size=2000)
    )
    return csv_response("delay-notices.csv", COLUMNS, rows)


@require_safe
@permission_required("backorders.view_delaycase", raise_exception=True)
def evidence(request: StaffRequest, order_id: int) -> HttpResponse:
    """The whole timeline of one order on paper, and what a person may put right about its facts."""
    order = get_object_or_404(SalesOrder.objects.select_related("customer"), pk=order_id)
    document = evidence_of(order)
    context = {
        "order": order,
        "document": document,
        "corrections": [(case, CorrectCaseForm(instance=case)) for case in document.cases],
        "notice_form": RecordNoticeForm(),
        "printed_at": timezone.now(),
    }
    return render(request, "backorders/desk/reports/evidence.html", context)


@require_POST
@permission_required("backorders.correct_delaycase", raise_exception=True)
def correct(request: StaffRequest, line_id: int) -> HttpResponse:
    case = get_object_or_404(DelayCase.objects.select_related("line__order"), pk=line_id)
    form = CorrectCaseForm(request.POST, instance=case)
    if is_sound(request, form):
        correct_case(line_id=case.pk, by=request.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, "The facts were corrected and the deadlines updated.")
    return redirect("backorders:evidence", case.line.order_id)


@require_POST
@permission_required("backorders.correct_delaycase", raise_exception=True)
def record(request: StaffRequest, line_id: int) -> HttpResponse:
    case = get_object_or_404(DelayCase.objects.select_related("line__order"), pk=line_id)
    form = RecordNoticeForm(request.POST)
    if is_sound(request, form):
        with refusals_told(request):
            record_notice(line_id=case.pk, by=request.user, now=timezone.now(), **form.cleaned_data)
            messages.success(request, "The notice is recorded.")
    return redirect("backorders:evidence", case.line.order_id)
