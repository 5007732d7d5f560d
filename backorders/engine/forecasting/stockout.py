"""How likely the shelf runs out before supply comes, from the spread of demand and of the arrival."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HORIZONS = (7, 14, 30)  # days
DAYS_PER_WEEK = 7
MANY = 400  # units from which the smooth approximation is as good as counting
LEAST_RATE = 1e-3


@dataclass(frozen=True, slots=True)
class DemandRate:
    """Expected units a week; variance a week ÷ mean² beyond Poisson (`dispersion`) and of the rate itself (`drift`)."""

    weekly: float
    dispersion: float = 1.0
    drift: float = 0.1


@dataclass(frozen=True, slots=True)
class Risk:
    """Probabilities by horizon, and the units that are expected to be missing in the longest one."""

    within: tuple[float, ...]
    missing: float


def exceeds(units: float, *, mean: float, variance: float) -> float:
    """P(demand > units) of a negative binomial with this mean and variance; Poisson where the variance is no larger."""
    if units < 0:
        return 1.0
    mean = max(mean, LEAST_RATE)
    variance = max(variance, mean * (1 + 1e-9))
    if units >= MANY:
        return _smooth_tail(units + 0.5, mean, variance)
    shape = mean * mean / (variance - mean)
    chance = mean / variance
    if shape > 1e6:
        return _poisson_tail(int(units), mean)
    log_mass = shape * math.log(chance)
    below = math.exp(log_mass)
    for count in range(int(units)):
        log_mass += math.log((shape + count) / (count + 1) * (1 - chance))
        below += math.exp(log_mass)
    return min(1.0, max(0.0, 1 - below))


def quantile(level: float, *, mean: float, variance: float) -> int:
    """The smallest number of units that the demand exceeds with at most 1 − `level`."""
    low, high = -1, max(1, math.ceil(mean))
    while exceeds(high, mean=mean, variance=variance) > 1 - level:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if exceeds(middle, mean=mean, variance=variance) > 1 - level:
            low = middle
        else:
            high = middle
    return high


def stockout_risk(
    *, free: float, rate: DemandRate, arrivals: Sequence[tuple[int, float]] = (), horizons: Sequence[int] = HORIZONS
) -> Risk:
    """`free`: units that nobody holds, minus those that waiting lines lack. `arrivals`: (days from now, probability)
    of the next supply; what is missing to 1 does not come in sight."""
    within = tuple(_within(free, rate, arrivals, days) for days in horizons)
    return Risk(within, _missing(free, rate, arrivals, horizons[-1]) if horizons else 0.0)


def moments(rate: DemandRate, days: float) -> tuple[float, float]:
    """Mean and variance of the demand over so many days."""
    weeks = days / DAYS_PER_WEEK
    mean = rate.weekly * weeks
    return mean, mean + rate.dispersion * rate.weekly**2 * weeks + rate.drift * mean**2


def _within(free: float, rate: DemandRate, arrivals: Iterable[tuple[int, float]], days: int) -> float:
    total, unseen = 0.0, 1.0
    for arrives_in, probability in arrivals:
        mean, variance = moments(rate, min(max(arrives_in, 0), days))
        total += probability * exceeds(free, mean=mean, variance=variance)
        unseen -= probability
    mean, variance = moments(rate, days)
    return total + max(0.0, unseen) * exceeds(free, mean=mean, variance=variance)


def _missing(free: float, rate: DemandRate, arrivals: Iterable[tuple[int, float]], days: int) -> float:
    """Expected units beyond the shelf: of a normal with the same moments, plus what is missing already."""
    total, unseen = 0.0, 1.0
    for arrives_in, probability in arrivals:
        total += probability * _shortfall(free, *moments(rate, min(max(arrives_in, 0), days)))
        unseen -= probability
    return total + max(0.0, unseen) * _shortfall(free, *moments(rate, days))


def _shortfall(free: float, mean: float, variance: float) -> float:
    spread = math.sqrt(variance)
    if spread == 0:
        return max(0.0, mean - free)
    z = (free - mean) / spread
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return max(0.0, spread * (density - z * (1 - _normal(z))))


def _smooth_tail(units: float, mean: float, variance: float) -> float:
    """Of a gamma with the same moments, by the cube root of Wilson and Hilferty."""
    shape = mean * mean / variance
    root = (units / mean) ** (1 / 3)
    return 1 - _normal((root - (1 - 1 / (9 * shape))) * 3 * math.sqrt(shape))


def _poisson_tail(units: int, mean: float) -> float:
    log_mass = -mean
    below = math.exp(log_mass)
    for count in range(units):
        log_mass += math.log(mean / (count + 1))
        below += math.exp(log_mass)
    return min(1.0, max(0.0, 1 - below))


def _normal(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def area_under_curve(scores: Sequence[float], truth: Sequence[bool]) -> float:
    """How often a position that ran out scores higher than one that did not; ties count half."""
    ranked = sorted(zip(scores, truth, strict=True))
    positives = sum(truth)
    negatives = len(truth) - positives
    if not positives or not negatives:
        return 0.0
    total, place = 0.0, 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        total += (place + end + 1) / 2 * sum(1 for _, out in ranked[place:end] if out)
        place = end
    return (total - positives * (positives + 1) / 2) / (positives * negatives)


def average_precision(scores: Sequence[float], truth: Sequence[bool]) -> float:
    """The mean precision over the positions that ran out, those with one score taken together."""
    ranked = sorted(zip(scores, truth, strict=True), reverse=True)
    positives, seen, hits, total, place = sum(truth), 0, 0, 0.0, 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        true_warnings = sum(1 for _, out in ranked[place:end] if out)
        seen, hits = seen + end - place, hits + true_warnings
        total += true_warnings * hits / seen
        place = end
    return total / positives if positives else 0.0
