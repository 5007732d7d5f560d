"""Rolling origins: at the first of each month the coming orders are foretold from what was known that morning.

What the model tries (how much to lean on wider experience, whether to take a supplier's word as it is) is decided at
each origin by the losses known then, so the figures are those that the desk would have had.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from inventory.engine.deliveries import Delivery
from inventory.engine.lead_times import QUANTILES, pinball
from inventory.engine.learning import LEANINGS, Days, History, View, read_quantiles

Bounds = tuple[int, ...]  # days for each of QUANTILES


class ForetoldDelivery(NamedTuple):
    """A delivery and what was said of it at the origin; days are counted as the delivery's are."""

    delivery: Delivery
    origin: int
    said: Bounds
    by_leaning: tuple[Bounds, ...]

    @property
    def took(self) -> int:
        """Days from the start of the count; only for what has arrived."""
        return (self.delivery.received_on or 0) - self.delivery.counted_from


class MeanLosses(NamedTuple):
    """The mean losses of a supplier's arrived deliveries: what we said, what the supplier said."""

    n: int = 0
    learned: float = 0.0
    stated: float = 0.0


class Rolling:
    """The state that goes from origin to origin: what was foretold, and how good it turned out to be so far."""

    def __init__(self, history: History):
        self.history = history
        self.pending: list[ForetoldDelivery] = []
        self.losses: dict[bool, list[float]] = {word: [0.0] * len(LEANINGS) for word in (False, True)}
        self.words: dict[Hashable, MeanLosses] = {}

    def settle(self, origin: int) -> None:
        """Count what arrived before the origin, once."""
        waiting = []
        for foretold in self.pending:
            if foretold.delivery.received_on is None or foretold.delivery.received_on >= origin:
                waiting.append(foretold)
                continue
            self._count(foretold)
        self.pending = waiting

    def leaning(self, *, word: bool) -> int:
        """How many deliveries the wider experience is worth, by the losses so far; the first of equals."""
        return LEANINGS[self._best(word=word)]

    def trusts(self, delivery: Delivery) -> bool:
        """The supplier's date is as good as what we learn, or better: it is taken as it is."""
        record = self.words.get(delivery.supplier, MeanLosses())
        return delivery.word and record.n >= self.history.enough and record.stated <= record.learned

    def foretell(self, view: View, deliveries: Iterable[Delivery]) -> Iterator[ForetoldDelivery]:
        said: dict[tuple[bool, Hashable, Hashable, Hashable], tuple[Bounds, ...] | None] = {}
        for delivery in deliveries:
            key = (delivery.word, delivery.supplier, delivery.item, delivery.kin)
            if key not in said:
                said[key] = _by_leaning(view, delivery)
            if candidates := said[key]:
                chosen = candidates[self._best(word=delivery.word)]
                if self.trusts(delivery):
                    chosen = (0,) * len(QUANTILES)
                foretold = ForetoldDelivery(delivery, view.origin, chosen, candidates)
                self.pending.append(foretold)
                yield foretold

    def _best(self, *, word: bool) -> int:
        losses = self.losses[word]
        return losses.index(min(losses))

    def _count(self, foretold: ForetoldDelivery) -> None:
        delivery, took = foretold.delivery, foretold.took
        losses = [loss(took, bounds) for bounds in foretold.by_leaning]
        if delivery.word:
            n, learned, stated = self.words.get(delivery.supplier, MeanLosses())
            now = losses[self._best(word=True)]
            self.words[delivery.supplier] = MeanLosses(n + 1, learned + now, stated + loss(took, (0,) * len(QUANTILES)))
        totals = self.losses[delivery.word]
        self.losses[delivery.word] = [total + new for total, new in zip(totals, losses, strict=True)]


def foretell_all(
    history: History, origins: Sequence[int], *, until: int, rolling: Rolling | None = None
) -> Iterator[tuple[View, list[ForetoldDelivery]]]:
    """Origin by origin, what was foretold of the orders that became known from it to the next one (or `until`)."""
    rolling = rolling or Rolling(history)
    by_origin: dict[int, list[Delivery]] = defaultdict(list)
    ends = [*origins[1:], until]
    places = np.searchsorted(np.array(origins), history.known_on, side="right") - 1
    for delivery, place in zip(history.deliveries, places, strict=True):
        if place >= 0 and delivery.known_on < ends[place]:
            by_origin[origins[place]].append(delivery)
    for origin in origins:
        rolling.settle(origin)
        view = history.seen_from(origin)
        yield view, list(rolling.foretell(view, by_origin[origin]))


def loss(took: int, bounds: Sequence[float]) -> float:
    """The mean pinball loss over the quantiles, in days."""
    return sum(pinball(took, said, percent) for percent, said in zip(QUANTILES, bounds, strict=True)) / len(QUANTILES)


def months(first: date, last: date) -> list[int]:
    """The first of each month from that of `first` to that of `last`, as ordinals."""
    return [
        date(month // 12, month % 12 + 1, 1).toordinal()
        for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    ]


def _by_leaning(view: View, delivery: Delivery) -> tuple[Bounds, ...] | None:
    curves = [view.learned(delivery, leaning) for leaning in LEANINGS]
    return tuple(_bounds(read_quantiles(curve.days, curve.shares)) for curve in curves if curve) or None


def _bounds(days: Days) -> Bounds:
    return tuple(int(day) for day in days)
