"""How many orders of five lines a second eight clients place, each a process with a connection of its own."""

import random
import statistics
import time
from functools import partial
from typing import Any

from django.utils import timezone

from backorders.orders.intake import NewLine, NewOrder, place_order
from customers.models import Customer, CustomerTier
from inventory.enums import StockKind
from inventory.models import Product, Warehouse
from inventory.stock.move import StockMove, move_stock, pool_of
from tests.reliability.forks import together

ORDERS = {"S": 50, "M": 200, "L": 500}  # of each client
CLIENTS, LINES, PRODUCTS, CUSTOMERS = 8, 5, 500, 100
GOAL_PER_SECOND = 100


def run(size: str) -> dict[str, Any]:
    """Needs a migrated database; leaves its orders there. Half of the products have stock, the others are awaited."""
    products, customers = _catalogue()
    began = time.perf_counter()
    busy = time.process_time()
    answers = together(
        [partial(_client, number, ORDERS[size], products, customers) for number in range(CLIENTS)], seconds=600
    )
    seconds = time.perf_counter() - began
    if failed := [answer for answer in answers if not isinstance(answer, dict)]:
        raise AssertionError(f"A client failed: {failed[0]}")
    took = [each for answer in answers for each in answer["seconds"]]
    return {
        "clients": CLIENTS,
        "orders": len(took),
        "seconds": round(seconds, 2),
        "orders_per_second": round(len(took) / seconds, 1),
        "milliseconds": {
            "p50": round(statistics.median(took) * 1000, 1),
            "p95": round(statistics.quantiles(took, n=20)[-1] * 1000, 1),
        },
        "processor_milliseconds_of_an_order": round(
            (sum(answer["busy"] for answer in answers) + time.process_time() - busy) / len(took) * 1000, 2
        ),
        "goal_per_second": GOAL_PER_SECOND,
    }


def _catalogue() -> tuple[list[int], list[int]]:
    now = timezone.now()
    mark = f"{now:%H%M%S%f}"
    products = Product.objects.bulk_create(
        Product(sku=f"B-{mark}-{number}", name=f"Product {number}", price=9) for number in range(PRODUCTS)
    )
    tiers = list(CustomerTier.objects.order_by("rank"))
    customers = Customer.objects.bulk_create(
        Customer(
            code=f"B-{mark}-{number}",
            name=f"Customer {number}",
            email=f"buyer{number}@customer.example",
            tier=tiers[number % len(tiers)],
        )
        for number in range(CUSTOMERS)
    )
    warehouse = Warehouse.objects.order_by("preference", "pk")[0]
    pools = [pool_of(product_id=product.pk, warehouse_id=warehouse.pk) for product in products[::2]]
    moves = [StockMove(pool.pk, 100_000, StockKind.COUNT, f"bench:{mark}:{pool.pk}", "opening") for pool in pools]
    move_stock(moves=moves, by=None, now=now)
    return [product.pk for product in products], [customer.pk for customer in customers]


def _client(number: int, orders: int, products: list[int], customers: list[int]) -> dict[str, Any]:
    chance, busy, took = random.Random(number), time.process_time(), []
    mark = time.time_ns()
    for place in range(orders):
        order = NewOrder(
            source="bench",
            external_number=f"{mark}-{number}-{place}",
            customer_id=chance.choice(customers),
            lines=tuple(NewLine(product_id=pk, quantity=chance.randint(1, 5)) for pk in chance.sample(products, LINES)),
            placed_at=timezone.now(),
        )
        began = time.perf_counter()
        place_order(order=order, by=None, now=timezone.now())
        took.append(time.perf_counter() - began)
    return {"seconds": took, "busy": time.process_time() - busy}
