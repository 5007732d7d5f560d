"""Promise accuracy: what was foretold of deliveries, what was promised to customers, and how often it moved."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backorders.desk.reports.snapshots import counted
from backorders.figures.promise_record import Churn, last_months
from config.lib import charts
from config.lib.csv import csv_response
from config.lib.requests import StaffRequest
from inventory.enums import LeadTimeKind
from inventory.lead_times.queries.calibration import (
    Calibration,
    calibration,
    calibration_by_month,
    calibration_by_supplier,
    scores,
)
from inventory.models import Supplier

MONTHS = 12
COLUMNS = ["supplier", "kind", "month", "n", "within_p50", "within_p80", "within_p90", "loss_days", "stated_loss_days"]


@require_safe
@permission_required("backorders.view_orderline", raise_exception=True)
def calibration_page(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    kind, supplier = _wanted(request)
    scored = scores(kind=kind, since=_since(today), supplier_id=supplier.pk if supplier else None)
    months = calibration_by_month(scored)
    record, as_of = counted("promise-record", now=now, anew="refresh" in request.GET)
    context: dict[str, Any] = {
        "kind": kind,
        "kinds": LeadTimeKind.choices,
        "supplier": supplier,
        "suppliers": Supplier.objects.filter(pk__in=scores(kind=kind, since=_since(today)).values("supplier")).order_by(
            "name", "pk"
        ),
        "overall": calibration(scored),
        "months": months,
        "by_supplier": [] if supplier else calibration_by_supplier(scored),
        "coverage": _coverage_chart(months) if len(months) > 1 else None,
        "record": record,
        "as_of": as_of,
        "churn_chart": _churn_chart(record.churn) if record.churn else None,
    }
    return render(request, "backorders/desk/reports/calibration.html", context)


@require_safe
@permission_required("backorders.view_orderline", raise_exception=True)
def export_calibration(request: StaffRequest) -> HttpResponseBase:
    kind, supplier = _wanted(request)
    scored = scores(kind=kind, since=_since(timezone.localdate()), supplier_id=supplier.pk if supplier else None)
    rows = scored.select_related("supplier").order_by("month", "supplier__code")
    return csv_response(
        f"calibration-{kind}.csv",
        COLUMNS,
        (
            (
                *(row.supplier.code, row.kind, row.month, row.n, row.within_p50, row.within_p80, row.within_p90),
                *(round(row.loss / row.n, 3), round(row.stated_loss / row.n, 3)),
            )
            for row in rows.iterator()
        ),
    )


def _wanted(request: StaffRequest) -> tuple[str, Supplier | None]:
    kind = request.GET.get("kind", "")
    code = request.GET.get("supplier", "").replace("\0", "")[:30]
    supplier = Supplier.objects.filter(code__iexact=code).first() if code else None
    return (kind if kind in LeadTimeKind.values else LeadTimeKind.WORD.value), supplier


def _since(today: date) -> date:
    return last_months(today, MONTHS)[0].first


def _coverage_chart(months: list[Calibration]) -> charts.Figure:
    points = [(row.month, 100 * row.p80.rate) for row in months if row.month and row.p80.rate is not None]
    band = [
        (row.month, max(80 - 100 * row.p80.tolerance, 0), min(80 + 100 * row.p80.tolerance, 100))
        for row in months
        if row.month and row.p80.tolerance is not None
    ]
    return charts.line(
        title="Receipts on or before P80, with the tolerance",
        unit="%",
        points=points,
        band=band,
        name="P80",
        band_name="tolerance",
    )


def _churn_chart(churn: list[Churn]) -> charts.Figure:
    return charts.columns(
        title="Changed promised dates",
        unit="promises",
        categories=[f"{row.month:%b %Y}" for row in churn],
        series=[
            charts.Series("Later", [row.later for row in churn]),
            charts.Series("Earlier", [row.earlier for row in churn]),
        ],
    )
