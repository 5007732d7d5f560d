"""Who speaks for each group of products at an origin, and what they say together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from backorders.engine.forecasting import spread
from backorders.engine.forecasting.blending import blended
from backorders.engine.forecasting.methods import BLEND, CANDIDATES, single_paths
from backorders.engine.forecasting.panel import FIRST_ORIGIN, GROUPS, Matrix, Panel

EARLIER = 8  # origins that the choice is made on
KEENNESS = 60.0  # a candidate that is 1 % worse speaks with exp(−0.6) of the best one's weight
SHARED = 0.35  # how much of a candidate's score comes from all groups
SOFTEST = 0.08  # a lesser voice is not heard
LARGEST_CORRECTION = (0.9, 1.15)


class Score(NamedTuple):
    """Of one candidate in one group over the earlier origins."""

    rmsse: float
    bias: float
    pinball: float
    cases: int


@dataclass
class Forecaster:
    """Forecasts a panel from any origin, looking at nothing after it. Paths are computed once for each origin."""

    panel: Panel
    horizon: int
    longest: int
    _paths: dict[int, dict[str, Matrix]] = field(default_factory=dict)
    _blends: dict[int, Matrix] = field(default_factory=dict)
    _rules: dict[tuple[str, int, int], tuple[Matrix, Matrix]] = field(default_factory=dict)
    _dispersion: dict[int, Matrix] = field(default_factory=dict)
    _roots: dict[tuple[str, int], tuple[list[Matrix], Matrix, Matrix]] = field(default_factory=dict)

    def paths(self, origin: int) -> dict[str, Matrix]:
        if origin not in self._paths:
            self._paths[origin] = single_paths(self.panel, origin, self.longest)
        return self._paths[origin]

    def path(self, name: str, origin: int) -> Matrix:
        if name != BLEND:
            return self.paths(origin)[name]
        if origin not in self._blends:
            self._blends[origin] = blended(self.panel, origin, earlier_origins(origin, gap=1), self.paths, self.horizon)
        return self._blends[origin]

    def dispersion(self, origin: int) -> Matrix:
        if origin not in self._dispersion:
            self._dispersion[origin] = spread.overdispersion(self.panel, origin)
        return self._dispersion[origin]

    def scores(self, name: str, origin: int, lead: int) -> list[Score]:
        """By group, over the origins whose outcome is known at `origin`."""
        roots, off, demanded = self._errors(name, origin)
        losses, demand = self._pinball_by_group(name, origin, lead)
        return [
            Score(
                float(roots[group].mean()) if len(roots[group]) else 0.0,
                float(off[group] / demanded[group]) if demanded[group] else 0.0,
                float(losses[group] / demand[group]) if demand[group] else 0.0,
                len(roots[group]),
            )
            for group in range(GROUPS)
        ]

    def _errors(self, name: str, origin: int) -> tuple[list[Matrix], Matrix, Matrix]:
        """By group: the RMSSE of each case, and in units of its scale what was too much, and what was wanted."""
        if (name, origin) in self._roots:
            return self._roots[name, origin]
        roots: list[list[Matrix]] = [[] for _ in range(GROUPS)]
        off, demanded = np.zeros(GROUPS), np.zeros(GROUPS)
        for start in earlier_origins(origin, gap=1):
            steps = min(self.horizon, origin - start)
            scale, groups = self.panel.scale(start), self.panel.groups(start)
            actual = self.panel.units[:, start : start + steps]
            errors = self.path(name, start)[:, :steps] - actual
            for group in range(GROUPS):
                mine = (groups == group) & (scale > 0)
                roots[group].append(np.sqrt((errors[mine] ** 2).mean(axis=1)) / scale[mine])
                off[group] += (errors[mine] / scale[mine, None]).sum()
                demanded[group] += (actual[mine] / scale[mine, None]).sum()
        each = [np.concatenate(some) if some else np.zeros(0) for some in roots]
        self._roots[name, origin] = each, off, demanded
        return each, off, demanded

    def rule(self, name: str, origin: int, lead: int) -> tuple[Matrix, Matrix]:
        """The multipliers that the origins with a known lead-time demand ask for."""
        key = (name, origin, lead)
        if key not in self._rules:
            expected, demand, spreads, _ = self._past(name, origin, lead)
            self._rules[key] = spread.multipliers(expected, demand, spreads)
        return self._rules[key]

    def quantiles(self, name: str, origin: int, lead: int, lead_variance: Matrix | float = 0.0) -> Matrix:
        expected = self.path(name, origin)[:, :lead].sum(axis=1)
        spreads = spread.spread_of(expected, self.dispersion(origin), lead, lead_variance)
        return spread.at_levels(expected, spreads, self.rule(name, origin, lead))

    def _past(self, name: str, origin: int, lead: int) -> tuple[Matrix, Matrix, Matrix, Matrix]:
        starts = earlier_origins(origin, gap=lead) or [max(2, origin - lead)]
        expected = [self.path(name, start)[:, :lead].sum(axis=1) for start in starts]
        spreads = [
            spread.spread_of(mean, self.dispersion(start), lead) for mean, start in zip(expected, starts, strict=True)
        ]
        demand = [self.panel.demand(start, min(lead, origin - start)) for start in starts]
        groups = [self.panel.groups(start) for start in starts]
        return tuple(np.concatenate(parts) for parts in (expected, demand, spreads, groups))  # type: ignore[return-value]

    def _pinball_by_group(self, name: str, origin: int, lead: int) -> tuple[Matrix, Matrix]:
        expected, demand, spreads, groups = self._past(name, origin, lead)
        quantiles = spread.at_levels(expected, spreads, self.rule(name, origin, lead))
        losses = spread.pinball(demand, quantiles).sum(axis=1)
        return np.bincount(groups, losses, GROUPS), np.bincount(groups, demand, GROUPS)

    def team(self, origin: int, lead: int) -> "Team":
        scores = {name: self.scores(name, origin, lead) for name in CANDIDATES}
        worth = min(1.0, len(earlier_origins(origin, gap=lead)) / EARLIER) ** 2
        voices = np.zeros((GROUPS, len(CANDIDATES)))
        for group in range(GROUPS):
            by_root = _voices([[score.rmsse for score in scores[name]] for name in CANDIDATES], group, worth)
            by_loss = _voices([[score.pinball for score in scores[name]] for name in CANDIDATES], group, worth)
            voices[group] = (by_root + by_loss) / 2
        bias = np.array([[scores[name][group].bias for name in CANDIDATES] for group in range(GROUPS)])
        correction = np.clip(1 - (voices * bias).sum(axis=1) / 2, *LARGEST_CORRECTION)
        return Team(voices, correction, scores)

    def mixed(self, team: "Team", origin: int) -> Matrix:
        """The paths of all candidates, each as loud as the team has it."""
        groups = self.panel.groups(origin)
        path = np.zeros((self.panel.products, self.longest))
        for number, name in enumerate(CANDIDATES):
            if (voice := team.voices[groups, number][:, None]).any():
                path += voice * self.path(name, origin)
        return path * team.correction[groups][:, None]

    def outlook(self, origin: int, lead: int, lead_variance: Matrix | float = 0.0) -> "Outlook":
        team, groups = self.team(origin, lead), self.panel.groups(origin)
        levels = np.zeros((self.panel.products, len(spread.LEVELS)))
        for number, name in enumerate(CANDIDATES):
            voice = team.voices[groups, number][:, None]
            if voice.any():
                levels += voice * self.quantiles(name, origin, lead, lead_variance)
        return Outlook(self.mixed(team, origin), levels, groups, team)


@dataclass(frozen=True, eq=False)
class Team:
    """`voices`: groups × candidates, each row sums to 1. `correction`: half of the bias seen is taken out again."""

    voices: Matrix
    correction: Matrix
    scores: dict[str, list[Score]]

    def method(self, group: int) -> str:
        """The candidates in words, the loudest first."""
        ranked = sorted(zip(self.voices[group], CANDIDATES, strict=True), key=lambda pair: (-pair[0], pair[1]))
        return " + ".join(f"{name} {voice:.0%}" for voice, name in ranked if voice >= 0.005)


@dataclass(frozen=True, eq=False)
class Outlook:
    path: Matrix
    levels: Matrix
    groups: Matrix
    team: Team


def earlier_origins(origin: int, *, gap: int) -> list[int]:
    """The last origins whose outcome of `gap` periods is known at `origin`."""
    return list(range(max(FIRST_ORIGIN, origin - gap - EARLIER + 1), origin - gap + 1))


def _voices(scores: Sequence[Sequence[float]], group: int, worth: float) -> Matrix:
    """Louder the better the score; a score that few cases stand behind is heard less."""
    table = np.array(scores)  # candidates × groups
    known = table.min(axis=0) > 0
    if not known.any():
        return np.full(len(table), 1 / len(table))
    relative = table[:, known] / table[:, known].min(axis=0)
    everywhere = relative.mean(axis=1)
    own = table[:, group] / table[:, group].min() if known[group] else everywhere
    standing = (1 - SHARED) * own + SHARED * everywhere / everywhere.min()
    voices = np.exp(-KEENNESS * worth * (standing - standing.min()))
    voices /= voices.sum()
    voices[voices < SOFTEST] = 0
    return voices / voices.sum()
