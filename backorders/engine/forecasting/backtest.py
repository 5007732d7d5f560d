"""Forecasts from earlier origins beside what came: the chosen ones and every single method, on the same terms."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from backorders.engine.forecasting.methods import BASELINES, CANDIDATES, ZERO
from backorders.engine.forecasting.outlook import Forecaster
from backorders.engine.forecasting.panel import FIRST_ORIGIN, Matrix, Panel
from backorders.engine.forecasting.spread import LEVELS, pinball

NAMED_LEVELS = {"p50": 0, "p80": 1, "p90": 2, "p95": 3, "p99": 4}


@dataclass
class _Tally:
    """Sums over the origins. A product counts from its first demand on: before, nobody could foretell it."""

    panel: Panel
    horizon: int
    lead: int

    def __post_init__(self) -> None:
        self.roots: list[Matrix] = []
        self.absolute: list[Matrix] = []
        self.off = self.wanted = self.lead_demand = 0.0
        self.losses = np.zeros(len(LEVELS))
        self.covered: list[Matrix] = []

    def add(self, origin: int, path: Matrix, levels: Matrix) -> None:
        seen = self.panel.units[:, :origin].any(axis=1)
        actual = self.panel.units[seen, origin : origin + self.horizon]
        errors = path[seen, : self.horizon] - actual
        scale, step = self.panel.scale(origin)[seen], self.panel.mean_step(origin)[seen]
        moving = scale > 0
        self.roots.append(np.sqrt((errors[moving] ** 2).mean(axis=1)) / scale[moving])
        self.absolute.append(np.abs(errors[moving]).mean(axis=1) / step[moving])
        self.off += float(errors.sum())
        self.wanted += float(actual.sum())
        demand = self.panel.demand(origin, self.lead)[seen]
        self.losses += pinball(demand, levels[seen]).sum(axis=0)
        self.lead_demand += float(demand.sum())
        self.covered.append(demand[:, None] <= levels[seen] + 1e-9)

    def figures(self) -> dict[str, Any]:
        covered = np.concatenate(self.covered).mean(axis=0)
        by_level = self.losses / self.lead_demand if self.lead_demand else np.zeros(len(LEVELS))
        return {
            "rmsse": _rounded(np.concatenate(self.roots).mean() if self.roots else 0),
            "relative_bias": _rounded(self.off / self.wanted if self.wanted else 0),
            "mase": _rounded(np.concatenate(self.absolute).mean() if self.absolute else 0),
            "lead_time_demand": {
                "mean_weighted_pinball": _rounded(by_level.mean()),
                "coverage": {name: _rounded(covered[i]) for name, i in NAMED_LEVELS.items()},
            },
        }


def origins_of(periods: int, *, horizon: int, lead: int, origins: int, step: int) -> list[int]:
    """The origins, earliest first: the last one leaves just enough periods to be judged by."""
    last = periods - max(horizon, lead)
    return [origin for origin in (last - step * i for i in range(origins)) if origin >= FIRST_ORIGIN + lead][::-1]


def backtest(
    panel: Panel, *, horizon: int, lead: int, origins: list[int], progress: Callable[[str], None] = lambda text: None
) -> dict[str, Any]:
    """Choose anew at each origin from what was known there; the same rules of spread serve every single method."""
    return backtested(Forecaster(panel, horizon, max(horizon, lead)), lead=lead, origins=origins, progress=progress)


def backtested(
    forecaster: Forecaster, *, lead: int, origins: list[int], progress: Callable[[str], None] = lambda text: None
) -> dict[str, Any]:
    """The same of a forecaster that may have looked at these origins already."""
    panel, horizon = forecaster.panel, forecaster.horizon
    tallies = {name: _Tally(panel, horizon, lead) for name in ("chosen", *CANDIDATES, *BASELINES)}
    team = None
    for origin in origins:
        outlook = forecaster.outlook(origin, lead)
        team = outlook.team
        tallies["chosen"].add(origin, outlook.path, outlook.levels)
        for name in (*CANDIDATES, *BASELINES):
            levels = forecaster.quantiles(name, origin, lead)
            tallies[name].add(origin, forecaster.path(name, origin), levels)
        progress(f"origin {origin} of {origins[-1]} done")
    classes = panel.classes(origins[-1])
    chosen = tallies.pop("chosen").figures()
    groups = panel.groups(origins[-1])
    return {
        "series": panel.products,
        "periods": panel.periods,
        "origins": len(origins),
        "classes": {str(name): classes.count(name) for name in sorted(set(classes))},
        "methods": {
            str(name): team.method(int(np.bincount(groups[[c == name for c in classes]]).argmax()))
            for name in sorted(set(classes))
        }
        if team
        else {},
        **chosen,
        "baselines": {name: tally.figures() for name, tally in tallies.items()},
    }


def _rounded(value: float) -> float:
    return round(float(value), 4)


__all__ = ["ZERO", "backtest", "origins_of"]
