"""Backorder reasons as a Pareto, and how they change over time."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backorders.desk.reports.snapshots import counted
from backorders.figures.reasons import REASONS, ReasonsOverTime, reasons_of_year
from config.lib import charts
from config.lib.csv import csv_response
from config.lib.requests import StaffRequest

COLUMNS = ["month", "reason", "lines", "value", "currency"]


@require_safe
@permission_required("backorders.view_orderline", raise_exception=True)
def reasons_page(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    currency = _currency(request)
    report, as_of = counted(f"reasons:{currency}", now=now, anew="refresh" in request.GET)
    shown = any(month.lines for month in report.months)
    context: dict[str, Any] = {
        "found": report,
        "as_of": as_of,
        "reasons": REASONS,
        "over_time": _over_time(report) if shown else None,
        "pareto": _pareto(report) if shown else None,
    }
    return render(request, "backorders/desk/reports/reasons.html", context)


@require_safe
@permission_required("backorders.view_orderline", raise_exception=True)
def export_reasons(request: StaffRequest) -> HttpResponseBase:
    report = reasons_of_year(currency=_currency(request), today=timezone.localdate())
    rows = (
        (month.month, reason.value, lines, value, report.currency)
        for month in report.months
        for reason, (lines, value) in zip(REASONS, month.parts, strict=True)
        if lines
    )
    return csv_response("reasons.csv", COLUMNS, rows)


def _currency(request: StaffRequest) -> str:
    code = request.GET.get("currency", "")
    return code if code.isascii() and code.isalpha() and len(code) == 3 else ""


def _over_time(report: ReasonsOverTime) -> charts.Figure:
    return charts.columns(
        title="Backordered value by month and reason",
        unit=report.currency,
        categories=[f"{month.month:%b %Y}" for month in report.months],
        series=[
            charts.Series(str(reason.label), [float(month.parts[at][1]) for month in report.months])
            for at, reason in enumerate(REASONS)
        ],
    )


def _pareto(report: ReasonsOverTime) -> charts.Figure:
    items = [(str(reason.label), float(value)) for reason, _, value in report.totals]
    return charts.pareto(title="Backordered value by reason, twelve months", unit=report.currency, items=items)
