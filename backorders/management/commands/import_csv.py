import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from backorders.files import KINDS, find_mapping, import_file, presets
from config.lib.commands import DeskCommand
from config.lib.csv.importing import Job
from config.lib.csv.mapping import FileMapping, MappingRefused
from config.lib.csv.report import MOST_TOLD, Report, write_rejects

SECONDS_BETWEEN_NEWS = 2.0
WRONG_USAGE = 2


class Command(DeskCommand):
    help = "Import a CSV file (also .gz). Twice changes nothing; a bad row is reported and the others are imported."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("kind", choices=KINDS)
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", default="", help=f"a JSON file or one of {', '.join(presets())}")
        parser.add_argument("--source", default="", help="where the file comes from; order numbers count per source")
        parser.add_argument("--rejects", type=Path, help="write the rows that were not taken here, with the reason")
        parser.add_argument("--strict", action="store_true", help="import nothing unless every row can be")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        mapping = self._mapping(options["mapping"], options["kind"])
        began = time.monotonic()
        job = Job(
            by=None,
            now=timezone.now(),
            source=options["source"] or mapping.source or "csv",
            mapping=mapping,
            dry_run=options["dry_run"],
            strict=options["strict"],
            progress=self._progress(began),
        )
        report = import_file(options["kind"], options["file"], job)
        if options["rejects"]:
            self._write_rejects(report, options["file"], options["rejects"], mapping)
        self._tell(report)
        figures = report.as_json() | {"seconds": round(time.monotonic() - began, 1)}
        if not options["json"]:
            figures = {name: value for name, value in figures.items() if not isinstance(value, list | dict)}
        return figures, 1 if options["strict"] and report.rejected else 0

    def _mapping(self, name: str, kind: str) -> FileMapping:
        try:
            return find_mapping(name, kind)
        except MappingRefused as error:
            raise CommandError(str(error), returncode=WRONG_USAGE) from error

    def _progress(self, began: float):
        last = began

        def tell(stage: str, rows: int) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= SECONDS_BETWEEN_NEWS:
                last = now
                self.progress(f"{rows:,} rows {stage} after {now - began:.0f} s")

        return tell

    def _write_rejects(self, report: Report, source: Path, target: Path, mapping: FileMapping) -> None:
        try:
            with target.open("w", encoding="utf-8", newline="") as file:
                write_rejects(report, source, file, encoding=mapping.encoding)
        except OSError as error:
            raise CommandError(f"The rejects cannot be written to {target}: {error.strerror}.") from error

    def _tell(self, report: Report) -> None:
        if report.ignored_columns:
            self.progress(f"Ignored columns: {', '.join(report.ignored_columns)}")
        for reason, count in report.skips.most_common():
            self.progress(f"Skipped {count:,}: {reason}")
        for line in sorted(report.rejects)[:MOST_TOLD]:
            self.progress(f"Line {line}: {report.rejects[line]}")
        if report.rejected > MOST_TOLD:
            self.progress(f"… and {report.rejected - MOST_TOLD:,} more rows that were not taken.")
        if not report.written:
            self.progress("Nothing was imported.")
