"""Histories of many products side by side, and what may be known of them at an origin."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from backorders.engine.forecasting.demand import DemandClass, demand_class

Matrix = np.ndarray
FIRST_ORIGIN = 6  # with less history before it, an origin teaches nothing


@dataclass(frozen=True, eq=False)
class Panel:
    """`units`: products × periods, oldest first, gaps filled with 0. `season`: periods in a season (1: none)."""

    units: Matrix
    season: int
    groups_at: dict[int, Matrix] = field(default_factory=dict)

    @property
    def products(self) -> int:
        return int(self.units.shape[0])

    @property
    def periods(self) -> int:
        return int(self.units.shape[1])

    def scale(self, origin: int) -> Matrix:
        """Root mean square of the steps before the origin: what RMSSE divides by. 0 where nothing ever moved."""
        return np.sqrt(np.mean(np.diff(self.units[:, :origin], axis=1) ** 2, axis=1))

    def mean_step(self, origin: int) -> Matrix:
        """Mean size of the steps before the origin: what MASE divides by."""
        return np.mean(np.abs(np.diff(self.units[:, :origin], axis=1)), axis=1)

    def groups(self, origin: int) -> Matrix:
        """Which products learn together at an origin: by their share of periods without demand, known by then."""
        if origin not in self.groups_at:
            idle = (self.units[:, :origin] == 0).mean(axis=1)
            self.groups_at[origin] = np.digitize(idle, IDLE_LIMITS)
        return self.groups_at[origin]

    def classes(self, origin: int) -> list[DemandClass]:
        return [class_of(tuple(row[:origin]), self.season) for row in self.units]

    def demand(self, origin: int, periods: int) -> Matrix:
        """What was wanted in the periods after the origin, in sum."""
        return self.units[:, origin : origin + periods].sum(axis=1)


IDLE_LIMITS = (0.1, 0.3)
GROUPS = len(IDLE_LIMITS) + 1


@lru_cache(maxsize=100_000)
def class_of(units: Sequence[float], season: int) -> DemandClass:
    """The class of a history with its leading zeros taken off."""
    first = next((i for i, value in enumerate(units) if value > 0), len(units))
    return demand_class(units[first:], season=season)
