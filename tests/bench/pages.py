"""How long the server takes for each page over many open lines, and how many queries; beside raw SQL where a floor is
known. Each page is asked for 30 times after two times to warm up, by Django's own client in this process.
"""

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.models import Count
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from backorders.models import AllocationRun, OrderLine, SalesOrder
from backorders.orders.queries.backlog import SORTS, with_sort_key
from inventory.models import Product, PurchaseOrder, Supplier
from tests.bench.big_desk import fill
from tests.reliability.forks import together

LINES = {"S": 20_000, "M": 100_000, "L": 1_000_000}
TIMES, ENOUGH = int(os.environ.get("BENCH_TIMES", "30")), 5
SECONDS_FOR_ONE = 15  # a page that is far too slow is not asked for 30 times
GOAL, GOAL_OF_DETAILS = 100, 150  # milliseconds
EXPORT_MEGABYTES = 64

OPEN = "is_open AND backordered_at IS NOT NULL"
FLOORS = {
    "first page": f"SELECT * FROM backorders_orderline WHERE {OPEN} ORDER BY backordered_at, id LIMIT 51",
    "deep page": (
        f"SELECT * FROM backorders_orderline WHERE {OPEN} AND (backordered_at, id) > (now() - interval '60 days', 0)"
        " ORDER BY backordered_at, id LIMIT 51"
    ),
    "filtered": (
        f"SELECT * FROM backorders_orderline WHERE {OPEN} AND allocated = 0 AND warehouse_id ="
        " (SELECT min(id) FROM inventory_warehouse) ORDER BY backordered_at, id LIMIT 51"
    ),
    "substring": "SELECT id FROM inventory_product WHERE upper(name) LIKE '%NO. 12%' LIMIT 51",
    "exact count": f"SELECT COUNT(*) FROM backorders_orderline WHERE {OPEN}",
    "figures by full scan": (
        "SELECT COUNT(*), SUM(ordered - shipped - cancelled), SUM((ordered - shipped - cancelled) * unit_price),"
        f" AVG(now() - backordered_at) FROM backorders_orderline WHERE {OPEN}"
    ),
}


class Cost(NamedTuple):
    """Of one request: by the clock, and the processor's time of this process and its PostgreSQL."""

    seconds: float
    busy: float


class Asked(NamedTuple):
    """A page by its name in the report; `prepare` is called before each request, outside of the time."""

    name: str
    address: str
    goal: int = GOAL
    prepare: Callable[[], object] = bool


def run(size: str) -> dict[str, Any]:
    """Needs an empty migrated database; leaves its rows there."""
    lines = int(os.environ.get("BENCH_LINES", LINES[size]))
    fill(lines=lines, now=timezone.now(), say=_say)
    return measure()


def measure() -> dict[str, Any]:
    """Everything, on the database as it is."""
    with override_settings(DEBUG=False):
        client = Client()
        client.force_login(User.objects.filter(is_superuser=True).first() or User.objects.create_superuser("bench"))
        cache.clear()
        chosen = os.environ.get("BENCH_PAGES", "")
        pages = {asked.name: _measured(client, asked) for asked in _asked() if chosen in asked.name}
        exports = {name: _exported(client, address) for name, address in _exports() if chosen in name}
    return {
        "lines": OrderLine.objects.backordered().count(),
        "n": TIMES,
        "floors_ms": {name: _floor(sql) for name, sql in FLOORS.items()},
        "pages_ms": pages,
        "missed": [name for name, page in pages.items() if not page["reached"]],
        "missed_by_the_processor": [name for name, page in pages.items() if not page["reached_by_the_processor"]],
        "exports": exports,
        "goal_megabytes_of_an_export": EXPORT_MEGABYTES,
    }


def _measured(client: Client, asked: Asked) -> dict[str, Any]:
    def ask() -> Cost:
        asked.prepare()
        began, busy = time.perf_counter(), _busy()
        response = client.get(asked.address)
        cost = Cost(time.perf_counter() - began, _busy() - busy)
        if response.status_code != 200:
            raise AssertionError(f"{asked.name}: {asked.address} answered {response.status_code}.")
        return cost

    try:
        ask()
        with CaptureQueriesContext(connection) as queries:
            ask()
            asked_for = len(queries)
    except (AssertionError, DatabaseError) as error:
        _say(f"{asked.name}: {error}")
        return {"failed": str(error)[:200], "goal": asked.goal, "reached": False, "reached_by_the_processor": False}
    begun = time.monotonic()
    took: list[Cost] = []
    while len(took) < TIMES and (len(took) < ENOUGH or time.monotonic() - begun < SECONDS_FOR_ONE):
        took.append(ask())
    clock = [cost.seconds * 1000 for cost in took]
    processor = [cost.busy * 1000 for cost in took]
    found = {
        "p50": round(statistics.median(clock), 1),
        "p95": round(_p95(clock), 1),
        "processor_p50": round(statistics.median(processor), 1),
        "processor_p95": round(_p95(processor), 1),
        "n": len(took),
        "queries": asked_for,
        "goal": asked.goal,
        "reached": _p95(clock) <= asked.goal,
        "reached_by_the_processor": _p95(processor) <= asked.goal,
    }
    _say(f"{asked.name}: {found}")
    return found


def _busy() -> float:
    """Seconds of processor of this process and of its PostgreSQL, which a busy machine does not stretch."""
    wrapped: Any = connection.connection
    seconds = time.process_time()
    if wrapped is None:
        return seconds
    nanoseconds = Path(f"/proc/{wrapped.info.backend_pid}/schedstat").read_text().split()[0]
    return seconds + int(nanoseconds) / 1e9


def _p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20, method="inclusive")[-1]


def _asked() -> Iterator[Asked]:
    yield from _worklist()
    yield from _orders()
    yield from _details()
    yield from _desk()


def _worklist() -> Iterator[Asked]:
    first = reverse("backorders:backlog")
    order, customer, product = _examples()
    filters: dict[str, dict[str, str]] = {
        "first page": {},
        **{f"state {state}": {"state": state} for state in ("waiting", "partly_allocated", "allocated")},
        **{f"state {state}": {"state": state} for state in ("late", "at_risk", "decision_due")},
        **{f"aged {age}": {"age": age} for age in ("0-7", "31-60", "over-90")},
        "of a customer": {"customer": customer.code},
        "of a product": {"product": product.sku},
        "of a tier": {"tier": customer.tier.code},
        "of a warehouse": {"warehouse": "W1"},
        "of a supplier": {"supplier": "S7"},
        "of a reason": {"reason": "seasonal"},
        "dated by nothing": {"dated": "nothing"},
        "of much at once": {"state": "waiting", "warehouse": "W1", "tier": customer.tier.code, "supplier": "S7"},
        "search of an order": {"q": order.number},
        "search of a product": {"q": product.name[:-2]},
        "search of many products": {"q": "lantern"},
        "search of a customer": {"q": customer.name},
        "search of nothing": {"q": "zzzxqy"},
        "products by a word": {"product": "lantern"},
        "supplier by value": {"supplier": "S7", "sort": "-value"},
        "tier by promise": {"tier": customer.tier.code, "sort": "promised"},
    }
    for name, query in filters.items():
        yield Asked(f"worklist, {name}", f"{first}?{urlencode(query)}")
    for name, sort in SORTS.items():
        yield Asked(f"worklist by {name}", f"{first}?{urlencode({'sort': name})}")
        yield Asked(
            f"worklist by {name}, deep", f"{first}?{urlencode({'sort': name, 'after': json.dumps(_deep(sort))})}"
        )
    yield Asked("worklist, totals (fetched later)", reverse("backorders:backlog-totals"), goal=1000)


def _deep(sort: tuple[str, ...]) -> list[str]:
    """The key of a line in the middle."""
    lines = with_sort_key(OrderLine.objects.backordered(), sort).order_by(*sort)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    line = lines[OrderLine.objects.backordered().count() // 2]
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")
    return [str(getattr(line, key.removeprefix("-"))) for key in sort]


def _examples() -> tuple[SalesOrder, Any, Product]:
    order = SalesOrder.objects.open().select_related("customer__tier").order_by("-pk")[3]
    return order, order.customer, _product_with(200)


def _product_with(lines: int) -> Product:
    """The product that nearest to so many open backorders wait for."""
    counts = OrderLine.objects.backordered().order_by().values_list("product").annotate(n=Count("pk"))
    nearest = min(counts, key=lambda row: abs(row[1] - lines))
    return Product.objects.get(pk=nearest[0])


def _orders() -> Iterator[Asked]:
    first = reverse("backorders:orders")
    order, customer, _ = _examples()
    middle = SalesOrder.objects.order_by("-pk")[SalesOrder.objects.count() // 2].pk
    filters = {
        "first page": {},
        "deep": {"after": json.dumps([middle])},
        "open": {"status": "open"},
        "cancelled": {"status": "cancelled"},
        "partly shipped": {"status": "partly_shipped"},
        "of a customer": {"customer": customer.code},
        "search of a number": {"q": order.number},
        "search of a name": {"q": "Amber & Oak"},
        "search of nothing": {"q": "zzzxqy"},
    }
    for name, query in filters.items():
        yield Asked(f"orders, {name}", f"{first}?{urlencode(query)}")


def _details() -> Iterator[Asked]:
    def page(name: str, key: int, query: str = "") -> str:
        return reverse(name, args=[key]) + query

    large = SalesOrder.objects.get(source="bench", external_number="large")
    yield Asked("order of 200 lines", page("backorders:order", large.pk), GOAL_OF_DETAILS)
    yield Asked("order of 3 lines", page("backorders:order", _examples()[0].pk), GOAL_OF_DETAILS)
    for count in (200, 1000):
        product = _product_with(count)
        yield Asked(f"product, {count} wait", page("inventory:product", product.pk), GOAL_OF_DETAILS)
        yield Asked(f"queue of {count}", page("backorders:product-queue", product.pk), GOAL_OF_DETAILS)
    longest = _product_with(10**9)
    yield Asked("queue, the longest", page("backorders:product-queue", longest.pk), GOAL_OF_DETAILS)
    line = OrderLine.objects.backordered().filter(product=_product_with(200)).order_by("-pk")[0]
    yield Asked("why a line waits (of 200)", page("backorders:explain-line", line.pk), GOAL_OF_DETAILS)
    run = AllocationRun.objects.filter(kind="nightly").order_by("pk")[0]
    last = OrderLine.objects.order_by("-pk").values_list("pk", flat=True)[OrderLine.objects.count() // 2]
    text = urlencode({"q": _product_with(200).name, "show": "all"})
    queries = ["", "?show=all", f"?show=all&after=[{last}]", "?show=lost", "?show=short", "?show=gained"]
    for query in [*queries, "?show=worse", "?show=exceptions", f"?{text}", "?show=all&q=zzzxqy", "?q=lantern"]:
        yield Asked(f"run {query}", page("backorders:run", run.pk, query))
    purchase = PurchaseOrder.objects.order_by("pk")[0]
    yield Asked("purchase order", page("inventory:purchase-order", purchase.pk), GOAL_OF_DETAILS)
    yield Asked("what a receipt unblocks", page("backorders:unblocks", purchase.pk), GOAL_OF_DETAILS)
    supplier = Supplier.objects.order_by("-pk")[0]
    yield Asked("supplier", page("inventory:supplier", supplier.pk), GOAL_OF_DETAILS)
    yield Asked("scorecard", page("inventory:scorecard", supplier.pk), GOAL_OF_DETAILS)
    yield Asked("customer", page("customers:customer", _examples()[1].pk), GOAL_OF_DETAILS)


def _desk() -> Iterator[Asked]:
    yield Asked("dashboard, cold", reverse("backorders:dashboard"), goal=5000, prepare=cache.clear)
    yield Asked("dashboard", reverse("backorders:dashboard"))
    names = {
        "backorders:runs": "",
        "backorders:reports": "?days=90",
        "backorders:reasons": "",
        "backorders:calibration": "",
        "backorders:cover": "",
        "backorders:forecast-accuracy": "",
        "backorders:compliance": "",
        "backorders:shipments": "",
        "backorders:questions": "",
        "backorders:refunds": "",
        "backorders:expedite": "",
        "backorders:stockouts": "",
        "backorders:proposals": "",
        "backorders:planning": "",
        "backorders:policies": "",
        "inventory:products": "?q=lantern",
        "inventory:purchase-orders": "",
        "inventory:suppliers": "",
        "inventory:answers": "",
        "customers:customers": "?q=amber",
        "notifications:messages": "",
    }
    for name, query in names.items():
        yield Asked(name.partition(":")[2], reverse(name) + query)
    yield Asked("messages, search", reverse("notifications:messages") + "?q=buyer77@")
    yield Asked("messages, search of an order", reverse("notifications:messages") + "?q=SO-123")
    yield Asked("messages, deep", reverse("notifications:messages") + "?after=[5000]")
    for which in ("entered", "waiting", "due", "last-promise", "filled", "cancelled"):
        yield Asked(f"report lines, {which}", reverse("backorders:report-lines", args=[which]))


def _exports() -> Iterator[tuple[str, str]]:
    yield "worklist.csv", reverse("backorders:export-backlog")
    yield "orders.csv", reverse("backorders:export-orders")
    run = AllocationRun.objects.filter(kind="nightly").order_by("pk")[0]
    yield "run.csv", reverse("backorders:export-run", args=[run.pk]) + "?show=all"


def _exported(client: Client, address: str) -> dict[str, Any]:
    """In a process of its own, whose memory tells of this export alone."""

    def read() -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        response: Any = client.get(address)
        chunks = iter(response)
        size = len(next(chunks))
        first = time.perf_counter() - began
        size += sum(len(chunk) for chunk in chunks)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        return {
            "seconds": round(time.perf_counter() - began, 1),
            "seconds_to_the_first_byte": round(first, 2),
            "megabytes": round(size / 1e6, 1),
            "memory_grown_by_megabytes": grown,
            "reached": grown <= EXPORT_MEGABYTES,
        }

    [answer] = together([read], seconds=1200)
    _say(f"{address}: {answer}")
    return answer


def _floor(sql: str) -> dict[str, float]:
    took = []
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for _ in range(11):
            began = time.perf_counter()
            cursor.execute(sql)
            cursor.fetchall()
            took.append((time.perf_counter() - began) * 1000)
    return {"p50": round(statistics.median(took), 2), "p95": round(_p95(took), 2)}


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
