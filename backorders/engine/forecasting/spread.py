"""Quantiles of the demand over a lead time: the expected demand plus as many spreads as earlier origins needed."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from backorders.engine.forecasting.panel import Matrix, Panel

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)
BINS = 6  # products of like volume share their quantiles: small ones are more skewed
OWN_WORTH = 6  # periods of own history that weigh as much as what the others show
WILDEST = 8.0
DRIFT = 0.1  # squared relative error of the expected demand itself
LEAST = 0.05
PRIOR_CASES = 50  # cases that weigh as much as the normal distribution
NORMAL_LEVELS = np.array([NormalDist().inv_cdf(level) for level in LEVELS])


def overdispersion(panel: Panel, origin: int) -> Matrix:
    """Variance beyond Poisson in units of the squared mean: own history, shrunk to the middle of all."""
    known = panel.units[:, :origin]
    mean, variance = known.mean(axis=1), known.var(axis=1, ddof=1)
    moving = mean > 0
    own = np.zeros_like(mean)
    own[moving] = np.clip((variance[moving] - mean[moving]) / mean[moving] ** 2, 0, WILDEST)
    others = np.median(own[moving]) if moving.any() else 0.0
    weight = origin / (origin + OWN_WORTH)
    return weight * own + (1 - weight) * others


def spread_of(expected: Matrix, dispersion: Matrix, periods: float, lead_variance: Matrix | float = 0.0) -> Matrix:
    """The standard deviation of the demand over `periods`; `lead_variance` is that of the number of periods."""
    expected = np.maximum(expected, LEAST)
    per_period = expected / periods
    return np.sqrt(expected + dispersion * expected**2 / periods + DRIFT * expected**2 + per_period**2 * lead_variance)


def multipliers(expected: Matrix, demand: Matrix, spread: Matrix) -> tuple[Matrix, Matrix]:
    """How many spreads above the expected demand each level lies, by volume: (limits of the bins, bins × levels).

    The spread-weighted quantile of the standardised errors has the least pinball loss there is for such a rule; where
    few cases stand behind it, it is drawn to that of a normal demand, so that a small desk gets no confident lines.
    """
    limits = np.unique(np.quantile(expected, np.linspace(0, 1, BINS + 1)[1:-1]))
    table = np.zeros((len(limits) + 1, len(LEVELS)))
    errors, bins = (demand - expected) / spread, np.digitize(expected, limits)
    for number in range(len(table)):
        mine = bins == number
        if not mine.any():
            mine = np.ones(len(expected), dtype=bool)
        order = np.argsort(errors[mine], kind="stable")
        weight = np.cumsum(spread[mine][order])
        places = np.searchsorted(weight, np.array(LEVELS) * weight[-1])
        learned = errors[mine][order][np.minimum(places, len(order) - 1)]
        table[number] = (len(order) * learned + PRIOR_CASES * NORMAL_LEVELS) / (len(order) + PRIOR_CASES)
    return limits, table


def at_levels(expected: Matrix, spread: Matrix, rule: tuple[Matrix, Matrix]) -> Matrix:
    """Products × levels; never below nothing."""
    limits, table = rule
    return np.maximum(0, expected[:, None] + table[np.digitize(expected, limits)] * spread[:, None])


def pinball(demand: Matrix, quantiles: Matrix, levels: Sequence[float] = LEVELS) -> Matrix:
    """The loss of each quantile, products × levels."""
    over = demand[:, None] - quantiles
    share = np.array(levels)
    return np.maximum(share * over, (share - 1) * over)
