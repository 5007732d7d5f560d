"""Quantiles of counted values."""

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


def counted_median(counts: Mapping[int, int]) -> int | None:
    """The middle value; of two middle ones the later, since it is a delay that people plan with."""
    n, seen = sum(counts.values()), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen > n // 2:
            return value
    return None
