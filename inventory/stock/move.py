"""Moving stock: every change of `on_hand` is a line of the ledger, written here; the database counts."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from config.lib.numbers import QUANTITY_MAX, STOCK_MAX
from inventory.enums import StockKind
from inventory.errors import ConflictingRepeat, InvalidQuantity, NotEnoughStock, SameWarehouse
from inventory.models import StockEntry, StockLevel
from inventory.models.stock import LARGEST_MOVE
from inventory.products.supply_version import bump_supply_version


@dataclass(frozen=True, slots=True)
class StockMove:
    """`delta` units come to (positive) or leave (negative) a pool; the key names the fact, however often it is told."""

    stock_level_id: int
    delta: int
    kind: StockKind
    idempotency_key: str
    reason: str = ""
    reference: str = ""
    made_at: datetime | None = None  # where moves of several moments are booked together

    def is_told_by(self, entry: StockEntry) -> bool:
        return (self.stock_level_id, self.delta, self.kind) == (entry.stock_level_id, entry.delta, entry.kind)


def pool_of(*, product_id: int, warehouse_id: int) -> StockLevel:
    """The pool of one product in one warehouse; made, empty, when it is asked for the first time."""
    return StockLevel.objects.get_or_create(product_id=product_id, warehouse_id=warehouse_id)[0]


def pools_of(*, product_ids: Collection[int], warehouse_id: int) -> dict[int, int]:
    """The pools of several products in one warehouse, by product; those that are asked for the first time are made."""
    levels = StockLevel.objects.filter(warehouse=warehouse_id, product__in=product_ids)
    pools = dict(levels.values_list("product_id", "pk"))
    if missing := sorted(set(product_ids) - set(pools)):
        new = (StockLevel(product_id=product_id, warehouse_id=warehouse_id) for product_id in missing)
        StockLevel.objects.bulk_create(new, ignore_conflicts=True)
        pools = dict(levels.all().values_list("product_id", "pk"))
    return pools


def lock_pools(*, pools: Collection[tuple[int, int]]) -> None:
    """Lock the pools (product, warehouse) that are there by primary key, for a batch that moves them step by step."""
    products, warehouses = {product_id for product_id, _ in pools}, {warehouse_id for _, warehouse_id in pools}
    levels = StockLevel.objects.filter(product__in=products, warehouse__in=warehouses)
    list(levels.locked().values_list("pk", flat=True))


@transaction.atomic
def move_stock(*, moves: Sequence[StockMove], by: User | None, now: datetime) -> list[StockEntry]:
    """Write the moves into the ledger and return its entries in the order of the moves.

    A move whose key was written before is not written again. Raises ConflictingRepeat when that entry says something
    else, NotEnoughStock when a pool would fall below zero or below what is reserved, InvalidQuantity out of bounds.
    """
    level_ids = {move.stock_level_id for move in moves}
    levels = {
        level.pk: level
        for level in StockLevel.objects.select_related("product", "warehouse").filter(pk__in=level_ids).locked()
    }
    keys = [move.idempotency_key for move in moves]
    entries = {entry.idempotency_key: entry for entry in StockEntry.objects.filter(idempotency_key__in=keys)}
    new: dict[str, StockEntry] = {}
    for move in moves:
        if move.idempotency_key not in entries:
            entries[move.idempotency_key] = new[move.idempotency_key] = _entry(move, by=by, now=now)
        booked = entries[move.idempotency_key]
        if not move.is_told_by(booked):
            raise ConflictingRepeat(
                f"{move.idempotency_key} was booked before as {booked}; it cannot become {move.delta:+d}."
            )
    _check_room(levels, new)
    StockEntry.objects.bulk_create(new.values())
    if new:
        bump_supply_version(product_ids={levels[entry.stock_level_id].product_id for entry in new.values()})
    return [entries[key] for key in keys]


def _entry(move: StockMove, *, by: User | None, now: datetime) -> StockEntry:
    if not 0 < abs(move.delta) <= LARGEST_MOVE:
        raise InvalidQuantity(f"One move is from 1 to {LARGEST_MOVE:,} units, not {move.delta:+,d}.")
    return StockEntry(
        stock_level_id=move.stock_level_id,
        delta=move.delta,
        kind=move.kind,
        reason=move.reason,
        reference=move.reference,
        idempotency_key=move.idempotency_key,
        made_by=by,
        made_at=move.made_at or now,
    )


def _check_room(levels: Mapping[int, StockLevel], new: Mapping[str, StockEntry]) -> None:
    """The ledger moves a pool by the sum of the statement, so that is what has to fit."""
    sums: Counter[int] = Counter()
    for entry in new.values():
        sums[entry.stock_level_id] += entry.delta
    for level_id, delta in sums.items():
        level = levels[level_id]
        if delta < 0 and level.available + delta < 0:
            raise NotEnoughStock(
                f"{-delta:,} × {level.product.sku} were asked for in {level.warehouse.code}, but only "
                f"{level.available:,} of {level.on_hand:,} on hand are free: {-delta - level.available:,} are missing."
            )
        if level.on_hand + delta > STOCK_MAX:
            raise InvalidQuantity(f"{level.product.sku} in {level.warehouse.code} cannot hold more than {STOCK_MAX:,}.")


@transaction.atomic
def transfer_stock(
    *,
    product_id: int,
    from_warehouse_id: int,
    to_warehouse_id: int,
    quantity: int,
    reason: str,
    key: str,
    by: User | None,
    now: datetime,
) -> list[StockEntry]:
    """Move free units to another warehouse: one entry out, one in. The same key again changes nothing.

    Raises NotEnoughStock when fewer units are free there, SameWarehouse, InvalidQuantity, ConflictingRepeat.
    """
    if from_warehouse_id == to_warehouse_id:
        raise SameWarehouse("Choose two different warehouses: the goods are already there.")
    if not 1 <= quantity <= QUANTITY_MAX:
        raise InvalidQuantity(f"Transfer from 1 to {QUANTITY_MAX:,} units, not {quantity:,}.")
    source = pool_of(product_id=product_id, warehouse_id=from_warehouse_id)
    target = pool_of(product_id=product_id, warehouse_id=to_warehouse_id)
    way = f"{source.warehouse.code} → {target.warehouse.code}"
    out = StockMove(source.pk, -quantity, StockKind.TRANSFER, f"transfer:{key}:out", reason=reason, reference=way)
    into = StockMove(target.pk, quantity, StockKind.TRANSFER, f"transfer:{key}:in", reason=reason, reference=way)
    return move_stock(moves=[out, into], by=by, now=now)
