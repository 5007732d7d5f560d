"""Horizontal bars: one row per category, one or several stacked values; the chart is a table and reads as one."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BarValues:
    label: str
    values: tuple[float, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class BarSegment:
    series: int
    x: float
    width: float
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class BarRow:
    label: str
    href: str
    total: float
    segments: tuple[BarSegment, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    title: str
    unit: str
    series: tuple[str, ...]
    rows: tuple[BarRow, ...]
    template = "_components/bar_chart.html"


def bars(*, title: str, rows: Sequence[BarValues], unit: str = "", series: Sequence[str] = ("",)) -> Bars:
    """The longest row fills the width; the others are measured against it. Raises ValueError for values below zero."""
    if any(value < 0 for row in rows for value in row.values):
        raise ValueError("Stacked bars cannot show values below zero.")
    longest = max((sum(row.values) for row in rows), default=0) or 1
    return Bars(title, unit, tuple(series), tuple(_bar_row(row, series, longest) for row in rows))


def _bar_row(row: BarValues, series: Sequence[str], longest: float) -> BarRow:
    segments, x = [], 0.0
    for index, (name, value) in enumerate(zip(series, row.values, strict=True), start=1):
        width = 100 * float(value) / float(longest)
        if value:
            segments.append(BarSegment(index, round(x, 2), round(width, 2), name, value))
        x += width
    return BarRow(row.label, row.href, sum(row.values), tuple(segments))
