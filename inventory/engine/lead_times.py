"""How long a supplier takes, learned from what it did."""

from collections.abc import Iterable


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
