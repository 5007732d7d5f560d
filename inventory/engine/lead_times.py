"""How long a supplier takes, learned from what it did: the curve, and what can be read off it."""

from bisect import bisect_left, bisect_right
from typing import NamedTuple

QUANTILES = (10, 50, 80, 90, 95)
STEPS = 40  # of likelihood: how finely an arrival's days are told
EXACT = 1e-9  # what sums of floating shares may miss


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
        share = passed + (1 - passed) * percent / 100
        place = bisect_left(self.shares, share - EXACT)
        return self.days[place] if place < len(self.days) else None

    def steps(self, count: int, *, age: int | None = None) -> tuple[int | None, ...]:
        """The quantiles at `count` equal steps of likelihood, the last of them 100 %."""
        return tuple(self.quantile(100 * step / count, age=age) for step in range(1, count + 1))

    def share_within(self, days: int) -> float:
        """The share that took at most so many days."""
        place = bisect_right(self.days, days)
        return self.shares[place - 1] if place else 0.0


def pinball(actual: int, stated: float, percent: int) -> float:
    """The loss of saying `stated` for a quantile: a day too early costs `percent`, a day too late the rest of 100."""
    missed = actual - stated
    return missed * percent / 100 if missed >= 0 else -missed * (100 - percent) / 100
