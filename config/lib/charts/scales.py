"""Axes: round steps that cover the values, and dates that people name."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values between `low` and `high` to pixels from the bottom (`height`) to the top (0)."""

    low: float
    high: float
    step: float
    height: float

    def y(self, value: float) -> float:
        return round(self.height * (self.high - value) / (self.high - self.low), 2)

    @property
    def ticks(self) -> list[float]:
        count = round((self.high - self.low) / self.step)
        return [round(self.low + i * self.step, 10) for i in range(count + 1)]


SMALLEST_SPAN = 1e-6  # ticks are rounded to ten digits: whatever is smaller is drawn as zero


def nice_step(span: float, *, about: int = 4) -> float:
    """The round number (1, 2, 2.5, 5 × 10ⁿ) that cuts a span into about that many steps, never more."""
    raw = span / about
    magnitude = 10.0 ** math.floor(math.log10(raw))
    return next(step * magnitude for step in STEPS if step * magnitude >= raw * (1 - 1e-9))


def nice_scale(values: Iterable[float], *, height: float, about: int = 4, whole: bool = True) -> Scale:
    """A scale with round ends that always contains zero; `whole` keeps the steps of counted things integral."""
    known = list(values)
    low, high = min([0.0, *known]), max([0.0, *known])
    span = high - low
    step = nice_step(span if span > SMALLEST_SPAN else 1, about=about)
    if whole:
        step = max(1.0, float(math.ceil(step)) if step < 10 else step)
    bottom, top = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return Scale(bottom, top if top > bottom else bottom + step, step, height)


def short(value: float) -> str:
    """A tick in as few characters as possible: 1.5k, 20k, 3M."""
    for size, sign in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.2f}".rstrip("0").rstrip(".").replace("-", "−") + sign
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-", "−")


def date_ticks(first: date, last: date, *, at_most: int = 7) -> list[tuple[date, str]]:
    """Mondays, firsts of months or of years within the span, named, evenly thinned to at most so many."""
    span = (last - first).days
    if span <= 9:
        candidates, form = [first + timedelta(days=i) for i in range(span + 1)], "{d.day} {d:%b}"
    elif span <= 75:
        monday = first + timedelta(days=-first.weekday() % 7)
        candidates, form = (
            [monday + timedelta(days=7 * i) for i in range((last - monday).days // 7 + 1)],
            "{d.day} {d:%b}",
        )
    elif span <= 1100:
        candidates, form = _firsts_of_months(first, last), "{d:%b}"
    else:
        candidates, form = [date(year, 1, 1) for year in range(first.year + 1, last.year + 1)], "{d.year}"
    every = math.ceil(len(candidates) / at_most) or 1
    picked = candidates[::every]
    return [(d, _named(d, form, years=span > 300)) for d in picked]


def _firsts_of_months(first: date, last: date) -> list[date]:
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [d for d in (date(m // 12, m % 12 + 1, 1) for m in months) if d >= first]


def _named(d: date, form: str, *, years: bool) -> str:
    text = form.format(d=d)
    return f"{text} {d:%y}" if years and form == "{d:%b}" else text


def wrap(label: str, *, width: int = 12, lines: int = 2) -> list[str]:
    """A category label in at most so many lines of about that width; what does not fit ends in an ellipsis."""
    wrapped: list[str] = []
    for word in label.split():
        if wrapped and len(wrapped[-1]) + 1 + len(word) <= width:
            wrapped[-1] += " " + word
        else:
            wrapped.append(word)
    if len(wrapped) > lines:
        wrapped = [*wrapped[: lines - 1], wrapped[lines - 1] + "…"]
    return wrapped or [""]


def polyline(points: Sequence[tuple[float, float]]) -> str:
    """An SVG path through the points."""
    return "".join(f"{'L' if i else 'M'}{x:g} {y:g}" for i, (x, y) in enumerate(points))
