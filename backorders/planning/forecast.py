"""The nightly forecasts. Heavy: it loads the libraries for statistics, so only commands import it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from time import monotonic
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from backorders.engine.forecasting.backtest import backtested, origins_of
from backorders.engine.forecasting.demand import (
    ENOUGH_PERIODS,
    DemandClass,
    TidyHistory,
    demand_class,
    seasonal_indices,
    tidy_history,
    week_of,
)
from backorders.engine.forecasting.outlook import Forecaster, Outlook, Team
from backorders.engine.forecasting.panel import FIRST_ORIGIN, Panel
from backorders.engine.forecasting.spread import LEVELS
from backorders.engine.forecasting.stockout import quantile
from backorders.models import DeskSettings, Forecast, ForecastRun, MarketTrend
from backorders.planning.demand import count_demand
from backorders.planning.lead_times import Replacement, replacements
from backorders.planning.queries.demand import Pool, demand_by_pool, overrides_on
from inventory.models import Product

WEEKS = 104
SEASON = 52
HORIZON = 13  # weeks of the path
LONGEST_LEAD = 26  # weeks that quantiles are learned for; a longer lead time is scaled up
TESTED_ORIGINS = 4
PRIOR_WORTH = 4  # weeks of own history that weigh as much as the category
NEW_DISPERSION = 1.5
UNSURE = 0.5  # squared relative error of a forecast that rests on the category


@dataclass(frozen=True, slots=True)
class ForecastSummary:
    pools: int
    weeks_counted: int
    by_class: dict[str, int]
    overridden: int
    seconds: float
    remarks: list[str]


@dataclass(slots=True)
class _Draft:
    """A pool's forecast on its way."""

    pool: Pool
    history: TidyHistory
    kind: DemandClass
    way: Replacement
    row: int
    path: list[float]
    lead: list[float]
    cover: list[float]
    method: str = ""
    label: str = ""
    rmsse: float | None = None
    bias: float | None = None
    statistical: float = 0.0

    @property
    def weekly(self) -> float:
        return sum(self.path) / len(self.path)


def forecast_demand(*, now: datetime, progress: Callable[[str], None] = lambda text: None) -> ForecastSummary:
    """Count the demand, forecast every pool of an active product that ever had some, and keep it as a new run.

    The same history gives the same forecasts. Overrides and market trends that hold today are applied last. No
    transaction is open while it computes: the database ends one that waits for a minute.
    """
    began, today = monotonic(), timezone.localdate(now)
    counted = count_demand(now=now)
    progress(f"{counted:,} product weeks counted")
    review = round(DeskSettings.objects.get().order_cycle_days * 7 / 5)
    drafts, panel, remarks = _drafts(today)
    scores: dict[str, Any] = {}
    if panel is not None:
        scores = _foretell(drafts, panel, review, progress)
    _foretell_new(drafts, review)
    overridden = _adjust(drafts, today, review)
    _save(
        ForecastRun(
            made_at=now, from_on=week_of(today), pools=len(drafts), seconds=round(monotonic() - began, 2), scores=scores
        ),
        *(drafts, panel, review),
    )
    classes: dict[str, int] = defaultdict(int)
    for draft in drafts:
        classes[str(draft.kind)] += 1
    return ForecastSummary(
        len(drafts), counted, dict(sorted(classes.items())), overridden, round(monotonic() - began, 2), remarks
    )


def _drafts(today: date) -> tuple[list[_Draft], Panel | None, list[str]]:
    first = week_of(today) - timedelta(weeks=WEEKS)
    histories = {
        pool: tidy_history(units, today=today, weeks=WEEKS) for pool, units in demand_by_pool(since=first).items()
    }
    ways = replacements({product_id for product_id, _ in histories})
    drafts = [
        _Draft(pool, history, demand_class(history.units, season=SEASON), ways[pool[0]], row, [], [], [])
        for row, (pool, history) in enumerate((p, h) for p, h in sorted(histories.items()) if h.units)
    ]
    remarks: dict[str, int] = defaultdict(int)
    for history in histories.values():
        for remark in history.remarks:
            remarks[remark] += 1
    longest = max((len(draft.history.units) for draft in drafts), default=0)
    notes = [f"{remark} ({count:,} pools)" for remark, count in sorted(remarks.items())]
    if longest < FIRST_ORIGIN + 4:
        return drafts, None, notes
    units = np.zeros((len(drafts), longest))
    for draft in drafts:
        units[draft.row, longest - len(draft.history.units) :] = draft.history.units
    return drafts, Panel(units, SEASON), notes


def _foretell(drafts: Sequence[_Draft], panel: Panel, review: int, progress: Callable[[str], None]) -> dict[str, Any]:
    """Paths and quantiles for every pool with enough history; returns the backtest behind them."""
    most = max(1, min(LONGEST_LEAD, panel.periods // 4))
    forecaster = Forecaster(panel, min(4, most), max(HORIZON, most))
    now = panel.periods
    outlooks: dict[int, Outlook] = {}

    def outlook(weeks: int) -> Outlook:
        if weeks not in outlooks:
            outlooks[weeks] = forecaster.outlook(now, weeks)
            progress(f"demand over {weeks} weeks forecast")
        return outlooks[weeks]

    usual = round(median(draft.way.days for draft in drafts) / 7) or 1
    main = outlook(min(most, usual))
    for draft in drafts:
        draft.path = [float(value) for value in main.path[draft.row, :HORIZON]]
        draft.method = main.team.method(int(main.groups[draft.row]))
        draft.lead = _over(draft, draft.way.days / 7, most, outlook)
        draft.cover = _over(draft, (draft.way.days + review) / 7, most, outlook)
        if draft.kind == DemandClass.ENDED:
            draft.label = "No demand for a long time: it seems to have ended."
    _own_errors(drafts, forecaster, main.team, now)
    lead = min(most, usual)
    origins = origins_of(now, horizon=min(4, most), lead=lead, origins=TESTED_ORIGINS, step=2)
    return backtested(forecaster, lead=lead, origins=origins, progress=progress) if origins else {}


def _over(draft: _Draft, weeks: float, most: int, outlook: Callable[[int], Outlook]) -> list[float]:
    """Quantiles of the demand over a length that need not be whole weeks, its own spread included."""
    bounded = min(weeks, float(most))
    below = int(bounded)
    share = bounded - below
    low = outlook(below).levels[draft.row] if below else np.zeros(len(LEVELS))
    high = outlook(below + 1).levels[draft.row] if share and below < most else low
    levels = (1 - share) * low + share * high
    weekly = draft.weekly
    middle = weekly * bounded
    stretch = weeks / bounded
    wider = _widened(levels - middle, middle, weekly * draft.way.spread / 7)
    return [float(max(0.0, middle * stretch + error * stretch**0.5)) for error in wider]


def _widened(errors: Any, middle: float, lead_spread: float) -> Any:
    """Errors of the demand with those of the lead time added: spreads add up by their squares."""
    own = abs(errors[3]) / 1.64 if len(errors) > 3 else 0.0
    if not lead_spread:
        return errors
    own = max(own, 1e-9, 0.2 * middle**0.5)
    return errors * ((own**2 + lead_spread**2) ** 0.5 / own)


def _own_errors(drafts: Sequence[_Draft], forecaster: Forecaster, team: Team, now: int) -> None:
    """How far the mix that speaks for a pool now would have been off from the last origins, pool by pool."""
    panel = forecaster.panel
    starts = [start for start in range(now - 8, now - 3) if start >= FIRST_ORIGIN]
    if not starts:
        return
    errors = np.concatenate(
        [forecaster.mixed(team, start)[:, :4] - panel.units[:, start : start + 4] for start in starts], axis=1
    )
    actual = np.concatenate([panel.units[:, start : start + 4] for start in starts], axis=1)
    scale = panel.scale(starts[0])
    for draft in drafts:
        if draft.kind != DemandClass.NEW and scale[draft.row] > 0:
            draft.rmsse = round(float(np.sqrt((errors[draft.row] ** 2).mean()) / scale[draft.row]), 3)
        if draft.kind != DemandClass.NEW and actual[draft.row].sum() > 0:
            draft.bias = round(float(errors[draft.row].sum() / actual[draft.row].sum()), 3)


def _foretell_new(drafts: Sequence[_Draft], review: int) -> None:
    """A pool without enough history sells what its category does, drawn towards what it sold itself; and says so."""
    categories = dict(
        Product.objects.filter(pk__in={draft.pool[0] for draft in drafts}).values_list("pk", "category_id")
    )
    known: dict[int | None, list[float]] = defaultdict(list)
    for draft in drafts:
        if draft.kind not in (DemandClass.NEW, DemandClass.ENDED) and draft.path:
            known[categories[draft.pool[0]]].append(draft.weekly)
    everybody = [weekly for rates in known.values() for weekly in rates]
    for draft in drafts:
        if draft.path and draft.kind != DemandClass.NEW:
            continue
        weeks, sold = len(draft.history.units), sum(draft.history.units)
        rates = known.get(categories[draft.pool[0]]) or everybody
        prior = median(rates) if rates else sold / max(weeks, ENOUGH_PERIODS)
        weekly = (sold + prior * PRIOR_WORTH) / (weeks + PRIOR_WORTH)
        draft.path = [weekly] * HORIZON
        draft.method = "category" if rates else "own mean"
        history = "1 week" if weeks == 1 else f"{weeks} weeks"
        draft.label = f"Only {history} of history: " + (
            "mostly what its category sells." if rates else "a first guess from very little."
        )
        draft.lead = _unsure(weekly, draft.way.days / 7, draft.way)
        draft.cover = _unsure(weekly, (draft.way.days + review) / 7, draft.way)


def _unsure(weekly: float, weeks: float, way: Replacement) -> list[float]:
    mean = weekly * weeks
    variance = mean + NEW_DISPERSION * weekly * mean + UNSURE * mean**2 + (weekly * way.spread / 7) ** 2
    return [float(quantile(level, mean=mean, variance=variance)) for level in LEVELS]


def _adjust(drafts: Sequence[_Draft], today: date, review: int) -> int:
    """Apply market trends, then the planners' overrides; returns how many pools a person changed."""
    trends = {trend.category_id: float(trend.factor) for trend in MarketTrend.objects.filter(until_on__gte=today)}
    categories = dict(Product.objects.filter(category__in=trends).values_list("pk", "category_id"))
    overrides = overrides_on(today)
    for draft in drafts:
        draft.statistical = draft.weekly
        factor = trends.get(categories.get(draft.pool[0], 0), 1.0)
        override = overrides.get(draft.pool)
        weekly = float(override.weekly) if override else draft.weekly * factor
        if override or factor != 1.0:
            _scale(draft, weekly, review)
    return len(overrides.keys() & {draft.pool for draft in drafts})


def _scale(draft: _Draft, weekly: float, review: int) -> None:
    if draft.statistical > 0:
        ratio = weekly / draft.statistical
        draft.path = [value * ratio for value in draft.path]
        draft.lead = [value * ratio for value in draft.lead]
        draft.cover = [value * ratio for value in draft.cover]
    else:
        draft.path = [weekly] * len(draft.path)
        draft.lead = _unsure(weekly, draft.way.days / 7, draft.way)
        draft.cover = _unsure(weekly, (draft.way.days + review) / 7, draft.way)
    draft.label = draft.label or f"Changed by people: {draft.statistical:,.1f} a week by the numbers alone."


@transaction.atomic
def _save(run: ForecastRun, drafts: Sequence[_Draft], panel: Panel | None, review: int) -> None:
    scale = panel.scale(panel.periods) if panel is not None else np.zeros(len(drafts))
    dispersion = _dispersions(drafts)
    run.save(force_insert=True)
    Forecast.objects.bulk_create(
        [
            Forecast(
                run=run,
                product_id=draft.pool[0],
                warehouse_id=draft.pool[1],
                demand_class=str(draft.kind),
                method=draft.method[:200],
                label=draft.label,
                periods=len(draft.history.units),
                path=[round(value, 3) for value in draft.path],
                statistical=round(draft.statistical, 4),
                weekly=round(draft.weekly, 4),
                naive=float(draft.history.units[-1]),
                seasonal_index=round(_seasonal_index(draft), 3),
                scale=round(float(scale[draft.row]), 4),
                dispersion=round(dispersion[draft.pool], 4),
                lead_days=draft.way.days,
                lead_spread=round(draft.way.spread, 2),
                lead_basis=draft.way.basis,
                review_days=review,
                lead_quantiles=[round(value, 2) for value in draft.lead],
                cover_quantiles=[round(value, 2) for value in draft.cover],
                rmsse=draft.rmsse,
                bias=draft.bias,
            )
            for draft in drafts
        ],
        batch_size=1000,
    )


def _dispersions(drafts: Sequence[_Draft]) -> Mapping[Pool, float]:
    by_pool = {}
    for draft in drafts:
        units = draft.history.units
        mean = sum(units) / len(units)
        variance = sum((value - mean) ** 2 for value in units) / max(1, len(units) - 1)
        own = min(8.0, max(0.0, (variance - mean) / mean**2)) if mean else NEW_DISPERSION
        by_pool[draft.pool] = (len(units) * own + ENOUGH_PERIODS * NEW_DISPERSION) / (len(units) + ENOUGH_PERIODS)
    return by_pool


def _seasonal_index(draft: _Draft) -> float:
    indices = seasonal_indices(draft.history.units, season=SEASON)
    coming = len(draft.history.units) % SEASON
    return sum(indices[(coming + i) % SEASON] for i in range(4)) / 4
