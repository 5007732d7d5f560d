"""R12 and R13: the process that does a part of a run is killed in the middle, then all processes of a worker at once.
What they began is done once, soon after, by whoever is there; Redis would hand it out after an hour only."""

import os
import signal
import statistics
import time
from pathlib import Path
from typing import Any

from django.db import connection, connections
from django.utils import timezone

from backorders import tasks
from backorders.enums import RunKind, RunStatus
from backorders.models import AllocationRun, RunResult
from backorders.orders.intake import NewLine, NewOrder, place_order
from backorders.oversight.queries.invariants import check_invariants
from backorders.runs.allocate_stock import start_run
from inventory.models import StockLevel
from tests.kit.smtp_sink import running_sink
from tests.reliability import poisoned
from tests.reliability.desks import desk, own_redis, until
from tests.reliability.scratch import act, scratch_database
from tests.reliability.world import build, put

# kills of one process, kills of all
SIZES = {"S": (20, 1), "M": (20, 5), "L": (100, 20)}
SECONDS = 100
# As often as in production: every thirty seconds.
ONLY_THE_SWEEP = ("UPDATE django_celery_beat_periodictask SET enabled = task = 'backorders.continue_runs'",)
BUSY = """SELECT COUNT(*) FROM pg_stat_activity
           WHERE datname = current_database() AND state = 'idle in transaction' AND pid <> pg_backend_pid()"""


def run(size: str) -> dict[str, Any]:
    one, whole = SIZES[size]
    with scratch_database("r12") as clone, own_redis() as redis, running_sink() as sink:
        act("r12", "fill", clone)
        worker: dict[str, Any] = {
            "app": "tests.reliability.poisoned",
            "schedule": ONLY_THE_SWEEP,
            "POISON": '{"all": "slow"}',
        }
        with desk(clone, redis_url=redis.url, email_url=sink.url, names=("worker", "beat"), **worker) as at:
            where = {"environment": {"REDIS_URL": redis.url}, "worker": at.pid("worker")}
            report = {
                "one_process": act("r12", "torment", clone, kills=one, all_of_them=False, **where),
                "all_processes": act("r12", "torment", clone, kills=whole, all_of_them=True, **where),
            }
            return report | {"restarts": at.ended}


def fill() -> None:
    """In an actor: a waiting line of the one product."""
    world = build(products=1, stock=0)
    line, now = NewLine(product_id=world.products[0], quantity=100_000), timezone.now()
    new = NewOrder(source="r12", external_number="1", customer_id=world.customers[0], lines=(line,), placed_at=now)
    place_order(order=new, by=None, now=now)


def torment(*, kills: int, all_of_them: bool, worker: int) -> dict[str, Any]:
    """In an actor: a unit comes in, a run begins, its worker is killed in the middle; how long until it is done."""
    began = time.monotonic()
    times, wrong = [], []
    for number in range(kills):
        if time.monotonic() - began > SECONDS * (1 + all_of_them * kills):
            break
        level = StockLevel.objects.get()
        put(level.pk, 1, key=f"r12:{all_of_them}:{number}")
        run = start_run(kind=RunKind.MANUAL, now=timezone.now(), cause="R12")
        tasks.share_run(run)
        until(_somebody_is_at_it, seconds=60)
        _kill(worker, whole_group=all_of_them)
        times.append(until(lambda run=run: _status(run) != RunStatus.RUNNING, seconds=120))  # type: ignore[misc]
        level.refresh_from_db()
        if (_status(run), level.reserved, RunResult.objects.filter(run_id=run.pk).count()) != (
            RunStatus.FINISHED,
            level.on_hand,
            1,
        ):
            wrong.append([_status(run), level.reserved, level.on_hand])
    connections.close_all()
    return {
        "kills": len(times),
        "resumed_in": {"median": statistics.median(times), "slowest": max(times)},
        "of_which_work": poisoned.SLOW_SECONDS,
        "wrong": wrong,
        "broken": {name: count for name, count in check_invariants().violations.items() if count},
    }


def _status(run: AllocationRun) -> str:
    return AllocationRun.objects.values_list("status", flat=True).get(pk=run.pk)


def _somebody_is_at_it() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(BUSY)
        return bool(cursor.fetchone()[0])


def _kill(worker: int, *, whole_group: bool) -> None:
    """The worker's children, by their own ids; the worker itself first where all have to go."""
    children = [int(pid) for pid in Path(f"/proc/{worker}/task/{worker}/children").read_text().split()]
    for pid in [worker, *children] if whole_group else children:
        os.kill(pid, signal.SIGKILL)
