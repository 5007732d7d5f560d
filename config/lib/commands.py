"""What our commands share: `--json` on standard output, progress on standard error, exit codes 0, 1 and 2."""

import json
import sys
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError

from config.lib.errors import DomainError
from config.lib.pages import is_busy

WRONG_USAGE = 2


def renamed_columns(text: str, *, known: Iterable[str]) -> dict[str, str]:
    """What `--columns OURS=THEIRS,…` says: our names of columns and the file's. Raises CommandError."""
    pairs = [part.partition("=") for part in text.split(",") if part]
    names = set(known)
    for ours, sign, theirs in pairs:
        if ours not in names or not sign or not theirs:
            raise CommandError(f"--columns: {ours}{sign}{theirs} is no OURS=THEIRS.", returncode=WRONG_USAGE)
    return {ours: theirs for ours, _, theirs in pairs}


class DeskCommand(BaseCommand):
    """A doorway to one service: `run()` returns its figures, which are printed as text or as one JSON object.

    Exit code 0: done; 1: a problem that is described; 2: wrong usage.
    """

    writes = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
        if self.writes:
            parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            figures, code = self.run(**options)
        except DomainError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            if not is_busy(error):
                raise
            reason = str(error).strip().partition("\n")[0]
            raise CommandError(f"The database is busy or out of reach, try again in a moment: {reason}") from error
        if options["json"]:
            self.stdout.write(json.dumps(figures, default=str))
        else:
            for name, value in figures.items():
                self.stdout.write(f"{name.replace('_', ' ')}: {value}")
        if code:
            sys.exit(code)

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        """Call the service; return its figures and the exit code."""
        raise TypeError(f"{type(self).__module__} does not say what it does.")

    def progress(self, text: str) -> None:
        self.stderr.write(text)
