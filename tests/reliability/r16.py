"""R16: parts of a run that do harm to whoever does them: one raises, one kills, one sleeps for ever, one eats memory.
Each is given up with its reason after five tries at most, the others are done meanwhile, and a person can try again."""

import json
from typing import Any

from django.utils import timezone

from backorders import tasks
from backorders.enums import RunKind, RunStatus
from backorders.models import AllocationRun, OrderLine
from backorders.orders.intake import NewLine, NewOrder, place_orders
from backorders.oversight.queries.invariants import check_invariants
from backorders.runs import allocate_stock as allocation
from backorders.runs.allocate_stock import retry_run, start_run
from config.lib.enqueue import hint
from inventory.models import StockLevel
from tests.kit.smtp_sink import running_sink
from tests.reliability.desks import EVERY_SECOND, desk, own_redis, until
from tests.reliability.scratch import act, scratch_database
from tests.reliability.world import YESTERDAY, build, put

PRODUCTS = {"S": 40, "M": 1000, "L": 1000}
HARMS = ("raises", "kills", "sleeps", "eats")
# The sweep of runs alone, every second; others would begin runs of their own beside the one that is looked at.
SWEEP = (
    EVERY_SECOND[0],
    EVERY_SECOND[1].replace(", 'notifications.deliver_messages', 'backorders.serve_free_stock'", ""),
)
WORKER: dict[str, Any] = {
    "schedule": SWEEP,
    "app": "tests.reliability.poisoned",
    "names": ("worker", "beat"),
    "WORKER_MEMORY_MB": "400",
}


def run(size: str) -> dict[str, Any]:
    with scratch_database("r16") as clone, own_redis() as redis, running_sink() as sink:
        products = act("r16", "fill", clone, count=PRODUCTS[size])
        where: dict[str, Any] = {"redis_url": redis.url, "email_url": sink.url}
        hurt, reach = products[: len(HARMS)], {"REDIS_URL": redis.url}
        with desk(clone, **where, **WORKER):
            well = act("r16", "serve", clone, environment=reach)
        poison = dict(zip(map(str, hurt), HARMS, strict=True))
        with desk(clone, **where, **WORKER, POISON=json.dumps(poison)):
            poisoned = act("r16", "serve", clone, environment=reach, hurt=hurt)
        with desk(clone, **where, **WORKER):
            again = act("r16", "mended", clone, environment=reach)
        return {"harms": poison, "well": well, "poisoned": poisoned, "tried_again": again}


def fill(*, count: int) -> list[int]:
    """In an actor: a line for each product, and nothing on stock."""
    world = build(products=count, stock=0)
    orders = [
        NewOrder(
            source="r16",
            external_number=str(product),
            customer_id=world.customers[0],
            lines=(NewLine(product_id=product, quantity=100),),
            placed_at=YESTERDAY,
        )
        for product in world.products
    ]
    place_orders(orders=orders, by=None, now=YESTERDAY)
    return world.products


def serve(*, hurt: list[int] | None = None) -> dict[str, Any]:
    """In an actor: a unit for each product, a part of a run for each; how long the healthy ones take, and all."""
    before = OrderLine.objects.order_by("-allocated").values_list("allocated", flat=True)[0]
    for level in StockLevel.objects.order_by("pk"):
        put(level.pk, 1, key=f"r16:{before}:{level.pk}")
    allocation.PRODUCTS_PER_SHARD = 1
    run = start_run(kind=RunKind.MANUAL, now=timezone.now(), cause="R16")
    tasks.share_run(run)
    healthy = run.shards.exclude(product_ids__overlap=hurt or [])
    seconds = until(lambda: not healthy.filter(done_at__isnull=True).exists(), seconds=200)
    more = until(lambda: _status(run) != RunStatus.RUNNING, seconds=200)
    run.refresh_from_db()
    return {
        "parts": run.shards.count(),
        "healthy_done_in": seconds,
        "run_ended_in": round(seconds + more, 2),
        "status": run.status,
        "reasons": run.error.splitlines(),
        "tries": dict(run.shards.filter(done_at__isnull=True).order_by("number").values_list("number", "tries")),
        "broken": _broken(),
    }


def mended() -> dict[str, Any]:
    """In an actor: somebody presses Retry."""
    run = AllocationRun.objects.filter(status=RunStatus.FAILED).get()
    retry_run(run_id=run.pk)
    hint(tasks.continue_runs)
    seconds = until(lambda: _status(run) != RunStatus.RUNNING, seconds=60)
    short = OrderLine.objects.exclude(allocated=2).count()
    return {"status": _status(run), "seconds": seconds, "lines_without_their_units": short, "broken": _broken()}


def _status(run: AllocationRun) -> str:
    return AllocationRun.objects.values_list("status", flat=True).get(pk=run.pk)


def _broken() -> dict[str, int]:
    return {name: count for name, count in check_invariants().violations.items() if count}
