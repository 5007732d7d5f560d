"""The first page: what is open, how long, why, and whether the desk does its work."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from backorders.desk.reports.snapshots import counted
from backorders.figures.board import Board, Part
from backorders.figures.cached import DAYS, WEEKS
from backorders.models import AllocationRun, PoolBlock
from backorders.oversight.queries.health import outbox_health, run_health
from backorders.planning.queries.stockouts import DASHBOARD_ROWS, stockout_warnings
from config.lib import charts
from config.lib.periods import Ratio
from config.lib.requests import StaffRequest
from inventory.suppliers.queries.answers import answers_waiting
from notifications.enums import BatchState
from notifications.models import Batch


@require_safe
@permission_required("backorders.view_orderline", raise_exception=True)
def dashboard(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    looks, as_of = counted("dashboard", now=now, anew="refresh" in request.GET)
    context: dict[str, Any] = {
        "board": looks.board,
        "looks": looks,
        "as_of": as_of,
        "is_kept": as_of != now,
        "run": run_health(now=now),
        "outbox": outbox_health(),
        "awaiting": AllocationRun.objects.awaiting().count(),
        "answers": answers_waiting(),
        "bulk_sends": Batch.objects.filter(state=BatchState.WAITING).count(),
        "blocked": PoolBlock.objects.unsettled().count(),
        "days": DAYS,
        "ageing": _ageing_chart(looks.board),
        "reasons": _reason_chart(looks.board),
        "reason_parts": largest_first(looks.board.reasons),
        "fill_trend": _fill_trend(looks.weeks),
        "stockouts": stockout_warnings().order_by("-value", "pk")[:DASHBOARD_ROWS],
        "stockout_totals": looks.stockouts,
    }
    return render(request, "backorders/desk/reports/dashboard.html", context)


def _backlog(**filters: str) -> str:
    return f"{reverse('backorders:backlog')}?{urlencode(filters)}"


def _ageing_chart(board: Board) -> charts.Figure:
    rows = [charts.BarValues(part.label, (part.units,), href=_backlog(age=part.key)) for part in board.buckets]
    return charts.bars(title="Open units by age", rows=rows, series=("Units",))


def _reason_chart(board: Board) -> charts.Figure | None:
    """Values of one currency only, the largest; the table beside it has them all."""
    if not board.currencies:
        return None
    items = [(part.label, float(part.values[0])) for part in board.reasons]
    return charts.pareto(title="Backorder value by reason", unit=board.currencies[0], items=items)


def _fill_trend(weeks: list[tuple[date, Ratio]]) -> charts.Figure:
    rates = [ratio.rate for _, ratio in weeks if ratio.rate is not None]
    return charts.sparkline(rates, label=f"Unit fill rate, last {WEEKS} weeks")


def largest_first(parts: tuple[Part, ...]) -> list[Part]:
    return sorted(parts, key=lambda part: part.values, reverse=True)
