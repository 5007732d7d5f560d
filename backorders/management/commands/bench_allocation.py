import multiprocessing
import resource
import time
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection, connections, transaction
from django.db.models import F
from django.utils import timezone

from backorders.enums import PromiseCause, RunKind
from backorders.management.bench.floor import rows_of, seconds_of_floor
from backorders.management.bench.workload import load
from backorders.models import SalesOrder
from backorders.promising.promise_dates import promise_dates
from backorders.runs.allocate_stock import allocate_stock, continue_run, start_run
from config.lib.commands import DeskCommand
from inventory.models import Product

QUIET = 10  # one product in ten has something new
NEW_STOCK = """
    INSERT INTO inventory_stockentry (stock_level_id, delta, kind, reason, reference, idempotency_key, made_at)
    SELECT id, 5, 'adjustment', 'bench', '', 'bench:quiet:' || id, now()
    FROM inventory_stocklevel WHERE product_id %% %s = 0
"""


class Command(DeskCommand):
    help = (
        "Time one whole run over N open lines beside its floor, then a quiet night. Needs a database without orders, "
        "and fills it; `make bench` repeats it, in turn with two workers."
    )
    writes = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--lines", type=int, default=100_000)
        parser.add_argument("--products", type=int, default=0, help="a hundredth of the lines unless named")
        parser.add_argument("--warehouses", type=int, default=3)
        parser.add_argument("--workers", type=int, default=1, help="processes that share the run")
        parser.add_argument("--only", choices=["load", "measure"], help="fill the database, or measure in a filled one")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        lines, products = options["lines"], options["products"] or max(1, options["lines"] // 100)
        report = {"lines": lines, "products": products, "warehouses": options["warehouses"]}
        if options["only"] != "measure":
            report |= self._load(lines, products, options["warehouses"])
        if options["only"] != "load":
            report |= measure(options["workers"])
        return report, 0

    def _load(self, lines: int, products: int, warehouses: int) -> dict[str, Any]:
        """Fill the database; every line then gets its first promise, as it would have on the day it came in."""
        if SalesOrder.objects.exists():
            raise CommandError("This database holds orders: the benchmark needs one that it may fill.")
        self.progress(f"Loading {lines:,} open lines of {products:,} products …")
        load(lines=lines, products=products, warehouses=warehouses, now=timezone.now())
        with connections["owner"].cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        self.progress("Promising a date to every line …")
        started = time.perf_counter()
        promised = promise_dates(now=timezone.now(), cause=PromiseCause.SUPPLY)
        seconds = time.perf_counter() - started
        with connections["owner"].cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        return {"promises_changed": promised.changed, "promise_seconds": round(seconds, 2)}


def measure(workers: int = 1) -> dict[str, Any]:
    """One run over what the database holds, its floor, and a quiet night after it."""
    before = _counters()
    tonight = timezone.now()
    seconds, run_id = _timed(workers, tonight)
    after = _counters()
    written = rows_of(run_id)
    floor = seconds_of_floor(written)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(NEW_STOCK, [QUIET])
        Product.objects.alias(rest=F("pk") % QUIET).filter(rest=0).update(supply_version=F("supply_version") + 1)
    quiet, _ = _timed(workers, tonight + timedelta(days=1))
    hot, updated = (after[name] - before[name] for name in ("hot", "updated"))
    return {
        "workers": workers,
        "seconds": round(seconds, 2),
        "floor_seconds": round(floor, 2),
        "ratio": round(seconds / floor, 2),
        "quiet_seconds": round(quiet, 2),
        "quiet_ratio": round(quiet / seconds, 2),
        "rows_written": {entry.model.__name__: entry.rows for entry in written},
        "hot_share": round(hot / updated, 4) if updated else None,
        "wal_mb": round((after["wal"] - before["wal"]) / 1e6),
        "peak_memory_mb": max(
            resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        ),
    }


def _timed(workers: int, night: datetime) -> tuple[float, int]:
    started = time.perf_counter()
    if workers == 1:
        run_id = allocate_stock(kind=RunKind.NIGHTLY, now=night, cause="Benchmark").pk
    else:
        run_id = start_run(kind=RunKind.NIGHTLY, now=night, cause="Benchmark").pk
        connections.close_all()
        fork = multiprocessing.get_context("fork")
        helpers = [fork.Process(target=_share, args=(run_id,)) for _ in range(workers)]
        for helper in helpers:
            helper.start()
        for helper in helpers:
            helper.join()
    return time.perf_counter() - started, run_id


def _share(run_id: int) -> None:
    continue_run(run_id=run_id, now=timezone.now())


def _counters() -> dict[str, int]:
    """How many lines were updated, and in place, and how much was written ahead, since the server started."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT n_tup_upd, n_tup_hot_upd, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"
            " FROM pg_stat_user_tables WHERE relname = 'backorders_orderline'"
        )
        updated, hot, wal = cursor.fetchone()
    return {"updated": updated, "hot": hot, "wal": wal}
