from time import sleep
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from backorders.enums import RunKind, RunStatus
from backorders.services.allocation import allocate_stock, continue_run
from config.lib.commands import DeskCommand
from inventory.models import Warehouse


class Command(DeskCommand):
    help = "Allocate free stock to the waiting order lines, as the nightly run does."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--policy", default="", help="code of the policy; the default policy unless named")
        parser.add_argument("--warehouse", default="", help="code of the only warehouse to serve from")
        parser.add_argument("--simulate", action="store_true", help="write nothing but a run that can be looked at")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        simulate = options["simulate"] or options["dry_run"]
        run = allocate_stock(
            kind=RunKind.SIMULATION if simulate else RunKind.MANUAL,
            now=timezone.now(),
            policy_code=options["policy"],
            warehouse_id=_warehouse(options["warehouse"]),
            cause="Command line",
        )
        while run.status == RunStatus.RUNNING:  # somebody else holds the last shards
            sleep(0.2)
            continue_run(run_id=run.pk, now=timezone.now())
            run.refresh_from_db()
        if run.status == RunStatus.FAILED:
            raise CommandError(f"{run} failed: {run.error}")
        figures = {
            "run": run.pk,
            "policy": run.policy_snapshot["code"],
            "lines": run.lines,
            "units_allocated": run.units_allocated,
            "units_open": run.units_open,
            "pools": run.pools,
            "exceptions": run.exceptions,
            "seconds": run.seconds,
        }
        return figures, 0


def _warehouse(code: str) -> int | None:
    if not code:
        return None
    warehouse = Warehouse.objects.filter(code__iexact=code).first()
    if warehouse is None:
        raise CommandError(f"There is no warehouse “{code}”.")
    return warehouse.pk
