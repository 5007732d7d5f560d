"""How long a supplier takes, learned from what it did: the curve, and what can be read off it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

QUANTILES = (10, 50, 80, 90, 95)
STEPS = 40  # of likelihood: how finely an arrival's days are told
EXACT = 1e-9  # what sums of floating shares may miss


def lead_time_quantile(past: Iterable[int], percent: int, *, age: int | None = None) -> int | None:
    """The nearest-rank quantile of past lead times (or residuals) in days.

    An order that is already `age` days old can only take longer than that: shorter values do not count. None says that
    nothing past exceeds the age, so there is no reliable date.
    """
    if not 0 < percent <= 100:
        raise ValueError(f"{percent} is no percentage between 1 and 100.")
    possible = sorted(days for days in past if age is None or days > age)
    if not possible:
        return None
    rank = -(-len(possible) * percent // 100)
    return possible[rank - 1]


class Curve(NamedTuple):
    """The share of deliveries that took at most so many days, at each number of days at which one came.

    The last share is less than 1 where the slowest orders are still open: beyond it nothing is known.
    """

    days: tuple[int, ...]
    shares: tuple[float, ...]

    def quantile(self, percent: float, *, age: int | None = None) -> int | None:
        """The nearest-rank quantile, of the deliveries that took more than `age` days where an age is given.

        None: nothing known exceeds the age, or the curve ends before that many have come.
        """
        if not 0 < percent <= 100:
            raise ValueError(f"{percent} is no percentage between 1 and 100.")
        passed = self.share_within(age) if age is not None else 0.0
        if 1 - passed <= EXACT:
            return None
        wanted = passed + (1 - passed) * percent / 100
        place = bisect_left(self.shares, wanted - EXACT)
        return self.days[place] if place < len(self.days) else None

    def steps(self, count: int, *, age: int | None = None) -> tuple[int | None, ...]:
        """The quantiles at `count` equal steps of likelihood, the last of them 100 %."""
        return tuple(self.quantile(100 * step / count, age=age) for step in range(1, count + 1))

    def share_within(self, days: int) -> float:
        """The share that took at most so many days."""
        place = bisect_right(self.days, days)
        return self.shares[place - 1] if place else 0.0


def curve_of(past: Iterable[int]) -> Curve:
    """The plain curve of deliveries that all came."""
    ordered = sorted(past)
    days = sorted(set(ordered))
    return Curve(tuple(days), tuple(bisect_right(ordered, day) / len(ordered) for day in days))


def pinball(actual: int, stated: float, percent: int) -> float:
    """The loss of saying `stated` for a quantile: a day too early costs `percent`, a day too late the rest of 100."""
    missed = actual - stated
    return missed * percent / 100 if missed >= 0 else -missed * (100 - percent) / 100
