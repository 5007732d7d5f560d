"""Charts as geometry: numbers in, dataclasses of pixels and percentages out; templates turn them into SVG.

Across, everything is a percentage (0–100), so that a chart fills its column while its text keeps its size; upright it
is pixels. Only classes are used for looks, so both colour schemes and the strict CSP hold.
"""

from config.lib.charts.bars import BarRow, Bars, BarValues, bars
from config.lib.charts.fans import fan
from config.lib.charts.plots import Plot, Series, columns, line, pareto, steps
from config.lib.charts.sparklines import Sparkline, sparkline

Figure = Bars | Plot | Sparkline

__all__ = [
    "BarRow",
    "BarValues",
    "Bars",
    "Figure",
    "Plot",
    "Series",
    "Sparkline",
    "bars",
    "columns",
    "fan",
    "line",
    "pareto",
    "sparkline",
    "steps",
]
