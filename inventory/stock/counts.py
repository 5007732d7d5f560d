"""Counted stock, many pools at once: the ledger gets the difference to what it says."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from config.lib.outcomes import IMPORTED, UNCHANGED, UPDATED, Outcome, rejected
from config.lib.upserts import by_code
from inventory.enums import StockKind
from inventory.models import Product, StockEntry, StockLevel, Warehouse
from inventory.stock.move import StockMove, move_stock

PoolKey = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCount:
    """`counted` units were found. `counted_at` leaves out what moved since; a `reference` makes the count come once."""

    warehouse: str
    sku: str
    counted: int
    counted_at: datetime | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortCount:
    """Less was found than allocations hold: somebody must lose units before the count can be booked."""

    product_id: int
    warehouse_id: int
    counted: int
    reason: str
    key: str


@dataclass
class BookedCounts:
    """What became of each count, by its position, and which products moved. The short counts are left to whoever may
    release allocations."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    products: set[int] = field(default_factory=set)
    short: dict[int, ShortCount] = field(default_factory=dict)


@transaction.atomic
def book_counts(*, counts: Sequence[StockCount], source: str, by: User | None, now: datetime) -> BookedCounts:
    """Book what differs from the ledger. A count that came before, by its reference or time, changes nothing."""
    booked = BookedCounts()
    pools = _pools(counts, booked)
    fresh = _make_pools(set(pools.values()))
    levels = _locked_levels(set(pools.values()))
    keys = {position: _key(counts[position], pool, position, source, now) for position, pool in pools.items()}
    entries = StockEntry.objects.filter(idempotency_key__in=[f"count:{key}" for key in keys.values()])
    known = {key.removeprefix("count:") for key in entries.values_list("idempotency_key", flat=True)}
    later = _moved_later(levels.values(), [counts[position] for position in pools])
    on_hand = {pool: level.on_hand for pool, level in levels.items()}
    moves = []
    for position, pool in pools.items():
        count, level, key = counts[position], levels[pool], keys[position]
        here_now = count.counted + sum(
            delta for moved_at, delta in later.get(level.pk, ()) if count.counted_at and moved_at > count.counted_at
        )
        booked.outcomes[position] = IMPORTED if pool in fresh else UNCHANGED
        fresh.discard(pool)
        if key in known or here_now == on_hand[pool]:
            continue
        if here_now < level.reserved:
            booked.short[position] = ShortCount(
                product_id=pool[0], warehouse_id=pool[1], counted=max(0, here_now), reason=_reason(count), key=key
            )
            continue
        delta = here_now - on_hand[pool]
        moves.append(
            StockMove(
                level.pk, delta, StockKind.COUNT, f"count:{key}", reason=_reason(count), reference=count.reference
            )
        )
        on_hand[pool] = here_now
        booked.products.add(pool[0])
        if booked.outcomes[position] == UNCHANGED:
            booked.outcomes[position] = UPDATED
    move_stock(moves=moves, by=by, now=now)
    return booked


def _pools(counts: Sequence[StockCount], booked: BookedCounts) -> dict[int, PoolKey]:
    warehouses = by_code(Warehouse.objects.all(), "code", (count.warehouse for count in counts))
    products = by_code(Product.objects.all(), "sku", (count.sku for count in counts))
    pools = {}
    for position, count in enumerate(counts):
        warehouse, product = warehouses.get(count.warehouse.lower()), products.get(count.sku.lower())
        if warehouse is None:
            booked.outcomes[position] = rejected(f"The warehouse {count.warehouse} is not known.")
        elif product is None:
            booked.outcomes[position] = rejected(f"The SKU {count.sku} is not known.")
        else:
            pools[position] = (product.pk, warehouse.pk)
    return pools


def _key(count: StockCount, pool: PoolKey, position: int, source: str, now: datetime) -> str:
    counted_at = count.counted_at.isoformat() if count.counted_at else ""
    fact = (count.reference.lower(), counted_at) if count.reference or counted_at else (now.isoformat(), str(position))
    content = "\n".join((source, str(pool), str(count.counted), *fact))
    return hashlib.sha256(content.encode()).hexdigest()[:40]


def _reason(count: StockCount) -> str:
    return f"Counted {count.counted:,}" + (f" on {count.counted_at:%Y-%m-%d %H:%M}" if count.counted_at else "")


def _make_pools(pools: set[PoolKey]) -> set[PoolKey]:
    """Make the pools that are not there yet, and say which."""
    fresh = pools - set(_ids_of(pools))
    rows = [StockLevel(product_id=product_id, warehouse_id=warehouse_id) for product_id, warehouse_id in sorted(fresh)]
    StockLevel.objects.bulk_create(rows, ignore_conflicts=True)
    return fresh


def _ids_of(pools: set[PoolKey]) -> dict[PoolKey, int]:
    levels = StockLevel.objects.filter(product__in={product_id for product_id, _ in pools})
    rows = levels.values_list("product_id", "warehouse_id", "pk")
    return {
        (product_id, warehouse_id): pk for product_id, warehouse_id, pk in rows if (product_id, warehouse_id) in pools
    }


def _locked_levels(pools: set[PoolKey]) -> dict[PoolKey, StockLevel]:
    levels = StockLevel.objects.filter(pk__in=_ids_of(pools).values()).locked()
    return {(level.product_id, level.warehouse_id): level for level in levels}


def _moved_later(levels: Iterable[StockLevel], counts: Iterable[StockCount]) -> dict[int, list[tuple[datetime, int]]]:
    """What came and went after the earliest count, by pool. Counts are left out: they move no goods."""
    times = [count.counted_at for count in counts if count.counted_at]
    moved: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    if times:
        entries = StockEntry.objects.filter(stock_level__in=list(levels), made_at__gt=min(times))
        for level_id, made_at, delta in entries.exclude(kind=StockKind.COUNT).values_list(
            "stock_level_id", "made_at", "delta"
        ):
            moved[level_id].append((made_at, delta))
    return moved
