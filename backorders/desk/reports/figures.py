"""The table of figures of a period, and the lines behind each of them."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backorders.desk.reports.snapshots import counted
from backorders.figures.kpi_definitions import Population
from backorders.figures.kpis import UNDIVIDED, population
from backorders.models import OrderLine
from backorders.orders.queries.backlog import with_names
from config.lib.csv import csv_response
from config.lib.keyset import keyset_page
from config.lib.periods import Period
from config.lib.requests import StaffRequest

PERIODS = (7, 30, 90, 365)
DEFAULT_DAYS = 30
TITLES: dict[str, str] = {
    Population.ENTERED: "Lines entered",
    Population.DUE: "Lines due, by requested date",
    Population.DUE_AS_PROMISED: "Lines due, by last promised date",
    Population.FIRST_PROMISE: "Lines measured by their first promise",
    Population.LAST_PROMISE: "Lines measured by their last promise",
    Population.FILLED: "Backorders completed",
    Population.WAITING: "Backorders that waited",
    Population.CANCELLED: "Backorders with cancelled units",
}
HIT_WORDS = {Population.ENTERED: ("Filled at once", "Not filled at once"), **dict.fromkeys(UNDIVIDED, ("", ""))}
MEASURED_BY_SHIPMENT = set(Population) - {Population.ENTERED, Population.WAITING, Population.CANCELLED}
COLUMNS = [
    *("order", "line", "customer", "customer_name", "sku", "product", "ordered", "filled_at_once", "shipped"),
    *("cancelled", "open", "placed_at", "due_on", "shipped_on"),
]


@require_safe
@permission_required("backorders.view_orderline", raise_exception=True)
def reports(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    period = _period(request)
    groups, as_of = counted(f"figures:{period.days}", now=now, anew="refresh" in request.GET)
    context: dict[str, Any] = {
        "groups": groups,
        "period": period,
        "periods": PERIODS,
        "undivided": UNDIVIDED,
        "as_of": as_of,
        "is_kept": as_of != now,
    }
    return render(request, "backorders/desk/reports/reports.html", context)


@require_safe
@permission_required("backorders.view_orderline", raise_exception=True)
def report_lines(request: StaffRequest, which: str) -> HttpResponse:
    period, lines, has_hits = _lines(request, which)
    page = keyset_page(with_names(lines), order=("-pk",), query=request.GET)
    hit_word, miss_word = HIT_WORDS.get(Population(which), ("On time", "Missed"))
    context: dict[str, Any] = {
        "page": page,
        "which": which,
        "title": TITLES[which],
        "period": period,
        "only": request.GET.get("only", "") if has_hits else "",
        "hit_word": hit_word,
        "miss_word": miss_word,
        "has_shipments": which in MEASURED_BY_SHIPMENT,
    }
    return render(request, "backorders/desk/reports/report_lines.html", context)


@require_safe
@permission_required("backorders.view_orderline", raise_exception=True)
def export_report_lines(request: StaffRequest, which: str) -> HttpResponseBase:
    period, lines, _ = _lines(request, which)
    return csv_response(f"{which}-{period.first}-{period.last}.csv", COLUMNS, _cells(lines.order_by("-pk")))


def _cells(lines: QuerySet[OrderLine]) -> Iterator[tuple[Any, ...]]:
    for line in with_names(lines).iterator(chunk_size=2000):
        order, product = line.order, line.product
        yield (
            *(order.number, line.number, order.customer.code, order.customer.name, product.sku, product.name),
            *(line.ordered, line.first_filled, line.shipped, line.cancelled, line.open, line.placed_at),
            *(getattr(line, "due_on", None), getattr(line, "shipped_on", None)),
        )


def _lines(request: StaffRequest, which: str) -> tuple[Period, QuerySet[OrderLine], bool]:
    """The lines of the population, narrowed to hits or misses by `only`. Raises Http404 for an unknown one."""
    if which not in TITLES:
        raise Http404(f"There are no lines called {which}.")
    period = _period(request)
    lines, hit = population(Population(which), period, today=timezone.localdate())
    only = request.GET.get("only")
    if hit is not None and only in ("hits", "misses"):
        keys = lines.filter(hit).values("pk")
        lines = lines.filter(pk__in=keys) if only == "hits" else lines.exclude(pk__in=keys)
    return period, lines, hit is not None


def _period(request: StaffRequest) -> Period:
    days = request.GET.get("days", "")
    known = int(days) if days in {str(period) for period in PERIODS} else DEFAULT_DAYS
    return Period.until(timezone.localdate(), days=known)
