"""Demand as a file has it, in long form (sku, period, quantity) or as order lines: one row of units per product."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from config.lib.csv.cells import Column, iso_date, line_of, remembered
from config.lib.csv.mapping import NO_MAPPING, FileMapping, Source
from config.lib.csv.reading import CsvReader, FileRefused, open_csv
from config.lib.csv.rows import Binding, RowRejected, RowSkipped
from config.lib.errors import DomainError

REQUIRED = ("sku", "period", "quantity")
ORDER_COLUMNS = (
    Column("sku", remembered(line_of(60)), required=True),
    Column("quantity", remembered(str), required=True),
    Column("ordered_at", remembered(iso_date), required=True),
    Column("requested_on", remembered(iso_date)),
)
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
    last_day: date = date.min


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    sku: str = ""
    period: str = ""
    quantity: str = ""
    unit: str = ""
    flaw: str = ""


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


# How the day of an order line becomes a period.
PERIODS: Mapping[str, Callable[[date], str]] = {
    "day": date.isoformat,
    "week": lambda day: _week_text((day.toordinal() - 1) // 7),
    "month": lambda day: f"{day:%Y-%m}",
}


def read_demand(
    path: Path,
    *,
    today: date,
    by: str = "",
    mapping: FileMapping = NO_MAPPING,
    columns: Mapping[str, str] | None = None,
) -> DemandFile:
    """Every period between the first and the last is there, without demand where the file has none.

    With `by` (day, week or month) the rows are order lines, read with the mapping of an import; `columns` says how our
    columns are called in the file. Negative demand counts as none; the period under way and later ones do not count; a
    product whose rows name different units is left out. Raises FileRefused and DemandRefused.
    """
    file_read = DemandFile()
    units: dict[str, dict[int, float]] = defaultdict(dict)
    measures: dict[str, set[str]] = defaultdict(set)
    calendar: _Calendar | None = None
    with open_csv(path, encoding=mapping.encoding) as reader:
        rows = _order_lines(reader, file_read, by, mapping, columns or {}) if by else _long_form(reader, columns or {})
        for row in rows:
            file_read.read += 1
            calendar = calendar or next((one for one in CALENDARS if one.form.fullmatch(row.period)), None)
            if flaw := row.flaw or _flaw(row.sku, row.period, row.quantity, calendar):
                file_read.rejects[row.line] = flaw
                continue
            number = calendar.number(row.period) if calendar else 0
            value = float(row.quantity)
            if value < 0:
                file_read.remarks["negative quantities counted as none"] += 1
                value = 0.0
            if number in units[row.sku] and not by:
                file_read.remarks["rows of one product and period added up"] += 1
            units[row.sku][number] = units[row.sku].get(number, 0.0) + value
            if row.unit:
                measures[row.sku].add(row.unit.casefold())
    if by:
        today = min(today, file_read.last_day + timedelta(days=1))  # the file's own last period may not be over
    _fill(file_read, units, measures, calendar, today)
    return file_read


def _long_form(reader: CsvReader, columns: Mapping[str, str]) -> Iterator[_Row]:
    place = {name.casefold(): i for i, name in enumerate(reader.header)}
    names = {name: columns.get(name, name) for name in (*REQUIRED, "unit")}
    if missing := [names[name] for name in REQUIRED if names[name].casefold() not in place]:
        raise FileRefused(f"The column {missing[0]!r} is missing: {', '.join(REQUIRED)} are needed.")
    at = [place.get(names[name].casefold()) for name in (*REQUIRED, "unit")]
    for record in reader:
        if record.flaw:
            yield _Row(record.line, flaw=record.flaw)
        else:
            yield _Row(record.line, *("" if i is None else record.cells[i].strip() for i in at))


def _order_lines(
    reader: CsvReader, file_read: DemandFile, by: str, mapping: FileMapping, columns: Mapping[str, str]
) -> Iterator[_Row]:
    """The day that the customer wants the units counts, else that of the order; skipped rows are told by reason."""
    named = mapping.columns or {column.name: Source(columns=(column.name,)) for column in ORDER_COLUMNS}
    sources = {column.name: named[column.name] for column in ORDER_COLUMNS if column.name in named}
    sources |= {name: Source(columns=(theirs,)) for name, theirs in columns.items()}
    binding = Binding(reader, ORDER_COLUMNS, replace(mapping, columns=sources, lookups=()))
    for record in reader:
        if record.flaw:
            yield _Row(record.line, flaw=record.flaw)
            continue
        try:
            values = binding.values(binding.texts(record.cells))
        except RowSkipped as skipped:
            file_read.remarks[f"rows skipped: {skipped}"] += 1
            continue
        except RowRejected as rejected:
            yield _Row(record.line, flaw=str(rejected))
            continue
        day = values.get("requested_on", values["ordered_at"])
        file_read.last_day = max(file_read.last_day, values["ordered_at"])
        yield _Row(record.line, values["sku"], PERIODS[by](day), values["quantity"])


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
    file_read: DemandFile,
    units: dict[str, dict[int, float]],
    measures: dict[str, set[str]],
    calendar: _Calendar | None,
    today: date,
) -> None:
    mixed = {sku for sku, names in measures.items() if len(names) > 1}
    if mixed:
        file_read.remarks["products left out, since their rows name different units"] = len(mixed)
    usable = {sku: periods for sku, periods in units.items() if sku not in mixed}
    current = calendar.current(today) if calendar else None
    numbers = {number for periods in usable.values() for number in periods}
    known = {number for number in numbers if current is None or number < current}
    if later := len(numbers) - len(known):
        file_read.remarks["periods left out that are under way or still to come"] = later
    if not known or calendar is None:
        raise DemandRefused("The file has no finished period with a quantity: there is nothing to forecast from.")
    first, last = min(known), max(known)
    step = 7 if _is_daily(calendar) and len({number % 7 for number in known}) == 1 and last > first else 1
    span = range(first, last + 1, step)
    if len(span) > MOST_PERIODS:
        raise DemandRefused(f"From {calendar.text(first)} to {calendar.text(last)} there are more than 2,000 periods.")
    gaps = sum(len(span) - len(known & periods.keys()) for periods in usable.values())
    if gaps:
        file_read.remarks["periods without a row taken as without demand"] = gaps
    file_read.periods = [calendar.text(number) for number in span]
    file_read.skus = sorted(usable)
    file_read.rows = [[usable[sku].get(number, 0.0) for number in span] for sku in file_read.skus]
    if silent := sum(1 for row in file_read.rows if not any(row)):
        file_read.remarks["products without any demand"] = silent


def _is_daily(calendar: _Calendar) -> bool:
    return calendar is CALENDARS[2]
