"""A worker with work in it that does harm: `celery -A tests.reliability.poisoned worker`.

POISON says what befalls whoever does the part of a run with a product: {"17": "raises", "18": "kills", …}. "slow" is
only slow, so that somebody else can do the harm. Time limits are seconds here, and Redis hands nothing out again.
"""

import contextlib
import json
import os
import signal
import time
from typing import Any

from celery.signals import worker_init

from config.celery import app

POISON: dict[str, str] = json.loads(os.environ.get("POISON", "{}"))
SLOW_SECONDS = 1.0

app.conf.task_soft_time_limit, app.conf.task_time_limit = 4, 6
app.conf.broker_transport_options = {**app.conf.broker_transport_options, "visibility_timeout": 3600}


@worker_init.connect
def _poison(**_: Any) -> None:
    from backorders.runs import allocate_stock as allocation  # noqa: PLC0415 - after Django is set up

    healthy = allocation.decide_and_serve

    def serve(work: Any, shard: Any, *, now: Any) -> None:
        healthy(work, shard, now=now)
        for product_id in shard.product_ids:
            _befall(POISON.get(str(product_id), POISON.get("all", "")))

    allocation.decide_and_serve = serve


def _befall(poison: str) -> None:
    if poison == "slow":
        time.sleep(SLOW_SECONDS)
    elif poison == "raises":
        raise ValueError("no such unit")
    elif poison == "kills":
        os.kill(os.getpid(), signal.SIGKILL)
    elif poison == "sleeps":
        while True:
            with contextlib.suppress(Exception):  # nothing wakes it but the end by force
                time.sleep(60)
    elif poison == "eats":
        eaten = []
        while True:
            eaten.append(bytearray(50_000_000))
