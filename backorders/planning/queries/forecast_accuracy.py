"""How good the forecasts are: the backtest of each night, and what was really foretold beside what came."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from backorders.models import ForecastRun

NIGHTS = 90
WEEKS = 26


@dataclass(frozen=True, slots=True)
class WeekJudged:
    """One finished week: mean absolute error per pool of the forecast, of the numbers alone, of last week's demand."""

    starts_on: date
    pools: int
    wanted: float
    adjusted: float
    statistical: float
    naive: float
    bias: float | None
    rmsse: float | None

    @property
    def value_added(self) -> float | None:
        """How much less wrong than the naive forecast: 1 − error ÷ naive error."""
        return 1 - self.adjusted / self.naive if self.naive else None

    @property
    def people_added(self) -> float | None:
        """What overrides and trends made better (or worse) than the numbers alone."""
        return 1 - self.adjusted / self.statistical if self.statistical else None


# The first forecast made in a week is judged by that week.
_JUDGED = """
    WITH first_runs AS (
        SELECT DISTINCT ON (from_on) id, from_on FROM backorders_forecastrun
        WHERE from_on >= %(since)s AND from_on < %(current)s ORDER BY from_on, id
    )
    SELECT {group}, COUNT(*), SUM(wanted.units), AVG(ABS((forecast.path->>0)::float - wanted.units)),
        AVG(ABS(forecast.statistical - wanted.units)), AVG(ABS(forecast.naive - wanted.units)),
        SUM((forecast.path->>0)::float - wanted.units) / NULLIF(SUM(wanted.units), 0),
        AVG(ABS((forecast.path->>0)::float - wanted.units) / NULLIF(forecast.scale, 0))
    FROM backorders_forecast AS forecast
    JOIN first_runs ON first_runs.id = forecast.run_id
    LEFT JOIN backorders_demandweek AS demand ON demand.product_id = forecast.product_id
        AND demand.warehouse_id = forecast.warehouse_id AND demand.starts_on = first_runs.from_on
    CROSS JOIN LATERAL (SELECT COALESCE(demand.ordered - demand.extra, 0)::float AS units) AS wanted
    GROUP BY 1 ORDER BY 1
"""


def weeks_judged(*, current: date, weeks: int = WEEKS) -> list[WeekJudged]:
    return [WeekJudged(*row) for row in _judged("first_runs.from_on", current, weeks)]


def classes_judged(*, current: date, weeks: int = WEEKS) -> list[tuple[Any, ...]]:
    """The same over all these weeks by class: (class, pools × weeks, units, three errors, bias, scaled error)."""
    return _judged("forecast.demand_class", current, weeks)


def _judged(group: str, current: date, weeks: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        statement = _JUDGED.format(group=group)
        cursor.execute(statement, {"since": current - timedelta(weeks=weeks), "current": current})
        return cursor.fetchall()


@dataclass(frozen=True, slots=True)
class Backtested:
    name: str
    rmsse: float
    bias: float
    mase: float
    pinball: float
    p90: float
    p95: float


def backtest_table(run: ForecastRun) -> list[Backtested]:
    """What was chosen, and every baseline on the same terms, the least pinball loss first."""
    if not run.scores:
        return []
    rows = [_backtested("What was chosen", run.scores)]
    rest = [_backtested(name, figures) for name, figures in run.scores["baselines"].items()]
    return rows + sorted(rest, key=lambda row: row.pinball)


def _backtested(name: str, figures: dict[str, Any]) -> Backtested:
    lead = figures["lead_time_demand"]
    return Backtested(
        name=name[:1].upper() + name[1:],
        rmsse=figures["rmsse"],
        bias=figures["relative_bias"],
        mase=figures["mase"],
        pinball=lead["mean_weighted_pinball"],
        p90=lead["coverage"]["p90"],
        p95=lead["coverage"]["p95"],
    )


def backtest_trend(*, now: datetime, nights: int = NIGHTS) -> list[tuple[datetime, float, float]]:
    """(when, RMSSE, P95 coverage) of the last nights' backtests."""
    runs = ForecastRun.objects.filter(made_at__gte=now - timedelta(days=nights)).exclude(scores={})
    rows = runs.order_by("pk").values_list("made_at", "scores__rmsse", "scores__lead_time_demand__coverage__p95")
    return [(made_at, float(rmsse), float(p95)) for made_at, rmsse, p95 in rows]
