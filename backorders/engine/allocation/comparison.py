"""Which of several policies no other one beats in everything."""

from collections.abc import Mapping, Sequence

# Figure → whether more of it is better.
GOALS: Mapping[str, bool] = {
    "units": True,
    "lines_complete": True,
    "orders_complete": True,
    "value": True,
    "tardiness": False,
    "longest_wait": False,
    "fairness": True,
    "promises_worse": False,
}


def pareto_set(rows: Sequence[Mapping[str, float]], goals: Mapping[str, bool] = GOALS) -> list[bool]:
    """Per row whether no other one is at least as good in every figure and better in one. Equal rows both stand."""
    return [not any(_dominates(other, row, goals) for other in rows) for row in rows]


def _dominates(one: Mapping[str, float], other: Mapping[str, float], goals: Mapping[str, bool]) -> bool:
    gains = [one[goal] - other[goal] if more else other[goal] - one[goal] for goal, more in goals.items()]
    return all(gain >= 0 for gain in gains) and any(gain > 0 for gain in gains)


def jain(total: float, squares: float, count: int) -> float | None:
    """Jain's fairness of fill ratios from their sum, the sum of their squares and their number: 1 is equal for all.

    None without lines. Nobody getting anything is equal for all.
    """
    if not count:
        return None
    return total * total / (count * squares) if squares else 1.0
