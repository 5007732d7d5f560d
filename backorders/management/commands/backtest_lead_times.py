import time
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date

from config.lib.commands import DeskCommand
from inventory.lead_times.backtest import backtest_lead_times
from inventory.lead_times.files import DeliveryFile, read_deliveries
from inventory.lead_times.queries.deliveries import past_deliveries

MOST_TOLD = 20
WRONG_USAGE = 2


class Command(DeskCommand):
    help = "Foretell past deliveries month by month from what was known before each, and score it."
    writes = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, nargs="?", help="CSV: supplier,group,ordered_on,promised_on,received_on")
        parser.add_argument("--own-history", action="store_true", help="this desk's own purchase orders instead")
        parser.add_argument("--origins", choices=["monthly"], default="monthly", help="how often it is forecast")
        parser.add_argument("--from", dest="first", default="", metavar="DATE", help="the first origin that is scored")
        parser.add_argument("--to", dest="last", default="", metavar="DATE", help="the last order that is scored")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        first, last = _day(options["first"], "--from"), _day(options["last"], "--to")
        if first and last and last < first:
            raise CommandError("--to lies before --from.", returncode=WRONG_USAGE)
        if bool(options["file"]) == options["own_history"]:
            raise CommandError("Name a file, or --own-history.", returncode=WRONG_USAGE)
        began = time.monotonic()
        file = (
            _own_history() if options["own_history"] else read_deliveries(options["file"], today=timezone.localdate())
        )
        self._tell(file)
        figures = backtest_lead_times(file.deliveries, first=first, last=last)
        return {**figures, **_of_the_file(file), "seconds": round(time.monotonic() - began, 1)}, 0

    def _tell(self, file: DeliveryFile) -> None:
        for line in sorted(file.rejects)[:MOST_TOLD]:
            self.progress(f"Line {line} is left out: {file.rejects[line]}")
        if len(file.rejects) > MOST_TOLD:
            self.progress(f"… and {len(file.rejects) - MOST_TOLD:,} more rows that are left out.")
        if file.repeated:
            line, first = next(iter(file.repeated.items()))
            self.progress(
                f"{len(file.repeated):,} rows repeat another (line {line} is like line {first}): each counts as a "
                "delivery of its own."
            )


def _own_history() -> DeliveryFile:
    """A confirmed line stands in it twice: from its order date, and from its first confirmed date."""
    deliveries = past_deliveries()
    return DeliveryFile(rows=len(deliveries), deliveries=deliveries)


def _of_the_file(file: DeliveryFile) -> dict[str, Any]:
    return {
        "rows": file.rows,
        "open": sum(delivery.received_on is None for delivery in file.deliveries),
        "repeated": len(file.repeated),
        "rejected": len(file.rejects),
        "rejects": [{"line": line, "reason": file.rejects[line]} for line in sorted(file.rejects)[:MOST_TOLD]],
    }


def _day(text: str, option: str) -> date | None:
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise CommandError(f"{option}: {text} is no date such as 2026-11-22.", returncode=WRONG_USAGE)
    return day
