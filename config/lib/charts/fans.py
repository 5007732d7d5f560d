"""A history that goes on as an expectation with a band around it, and level marks such as a reorder point."""

from collections.abc import Sequence
from datetime import date

from config.lib.charts.plots import HEIGHT, WIDE, Path, Plot, Tick, TimeAxis, named, value_ticks
from config.lib.charts.scales import date_ticks, nice_scale, polyline, short

Point = tuple[date, float]


def fan(
    *,
    title: str,
    history: Sequence[Point] = (),
    expected: Sequence[Point] = (),
    band: Sequence[tuple[date, float, float]] = (),
    marks: Sequence[tuple[str, float]] = (),
    unit: str = "",
    history_name: str = "wanted",
    expected_name: str = "expected",
    band_name: str = "P50–P90",
) -> Plot:
    """What was as one line, what is expected as another; `marks` are level lines across the plot."""
    days = [day for day, _ in (*history, *expected)] + [day for day, _, _ in band]
    values = [float(value) for _, value in (*history, *expected)]
    values += [float(edge) for _, low, high in band for edge in (low, high)] + [value for _, value in marks]
    scale, across = nice_scale(values, height=HEIGHT, whole=False), TimeAxis(days)

    def drawn(points: Sequence[Point]) -> str:
        return polyline([(across.wide(day), scale.y(value)) for day, value in points])

    paths = []
    if band:
        edge = [(day, high) for day, _, high in band] + [(day, low) for day, low, _ in reversed(band)]
        paths.append(Path(drawn(edge) + "Z", "band"))
    for points, style in ((history, "line series-1"), (expected, "line series-2")):
        if points:
            paths.append(Path(drawn(points), style))
    for number, (_, value) in enumerate(marks, start=3):
        paths.append(Path(f"M0 {scale.y(value):g}L{WIDE} {scale.y(value):g}", f"line dashed series-{number}"))
    names = [("series-1", history_name)] * bool(history) + [("series-2", expected_name)] * bool(expected)
    names += [("band", band_name)] * bool(band)
    names += [(f"series-{number}", f"{name} {short(value)}") for number, (name, value) in enumerate(marks, start=3)]
    return Plot(
        title=title,
        unit=unit,
        summary=_summary(history, expected, unit),
        y_ticks=value_ticks(scale),
        x_ticks=tuple(
            Tick(across.percent(day), (label,), minor=bool(i % 2))
            for i, (day, label) in enumerate(date_ticks(across.first, across.last) if days else [])
        ),
        zero=scale.y(0),
        head=("from", history_name if history else expected_name, *(("low", "high") if band else ())),
        body=_body(history, expected, band),
        paths=tuple(paths),
        legend=tuple(names) if len(names) > 1 else (),
    )


def _summary(history: Sequence[Point], expected: Sequence[Point], unit: str) -> str:
    parts = []
    if history:
        parts.append(f"last {short(history[-1][1])} {unit} on {named(history[-1][0])}".replace("  ", " "))
    if expected:
        parts.append(f"then {short(expected[-1][1])} {unit} on {named(expected[-1][0])}".replace("  ", " "))
    return ", ".join(parts) or "no data"


def _body(
    history: Sequence[Point], expected: Sequence[Point], band: Sequence[tuple[date, float, float]]
) -> tuple[tuple[str | float, ...], ...]:
    around = {day: (round(low, 1), round(high, 1)) for day, low, high in band}
    return tuple(
        (named(day), round(value, 1), *(around.get(day, ("", "")) if band else ()))
        for day, value in (*history, *expected)
    )
