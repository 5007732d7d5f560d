from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from backorders.files import EXPORTS
from config.lib.commands import DeskCommand
from config.lib.csv import csv_lines


class Command(DeskCommand):
    help = "Write a list as CSV, in the columns that import_csv reads, to standard output or a file."
    writes = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("kind", choices=EXPORTS)
        parser.add_argument("--output", type=Path, help="write to this file; --json then tells how many rows")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        target, export = options["output"], EXPORTS[options["kind"]]
        if options["json"] and not target:
            raise CommandError(
                "--json needs --output: standard output holds either the list or the figures.", returncode=2
            )
        rows = 0

        def counted():
            nonlocal rows
            for row in export.rows():
                rows += 1
                yield row

        try:
            with target.open("w", encoding="utf-8", newline="") if target else nullcontext() as file:
                for block in csv_lines(export.header, counted()):
                    if file:
                        file.write(block)
                    else:
                        self.stdout.write(block, ending="")
        except OSError as error:
            raise CommandError(f"{target or 'Standard output'} cannot be written: {error.strerror}.") from error
        return ({"kind": options["kind"], "rows": rows, "file": str(target)} if target else {}), 0
