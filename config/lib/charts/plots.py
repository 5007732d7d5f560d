"""Charts with a value axis: stacked columns, Pareto, lines with a band, step lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from config.lib.charts.scales import Scale, date_ticks, nice_scale, polyline, short, wrap

HEIGHT = 200
WIDE = 1000  # inner coordinates of paths; stretched to the width of the column by preserveAspectRatio="none"
LABELS_THAT_FIT = 13


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    style: str
    title: str


@dataclass(frozen=True, slots=True)
class Path:
    d: str
    style: str


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    style: str
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    lines: tuple[str, ...]
    minor: bool = False

    @property
    def anchor(self) -> str:
        """Labels at the edges grow inwards, so that none leaves the picture."""
        return "start" if self.at < 2 else "end" if self.at > 98 else "middle"


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything a template needs to draw and to tabulate one chart."""

    title: str
    unit: str
    summary: str
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    zero: float
    head: tuple[str, ...]
    body: tuple[tuple[str | float, ...], ...]
    rects: tuple[Rect, ...] = ()
    paths: tuple[Path, ...] = ()
    dots: tuple[Dot, ...] = ()
    right_ticks: tuple[Tick, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    height: int = HEIGHT
    template = "_components/plot_chart.html"

    @property
    def box_height(self) -> int:
        """The drawing area with the axis labels below it."""
        return self.height + 10 + 14 * max((len(tick.lines) for tick in self.x_ticks), default=1)


def columns(*, title: str, categories: Sequence[str], series: Sequence[Series], unit: str = "") -> Plot:
    """Stacked columns, one per category."""
    totals = [sum(one.values[i] for one in series) for i in range(len(categories))]
    scale = nice_scale(totals, height=HEIGHT, whole=_whole(totals))
    rects: list[Rect] = []
    for i, category in enumerate(categories):
        below = 0.0
        for number, one in enumerate(series, start=1):
            value = float(one.values[i])
            title_text = f"{category}: {short(value)} {unit} {one.name}".strip()
            rects.append(_column(i, len(categories), below, below + value, scale, f"series-{number}", title_text))
            below += value
    peak = max(range(len(totals)), key=totals.__getitem__, default=None)
    summary = "no data" if peak is None else f"highest {categories[peak]} with {short(totals[peak])} {unit}".rstrip()
    return Plot(
        title=title,
        unit=unit,
        summary=summary,
        y_ticks=value_ticks(scale),
        x_ticks=_category_ticks(categories),
        zero=scale.y(0),
        head=("", *(one.name for one in series)),
        body=tuple((category, *(one.values[i] for one in series)) for i, category in enumerate(categories)),
        rects=tuple(rect for rect in rects if rect.height > 0),
        legend=_legend(series),
    )


def pareto(*, title: str, items: Sequence[tuple[str, float]], unit: str = "") -> Plot:
    """Columns from the largest to the smallest with the running share of the whole; zero items are left out."""
    ranked = sorted(
        ((label, float(value)) for label, value in items if value > 0), key=lambda item: (-item[1], item[0])
    )
    whole = sum(value for _, value in ranked) or 1.0
    scale = nice_scale([value for _, value in ranked], height=HEIGHT, whole=_whole(value for _, value in ranked))
    share = Scale(0, 1, 0.25, HEIGHT)
    rects, dots, body, running = [], [], [], 0.0
    for i, (label, value) in enumerate(ranked):
        running += value / whole
        rects.append(_column(i, len(ranked), 0, value, scale, "series-1", f"{label}: {short(value)} {unit}".strip()))
        dots.append(Dot(_middle(i, len(ranked)), share.y(running), "series-2", f"{running:.0%} up to {label}"))
        body.append((label, value, f"{running:.0%}"))
    return Plot(
        title=title,
        unit=unit,
        summary=f"largest {ranked[0][0]} with {ranked[0][1] / whole:.0%}" if ranked else "no data",
        y_ticks=value_ticks(scale),
        x_ticks=_category_ticks([label for label, _ in ranked]),
        zero=scale.y(0),
        head=("", unit or "value", "running share"),
        body=tuple(body),
        rects=tuple(rects),
        paths=(Path(polyline([(dot.x * WIDE / 100, dot.y) for dot in dots]), "line series-2"),)
        if len(dots) > 1
        else (),
        dots=tuple(dots),
        right_ticks=tuple(Tick(share.y(tick), (f"{tick:.0%}",)) for tick in share.ticks),
        legend=(("series-1", unit or "value"), ("series-2", "running share")) if ranked else (),
    )


def line(
    *,
    title: str,
    points: Sequence[tuple[date, float]],
    band: Sequence[tuple[date, float, float]] = (),
    unit: str = "",
    name: str = "P50",
    band_name: str = "P50–P80",
) -> Plot:
    """A line over time, with an optional band around or above it."""
    days = [day for day, _ in points] + [day for day, _, _ in band]
    values = [float(value) for _, value in points] + [float(v) for _, low, high in band for v in (low, high)]
    scale, across = nice_scale(values, height=HEIGHT, whole=_whole(values)), TimeAxis(days)
    paths = [Path(polyline([(across.wide(day), scale.y(value)) for day, value in points]), "line series-1")]
    if band:
        edge = [(across.wide(day), scale.y(high)) for day, _, high in band]
        edge += [(across.wide(day), scale.y(low)) for day, low, _ in reversed(band)]
        paths.insert(0, Path(polyline(edge) + "Z", "band"))
    around = {day: (low, high) for day, low, high in band}
    body = tuple((named(day), value, *(around.get(day, ("", "")) if band else ())) for day, value in points)
    legend = (("series-1", name), ("band", band_name)) if band else ()
    return _time_plot(
        title,
        unit,
        points,
        scale,
        across,
        tuple(paths),
        ("date", name) + (("from", "to") if band else ()),
        body,
        legend,
    )


def steps(*, title: str, points: Sequence[tuple[date, float]], unit: str = "", name: str = "available") -> Plot:
    """A quantity that stays until it changes, such as projected availability; what lies below zero is marked."""
    values = [float(value) for _, value in points]
    scale, across = nice_scale(values, height=HEIGHT, whole=_whole(values)), TimeAxis([day for day, _ in points])
    corners: list[tuple[float, float]] = []
    for (day, value), (until, _) in pairwise(points):
        corners += [(across.wide(day), scale.y(value)), (across.wide(until), scale.y(value))]
    if points:
        corners.append((across.wide(points[-1][0]), scale.y(points[-1][1])))
    short_of = tuple(
        Rect(across.percent(day), scale.y(0), round(across.percent(until) - across.percent(day), 2),
             round(scale.y(value) - scale.y(0), 2), "below", f"{short(value)} {unit} from {named(day)}".strip())
        for (day, value), (until, _) in pairwise(points) if value < 0
    )  # fmt: skip
    paths = (Path(polyline(corners), "line series-1"),)
    body = tuple((named(day), value) for day, value in points)
    return _time_plot(title, unit, points, scale, across, paths, ("from", name), body, (), short_of)


class TimeAxis:
    """Days as positions across the plot; a single day sits at the left edge."""

    def __init__(self, days: Sequence[date]) -> None:
        self.first, self.last = min(days, default=date.min), max(days, default=date.min)
        self.span = (self.last - self.first).days or 1

    def percent(self, day: date) -> float:
        return round(100 * (day - self.first).days / self.span, 2)

    def wide(self, day: date) -> float:
        return round(WIDE * (day - self.first).days / self.span, 2)


def _time_plot(
    title: str,
    unit: str,
    points: Sequence[tuple[date, float]],
    scale: Scale,
    across: TimeAxis,
    paths: tuple[Path, ...],
    head: tuple[str, ...],
    body: tuple[tuple[str | float, ...], ...],
    legend: tuple[tuple[str, str], ...],
    rects: tuple[Rect, ...] = (),
) -> Plot:
    ticks = date_ticks(across.first, across.last) if points else []
    lowest = min(points, key=lambda point: point[1], default=None)
    summary = "no data"
    if lowest:
        last_day, last = points[-1]
        summary = f"lowest {short(lowest[1])} {unit} on {named(lowest[0])}, {short(last)} {unit} on {named(last_day)}"
    return Plot(
        title=title,
        unit=unit,
        summary=summary,
        y_ticks=value_ticks(scale),
        x_ticks=tuple(Tick(across.percent(day), (label,), minor=bool(i % 2)) for i, (day, label) in enumerate(ticks)),
        zero=scale.y(0),
        head=head,
        body=body,
        rects=rects,
        paths=paths if points else (),
        legend=legend,
    )


def _column(index: int, count: int, low: float, high: float, scale: Scale, style: str, title: str) -> Rect:
    slot = 100 / count
    width = slot * 0.7
    top = scale.y(high)
    return Rect(
        round(index * slot + (slot - width) / 2, 2), top, round(width, 2), round(scale.y(low) - top, 2), style, title
    )


def _middle(index: int, count: int) -> float:
    return round((index + 0.5) * 100 / count, 2)


def _category_ticks(categories: Sequence[str]) -> tuple[Tick, ...]:
    """Every label where they fit, else every n-th; on narrow screens the minor half is hidden by CSS."""
    every = -(-len(categories) // LABELS_THAT_FIT) or 1
    shown = [(i, label) for i, label in enumerate(categories) if i % every == 0]
    crowded = len(shown) > 6
    return tuple(
        Tick(
            _middle(i, len(categories)),
            tuple(wrap(label, width=8 if len(shown) > 3 else 16)),
            minor=crowded and bool(n % 2),
        )
        for n, (i, label) in enumerate(shown)
    )


def value_ticks(scale: Scale) -> tuple[Tick, ...]:
    return tuple(Tick(scale.y(value), (short(value),)) for value in scale.ticks)


def _legend(series: Sequence[Series]) -> tuple[tuple[str, str], ...]:
    if len(series) < 2:
        return ()
    return tuple((f"series-{number}", one.name) for number, one in enumerate(series, start=1))


def _whole(values: Iterable[float]) -> bool:
    return all(value == int(value) for value in values)


def named(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
