"""From the receipt of one product to the allocations of those who wait for it: 1,000 lines in the queue.

Each delivery brings a tenth of what is missing, until everybody is served. Measured is the whole click (booking, run,
dates, emails), and of it the time from the commit of the receipt to the end of its run.
"""

import statistics
import time
from typing import Any
from unittest.mock import patch

from django.db.models import F, Sum
from django.utils import timezone

from backorders.fulfilment import receive as receiving
from backorders.models import OrderLine
from backorders.orders.intake import NewLine, NewOrder, place_orders
from customers.models import Customer, CustomerTier
from inventory.models import Product, PurchaseOrder, Supplier, Warehouse
from inventory.purchasing.order import NewPurchaseLine, create_purchase_order
from inventory.suppliers.send import send_purchase_order

WAITING = 1_000
DELIVERIES = 10
GOAL_SECONDS = 1.0


def run(size: str) -> dict[str, Any]:
    """Needs a migrated database; leaves its orders there."""
    now = timezone.now()
    product = Product.objects.create(sku=f"BENCH-{now:%H%M%S%f}", name="Awaited", price=9)
    _wait_for(product)
    seconds, after_commit = [], []
    for number in range(DELIVERIES):
        missing = _missing(product)
        order = _delivery(product, max(1, -(-missing // (DELIVERIES - number))))
        booked: list[float] = []

        def book(*args: Any, _booked: list[float] = booked, _book: Any = receiving.receive_purchase_order, **kw: Any):
            receipt = _book(*args, **kw)
            _booked.append(time.perf_counter())
            return receipt

        began = time.perf_counter()
        with patch.object(receiving, "receive_purchase_order", book):
            receiving.receive_goods(
                purchase_order_id=order.pk,
                reference=f"DN-{number}",
                quantities=dict(order.lines.values_list("pk", "ordered")),
                by=None,
                now=timezone.now(),
            )
        ended = time.perf_counter()
        seconds.append(ended - began)
        after_commit.append(ended - booked[0])
    if left := _missing(product):
        raise AssertionError(f"{left} units are still missing.")
    return {
        "waiting_lines": WAITING,
        "n": DELIVERIES,
        "seconds": _spread(seconds),
        "seconds_from_the_commit": _spread(after_commit),
        "goal_seconds": GOAL_SECONDS,
    }


def _wait_for(product: Product) -> None:
    tiers = list(CustomerTier.objects.order_by("rank"))
    customers = Customer.objects.bulk_create(
        Customer(
            code=f"{product.sku}-{number}",
            name=f"Customer {number}",
            email=f"buyer{number}@customer.example",
            tier=tiers[number % len(tiers)],
        )
        for number in range(50)
    )
    orders = [
        NewOrder(
            source="bench",
            external_number=f"{product.sku}-{number}",
            customer_id=customers[number % len(customers)].pk,
            lines=(NewLine(product_id=product.pk, quantity=1 + number % 5),),
            placed_at=timezone.now(),
        )
        for number in range(WAITING)
    ]
    place_orders(orders=orders, by=None, now=timezone.now(), acknowledge=False)


def _delivery(product: Product, units: int) -> PurchaseOrder:
    supplier = Supplier.objects.get_or_create(code="BENCH", defaults={"name": "Bench supplier"})[0]
    now = timezone.now()
    order = create_purchase_order(
        supplier_id=supplier.pk,
        warehouse_id=Warehouse.objects.order_by("preference", "pk")[0].pk,
        lines=[NewPurchaseLine(product_id=product.pk, quantity=units)],
        by=None,
        now=now,
    )
    send_purchase_order(purchase_order_id=order.pk, by=None, now=now)
    return order


def _missing(product: Product) -> int:
    lines = OrderLine.objects.waiting().filter(product=product)
    open_units = F("ordered") - F("shipped") - F("cancelled") - F("allocated")
    return lines.aggregate(units=Sum(open_units, default=0))["units"]


def _spread(values: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 2),
        "least": round(min(values), 2),
        "most": round(max(values), 2),
    }
