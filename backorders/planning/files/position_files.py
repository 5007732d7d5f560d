"""Positions of a foreign stock (on hand, in transit, forecast …), to be scored for the risk of running out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.lib.csv.reading import FileRefused, open_csv

NUMBERS = ("on_hand", "in_transit", "lead_time", "forecast", "recent_sales", "minimum")
NEEDED = ("on_hand", "forecast")
TRUE_WORDS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_NUMBER = re.compile(r"-?[0-9]{1,12}([.][0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class FilePosition:
    key: str
    on_hand: float
    in_transit: float
    lead_time: float | None
    forecast: float
    recent_sales: float | None
    minimum: float
    ran_out: bool | None


@dataclass
class PositionFile:
    positions: list[FilePosition] = field(default_factory=list)
    rejects: dict[int, str] = field(default_factory=dict)


def read_positions(path: Path, *, columns: Mapping[str, str], truth: str = "") -> PositionFile:
    """`columns`: our name → that of the file; `truth`: the column that says what came. Raises FileRefused."""
    file_read = PositionFile()
    with open_csv(path) as reader:
        place = {name.casefold(): i for i, name in enumerate(reader.header)}
        places = {name: place.get(columns.get(name, name).casefold()) for name in ("sku", *NUMBERS)}
        answer = place.get(truth.casefold()) if truth else None
        if missing := [columns.get(name, name) for name in NEEDED if places[name] is None]:
            raise FileRefused(f"The column {missing[0]!r} is missing.")
        if truth and answer is None:
            raise FileRefused(f"The column {truth!r} is missing.")
        for record in reader:
            cells = {name: "" if i is None or record.flaw else record.cells[i].strip() for name, i in places.items()}
            said = record.cells[answer].strip().casefold() if answer is not None and not record.flaw else ""
            if flaw := record.flaw or _flaw(cells, said, bool(truth)):
                file_read.rejects[record.line] = flaw
                continue
            file_read.positions.append(_position(record.line, cells, TRUE_WORDS.get(said)))
    return file_read


def _flaw(cells: Mapping[str, str], said: str, judged: bool) -> str:
    for name in NUMBERS:
        if cells[name] and not _NUMBER.fullmatch(cells[name]):
            return f"{cells[name]!r} is no number ({name})"
    if empty := next((name for name in NEEDED if not cells[name]), ""):
        return f"has no {empty}"
    return f"{said!r} does not say yes or no" if judged and said not in TRUE_WORDS else ""


def _position(line: int, cells: Mapping[str, str], ran_out: bool | None) -> FilePosition:
    known = {name: float(cells[name]) for name in NUMBERS if cells[name]}
    return FilePosition(
        key=cells["sku"] or f"line {line}",
        on_hand=known["on_hand"],
        in_transit=known.get("in_transit", 0.0),
        lead_time=known.get("lead_time"),
        forecast=known["forecast"],
        recent_sales=known.get("recent_sales"),
        minimum=known.get("minimum", 0.0),
        ran_out=ran_out,
    )
