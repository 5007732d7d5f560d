from contextlib import nullcontext
from datetime import datetime, time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date

from backorders.enums import PromiseCause
from backorders.promising.promise_dates import promise_dates
from config.lib.commands import DeskCommand


class Command(DeskCommand):
    help = "Recompute the promise dates of all open lines."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as-of", default="", metavar="DATE", help="promise as if it were this day (YYYY-MM-DD)")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        now = _moment(options["as_of"])
        with transaction.atomic() if options["dry_run"] else nullcontext():
            summary = promise_dates(now=now, cause=PromiseCause.CALENDAR)
            if options["dry_run"]:
                transaction.set_rollback(True)
        return summary._asdict(), 0


def _moment(text: str) -> datetime:
    if not text:
        return timezone.now()
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise CommandError(f"--as-of: {text} is no date such as 2026-11-22.", returncode=2)
    return timezone.make_aware(datetime.combine(day, time(12)))
