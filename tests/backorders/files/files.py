"""Writing small files and importing them; counting every row of the database."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection

from backorders.files import find_mapping, import_file
from config.lib.csv.importing import Job
from config.lib.csv.report import Report

FIXTURES = Path(__file__).parents[2] / "fixtures"
NORTHWIND = FIXTURES / "northwind"
ONLINE_RETAIL = FIXTURES / "online_retail" / "sample.csv"
NOW = datetime(2025, 11, 3, 9, 0, tzinfo=UTC)
COUNTS = ("rows", "imported", "updated", "unchanged", "skipped", "rejected")


def imported(kind: str, file: Path, *, mapping: str = "", source: str = "", **options: Any) -> Report:
    chosen = find_mapping(mapping, kind)
    job = Job(by=None, now=NOW, source=source or chosen.source or "csv", mapping=chosen, **options)
    return import_file(kind, file, job)


def written(folder: Path, lines: Iterable[str], name: str = "file.csv") -> Path:
    file = folder / name
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def counts(report: Report) -> tuple[int, ...]:
    """rows, imported, updated, unchanged, skipped, rejected; the first is always the sum of the others."""
    told = tuple(report.as_json()[name] for name in COUNTS)
    assert told[0] == sum(told[1:])
    return told


def rows_of_all_tables() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT COUNT(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found
