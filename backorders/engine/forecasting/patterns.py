"""Season and trend of many products at once: only as much of either as each history gives evidence of."""

import numpy as np

from backorders.engine.forecasting.panel import Matrix

SMOOTHING = 0.05
WAVES = 2  # of the season: a whole one and a half one
LEAST_SEASON = 4  # periods
DOUBT = 4.0  # a pattern is believed to the share 1 − DOUBT / F, so that chance alone has no season
LOWEST_INDEX = 0.1
FIRST_LEVEL = 4  # periods that the level starts from


def season_and_trend(known: Matrix, season: int, length: int) -> Matrix:
    """Smoothed demand without its season and trend, with both put back for the coming periods; products × `length`.

    A season is looked for in histories of at least two of them.
    """
    periods = known.shape[1]
    patterns = _patterns(periods, length, season)
    past, coming = np.zeros((2, len(known), 1))
    rows = np.concatenate([np.ones((1, periods + length)), *patterns])
    before = rows[:, :periods]
    weights = np.linalg.lstsq(before.T, known.T, rcond=None)[0]
    noise = ((known.T - before.T @ weights) ** 2).sum(axis=0) / max(1, periods - len(rows))
    unsure = np.diag(np.linalg.pinv(before @ before.T))
    first = 1
    for pattern in patterns:
        own = slice(first, first + len(pattern))
        evidence = (weights[own] ** 2 / np.maximum(unsure[own, None] * noise, 1e-12)).mean(axis=0)
        believed = (weights[own] * np.maximum(0, 1 - DOUBT / np.maximum(evidence, 1e-9))).T
        past, coming = past + believed @ pattern[:, :periods], coming + believed @ pattern[:, periods:]
        first += len(pattern)
    mean = np.maximum(known.mean(axis=1), 1e-9)[:, None]
    level = _level(known / np.maximum(LOWEST_INDEX, 1 + past / mean))
    return level[:, None] * np.maximum(LOWEST_INDEX, 1 + coming / mean)


def _patterns(periods: int, length: int, season: int) -> list[Matrix]:
    """Rows over the past and the coming periods: a straight line, and for each wave its cosine and sine."""
    time = np.arange(periods + length)
    patterns = [((time - (periods - 1) / 2) / periods)[None, :]]
    if season >= LEAST_SEASON and periods >= 2 * season:
        angle = 2 * np.pi * time / season
        patterns += [np.stack([np.cos(wave * angle), np.sin(wave * angle)]) for wave in range(1, WAVES + 1)]
    return patterns


def _level(steady: Matrix) -> Matrix:
    """Exponential smoothing that starts as a plain mean."""
    level = steady[:, :FIRST_LEVEL].mean(axis=1)
    for period in range(steady.shape[1]):
        level = level + max(SMOOTHING, 1 / (period + 2)) * (steady[:, period] - level)
    return level
