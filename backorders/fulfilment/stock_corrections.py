"""Putting the books right: counts, adjustments, returns. The database lets nobody hold what is not there, so
allocations give way first, from the end of the queue."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from backorders.enums import EventKind, PromiseCause, RunKind
from backorders.errors import NothingToReturn, StockSpokenFor
from backorders.fulfilment.shortages import block_pool
from backorders.letters.letters import tell_customers
from backorders.letters.timeline import Event, record_events
from backorders.models import Allocation, OrderLine
from backorders.promising.promise_dates import record_promises
from backorders.promising.queue_dates import DateMove, date_moves, promised_dates
from backorders.queue import holdings
from backorders.queue.compiled_policy import CompiledPolicy, default_policy
from backorders.queue.queues import HeldElsewhere, PoolKey, QueueLine, pool_key, ranked, read_queues
from backorders.runs.allocate_stock import allocate_afterwards
from backorders.runs.write_shard import open_backorders
from config.lib.numbers import STOCK_MAX
from inventory.enums import StockKind
from inventory.errors import InvalidQuantity, ReasonMissing
from inventory.models import StockEntry, StockLevel
from inventory.stock.move import StockMove, move_stock, pool_of
from notifications.payloads import BackorderOpened

Queues = Mapping[PoolKey, Sequence[QueueLine]]


def count_stock(
    *, product_id: int, warehouse_id: int, counted: int, reason: str, key: str, by: User | None, now: datetime
) -> StockLevel:
    """Set a pool to what was counted, then run its queue. The same key again changes nothing.

    Where fewer units are there than lines hold, the last of the queue lose theirs and are told. Raises StockSpokenFor
    when pick lists or pins hold more than was counted, ReasonMissing, InvalidQuantity.
    """
    if not 0 <= counted <= STOCK_MAX:
        raise InvalidQuantity(f"Count from 0 to {STOCK_MAX:,} units.")
    level = pool_of(product_id=product_id, warehouse_id=warehouse_id)
    return _correct(level, kind=StockKind.COUNT, counted=counted, delta=0, reason=reason, key=key, by=by, now=now)


def adjust_stock(
    *, product_id: int, warehouse_id: int, delta: int, reason: str, key: str, by: User | None, now: datetime
) -> StockLevel:
    """Add or take away units for a stated reason (damage, found goods), then run the queue; else as `count_stock`."""
    level = pool_of(product_id=product_id, warehouse_id=warehouse_id)
    return _correct(level, kind=StockKind.ADJUSTMENT, counted=None, delta=delta, reason=reason, key=key, by=by, now=now)


def return_goods(*, line_id: int, quantity: int, reason: str, key: str, by: User | None, now: datetime) -> OrderLine:
    """A customer sends shipped units back: they are on hand again, and the queue is run. The line stays as shipped.

    Raises NothingToReturn when more comes back than was shipped, ReasonMissing.
    """
    _demand_reason(reason)
    with transaction.atomic():
        line = OrderLine.objects.select_related("order", "product").locked().get(pk=line_id)
        pool = pool_of(product_id=line.product_id, warehouse_id=line.warehouse_id)
        reference = f"return:{line.pk}"
        known = StockEntry.objects.filter(idempotency_key=f"{reference}:{key}").exists()
        back = sum(StockEntry.objects.filter(stock_level=pool, reference=reference).values_list("delta", flat=True))
        returnable = line.shipped - line.opening_shipped - back
        if not known and not 1 <= quantity <= returnable:
            raise NothingToReturn(f"{line}: {returnable} shipped units can come back, not {quantity}.")
        move = StockMove(pool.pk, quantity, StockKind.RETURN, f"{reference}:{key}", reason=reason, reference=reference)
        move_stock(moves=[move], by=by, now=now)
        if not known:
            record_events([Event(line.pk, EventKind.RETURNED, quantity, note=reason)], now=now, by=by)
    _run_queue(line.product_id, cause=f"{line} was returned", by=by, now=now)
    return line


def _correct(
    level: StockLevel,
    *,
    kind: StockKind,
    counted: int | None,
    delta: int,
    reason: str,
    key: str,
    by: User | None,
    now: datetime,
) -> StockLevel:
    _demand_reason(reason)
    key = f"{kind.value}:{key}"
    with transaction.atomic():
        policy = default_policy()
        queues = read_queues([level.product_id], reads=policy.reads, lock=True)
        level = StockLevel.objects.select_related("product", "warehouse").locked().get(pk=level.pk)
        if StockEntry.objects.filter(idempotency_key=key).exists():
            return level
        change = delta if counted is None else counted - level.on_hand
        if not change:
            return level
        lost = _make_room(level, queues, policy, level.on_hand + change, reason, key, now)
        move_stock(moves=[StockMove(level.pk, change, kind, key, reason=reason)], by=by, now=now)
        if lost:
            block_pool(level=level, lost=lost, reason=reason, by=by, now=now)
    _run_queue(level.product_id, cause=f"{kind.label} of {level}", by=by, now=now)
    level.refresh_from_db()
    return level


def _make_room(
    level: StockLevel, queues: Queues, policy: CompiledPolicy, on_hand: int, reason: str, key: str, now: datetime
) -> dict[int, int]:
    """Release soft allocations of the lines at the end of the queue until all that is held fits `on_hand`; before them
    those of lines of other warehouses, which hold what its own lines left.

    Returns the units that each of them lost.
    """
    if on_hand < 0:
        raise InvalidQuantity(f"{level} holds {level.on_hand} units: no more can be taken away.")
    excess = level.reserved - on_hand
    if excess <= 0:
        return {}
    holders = _holders(level, queues, policy, now=now)
    soft = sum(holding.units for _, holding in holders)
    if excess > soft:
        raise StockSpokenFor(
            f"{level.reserved - soft} × {level} are on pick lists or pinned, and only {on_hand} would be left. "
            "Release them first."
        )
    lost: dict[int, int] = {}
    for line, holding in holders:
        take = min(holding.units, excess - sum(lost.values()))
        if take:
            holdings.let_go(list(Allocation.objects.filter(pk=holding.allocation_id)), take, now)
            lost[line.id] = take
    open_backorders([line for line, _ in holders if line.id in lost], now=now)
    moves = _dates_without(lost, queues, policy, gone={pool_of_level(level): level.on_hand - on_hand}, now=now)
    dates = promised_dates(moves)
    keys = tell_customers(BackorderOpened, news=lost, dates=dates, fact=key, cause=f"Correction: {reason}", now=now)
    record_promises(moves, cause=PromiseCause.SUPPLY, keys=keys, now=now)
    events = [
        Event(pk, EventKind.TAKEN_BACK, units, note=reason, message_key=keys.get(pk, "")) for pk, units in lost.items()
    ]
    record_events(events, now=now)
    return lost


def _holders(
    level: StockLevel, queues: Queues, policy: CompiledPolicy, *, now: datetime
) -> list[tuple[QueueLine, HeldElsewhere]]:
    """Who holds units of the pool softly, in the order in which they would lose them."""
    lines = ranked([line for queue in queues.values() for line in queue], policy, now=now)[::-1]
    guests = [(line, holding) for line in lines for holding in line.elsewhere if holding.stock_level_id == level.pk]
    own = [line for line in lines if pool_key(line) == pool_of_level(level) and line.soft_id]
    return guests + [(line, HeldElsewhere(level.warehouse_id, line.soft, level.pk, line.soft_id or 0)) for line in own]


def _dates_without(
    lost: Mapping[int, int], queues: Queues, policy: CompiledPolicy, *, gone: Mapping[PoolKey, int], now: datetime
) -> list[DateMove]:
    """When the losers get their units after all; what is `gone` counts as free until the ledger says otherwise."""
    after = {
        pool: [line._replace(allocated=line.allocated - lost.get(line.id, 0)) for line in queue]
        for pool, queue in queues.items()
        if any(line.id in lost for line in queue)
    }
    return [move for move in date_moves(after, policy, now=now, taken=gone) if move.line.id in lost]


def pool_of_level(level: StockLevel) -> PoolKey:
    return level.product_id, level.warehouse_id


def _demand_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing("Enter a reason for the stock correction.")


def _run_queue(product_id: int, *, cause: str, by: User | None, now: datetime) -> None:
    allocate_afterwards(kind=RunKind.FREED, product_ids=[product_id], cause=cause, by=by, now=now)
