"""R06: two actions meet on two real connections, one held open at its commit while the other begins, and both at once.

Whatever happens, the end is that of the one after the other, in one order or the other.
"""

import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db import connection, connections, transaction

from backorders.models import OrderLine, SalesOrder, Shipment
from backorders.oversight.queries.invariants import check_invariants
from config.lib.errors import DomainError
from customers.models import Customer, CustomerTier
from inventory.models import Receipt, StockLevel
from notifications.models import Message
from tests.reliability.pairs import PAIRS, Action, Scene
from tests.reliability.scratch import act, deadlocks, scratch_database

FIRST_DAY = datetime(2024, 1, 1, 9, tzinfo=UTC)
AT_ONCE = {"S": 1, "M": 20, "L": 50}
SECONDS_HELD = 2  # at most; until the other one waits for a lock, or is done
SECONDS = 30
WAITS_FOR_ME = "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
_trials = count()


def run(size: str) -> dict[str, Any]:
    with scratch_database("r06") as clone:
        report = act("r06", "meet", clone, at_once=AT_ONCE[size])
        return report | {"deadlocks": deadlocks(clone)}


def meet(*, at_once: int) -> dict[str, Any]:
    tier = CustomerTier.objects.earliest("rank")
    customer = Customer.objects.create(code="R06", name="Buyer", email="r06@example.com", tier=tier).pk
    pairs = {pair.__name__: _meetings(pair, customer, at_once) for pair in PAIRS}
    return {"pairs": pairs, "broken": {name: n for name, n in check_invariants().violations.items() if n}}


def _meetings(pair: Any, customer: int, at_once: int) -> dict[str, Any]:
    """Which of the ends are none of the two that one after the other gives."""

    def trial(play: Any) -> dict[str, Any]:
        number = next(_trials)
        scene = Scene(f"{pair.__name__}-{number}"[-50:], FIRST_DAY + timedelta(days=number), customer)
        first, second = pair(scene)
        outcomes = play(first, second)
        return _state(scene) | {"outcomes": outcomes}

    allowed = [trial(_one_after_the_other), trial(lambda a, b: _one_after_the_other(b, a)[::-1])]
    met = {
        "second_while_first_is_open": trial(_while_open),
        "first_while_second_is_open": trial(lambda a, b: _while_open(b, a)[::-1]),
        **{f"at_once_{number}": trial(_at_once) for number in range(at_once)},
    }
    strange = {name: state for name, state in met.items() if state not in allowed}
    return {"meetings": len(met), "strange": strange, "allowed": allowed if strange else []}


def _state(scene: Scene) -> dict[str, Any]:
    orders = SalesOrder.objects.filter(source="r06", external_number__startswith=f"{scene.tag}-")
    pool = StockLevel.objects.get(pk=scene.pool.pk)
    lines = OrderLine.objects.filter(order__in=orders).order_by("order__external_number", "number")
    mails = Message.objects.filter(aggregate__in=[f"order:{order.pk}" for order in orders])
    return {
        "orders": sorted((order.external_number[-1], order.status) for order in orders),
        "lines": list(lines.values_list("ordered", "allocated", "shipped", "cancelled")),
        "pool": [pool.on_hand, pool.reserved],
        "receipts": Receipt.objects.filter(purchase_order__lines__product=scene.product).count(),
        "shipments": sorted(Shipment.objects.filter(order__in=orders).values_list("status", flat=True)),
        "cancelled_mails": Counter(mails.values_list("kind", flat=True))["cancelled"],
    }


def _told(action: Action) -> str:
    try:
        action()
    except DomainError as error:
        return type(error).__name__
    return "done"


def _one_after_the_other(first: Action, second: Action) -> list[str]:
    return [_told(first), _told(second)]


def _while_open(first: Action, second: Action) -> list[str]:
    """The second begins when the first has done everything but commit."""
    written, tried = threading.Event(), threading.Event()

    def hold() -> str:
        try:
            with transaction.atomic():
                first()
                written.set()
                _wait_until_met(tried)
        except DomainError as error:
            return type(error).__name__
        finally:
            written.set()
        return "done"

    def follow() -> str:
        written.wait(SECONDS)
        told = _told(second)
        tried.set()
        return told

    return _in_threads(hold, follow)


def _wait_until_met(tried: threading.Event) -> None:
    deadline = time.monotonic() + SECONDS_HELD
    with connection.cursor() as cursor:
        while not tried.wait(0.01) and time.monotonic() < deadline:
            cursor.execute(WAITS_FOR_ME)
            if cursor.fetchone():
                return


def _at_once(first: Action, second: Action) -> list[str]:
    barrier = threading.Barrier(2)

    def start(action: Action) -> str:
        connections["default"].ensure_connection()
        barrier.wait(SECONDS)
        return _told(action)

    return _in_threads(lambda: start(first), lambda: start(second))


def _in_threads(*jobs: Any) -> list[str]:
    answers = ["not done in time"] * len(jobs)

    def work(number: int) -> None:
        try:
            answers[number] = jobs[number]()
        except Exception as error:  # noqa: BLE001 - the report shows it
            answers[number] = f"{type(error).__name__}: {error}"[:300]
        connections.close_all()

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    return answers
