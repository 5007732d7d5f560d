from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.db import connection, transaction
from django.utils import timezone

from backorders.planning.forecast import forecast_demand
from backorders.planning.replenishment import propose_orders
from backorders.planning.stockouts import warn_of_stockouts
from config.lib.commands import DeskCommand


class Command(DeskCommand):
    help = "Count demand, forecast, then write reorder proposals and stockout warnings, as every night."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--only", action="store_true", help="forecasts only, no proposals and warnings")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        now = timezone.now()
        with transaction.atomic() if options["dry_run"] else nullcontext():
            if options["dry_run"]:
                _wait_as_long_as_it_takes()
            figures = asdict(forecast_demand(now=now, progress=self.progress))
            if not options["only"]:
                figures["proposals"] = propose_orders(now=now).proposals
                figures["warnings"] = warn_of_stockouts(now=now).warnings
            if options["dry_run"]:
                transaction.set_rollback(True)
        return figures, 0


def _wait_as_long_as_it_takes() -> None:
    """A dry run computes inside of its transaction, longer than the database lets one idle."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
