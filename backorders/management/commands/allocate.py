import multiprocessing
from time import sleep
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connections
from django.utils import timezone

from backorders.enums import RunKind, RunStatus
from backorders.models import AllocationRun
from backorders.runs.allocate_stock import continue_run, start_run
from backorders.runs.snapshots import replay_run
from config.lib.commands import DeskCommand
from inventory.models import Warehouse

BAR = 30  # characters


class Command(DeskCommand):
    help = "Allocate free stock to the waiting order lines, as the nightly run does."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--policy", default="", help="code of the policy; the default policy unless named")
        parser.add_argument("--warehouse", default="", help="code of the only warehouse to serve from")
        parser.add_argument("--simulate", action="store_true", help="write nothing but a run that can be looked at")
        parser.add_argument("--workers", type=int, default=1, help="processes that share the work; 1 unless named")
        parser.add_argument("--replay", type=int, metavar="RUN", help="decide a finished run again, and compare")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        if options["replay"] is not None:
            return _replay(options["replay"])
        if options["workers"] < 1:
            raise CommandError("At least one process has to do the work.", returncode=2)
        simulate = options["simulate"] or options["dry_run"]
        run = start_run(
            kind=RunKind.SIMULATION if simulate else RunKind.MANUAL,
            now=timezone.now(),
            policy_code=options["policy"],
            warehouse_id=_warehouse(options["warehouse"]),
            cause="Command line",
        )
        self._finish(run, workers=options["workers"])
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
            "result_hash": run.result_hash,
        }
        return figures, 0

    def _finish(self, run: AllocationRun, *, workers: int) -> None:
        """Do the shards, with helpers where wanted, and wait for those that somebody else holds."""
        connections.close_all()  # a connection does not survive the fork
        fork = multiprocessing.get_context("fork")
        helpers = [fork.Process(target=_help, args=(run.pk,)) for _ in range(workers - 1)]
        for helper in helpers:
            helper.start()
        continue_run(run_id=run.pk, now=timezone.now(), on_progress=self._bar)
        for helper in helpers:
            helper.join()
        run.refresh_from_db()
        while run.status == RunStatus.RUNNING:
            sleep(0.2)
            continue_run(run_id=run.pk, now=timezone.now(), on_progress=self._bar)
            run.refresh_from_db()

    def _bar(self, done: int, shards: int) -> None:
        full = BAR * done // shards
        self.progress(f"[{'#' * full}{'.' * (BAR - full)}] {done} of {shards} parts done")


def _help(run_id: int) -> None:
    continue_run(run_id=run_id, now=timezone.now())


def _replay(run_id: int) -> tuple[dict[str, Any], int]:
    if not AllocationRun.objects.filter(pk=run_id).exists():
        raise CommandError(f"There is no run {run_id}.")
    replay = replay_run(run_id=run_id)
    return {"run": run_id, **replay._asdict(), "identical": replay.identical}, 0 if replay.identical else 1


def _warehouse(code: str) -> int | None:
    if not code:
        return None
    warehouse = Warehouse.objects.filter(code__iexact=code).first()
    if warehouse is None:
        raise CommandError(f"There is no warehouse “{code}”.")
    return warehouse.pk
