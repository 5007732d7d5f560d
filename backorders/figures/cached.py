"""Figures that are dear to count over many lines, each by its name: a worker counts them anew, the pages show them."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.core.cache import cache
from django.utils import timezone

from backorders.figures.board import Board, order_board
from backorders.figures.deliveries import Due, on_time, promise_accuracy
from backorders.figures.fill_rates import FillRates, fill_rates, unit_fill_by_week
from backorders.figures.kpis import kpi_table
from backorders.figures.promise_record import promise_record
from backorders.figures.reasons import reasons_of_year
from backorders.planning.queries.stockouts import WarningTotals, warning_totals
from config.lib.periods import Period, Ratio

DAYS = 30
WEEKS = 12
KEPT = timedelta(days=1)
COUNTING = timedelta(minutes=5)
LAYOUT = 2  # raise it when the shape of a kept figure changes: workers and pages of two releases share the cache

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Looks:
    """All that the dashboard counts in tables that grow."""

    board: Board
    fill: FillRates
    fill_before: FillRates
    weeks: list[tuple[date, Ratio]]
    otif: Ratio
    first_promise: Ratio
    last_promise: Ratio
    stockouts: WarningTotals


class CachedFigures(NamedTuple):
    """What was counted, and as of when."""

    found: Any
    as_of: datetime


def look_at_desk(now: datetime) -> Looks:
    today = timezone.localdate(now)
    period = Period.until(today, days=DAYS)
    return Looks(
        board=order_board(now=now, today=today),
        fill=fill_rates(period),
        fill_before=fill_rates(period.before()),
        weeks=unit_fill_by_week(Period.until(today, days=7 * WEEKS)),
        otif=on_time(Due.REQUESTED, period, today=today),
        first_promise=promise_accuracy(Due.FIRST_PROMISE, period, today=today),
        last_promise=promise_accuracy(Due.LAST_PROMISE, period, today=today),
        stockouts=warning_totals(),
    )


# By the first word of the name; what stands behind its colon comes as the first argument.
COUNTERS: Mapping[str, Callable[[str, datetime], Any]] = {
    "dashboard": lambda _, now: look_at_desk(now),
    "figures": lambda days, now: kpi_table(Period.until(timezone.localdate(now), days=int(days)), now=now),
    "promise-record": lambda _, now: promise_record(today=timezone.localdate(now)),
    "reasons": lambda currency, now: reasons_of_year(currency=currency, today=timezone.localdate(now)),
}


def count(name: str, *, now: datetime) -> Any:
    """The figures of this name as they are now."""
    word, _, rest = name.partition(":")
    return COUNTERS[word](rest, now)


def count_anew(name: str, *, now: datetime) -> CachedFigures:
    """The same, and kept for the pages."""
    figures = CachedFigures(count(name, now=now), now)
    cache.set(_key(name), figures, KEPT.total_seconds())
    cache.delete(f"{_key(name)}:counting")
    return figures


def kept_figures(name: str) -> CachedFigures | None:
    """None as well for what another release has kept and this one cannot read."""
    try:
        figures = cache.get(_key(name))
    except (AttributeError, ImportError, TypeError):
        logger.info("Kept figures %s cannot be read", name)
        return None
    return figures if isinstance(figures, CachedFigures) else None


def may_count(name: str) -> bool:
    """Whether nobody counts them at this moment; who asks and may, has to."""
    return cache.add(f"{_key(name)}:counting", True, COUNTING.total_seconds())


def _key(name: str) -> str:
    return f"figures:{LAYOUT}:{name}"
