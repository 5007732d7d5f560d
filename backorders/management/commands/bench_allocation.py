import resource
import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connections
from django.utils import timezone

from backorders.enums import RunKind
from backorders.management.bench.floor import rows_of, seconds_of_floor
from backorders.management.bench.workload import load
from backorders.models import SalesOrder
from backorders.services.allocation import allocate_stock
from config.lib.commands import DeskCommand


class Command(DeskCommand):
    help = "Time one whole run over N open lines beside its floor. Needs a database without orders, and fills it."
    writes = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--lines", type=int, default=100_000)
        parser.add_argument("--products", type=int, default=0, help="a hundredth of the lines unless named")
        parser.add_argument("--warehouses", type=int, default=3)

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        if SalesOrder.objects.exists():
            raise CommandError("This database holds orders: the benchmark needs one that it may fill.", returncode=2)
        lines, products = options["lines"], options["products"] or max(1, options["lines"] // 100)
        self.progress(f"Loading {lines:,} open lines of {products:,} products …")
        load(lines=lines, products=products, warehouses=options["warehouses"], now=timezone.now())
        with connections["owner"].cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        return {"lines": lines, "products": products, "warehouses": options["warehouses"], **measure()}, 0


def measure() -> dict[str, Any]:
    """One run over what the database holds, then its floor."""
    started = time.perf_counter()
    run = allocate_stock(kind=RunKind.MANUAL, now=timezone.now(), cause="Benchmark")
    seconds = time.perf_counter() - started
    written = rows_of(run.pk)
    floor = seconds_of_floor(written)
    return {
        "seconds": round(seconds, 2),
        "floor_seconds": round(floor, 2),
        "ratio": round(seconds / floor, 2),
        "rows_written": {entry.model.__name__: entry.rows for entry in written},
        "lines_changed": run.lines_changed,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
