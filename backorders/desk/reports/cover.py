"""How long the stock lasts, category by category."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backorders.planning.queries.cover import cover_by_category
from backorders.planning.queries.forecast_page import COVER_WEEKS
from config.lib.csv import csv_response
from config.lib.requests import StaffRequest

COLUMNS = [
    *("category", "currency", "days_of_cover", "free_stock_value", "daily_demand_value", "pools", "none", "up_to_7"),
    *("up_to_30", "up_to_90", "longer", "unwanted"),
]


@require_safe
@permission_required("backorders.view_forecast", raise_exception=True)
def cover_page(request: StaffRequest) -> HttpResponse:
    rows = cover_by_category(today=timezone.localdate())
    return render(request, "backorders/desk/reports/cover.html", {"rows": rows, "weeks": COVER_WEEKS})


@require_safe
@permission_required("backorders.view_forecast", raise_exception=True)
def export_cover(request: StaffRequest) -> HttpResponseBase:
    today = timezone.localdate()
    cells = (
        (
            *(row.category, row.currency, None if row.days is None else round(row.days, 1), row.stock),
            *(round(row.daily, 2), row.pools, row.none, row.week, row.month, row.quarter, row.longer, row.unwanted),
        )
        for row in cover_by_category(today=today)
    )
    return csv_response(f"days-of-cover-{today}.csv", COLUMNS, cells)
