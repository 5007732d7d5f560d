"""Demand in long form (sku, period, quantity) as a file has it, made into one row of units per product."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from config.lib.csv.reading import FileRefused, open_csv
from config.lib.errors import DomainError

REQUIRED = ("sku", "period", "quantity")
MOST_PERIODS = 2_000
MOST_UNITS = 1_000_000_000
_QUANTITY = re.compile(r"[+-]?[0-9]{1,12}([.][0-9]{1,6})?")


class DemandRefused(DomainError):
    """Nothing can be foretold from the file."""


@dataclass
class DemandFile:
    """`rows`: units per product over all periods of the file, oldest first, gaps filled with 0."""

    skus: list[str] = field(default_factory=list)
    periods: list[str] = field(default_factory=list)
    rows: list[list[float]] = field(default_factory=list)
    read: int = 0
    remarks: Counter[str] = field(default_factory=Counter)
    rejects: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Calendar:
    """One way of writing periods: the text as a running number, the number as text, and the number of today."""

    form: re.Pattern[str]
    number: Callable[[str], int]
    text: Callable[[int], str]
    current: Callable[[date], int | None]


def _monday(text: str) -> int:
    year, week = text.split("-W")
    return (date.fromisocalendar(int(year), int(week), 1).toordinal() - 1) // 7


def _week_text(number: int) -> str:
    year, week, _ = (date.fromordinal(number * 7 + 1)).isocalendar()
    return f"{year}-W{week:02d}"


CALENDARS = (
    _Calendar(
        re.compile(r"[0-9]{4}-[0-9]{2}"),
        lambda text: int(text[:4]) * 12 + date(int(text[:4]), int(text[5:]), 1).month - 1,
        lambda number: f"{number // 12:04d}-{number % 12 + 1:02d}",
        lambda today: today.year * 12 + today.month - 1,
    ),
    _Calendar(re.compile(r"[0-9]{4}-W[0-9]{2}"), _monday, _week_text, lambda today: (today.toordinal() - 1) // 7),
    _Calendar(
        re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        lambda text: date.fromisoformat(text).toordinal(),
        lambda number: date.fromordinal(number).isoformat(),
        lambda today: today.toordinal(),
    ),
    _Calendar(re.compile(r"[0-9]{1,6}"), int, str, lambda today: None),
)


def read_demand(path: Path, *, today: date) -> DemandFile:
    """Every period between the first and the last is there, without demand where the file has none.

    Negative demand counts as none; the period under way and later ones do not count; a product whose rows name
    different units is left out. Raises FileRefused and DemandRefused.
    """
    found = DemandFile()
    units: dict[str, dict[int, float]] = defaultdict(dict)
    measures: dict[str, set[str]] = defaultdict(set)
    calendar: _Calendar | None = None
    with open_csv(path) as reader:
        place = {name.casefold(): i for i, name in enumerate(reader.header)}
        if missing := [name for name in REQUIRED if name not in place]:
            raise FileRefused(f"The column {missing[0]!r} is missing: {', '.join(REQUIRED)} are needed.")
        for record in reader:
            found.read += 1
            if record.flaw:
                found.rejects[record.line] = record.flaw
                continue
            sku, period, quantity = (record.cells[place[name]].strip() for name in REQUIRED)
            calendar = calendar or next((one for one in CALENDARS if one.form.fullmatch(period)), None)
            if flaw := _flaw(sku, period, quantity, calendar):
                found.rejects[record.line] = flaw
                continue
            number = calendar.number(period) if calendar else 0
            value = float(quantity)
            if value < 0:
                found.remarks["negative quantities counted as none"] += 1
                value = 0.0
            if number in units[sku]:
                found.remarks["rows of one product and period added up"] += 1
            units[sku][number] = units[sku].get(number, 0.0) + value
            if "unit" in place:
                measures[sku].add(record.cells[place["unit"]].strip().casefold())
    _fill(found, units, measures, calendar, today)
    return found


def _flaw(sku: str, period: str, quantity: str, calendar: _Calendar | None) -> str:
    if not sku:
        return "names no product"
    if calendar is None:
        return f"{period!r} is no period such as 2026-11, 2026-W47, 2026-11-22 or 17"
    if not calendar.form.fullmatch(period):
        return f"{period!r} is written differently from the periods before"
    try:
        calendar.number(period)
    except ValueError:
        return f"there is no period {period!r}"
    if not _QUANTITY.fullmatch(quantity) or abs(float(quantity)) > MOST_UNITS:
        return f"{quantity!r} is no quantity"
    return ""


def _fill(
    found: DemandFile,
    units: dict[str, dict[int, float]],
    measures: dict[str, set[str]],
    calendar: _Calendar | None,
    today: date,
) -> None:
    mixed = {sku for sku, names in measures.items() if len(names) > 1}
    if mixed:
        found.remarks["products left out, since their rows name different units"] = len(mixed)
    kept = {sku: periods for sku, periods in units.items() if sku not in mixed}
    current = calendar.current(today) if calendar else None
    numbers = {number for periods in kept.values() for number in periods}
    known = {number for number in numbers if current is None or number < current}
    if later := len(numbers) - len(known):
        found.remarks["periods left out that are under way or still to come"] = later
    if not known or calendar is None:
        raise DemandRefused("The file has no finished period with a quantity: there is nothing to forecast from.")
    first, last = min(known), max(known)
    step = 7 if _is_daily(calendar) and len({number % 7 for number in known}) == 1 and last > first else 1
    span = range(first, last + 1, step)
    if len(span) > MOST_PERIODS:
        raise DemandRefused(f"From {calendar.text(first)} to {calendar.text(last)} there are more than 2,000 periods.")
    gaps = sum(len(span) - len(known & periods.keys()) for periods in kept.values())
    if gaps:
        found.remarks["periods without a row taken as without demand"] = gaps
    found.periods = [calendar.text(number) for number in span]
    found.skus = sorted(kept)
    found.rows = [[kept[sku].get(number, 0.0) for number in span] for sku in found.skus]
    if silent := sum(1 for row in found.rows if not any(row)):
        found.remarks["products without any demand"] = silent


def _is_daily(calendar: _Calendar) -> bool:
    return calendar is CALENDARS[2]
