"""Quantiles of counted values, by nearest rank."""

from collections.abc import Mapping


def counted_quantile(counts: Mapping[int, int], percent: int) -> int | None:
    """The nearest-rank quantile of values that came so many times; None of nothing."""
    n = sum(counts.values())
    rank, seen = -(-n * percent // 100), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= rank:
            return value
    return None
