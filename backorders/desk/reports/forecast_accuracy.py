"""How good the forecasts were, against the simplest ones, by class and over time."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backorders.engine.forecasting.demand import week_of
from backorders.planning.queries.demand import latest_run
from backorders.planning.queries.forecast_accuracy import (
    WEEKS,
    WeekJudged,
    backtest_table,
    backtest_trend,
    classes_judged,
    weeks_judged,
)
from config.lib import charts
from config.lib.requests import StaffRequest


@require_safe
@permission_required("backorders.view_forecast", raise_exception=True)
def forecast_accuracy(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    current = week_of(timezone.localdate(now))
    run, weeks = latest_run(), weeks_judged(current=current)
    trend = backtest_trend(now=now)
    context: dict[str, Any] = {
        "run": run,
        "table": backtest_table(run) if run else [],
        "weeks": weeks,
        "weeks_back": WEEKS,
        "classes": [WeekJudged(*row) for row in classes_judged(current=current)],
        "errors": _error_chart(weeks),
        "trend": _trend_chart(trend) if len(trend) > 1 else None,
    }
    return render(request, "backorders/desk/reports/forecast_accuracy.html", context)


def _error_chart(weeks: list[WeekJudged]) -> charts.Figure | None:
    if len(weeks) < 2:
        return None
    return charts.fan(
        title="Mean error per product and week",
        unit="units",
        history=[(week.starts_on, week.adjusted) for week in weeks],
        expected=[(week.starts_on, week.naive) for week in weeks],
        history_name="forecast",
        expected_name="last week repeated",
    )


def _trend_chart(trend: list[tuple[datetime, float, float]]) -> charts.Figure:
    points = {timezone.localdate(made_at): rmsse for made_at, rmsse, _ in trend}
    return charts.line(title="RMSSE of each night's backtest", points=sorted(points.items()), name="RMSSE")
