"""The work of the allocation benchmark: open lines with Zipf-distributed demand, stock for some 60 % of the units, five
tiers, a tenth of the lines ship complete, allocations on a third. The same seed gives the same rows."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np
from django.db import connection

from backorders.enums import AllocationKind, AllocationState, BackorderReason, PromiseSource
from backorders.models import Allocation, OrderLine, SalesOrder
from config.lib.bulk import copy_rows, next_ids
from customers.models import Customer, CustomerTier
from inventory.enums import BackorderPolicy, StockKind
from inventory.models import Product, StockEntry, StockLevel, Supplier, SupplierProduct, Warehouse

CUSTOMERS = 1_000
LINES_PER_ORDER = 3
STOCK_SHARE = 0.6
SEED = 7
ORDERS_PER_STATEMENT = 10_000  # their history is written row by row; a statement of a million would never end


def load(*, lines: int, products: int, warehouses: int, now: datetime) -> None:
    """Fill an empty database with `lines` open lines."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # a million rows are one statement here
    random = np.random.default_rng(SEED)
    product_ids, warehouse_ids = _products(products), _warehouses(warehouses)
    customer_ids = _customers()
    order_ids = _orders(-(-lines // LINES_PER_ORDER), customer_ids, now)

    # The inverse of Zipf's distribution function with exponent 1: rank = M ^ u.
    ranks = (products ** random.random(lines)).astype(int).clip(1, products) - 1
    pools = list(zip(np.array(product_ids)[ranks], random.choice(warehouse_ids, lines), strict=True))
    quantities = random.integers(1, 21, lines).tolist()
    ages = random.integers(0, 120 * 24 * 60, lines).tolist()
    line_ids = next_ids(OrderLine, lines)
    copy_rows(OrderLine, _LINE_COLUMNS, _lines(line_ids, order_ids, pools, quantities, ages, now))

    demand: dict[tuple[int, int], int] = defaultdict(int)
    for pool, quantity in zip(pools, quantities, strict=True):
        demand[pool] += quantity
    levels = _stock(demand, random, now)
    copy_rows(Allocation, _ALLOCATION_COLUMNS, _allocations(line_ids, pools, quantities, levels, random, now))


def _products(count: int) -> list[int]:
    ids = next_ids(Product, count)
    supplier = Supplier.objects.create(code="BENCH", name="Bench supplier")
    copy_rows(
        Product,
        [
            *("id", "sku", "name", "unit", "price", "cost", "currency", "pack_size", "backorder_policy"),
            *("backorder_limit", "active", "supply_version"),
        ],
        (
            (pk, f"B-{pk}", f"Product {pk}", "pcs", 9, 5, "EUR", 1, BackorderPolicy.NOTIFY.value, 0, True, 0)
            for pk in ids
        ),
    )
    copy_rows(
        SupplierProduct,
        ["supplier", "product", "lead_time_days", "minimum_quantity", "pack_size", "cost", "currency", "rank"],
        ((supplier.pk, pk, 14, 1, 1, 5, "EUR", 1) for pk in ids),
    )
    return ids


def _warehouses(count: int) -> list[int]:
    for number in range(Warehouse.objects.count(), count):
        Warehouse.objects.create(code=f"W{number}", name=f"Warehouse {number}", preference=10 + number)
    return list(Warehouse.objects.order_by("pk").values_list("pk", flat=True)[:count])


def _customers() -> list[int]:
    ids = next_ids(Customer, CUSTOMERS)
    tiers = list(CustomerTier.objects.order_by("rank").values_list("pk", flat=True))
    copy_rows(
        Customer,
        [
            *("id", "code", "name", "email", "tier", "language", "time_zone", "country", "ship_complete"),
            *("jurisdiction", "active"),
        ],
        ((pk, f"B{pk}", f"Customer {pk}", "", tiers[pk % 5], "en", "UTC", "", False, "", True) for pk in ids),
    )
    return ids


def _orders(count: int, customer_ids: list[int], now: datetime) -> list[int]:
    ids = next_ids(SalesOrder, count)
    columns = [
        *("id", "number", "customer", "source", "external_number", "content_hash", "customer_reference"),
        *("channel", "currency", "ship_complete", "status", "version", "placed_at"),
    ]
    for start in range(0, count, ORDERS_PER_STATEMENT):
        copy_rows(SalesOrder, columns, (_order(pk, customer_ids, now) for pk in ids[start:][:ORDERS_PER_STATEMENT]))
    return ids


def _order(pk: int, customer_ids: list[int], now: datetime) -> tuple[object, ...]:
    customer_id, complete = customer_ids[pk % CUSTOMERS], pk % 10 == 0
    return (pk, f"B-{pk}", customer_id, "bench", str(pk), "", "", "bench", "EUR", complete, "open", 0, now)


_LINE_COLUMNS = [
    *("id", "order", "number", "external_line", "product", "warehouse", "ordered", "allocated", "shipped", "cancelled"),
    *("opening_shipped", "unit_price", "placed_at", "first_filled", "backordered_at", "reason", "manual_boost"),
    *("times_slipped", "promised_on", "promise_source"),
]
_ALLOCATION_COLUMNS = ["line", "product", "stock_level", "quantity", "kind", "state", "made_at"]


def _lines(
    line_ids: list[int],
    order_ids: list[int],
    pools: list[tuple[int, int]],
    quantities: list[int],
    ages: list[int],
    now: datetime,
) -> Iterator[tuple[object, ...]]:
    for place, (pk, (product_id, warehouse_id), quantity, age) in enumerate(
        zip(line_ids, pools, quantities, ages, strict=True)
    ):
        order_id, number = order_ids[place // LINES_PER_ORDER], place % LINES_PER_ORDER + 1
        placed_at = now - timedelta(minutes=age)
        yield (
            *(
                pk,
                order_id,
                number,
                str(number),
                int(product_id),
                int(warehouse_id),
                quantity,
                0,
                0,
                0,
                0,
                9,
                placed_at,
            ),
            *(0, placed_at, BackorderReason.UNKNOWN.value, 0, 0, date(2030, 1, 1), PromiseSource.LEAD_TIME.value),
        )


def _stock(
    demand: dict[tuple[int, int], int], random: np.random.Generator, now: datetime
) -> dict[tuple[int, int], list[int]]:
    """Pools with their stock: id and units left to allocate."""
    ids = next_ids(StockLevel, len(demand))
    copy_rows(
        StockLevel,
        ["id", "product", "warehouse", "on_hand", "reserved"],
        ((pk, int(pool[0]), int(pool[1]), 0, 0) for pk, pool in zip(ids, demand, strict=True)),
    )
    shares = random.uniform(0.2, 2 * STOCK_SHARE - 0.2, len(demand))
    units = [round(share * demanded) for share, demanded in zip(shares, demand.values(), strict=True)]
    copy_rows(
        StockEntry,
        ["stock_level", "delta", "kind", "reason", "reference", "idempotency_key", "made_at"],
        (
            (pk, count, StockKind.COUNT.value, "opening", "", f"bench:{pk}", now)
            for pk, count in zip(ids, units, strict=True)
            if count
        ),
    )
    return {pool: [pk, count] for pool, pk, count in zip(demand, ids, units, strict=True)}


def _allocations(
    line_ids: list[int],
    pools: list[tuple[int, int]],
    quantities: list[int],
    levels: dict[tuple[int, int], list[int]],
    random: np.random.Generator,
    now: datetime,
) -> Iterator[tuple[object, ...]]:
    chosen = random.random(len(line_ids)) < 1 / 3
    for pk, pool, quantity, has_some in zip(line_ids, pools, quantities, chosen.tolist(), strict=True):
        level = levels[pool]
        allocated = min(quantity, level[1]) if has_some else 0
        if allocated:
            level[1] -= allocated
            kind, state = AllocationKind.SOFT.value, AllocationState.ACTIVE.value
            yield pk, int(pool[0]), level[0], allocated, kind, state, now
