"""S09: links that nobody was given tell nothing, by their answer or by the time it takes, and cannot be guessed;
looking writes nothing; and no log has a token in it."""

import math
import random
import statistics
import time
from collections import Counter
from datetime import timedelta
from itertools import combinations
from secrets import token_urlsafe
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from backorders.models import SalesOrder, TrackingLink
from backorders.orders.intake import NewLine, NewOrder, place_order
from config.lib.link_throttle import AT_MOST
from config.lib.tokens import LinkKind, token_of
from inventory.models import Product
from tests.kit.smtp_sink import running_sink
from tests.reliability.desks import Visitor, desk, own_redis
from tests.reliability.scratch import act, scratch_database
from tests.reliability.world import build

# samples of each kind, guesses
SIZES = {"S": (2000, 10_000), "M": (2000, 10_000), "L": (10_000, 100_000)}
WRITTEN = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables"


def run(size: str) -> dict[str, Any]:
    samples, guesses = SIZES[size]
    with scratch_database("s09") as clone, own_redis() as redis, running_sink() as sink:
        links = act("s09", "links", clone)
        report = act("s09", "compare", clone, links=links, samples=samples, guesses=guesses)
        with desk(clone, redis_url=redis.url, email_url=sink.url, names=("web",)) as at:
            visitor = Visitor(at.url)
            answers = Counter(visitor.get(f"/{page}/{token}/")[0] for token in links.values() for page in "tsm")
            visitor.post(f"/t/{links['open']}/decide/", {"answer": "give-me-all"}, at=f"/t/{links['open']}/")
            logs = "".join(at.supervisor.log(child.name).read_text() for child in at.supervisor.children)
        report["in_logs"] = sum(token in logs for token in links.values())
        return report | {"over_http": dict(answers), "log_lines_of_links": logs.count("[private link]")}


def links() -> dict[str, str]:
    """In an actor: an order, and a token of each kind."""
    world, now = build(products=1, stock=5), timezone.now()
    product = Product.objects.get(pk=world.products[0])
    line = NewLine(product_id=product.pk, quantity=9)
    new = NewOrder(source="s09", external_number="1", customer_id=world.customers[0], lines=(line,), placed_at=now)
    order = place_order(order=new, by=None, now=now)
    references = {kind: uuid4() for kind in ("open", "unknown", "expired", "revoked")}
    for kind in ("open", "expired", "revoked"):
        TrackingLink.objects.create(
            order=order,
            reference=references[kind],
            made_for=f"s09:{kind}",
            made_at=now - timedelta(days=9),
            expires_at=now + timedelta(days=-1 if kind == "expired" else 9),
            revoked_at=now if kind == "revoked" else None,
        )
    tokens = {kind: token_of(LinkKind.ORDER, reference) for kind, reference in references.items()}
    return tokens | {"forged": f"{uuid4().hex}.{token_urlsafe(32)}"}


def compare(*, links: dict[str, str], samples: int, guesses: int) -> dict[str, Any]:
    """In an actor, without the network: what each kind answers and how long it takes, turn by turn."""
    client = Client()
    closed = {kind: f"/t/{token}/" for kind, token in links.items() if kind != "open"}
    seconds: dict[str, list[float]] = {kind: [] for kind in closed}
    answers = {(client.get(path).status_code, len(client.get(path).content)) for path in closed.values()}
    hat, kinds = random.Random(9), sorted(closed)
    for number in range(samples + 20):
        for kind in hat.sample(kinds, len(kinds)):
            origin = f"10.{number >> 8 & 255}.{number & 255}.{kinds.index(kind)}"
            began = time.perf_counter()
            client.get(closed[kind], REMOTE_ADDR=origin)
            if number >= 20:
                seconds[kind].append(time.perf_counter() - began)
    guessed = Counter(
        client.get(f"/t/{uuid4().hex}.{token_urlsafe(32)}/", REMOTE_ADDR="192.0.2.9").status_code
        for _ in range(guesses)
    )
    return {
        "answers": [list(answer) for answer in answers],
        "t": {f"{one}/{other}": welch(seconds[one], seconds[other]) for one, other in combinations(closed, 2)},
        "mean_ms": {kind: round(statistics.mean(times) * 1000, 3) for kind, times in seconds.items()},
        "guesses": dict(guessed),
        "guesses_let_through_each_minute": AT_MOST,
        "rows_written_by_looking": _written_by_looking(f"/t/{links['open']}/"),
        "orders": SalesOrder.objects.count(),
    }


def welch(ones: list[float], others: list[float]) -> float:
    """Of times without their slowest twentieth, which the machine's other work makes."""
    a, b = (sorted(times)[: len(times) * 19 // 20] for times in (ones, others))
    spread = math.sqrt(statistics.variance(a) / len(a) + statistics.variance(b) / len(b))
    return round((statistics.mean(a) - statistics.mean(b)) / spread, 2)


def _written_by_looking(path: str) -> int:
    cache.clear()
    client, before = Client(), _written()
    for _ in range(100):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
        assert client.get(path, headers={"Sec-Purpose": "prefetch"}).status_code == 200
    return _written() - before


def _written() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(WRITTEN)
        row = cursor.fetchone()
    return int(row[0])
