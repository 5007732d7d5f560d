"""R01: mixed work from many connections at once, a third of it on one product. Nothing is oversold, no counter differs
from its ledger in any look at the database, nobody waits in a circle, and what was acknowledged is there."""

import statistics
import threading
import time
from collections import Counter
from functools import partial
from typing import Any

from django.db import connections

from backorders.models import SalesOrder
from backorders.oversight.queries.invariants import check_invariants
from tests.reliability.clients import Client
from tests.reliability.forks import together
from tests.reliability.scratch import act, deadlocks, scratch_database
from tests.reliability.world import World, build

# clients, operations of each, seconds at most
SIZES = {"S": (16, 250, 14), "M": (64, 1000, 300), "L": (64, 5000, 1500)}
ONE_PRODUCT = {"S": (16, 40, 7), "M": (64, 40, 60), "L": (64, 40, 60)}
HOT_SHARE = 0.3
CLIENTS_PER_PROCESS = 8


def run(size: str) -> dict[str, Any]:
    return {"mixed": run_mixed(size), "one_product": run_one_product(size)}


def run_mixed(size: str) -> dict[str, Any]:
    return _load("mixed", SIZES[size], HOT_SHARE, products=12)


def run_one_product(size: str) -> dict[str, Any]:
    return _load("one", ONE_PRODUCT[size], 1.0, products=1)


def _load(label: str, load: tuple[int, int, int], hot_share: float, *, products: int) -> dict[str, Any]:
    clients, operations, seconds = load
    with scratch_database(f"r01_{label}") as clone:
        arguments = {"clients": clients, "operations": operations, "seconds": seconds}
        report = act("r01", "hammer", clone, hot_share=hot_share, products=products, **arguments)
        report["deadlocks"] = deadlocks(clone)
    return report


def hammer(*, clients: int, operations: int, seconds: float, hot_share: float, products: int) -> dict[str, Any]:
    """In the actor: the clients in some processes, the checker in another."""
    world = build(products=products, stock=20)
    starts = range(0, clients, CLIENTS_PER_PROCESS)
    groups = [range(start, min(start + CLIENTS_PER_PROCESS, clients)) for start in starts]
    limits = {"hot_share": hot_share, "operations": operations, "seconds": seconds}
    jobs: list[Any] = [partial(_group, numbers, world, **limits) for numbers in groups]
    *groups_of_records, looks = together([*jobs, partial(look_every_second, seconds=seconds)], seconds=seconds + 60)
    return summary([record for group in groups_of_records for record in group], looks)


def _group(numbers: range, world: World, *, hot_share: float, operations: int, seconds: float) -> list[dict[str, Any]]:
    """Some clients of one process, a thread and a connection each."""
    records: list[dict[str, Any]] = []

    def work(number: int) -> None:
        records.append(Client(number, world, hot_share=hot_share).work(operations=operations, seconds=seconds))
        connections.close_all()

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 50)
    return records


def look_every_second(*, seconds: float) -> list[dict[str, int]]:
    looks = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        looks.append(check_invariants().violations)
        time.sleep(1)
    return looks


def summary(records: list[dict[str, Any]], looks: list[dict[str, int]]) -> dict[str, Any]:
    looks = [*looks, check_invariants().violations]
    totals: dict[str, Counter[str]] = {
        name: sum((record[name] for record in records), Counter()) for name in ("done", "refused", "busy")
    }
    times = sorted(value for record in records for value in record["seconds"])
    unexpected = [told for record in records for told in record["unexpected"]]
    acknowledged = {number for record in records for number in record["acknowledged"]}
    present = set(SalesOrder.objects.filter(source="load").values_list("external_number", flat=True))
    return {
        "operations": len(times),
        **{name: dict(counts) for name, counts in totals.items()},
        "check_violations": sum(record["check_violations"] for record in records),
        "unexpected": len(unexpected),
        "first_unexpected": unexpected[:2],
        "looks": len(looks),
        "violations": {name: max(look[name] for look in looks) for name in looks[0]},
        "acknowledged": len(acknowledged),
        "lost": len(acknowledged - present),
        "p50_seconds": statistics.median(times) if times else 0,
        "p99_seconds": times[int(len(times) * 0.99)] if times else 0,
    }
