"""Curves of lead times learned from deliveries, those under way included, and how well they would have foretold."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inventory.engine.deliveries import Delivery, Key, Scope
from inventory.engine.lead_times import EXACT, QUANTILES, Curve

ENOUGH = 8
HALF_LIFE_DAYS = 365  # a delivery of a year ago weighs half
LEANINGS = (0, 5, 20, 80)  # how many deliveries the wider experience is worth: the past decides which is best
FINEST_STEP = 200  # a stored curve has at most so many steps
NEVER = 10_000_000

Days = NDArray[np.int64]
Shares = NDArray[np.float64]


class Experience(NamedTuple):
    """What one scope had seen at an origin: its own curve, `n` deliveries that came, how many are under way."""

    days: Days
    shares: Shares
    weight: float
    n: int
    still_open: int
    since: int


class Learned(NamedTuple):
    """The curve to go by, the narrowest scope that had enough of its own, and that scope's figures."""

    scope: Scope
    key: Key
    days: Days
    shares: Shares
    n: int
    still_open: int
    since: int

    @property
    def curve(self) -> Curve:
        """The curve in at most `FINEST_STEP` steps; quantiles in steps of half a percent are the same."""
        steps = np.ceil(self.shares * FINEST_STEP - EXACT)
        rises = np.flatnonzero(np.diff(steps, prepend=0.0) > 0)
        return Curve(tuple(map(int, self.days[rises])), tuple(map(float, self.shares[rises])))


class History:
    """All deliveries, to be looked at from any day: nothing that happened on or after that day is seen."""

    def __init__(self, deliveries: Sequence[Delivery], *, enough: int = ENOUGH):
        self.deliveries = deliveries
        self.enough = enough
        self.known_on = np.array([d.known_on for d in deliveries], dtype=np.int64)
        self.counted_from = np.array([d.counted_from for d in deliveries], dtype=np.int64)
        self.received_on = np.array(
            [NEVER if d.received_on is None else d.received_on for d in deliveries], dtype=np.int64
        )

    @cached_property
    def groups(self) -> dict[Key, Days]:
        members: dict[Key, list[int]] = defaultdict(list)
        for place, delivery in enumerate(self.deliveries):
            for _, key in delivery.chain:
                members[key].append(place)
        return {key: np.array(places, dtype=np.int64) for key, places in members.items()}

    def arrived_before(self, key: Key, origin: int) -> Days:
        """How long the deliveries took that were there by the morning of `origin`."""
        places = self.groups.get(key, np.array([], dtype=np.int64))
        there = places[self.received_on[places] < origin]
        return self.received_on[there] - self.counted_from[there]

    def seen_from(self, origin: int) -> "View":
        return View(self, origin)


class View:
    """The history as it was known in the morning of `origin`."""

    def __init__(self, history: History, origin: int):
        self.history = history
        self.origin = origin
        self._seen: dict[Key, Experience | None] = {}

    def experience(self, key: Key) -> Experience | None:
        if key not in self._seen:
            self._seen[key] = self._look(key)
        return self._seen[key]

    def learned(self, delivery: Delivery, leaning: int) -> Learned | None:
        """The curve for this delivery; None where even all suppliers together have too little history."""
        return next(reversed(self.each_scope(delivery, leaning)), None)

    def each_scope(self, delivery: Delivery, leaning: int) -> list[Learned]:
        """The curves of the scopes that speak for this delivery and have enough deliveries, the widest first."""
        curves: list[Learned] = []
        for scope, key in delivery.chain:
            own = self.experience(key)
            if own is None or own.n < self.history.enough:
                continue
            days, shares = own.days, own.shares
            if curves and leaning:
                days, shares = _blend(own, curves[-1], leaning)
            curves.append(Learned(scope, key, days, shares, own.n, own.still_open, own.since))
        return curves

    def _look(self, key: Key) -> Experience | None:
        history, origin = self.history, self.origin
        places = history.groups.get(key)
        if places is None:
            return None
        places = places[history.known_on[places] < origin]
        arrived = history.received_on[places] < origin
        if not arrived.any():
            return None
        until = np.where(arrived, history.received_on[places], origin - 1)
        weights = 0.5 ** ((origin - history.known_on[places]) / HALF_LIFE_DAYS)
        days, shares = arrival_curve(until - history.counted_from[places], arrived, weights)
        return Experience(
            days=days,
            shares=shares,
            weight=float(weights[arrived].sum()),
            n=int(arrived.sum()),
            still_open=int((~arrived).sum()),
            since=int(history.known_on[places].min()),
        )


def arrival_curve(days: Days, arrived: NDArray[np.bool_], weights: Shares) -> tuple[Days, Shares]:
    """By which share of the deliveries the goods are there after so many days, as Kaplan and Meier estimate it.

    What is still under way after `days` counts among those that may yet come until then, and not after it.
    """
    lasted, place = np.unique(days, return_inverse=True)
    came = np.bincount(place, weights=weights * arrived)
    waiting = np.cumsum(np.bincount(place, weights=weights)[::-1])[::-1]
    steps = np.flatnonzero(came)
    shares: Shares = 1.0 - np.cumprod(1.0 - came[steps] / waiting[steps], dtype=np.float64)
    return lasted[steps], shares


def read_quantiles(days: Days, shares: Shares, percents: Iterable[float] = QUANTILES) -> Days:
    """Nearest rank; where the curve ends before, the longest that is known."""
    levels = np.array(list(percents)) / 100 - EXACT
    return days[np.minimum(np.searchsorted(shares, levels), len(days) - 1)]


def scopes_of(deliveries: Iterable[Delivery]) -> Iterator[Delivery]:
    """One delivery for each supplier and item, of each kind: every scope stands in the chain of one of them."""
    yield from {(d.word, d.supplier, d.item, d.kin): d for d in deliveries}.values()


def _blend(own: Experience, wider: Learned, leaning: int) -> tuple[Days, Shares]:
    days = np.union1d(own.days, wider.days)
    mine, theirs = _at(own.days, own.shares, days), _at(wider.days, wider.shares, days)
    return days, (mine * own.weight + theirs * leaning) / (own.weight + leaning)


def _at(days: Days, shares: Shares, on_days: Days) -> Shares:
    places = np.searchsorted(days, on_days, side="right")
    return np.concatenate([[0.0], shares])[places]
