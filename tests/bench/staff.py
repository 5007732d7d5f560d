"""Fifty people at their desks, each asking for a page a second, while all waiting lines are run: gunicorn, worker, beat
and PostgreSQL as `make run` starts them, with DEBUG off.

Who has no answer after a second asks again when it is there, as people do; so the pages a second say what the desk
carried, and the milliseconds how long people waited.
"""

import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from typing import Any

from config.embedded import BASE_DIR
from config.test_settings import TEST_DATA_DIR, TEST_SUPERUSER_URL
from tests.kit.databases import TestDatabases
from tests.kit.running_desk import RunningDesk, running_desk_on
from tests.kit.smtp_sink import running_sink

# open lines, seconds
SIZES = {"S": (20_000, 30), "M": (100_000, 60), "L": (1_000_000, 120)}
PEOPLE = 50
GOAL_MILLISECONDS = 500
PREPARE = """
import json, sys, django
django.setup()
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from backorders.models import OrderLine
from tests.bench.big_desk import fill
fill(lines=int(sys.argv[1]), now=timezone.now(), say=lambda text: None)
client = Client()
client.force_login(User.objects.create_superuser("bench"))
lines = list(OrderLine.objects.backordered().order_by("-pk").values_list("order", "product")[:200])
print(json.dumps({"session": client.cookies["sessionid"].value, "orders": [row[0] for row in lines],
    "products": [row[1] for row in lines]}))
"""


def run(size: str) -> dict[str, Any]:
    """Starts a desk of its own; the database it is called with stays empty."""
    lines, seconds = SIZES[size]
    lines = int(os.environ.get("BENCH_LINES", lines))
    databases = TestDatabases(TEST_SUPERUSER_URL, TEST_DATA_DIR)
    databases.prepare()
    with running_sink() as sink, running_desk_on(databases, sink, web_workers=2) as desk:
        prepared = subprocess.run(
            [sys.executable, "-c", PREPARE, str(lines)],
            env=desk.environment,
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=True,
        )
        known = json.loads(prepared.stdout.splitlines()[-1])
        alone = _at_work(desk, known, seconds)
        began = time.monotonic()
        night = subprocess.Popen(
            [sys.executable, "manage.py", "allocate", "--json"],
            env=desk.environment,
            cwd=BASE_DIR,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        beside = _at_work(desk, known, seconds)
        code = night.wait()
        run_seconds = time.monotonic() - began
    return {
        "lines": lines,
        "people": PEOPLE,
        "seconds": seconds,
        "without_a_run": alone,
        "during_the_run": beside | {"run_seconds_at_most": round(run_seconds), "run_ended_with": code},
        "goal_milliseconds_p95": GOAL_MILLISECONDS,
    }


def _at_work(desk: RunningDesk, known: dict[str, Any], seconds: float) -> dict[str, Any]:
    waits: list[float] = []
    answers: Counter[str] = Counter()
    until = time.monotonic() + seconds
    people = [
        threading.Thread(target=_person, args=(number, desk.port, known, until, waits, answers))
        for number in range(PEOPLE)
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return {
        "pages": len(waits),
        "pages_per_second": round(len(waits) / seconds, 1),
        "milliseconds": {
            "p50": round(statistics.median(waits) * 1000),
            "p95": round(statistics.quantiles(waits, n=20)[-1] * 1000),
            "most": round(max(waits) * 1000),
        },
        "answers": dict(answers),
    }


def _person(
    number: int, port: int, known: dict[str, Any], until: float, waits: list[float], answers: Counter[str]
) -> None:
    chance = random.Random(number)
    time.sleep(chance.random())  # not all in the same moment
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while (began := time.monotonic()) < until:
        try:
            connection.request("GET", _page(chance, known), headers={"Cookie": f"sessionid={known['session']}"})
            response = connection.getresponse()
            response.read()
            answers[str(response.status)] += 1
        except (OSError, http.client.HTTPException) as error:
            answers[type(error).__name__] += 1
            connection.close()
        took = time.monotonic() - began
        waits.append(took)
        time.sleep(max(0.0, 1 - took))
    connection.close()


def _page(chance: random.Random, known: dict[str, Any]) -> str:
    """What staff look at: the worklist most, then orders, products, the dashboard."""
    return chance.choice(
        [
            "/backorders/",
            "/backorders/?state=waiting",
            f"/backorders/?age={chance.choice(('0-7', '31-60', 'over-90'))}",
            "/orders/",
            f"/orders/{chance.choice(known['orders'])}/",
            f"/orders/{chance.choice(known['orders'])}/",
            f"/inventory/products/{chance.choice(known['products'])}/",
            "/",
        ]
    )
