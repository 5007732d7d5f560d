"""How well lead times would have been foretold, beside what anybody could do without a model."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from config.lib.errors import DomainError
from inventory.engine.deliveries import Delivery, Scope
from inventory.engine.foretelling import Bounds, ForetoldDelivery, foretell_all, loss, months
from inventory.engine.lead_times import QUANTILES
from inventory.engine.learning import ENOUGH, LEANINGS, Days, History, View

MEDIAN = QUANTILES.index(50)
Baseline = Callable[[Days], Sequence[float]]


class TooLittleHistory(DomainError):
    """Nothing could be foretold: fewer deliveries had arrived before than a curve needs."""


class Said(NamedTuple):
    """One arrived delivery: the days it took, and what was said of it."""

    took: int
    bounds: Sequence[float]


def backtest_lead_times(
    deliveries: Iterable[Delivery], *, first: date | None = None, last: date | None = None, enough: int = ENOUGH
) -> dict[str, Any]:
    """Foretell on the first of each month from `first` to `last` (all by default) what became known in that month.

    Only what was known on that morning is used. Deliveries that never arrived teach, but cannot be scored. Raises
    TooLittleHistory.
    """
    ordered = sorted(deliveries, key=lambda delivery: delivery.known_on)
    history = History(ordered, enough=enough)
    if not ordered:
        raise TooLittleHistory("There is no delivery to learn from.")
    origins = months(date.fromordinal(ordered[0].known_on), last or date.fromordinal(ordered[-1].known_on))
    until = last.toordinal() + 1 if last else ordered[-1].known_on + 1
    model: list[Said] = []
    others: dict[str, list[Said]] = defaultdict(list)
    scored_origins = 0
    for view, foretold in foretell_all(history, origins, until=until):
        if first and view.origin < first.toordinal():
            continue
        scored = [one for one in foretold if one.delivery.received_on is not None]
        scored_origins += bool(scored)
        model += [Said(one.took, one.said) for one in scored]
        for one in scored:
            for name, bounds in _baselines(view, one):
                others[name].append(Said(one.took, bounds))
    if not model:
        raise TooLittleHistory(
            f"Nothing can be forecast: at no month's beginning had {enough} deliveries arrived before."
        )
    return {
        **_score(model),
        "origins": scored_origins,
        "baselines": {name: _score(said) for name, said in sorted(others.items())},
    }


def _score(said: Sequence[Said]) -> dict[str, Any]:
    took = np.array([one.took for one in said])
    bounds = np.array([one.bounds for one in said])
    within = (took[:, None] <= bounds).mean(axis=0)
    return {
        "n": len(said),
        "mean_pinball_days": round(sum(loss(one.took, one.bounds) for one in said) / len(said), 3),
        "coverage": {f"p{percent}": round(float(share), 4) for percent, share in zip(QUANTILES, within, strict=True)},
        "mae_p50": round(float(np.abs(took - bounds[:, MEDIAN]).mean()), 2),
    }


def _baselines(view: View, foretold: ForetoldDelivery) -> Iterable[tuple[str, Bounds | Sequence[float]]]:
    arrived = _arrived(view, foretold.delivery)
    for name, baseline in BASELINES.items():
        yield name, baseline(arrived)
    yield "kaplan_meier_without_leaning", foretold.by_leaning[LEANINGS.index(0)]
    if foretold.delivery.word:
        yield "stated_date", (0,) * len(QUANTILES)


def _arrived(view: View, delivery: Delivery) -> Days:
    """What arrived of the supplier by the origin, of everybody where that is too little."""
    chain = dict(delivery.chain)
    own = view.history.arrived_before(chain[Scope.SUPPLIER], view.origin)
    return own if len(own) >= view.history.enough else view.history.arrived_before(chain[Scope.ALL], view.origin)


def _median(arrived: Days) -> Sequence[float]:
    return [float(np.median(arrived))] * len(QUANTILES)


def _delivered_only(arrived: Days) -> Sequence[float]:
    return np.quantile(arrived, np.array(QUANTILES) / 100, method="inverted_cdf").tolist()


def _normal(arrived: Days) -> Sequence[float]:
    spread = NormalDist(float(arrived.mean()), max(float(arrived.std(ddof=1)), 1e-6))
    return [spread.inv_cdf(percent / 100) for percent in QUANTILES]


BASELINES: dict[str, Baseline] = {"vendor_median": _median, "delivered_only": _delivered_only, "normal": _normal}
