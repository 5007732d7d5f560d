"""How long one look at the whole database takes, with a stock ledger of a million rows behind it."""

import statistics
import time

from django.db import connection, connections, transaction
from django.utils import timezone

from backorders.enums import RunKind
from backorders.management.bench.workload import load
from backorders.oversight.queries.invariants import INVARIANTS, check_invariants
from backorders.runs.allocate_stock import allocate_stock

# ledger rows, open lines, repetitions
SIZES = {"S": (100_000, 10_000, 3), "M": (1_000_000, 100_000, 5), "L": (1_000_000, 100_000, 5)}
GOAL_SECONDS = 5
IN_AND_OUT = """
    INSERT INTO inventory_stockentry (stock_level_id, delta, kind, reason, reference, idempotency_key, made_at)
    SELECT level.id, CASE WHEN step %% 2 = 0 THEN 1 ELSE -1 END, 'adjustment', 'bench', '', 'bench:' || step || ':'
        || level.id, now()
    FROM inventory_stocklevel level,
        generate_series(1, 2 * CEIL(%s / 2.0 / (SELECT COUNT(*) FROM inventory_stocklevel))) step
"""


def run(size: str) -> dict[str, object]:
    """Needs a migrated database without orders; leaves its rows there."""
    rows, lines, times = SIZES[size]
    load(lines=lines, products=max(1, lines // 100), warehouses=3, now=timezone.now())
    allocate_stock(kind=RunKind.MANUAL, now=timezone.now(), cause="Benchmark")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(IN_AND_OUT, [rows])
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT COUNT(*) FROM inventory_stockentry")
        [entries] = cursor.fetchone()
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        report = check_invariants()
        seconds.append(time.perf_counter() - started)
    if not report.ok:
        raise AssertionError(" ".join(report.sentences()))
    return {
        "ledger_rows": entries,
        "lines": lines,
        "seconds": {"median": round(statistics.median(seconds), 2), "most": round(max(seconds), 2), "n": times},
        "slowest": dict(sorted(_each().items(), key=lambda item: -item[1])[:4]),
        "goal_seconds": GOAL_SECONDS,
    }


def _each() -> dict[str, float]:
    seconds = {}
    with connection.cursor() as cursor:
        for name, (_, sql) in INVARIANTS.items():
            started = time.perf_counter()
            cursor.execute(sql)
            seconds[name] = round(time.perf_counter() - started, 3)
    return seconds
