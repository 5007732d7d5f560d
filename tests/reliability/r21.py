"""R21 and S24: fifty at once place the same order, sixty-four at once want the last ten backorders."""

import threading
from collections import Counter
from functools import partial
from typing import Any

from django.db import OperationalError, connections
from django.utils import timezone

from backorders.errors import BackorderRefused, ConflictingOrder
from backorders.models import OrderLine, SalesOrder
from backorders.orders.intake import NewLine, NewOrder, place_order, place_orders
from backorders.oversight.queries.invariants import check_invariants
from inventory.models import Product
from tests.reliability.forks import together
from tests.reliability.scratch import act, deadlocks, scratch_database
from tests.reliability.world import World, build

# callers of the same order, callers at the limit, processes
SIZES = {"S": (50, 64, 2), "M": (200, 256, 4), "L": (500, 640, 4)}
LIMIT = 10
TRIES = 20
LOCK_NOT_AVAILABLE = "55P03"
SECONDS = 120


def run(size: str) -> dict[str, Any]:
    callers, wanting, processes = SIZES[size]
    with scratch_database("r21") as clone:
        report = act("r21", "race", clone, callers=callers, wanting=wanting, processes=processes)
        return report | {"deadlocks": deadlocks(clone)}


def race(*, callers: int, wanting: int, processes: int) -> dict[str, Any]:
    world = build(products=4, stock=3)
    bare = Product.objects.create(sku="BARE", name="Never in stock", backorder_limit=LIMIT)
    stocked = Product.objects.get(pk=world.products[1])
    Product.objects.filter(pk=stocked.pk).update(backorder_limit=LIMIT)
    empty = Product.objects.get(pk=world.products[2])
    Product.objects.filter(pk=empty.pk).update(backorder_limit=LIMIT)
    return {
        "same": at_once(partial(_same, world), callers, processes),
        "same_orders": SalesOrder.objects.filter(external_number__iexact="same").count(),
        "limit_with_stock": at_once(partial(_one_unit, world, stocked.pk), wanting + 3, processes),
        "limit_without_pool": at_once(partial(_one_unit, world, bare.pk), wanting, processes),
        "limit_in_batches": at_once(partial(_batch, world, empty.pk), wanting // 4, processes),
        "waiting": {
            "with_stock": _waiting(stocked.pk),
            "without_pool": _waiting(bare.pk),
            "in_batches": _waiting(empty.pk),
        },
        "broken": {name: count for name, count in check_invariants().violations.items() if count},
    }


def _waiting(product_id: int) -> int:
    return sum(line.missing for line in OrderLine.objects.waiting().filter(product_id=product_id))


def at_once(call: Any, callers: int, processes: int) -> dict[str, int]:
    """So many callers, a thread and a connection each, that start together in each process."""
    share, rest = divmod(callers, processes)
    sizes = [share + (number < rest) for number in range(processes)]
    jobs = [
        partial(_threads, call, range(sum(sizes[:number]), sum(sizes[: number + 1]))) for number in range(processes)
    ]
    answers: Counter[str] = Counter()
    for told in together(jobs, seconds=SECONDS):
        answers.update(told if isinstance(told, list) else [str(told)])
    return dict(answers)


def _threads(call: Any, numbers: range) -> list[str]:
    answers: list[str] = []
    barrier = threading.Barrier(len(numbers))

    def work(number: int) -> None:
        connections["default"].ensure_connection()
        barrier.wait(SECONDS)
        try:
            answers.append(_patiently(call, number))
        except (BackorderRefused, ConflictingOrder) as error:
            answers.append(type(error).__name__)
        except Exception as error:  # noqa: BLE001 - counted by name
            answers.append(f"{type(error).__name__}: {error}"[:200])
        connections.close_all()

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    return answers


def _patiently(call: Any, number: int) -> str:
    """Told that the desk is busy (503), a client asks again."""
    for _ in range(TRIES):
        try:
            return call(number)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                raise
            connections.close_all()
    return "busy"


def _order(world: World, number: str, product_id: int, units: int) -> NewOrder:
    line = NewLine(product_id=product_id, quantity=units)
    customer = world.customers[0]
    return NewOrder(
        source="load", external_number=number, customer_id=customer, lines=(line,), placed_at=timezone.now()
    )


def _same(world: World, number: int) -> str:
    """The same number in two spellings; every tenth asks for something else under it."""
    other = number % 10 == 9
    order = _order(world, "Same" if number % 2 else "SAME", world.products[0], 3 if other else 2)
    return f"order {place_order(order=order, by=None, now=timezone.now()).number}"


def _one_unit(world: World, product_id: int, number: int) -> str:
    place_order(order=_order(world, f"{product_id}-{number}", product_id, 1), by=None, now=timezone.now())
    return "taken"


def _batch(world: World, product_id: int, number: int) -> str:
    """Four orders in one transaction, as an import takes them."""
    orders = [_order(world, f"B-{number}-{place}", product_id, 1) for place in range(4)]
    outcomes = place_orders(orders=orders, by=None, now=timezone.now())
    return f"{sum(bool(outcome.added) for outcome in outcomes)} of a batch"
