"""The single methods: each gives a path of expected demand for every product, from what was known at the origin."""

from collections.abc import Callable
from typing import Any

import numpy as np
from statsforecast.models import (
    IMAPA,
    TSB,
    CrostonClassic,
    HistoricAverage,
    SeasonalNaive,
    SimpleExponentialSmoothing,
    SimpleExponentialSmoothingOptimized,
    WindowAverage,
)

from backorders.engine.forecasting.panel import Matrix, Panel
from backorders.engine.forecasting.patterns import season_and_trend

WINDOW = 6
SBA_SHARE = 0.95  # Syntetos and Boylan: Croston less half of its smoothing of 0.1
MEAN = "historic average"
SEASONAL = "seasonal naive"
ZERO = "zero"
PATTERNS = "season and trend"
FOUR = ("smoothing 0.1", "IMAPA", "TSB", "moving average")
MEAN_OF_FOUR = "mean of four"
BLEND = "blend"

# What may be chosen. Zero and Croston are baselines only: the one wins on absolute errors and leaves the shelf empty,
# the other overshoots where demand declines.
CANDIDATES = (
    *(SEASONAL, MEAN, "moving average", "smoothing 0.1", "smoothing", "SBA", "TSB", "IMAPA", PATTERNS),
    *(MEAN_OF_FOUR, BLEND),
)
BASELINES = (ZERO, "Croston")


def single_paths(panel: Panel, origin: int, length: int) -> dict[str, Matrix]:
    """The paths of all single methods from one origin, products × periods. Level ones take the space of one period."""
    known = panel.units[:, :origin]
    paths = {name: _level(model, known, length) for name, model in _models(min(WINDOW, origin)).items()}
    paths["SBA"] = paths["Croston"] * SBA_SHARE
    seasonal = SeasonalNaive(panel.season)
    paths[SEASONAL] = (
        np.stack([seasonal.forecast(row, length)["mean"] for row in known])
        if 1 < panel.season <= origin
        else paths[MEAN]
    )
    paths[PATTERNS] = season_and_trend(known, panel.season, length)
    paths[MEAN_OF_FOUR] = np.broadcast_to(np.mean([paths[name][:, :1] for name in FOUR], axis=0), paths[MEAN].shape)
    paths[ZERO] = np.broadcast_to(0.0, paths[MEAN].shape)
    return paths


def _level(model: Any, known: Matrix, length: int) -> Matrix:
    """Of a method that expects the same of every period: computed once, shown `length` times."""
    one = np.array([model.forecast(row, 1)["mean"][0] for row in known])
    return np.broadcast_to(np.maximum(0, np.nan_to_num(one))[:, None], (len(known), length))


def _models(window: int) -> dict[str, Any]:
    return {
        MEAN: HistoricAverage(),
        "moving average": WindowAverage(window),
        "smoothing 0.1": SimpleExponentialSmoothing(0.1),
        "smoothing": SimpleExponentialSmoothingOptimized(),
        "TSB": TSB(0.1, 0.1),
        "IMAPA": IMAPA(),
        "Croston": CrostonClassic(),
    }


PathsAt = Callable[[int], dict[str, Matrix]]
