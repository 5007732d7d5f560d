"""A line the size of a word, for KPI tiles and table cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.lib.charts.scales import polyline

WIDTH, HEIGHT, MARGIN = 96, 24, 2


@dataclass(frozen=True, slots=True)
class Sparkline:
    label: str
    path: str
    area: str
    last: tuple[float, float] | None
    width: int = WIDTH
    height: int = HEIGHT
    template = "_components/sparkline.html"


def sparkline(values: Sequence[float], *, label: str) -> Sparkline:
    """The course of a few values between their lowest and highest; fewer than two draw nothing."""
    if len(values) < 2:
        return Sparkline(label, "", "", None)
    low, high = min(values), max(values)
    span = float(high - low) or 1.0
    points = [
        (
            round(MARGIN + index * (WIDTH - 2 * MARGIN) / (len(values) - 1), 2),
            round(HEIGHT - MARGIN - float(value - low) / span * (HEIGHT - 2 * MARGIN), 2),
        )
        for index, value in enumerate(values)
    ]
    path = polyline(points)
    return Sparkline(label, path, f"{path}L{points[-1][0]:g} {HEIGHT}L{points[0][0]:g} {HEIGHT}Z", points[-1])
