"""The table of figures of a period: each with its definition, its n, the period before it, and the lines behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import DateField, F, Q, QuerySet, Value
from django.db.models.functions import TruncDate
from django.utils import timezone

from backorders.decisions.queries.questions import save_rate
from backorders.delays.queries.compliance import notice_compliance, refund_compliance
from backorders.figures.backorder_days import backorder_days, waiting_lines
from backorders.figures.deliveries import ON_TIME, Due, due_lines, kept_or_broken, on_time, promise_accuracy
from backorders.figures.fill_rates import FILLED_AT_ONCE, entered_lines, fill_rates
from backorders.figures.kpi_definitions import DEFINITIONS, GROUPS, FigureDefinition, Form, Population
from backorders.figures.waits import (
    cancelled_while_waiting,
    filled_backorders,
    lines_cancelled_while_waiting,
    promise_slip,
    time_to_fill,
)
from backorders.models import OrderLine
from config.lib.periods import Period, Ratio

# How a change reads: the factor, the decimals, the unit.
SCALES: dict[str, tuple[int, int, str]] = {
    Form.PERCENT: (100, 1, "\u202fpp"),
    Form.DAYS: (1, 1, "\u202fd"),
    Form.COUNT: (1, 1, ""),
}


UNDIVIDED = (Population.FILLED, Population.WAITING, Population.CANCELLED)


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its n; None when there was nothing to measure."""

    value: float | None
    n: int

    @classmethod
    def of(cls, ratio: Ratio) -> "Figure":
        return cls(ratio.rate, ratio.n)


@dataclass(frozen=True, slots=True)
class Kpi:
    definition: FigureDefinition
    now: Figure
    before: Figure

    @property
    def change(self) -> float | None:
        if self.now.value is None or self.before.value is None:
            return None
        return self.now.value - self.before.value

    @property
    def change_text(self) -> str:
        """With its sign: percentage points, days or counts."""
        if self.change is None:
            return ""
        scale, places, unit = SCALES[self.definition.form]
        return f"{self.change * scale:+,.{places}f}{unit}".replace("-", "−")

    @property
    def trend(self) -> str:
        """Whether the change is "good", "bad" or, too small to show, ""."""
        if self.change is None or abs(self.change) < 0.0005:
            return ""
        return "good" if (self.change > 0) == self.definition.more_is_better else "bad"


def figures(period: Period, *, now: datetime) -> dict[str, Figure]:
    """All figures of one period, by the name of their definition. Without a line that waited nothing was measured."""
    today = timezone.localdate(now)
    waited = waiting_lines(period).count()
    fill, wait, slip = fill_rates(period), time_to_fill(period), promise_slip(period)
    return {
        "unit_fill": Figure.of(fill.units),
        "line_fill": Figure.of(fill.lines),
        "order_fill": Figure.of(fill.orders),
        "backorder_rate": Figure.of(fill.backordered),
        "otif": Figure.of(on_time(Due.REQUESTED, period, today=today)),
        "otif_promised": Figure.of(on_time(Due.LAST_PROMISE, period, today=today)),
        "accuracy_first": Figure.of(promise_accuracy(Due.FIRST_PROMISE, period, today=today)),
        "accuracy_last": Figure.of(promise_accuracy(Due.LAST_PROMISE, period, today=today)),
        "slip_mean": Figure(slip.mean, slip.n),
        "slip_p90": Figure(slip.p90, slip.n),
        "changes": Figure(slip.changes, slip.n),
        "fill_median": Figure(wait.median, wait.n),
        "fill_p90": Figure(wait.p90, wait.n),
        "backorder_days": Figure(backorder_days(period, now=now) if waited else None, waited),
        "cancelled": Figure.of(cancelled_while_waiting(period).share),
        "save_rate": Figure.of(save_rate(period)),
        "notices": Figure.of(notice_compliance(period)),
        "refunds": Figure.of(refund_compliance(period, today=today)),
    }


def kpi_table(period: Period, *, now: datetime) -> dict[str, list[Kpi]]:
    """The figures of the period beside those of the period before, by group."""
    current, before = figures(period, now=now), figures(period.before(), now=now)
    return {
        group: [Kpi(DEFINITIONS[name], current[name], before[name]) for name in names]
        for group, names in GROUPS.items()
    }


def population(which: Population, period: Period, *, today: date) -> tuple[QuerySet[OrderLine], Q | None]:
    """The lines behind a figure and the condition that makes one a hit; None where nothing is hit or missed."""
    make: dict[Population, Callable[[], QuerySet[OrderLine]]] = {
        Population.ENTERED: lambda: _without_days(entered_lines(period)),
        Population.DUE: lambda: due_lines(Due.REQUESTED, period, today=today),
        Population.DUE_AS_PROMISED: lambda: due_lines(Due.LAST_PROMISE, period, today=today),
        Population.FIRST_PROMISE: lambda: kept_or_broken(Due.FIRST_PROMISE, period, today=today),
        Population.LAST_PROMISE: lambda: kept_or_broken(Due.LAST_PROMISE, period, today=today),
        Population.FILLED: lambda: _with_shipping_day(filled_backorders(period)),
        Population.WAITING: lambda: _without_days(waiting_lines(period)),
        Population.CANCELLED: lambda: _without_days(lines_cancelled_while_waiting(period)),
    }
    hit = {Population.ENTERED: FILLED_AT_ONCE, **dict.fromkeys(UNDIVIDED)}.get(which, ON_TIME)
    return make[which](), hit


def _without_days(lines: QuerySet[OrderLine]) -> QuerySet[OrderLine]:
    return lines.annotate(due_on=F("requested_on"), shipped_on=Value(None, output_field=DateField()))


def _with_shipping_day(lines: QuerySet[OrderLine]) -> QuerySet[OrderLine]:
    return lines.annotate(due_on=F("requested_on"), shipped_on=TruncDate("shipped_at", output_field=DateField()))
