"""Likelihoods that turned out too high or too low are told as what they turned out to be."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from statsmodels.duration.survfunc import SurvfuncRight

from inventory.engine.learning import HALF_LIFE_DAYS, Days, Shares

CERTAINTY = 160  # how many deliveries the curves' own likelihoods are worth


class Outcome(NamedTuple):
    """A delivery that was foretold: the share of its curve that had passed when it came, or has passed by now."""

    known_on: int
    passed: float
    arrived: bool


class Calibration(NamedTuple):
    """How often deliveries came within each likelihood; likelihoods of 0 and 1 stay what they are."""

    said: Shares
    came: Shares

    def of(self, shares: Shares) -> Shares:
        """The likelihoods of a curve as past ones turned out."""
        return np.interp(shares, self.said, self.came) if len(self.said) else shares


AS_SAID = Calibration(np.array([]), np.array([]))


def calibrate(outcomes: Iterable[Outcome], origin: int) -> Calibration:
    """By what had been foretold before `origin`; what is under way came later than its share, nobody knows when.

    The outcomes lean on the likelihoods as they were said, and old ones fade as deliveries do.
    """
    seen = list(outcomes)
    arrived = np.array([one.arrived for one in seen], dtype=int)
    if not arrived.any():
        return AS_SAID
    weights = 0.5 ** ((origin - np.array([one.known_on for one in seen])) / HALF_LIFE_DAYS)
    curve = SurvfuncRight(np.array([one.passed for one in seen]), arrived, freq_weights=weights)
    said, came = np.asarray(curve.surv_times), 1 - np.asarray(curve.surv_prob)
    weight = float(weights[arrived == 1].sum())
    leaning = (came * weight + said * CERTAINTY) / (weight + CERTAINTY)
    inside = (said > 0) & (said < 1)
    return Calibration(np.concatenate([[0.0], said[inside], [1.0]]), np.concatenate([[0.0], leaning[inside], [1.0]]))


def passed_by(days: Days, shares: Shares, age: int) -> float:
    """The share of a curve that came within so many days; all of it beyond its end."""
    place = int(np.searchsorted(days, age, side="right"))
    if place == len(days) and age > days[-1]:
        return 1.0
    return float(shares[place - 1]) if place else 0.0
