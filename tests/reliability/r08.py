"""R08: a nightly run whose worker is killed between any two statements. The books are true at once, the next worker
finishes the run, and who holds what is the same as if nothing had happened."""

import contextlib
import hashlib
import json
import os
import signal
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import connection, connections
from django.utils import timezone

from backorders.enums import RunKind
from backorders.models import Allocation, AllocationRun, OrderLine, RunResult
from backorders.orders.intake import NewLine, NewOrder, place_orders
from backorders.oversight.queries.invariants import check_invariants
from backorders.runs import allocate_stock as allocation
from inventory.models import StockLevel
from notifications.models import Message
from tests.reliability.forks import together
from tests.reliability.scratch import act, scratch_database
from tests.reliability.world import YESTERDAY, build, put

# products, lines of each, kills
SIZES = {"S": (9, 8, 6), "M": (500, 20, 20), "L": (500, 100, 40)}
PRODUCTS_PER_SHARD = {"S": 2, "M": 25, "L": 25}
SECONDS = 120


def run(size: str) -> dict[str, Any]:
    """Fill one database, copy it once for the undisturbed run and once for every kill."""
    products, lines, kills = SIZES[size]
    per_shard = PRODUCTS_PER_SHARD[size]
    with scratch_database("r08_world") as world:
        act("r08", "fill", world, products=products, lines=lines)
        with scratch_database("r08_whole", copy_of=world) as clone:
            whole = act("r08", "undisturbed", clone, per_shard=per_shard)
        statements = whole.pop("statements")
        points = [round(statements * (number + 0.5) / kills) + 1 for number in range(kills)]
        with contextlib.ExitStack() as copies:
            names = {
                copies.enter_context(scratch_database(f"r08_{point}", copy_of=world)).name: point for point in points
            }
            outcomes = act("r08", "kill_each", world, names=names, per_shard=per_shard, result=whole)
    return {"statements": statements, "shards": whole["shards"], "kills": outcomes}


def fill(*, products: int, lines: int) -> int:
    """In an actor: waiting lines, then stock that no run has looked at."""
    world = build(products=products, stock=0)
    orders = [
        NewOrder(
            source="load",
            external_number=f"R08-{number}",
            customer_id=world.customers[number % len(world.customers)],
            lines=tuple(NewLine(product_id=pk, quantity=1 + (number + pk) % 4) for pk in world.products),
            placed_at=YESTERDAY,
        )
        for number in range(lines)
    ]
    place_orders(orders=orders, by=None, now=YESTERDAY)
    for level in StockLevel.objects.order_by("pk"):
        put(level.pk, lines, key=f"R08-{level.pk}")
    return OrderLine.objects.count()


def undisturbed(*, per_shard: int) -> dict[str, Any]:
    counter = _Counter(stop_at=0)
    with connection.execute_wrapper(counter):
        _nightly(per_shard)
    return {**_result(), "statements": counter.seen}


def kill_each(*, names: dict[str, int], per_shard: int, result: dict[str, Any]) -> list[dict[str, Any]]:
    outcomes = []
    for name, point in names.items():
        connections.close_all()
        connection.settings_dict["NAME"] = name
        outcomes.append(killed_and_resumed(per_shard=per_shard, point=point, result=result))
    connections.close_all()
    return outcomes


def killed_and_resumed(*, per_shard: int, point: int, result: dict[str, Any]) -> dict[str, Any]:
    """A child is killed at its `point`-th statement, another one goes on."""
    [died] = together([partial(_nightly_until, per_shard, point)], seconds=SECONDS)
    broken = {name: count for name, count in check_invariants().violations.items() if count}
    run = AllocationRun.objects.filter(kind=RunKind.NIGHTLY).first()
    left = run.shards.filter(done_at__isnull=True).count() if run else None
    connections.close_all()
    [resumed] = together([partial(_nightly, per_shard)], seconds=SECONDS)
    return {
        "point": point,
        "died": died is None,
        "shards_left": left,
        "broken_at_kill": broken,
        "resumed": resumed,
        "broken_after": {name: count for name, count in check_invariants().violations.items() if count},
        "same_as_undisturbed": _result() == {name: value for name, value in result.items() if name != "statements"},
    }


class _Counter:
    """Counts statements; ends the process by force at the chosen one."""

    def __init__(self, *, stop_at: int) -> None:
        self.stop_at = stop_at
        self.seen = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.seen += 1
        if self.seen == self.stop_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)


def _nightly_until(per_shard: int, point: int) -> None:
    with connection.execute_wrapper(_Counter(stop_at=point)):
        _nightly(per_shard)


def _nightly(per_shard: int) -> str:
    allocation.PRODUCTS_PER_SHARD = per_shard
    now = timezone.now()
    allocation.continue_runs(now=now)
    allocation.allocate_stock(kind=RunKind.NIGHTLY, now=now)
    return "finished"


def _result() -> dict[str, Any]:
    """Who holds what, in the end and ever; what was decided of whom; who was written to."""
    run = AllocationRun.objects.get(kind=RunKind.NIGHTLY)
    held = Allocation.objects.order_by("line_id", "pk").values_list("line_id", "stock_level_id", "quantity", "state")
    decided = RunResult.objects.filter(run_id=run.pk).order_by("line_id").values_list("line_id", "before", "after")
    return {
        "status": run.status,
        "shards": run.shards.count(),
        "held": _digest(held),
        "decided": _digest(decided),
        "result_hash": run.result_hash,
        "figures": [run.lines, run.pools, run.lines_changed, run.units_allocated, run.units_open],
        "messages": _digest(Message.objects.order_by("aggregate", "pk").values_list("aggregate", "kind")),
    }


def _digest(rows: Iterable[tuple[Any, ...]]) -> str:
    """Ten thousand rows are too many to hand from process to process as words of a command."""
    return hashlib.sha256(json.dumps([list(row) for row in rows]).encode()).hexdigest()
