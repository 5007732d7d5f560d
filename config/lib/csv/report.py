"""What an import tells: how many rows went where, which were not taken and why."""

import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, BinaryIO

from config.lib.csv.reading import open_csv
from config.lib.csv.writing import safe_cell
from config.lib.outcomes import Change, Outcome

MOST_TOLD = 20
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")


@dataclass
class Report:
    """rows = imported + updated + unchanged + skipped + rejected; quantity and value are those of what was written."""

    kind: str
    dry_run: bool = False
    rows: int = 0
    changes: Counter[Change] = field(default_factory=Counter)
    skips: Counter[str] = field(default_factory=Counter)
    rejects: dict[int, str] = field(default_factory=dict)
    ignored_columns: list[str] = field(default_factory=list)
    quantity: int = 0
    value: Decimal = Decimal(0)
    written: bool = True

    def add(self, line: int, outcome: Outcome, *, quantity: int = 0, value: Decimal = Decimal(0)) -> None:
        if outcome.change == Change.REJECTED:
            self.reject(line, outcome.reason)
            return
        self.changes[outcome.change] += 1
        if outcome.change != Change.UNCHANGED:
            self.quantity += quantity
            self.value += value

    def reject(self, line: int, reason: str) -> None:
        self.changes[Change.REJECTED] += 1
        self.rejects[line] = reason

    def skip(self, reason: str) -> None:
        self.skips[reason] += 1

    def take_back(self) -> None:
        """Nothing was written after all: the rows that could have been are skipped."""
        taken = self.changes.pop(Change.IMPORTED, 0) + self.changes.pop(Change.UPDATED, 0)
        if taken:
            self.skips["not imported, since other rows were rejected (--strict)"] += taken
        self.quantity, self.value = 0, Decimal(0)

    @property
    def rejected(self) -> int:
        return self.changes[Change.REJECTED]

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "rows": self.rows,
            "imported": self.changes[Change.IMPORTED],
            "updated": self.changes[Change.UPDATED],
            "unchanged": self.changes[Change.UNCHANGED],
            "skipped": self.skips.total(),
            "rejected": self.rejected,
            "quantity": self.quantity,
            "value": float(self.value),
            "dry_run": self.dry_run,
            "written": self.written,
            "skips": dict(sorted(self.skips.items())),
            "rejects": [{"line": line, "reason": self.rejects[line]} for line in sorted(self.rejects)[:MOST_TOLD]],
            "ignored_columns": self.ignored_columns,
        }


def write_rejects(report: Report, source: Path | BinaryIO, target: IO[str], *, encoding: str = "utf-8-sig") -> None:
    """Line number, reason, and the row as it stood; corrected, the file can be imported as it is.

    The file is read a second time for it, so that an import need not remember rows.
    """
    writer = csv.writer(target)
    with open_csv(source, encoding=encoding) as reader:
        writer.writerow(["line_number", "reason", *map(safe_cell, reader.header)])
        for record in reader:
            if record.line in report.rejects:
                writer.writerow([record.line, safe_cell(report.rejects[record.line]), *map(_original, record.cells)])


def _original(cell: str) -> str:
    """As it stood, without surrogates and NUL bytes; a negative number computes nothing."""
    text = cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "\ufffd")
    return text if _NUMBER.fullmatch(text) else str(safe_cell(text))
