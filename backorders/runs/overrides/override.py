"""Deciding against the order of the queue: pin, hold, set, move. Each has a reason, can be looked at before it is done,
is respected by every run from then on, and can be undone."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from backorders.enums import AllocationKind, EventKind, OverrideKind, PromiseCause, RunKind
from backorders.errors import CannotOverride
from backorders.letters.letters import tell_customers
from backorders.letters.timeline import Event, record_events
from backorders.models import Allocation, LineOverride, OrderLine
from backorders.promising.promise_dates import record_promises, tell_new_dates
from backorders.promising.queue_dates import date_moves, promised_dates
from backorders.queue import holdings
from backorders.queue.compiled_policy import default_policy
from backorders.queue.queues import QueueLine, mark_queues_changed, read_queues
from backorders.runs.allocate_stock import allocate_afterwards
from backorders.runs.overrides.outcomes import OverrideOutcome, Pool, Wish, outcome_of, undone_outcome_of
from backorders.runs.write_shard import open_backorders
from inventory.errors import ReasonMissing
from inventory.models import StockLevel
from inventory.stock.move import pool_of
from notifications.payloads import BackorderOpened, GoodsAllocated

KINDS = (AllocationKind.SOFT, AllocationKind.PINNED)  # in the order of a Holding


def override_line(*, wish: Wish, by: User | None, now: datetime) -> LineOverride:
    """Do what the person wants and tell who gains and loses; then run the queue where units became free.

    Raises ReasonMissing, and CannotOverride with what stands in the way.
    """
    demand_reason(wish.reason)
    with transaction.atomic():
        pool = read_pool(wish.line_id, lock=True)
        outcome = outcome_of(wish, pool, today=timezone.localdate(now))
        _end_what_is_over(wish.line_id, now=now)
        override = LineOverride.objects.create(
            line_id=wish.line_id,
            kind=wish.kind,
            units=wish.units,
            until=wish.until,
            from_line_id=wish.from_line_id,
            reason=wish.reason,
            made_by=by,
            made_at=now,
        )
        events = _told_events(wish, outcome, pool)
        write_outcome(outcome, pool, wish.line_id, events, fact=f"override:{override.pk}", by=by, now=now)
    _serve_others(pool, outcome, cause=str(override), by=by, now=now)
    return override


def end_override(*, override_id: int, reason: str, by: User | None, now: datetime) -> LineOverride:
    """Undo an override: pinned units may be taken by runs again, a held line takes part, moved units go back.

    Raises ReasonMissing, and CannotOverride where it is undone already or the moved units have left.
    """
    demand_reason(reason)
    with transaction.atomic():
        line_id = LineOverride.objects.values_list("line_id", flat=True).get(pk=override_id)
        pool = read_pool(line_id, lock=True)
        override = LineOverride.objects.select_for_update(no_key=True).get(pk=override_id)
        if override.ended_at:
            raise CannotOverride("This was already undone.")
        outcome = undone_outcome_of(override, pool)
        override.ended_at, override.ended_by = now, by
        override.save(update_fields=["ended_at", "ended_by"])
        events = list(_undone_events(override, outcome, pool, reason))
        write_outcome(outcome, pool, line_id, events, fact=f"override:{override.pk}:undone", by=by, now=now)
    _serve_others(pool, outcome, cause=f"Undone: {override}", by=by, now=now, always=True)
    return override


def read_pool(line_id: int, *, lock: bool = False) -> Pool:
    """The line's pool; with `lock` its lines, then its stock are locked. Raises CannotOverride for a closed line."""
    line = OrderLine.objects.open().select_related("product", "warehouse").filter(pk=line_id).first()
    if line is None:
        raise CannotOverride("This line is closed.")
    policy = default_policy()
    queues = read_queues([line.product_id], reads=policy.reads, warehouse_id=line.warehouse_id, lock=lock)
    level = pool_of(product_id=line.product_id, warehouse_id=line.warehouse_id)
    if lock:
        level = StockLevel.objects.locked().get(pk=level.pk)
    pinned = Allocation.objects.active().filter(stock_level=level, kind=AllocationKind.PINNED).order_by()
    return Pool(
        level=level,
        policy=policy,
        queue=queues.get((line.product_id, line.warehouse_id), []),
        pinned=dict(pinned.values_list("line_id").annotate(units=Sum("quantity"))),
        free=level.available,
    )


def movable_units(level: StockLevel) -> dict[int, int]:
    """What the lines of a pool hold besides their pick lists."""
    allocations = Allocation.objects.active().filter(stock_level=level).exclude(kind=AllocationKind.HARD).order_by()
    return dict(allocations.values_list("line_id").annotate(units=Sum("quantity")))


def write_outcome(
    outcome: OverrideOutcome,
    pool: Pool,
    line_id: int,
    events: Sequence[Event],
    *,
    fact: str,
    by: User | None,
    now: datetime,
) -> None:
    """The holdings, the day, the letters, the dates, the timeline."""
    changes = {pk: after.units - pool.holding(pk).units for pk, after in outcome.holdings.items()}
    if outcome.returns:
        changes[outcome.returns] -= _return_from_elsewhere(pool.line(outcome.returns), now)
    _rest(outcome, pool, now)
    OrderLine.objects.filter(pk=line_id).update(held_until=outcome.held_until)
    open_backorders([pool.line(pk) for pk, units in changes.items() if units < 0], now=now)
    mark_queues_changed([pool.level.product_id])

    key = pool.level.product_id, pool.level.warehouse_id
    moves = list(date_moves({key: outcome.queue_after(pool, line_id)}, pool.policy, now=now))
    dates = promised_dates(moves)
    gained = {pk: units for pk, units in changes.items() if units > 0}
    lost = {pk: -units for pk, units in changes.items() if units < 0}
    cause = "Override by a person"
    keys = tell_customers(GoodsAllocated, news=gained, dates=dates, fact=f"{fact}:allocated", cause=cause, now=now)
    keys |= tell_customers(BackorderOpened, news=lost, dates=dates, fact=f"{fact}:lost", cause=cause, now=now)
    date_keys = tell_new_dates(moves, fact=fact, cause=cause, batch="", now=now, told_already=keys)
    record_events([event._replace(message_key=keys.get(event.line_id, "")) for event in events], now=now, by=by)
    record_promises(moves, cause=PromiseCause.QUEUE, keys=keys | date_keys, now=now)


def _rest(outcome: OverrideOutcome, pool: Pool, now: datetime) -> None:
    """Let the lines hold exactly this besides their pick lists: old rows end, then new ones begin."""
    allocations = Allocation.objects.active().filter(stock_level=pool.level)
    changed = [
        (line_id, kind, units)
        for line_id, after in outcome.holdings.items()
        for kind, units, before in zip(KINDS, after, pool.holding(line_id), strict=True)
        if units != before
    ]
    for line_id, kind, _ in changed:
        holdings.end(allocations.filter(line_id=line_id, kind=kind), now)
    for line_id, kind, units in changed:
        if units:
            Allocation.objects.create(
                line_id=line_id,
                product_id=pool.level.product_id,
                stock_level=pool.level,
                quantity=units,
                kind=kind,
                made_at=now,
            )


def _return_from_elsewhere(line: QueueLine, now: datetime) -> int:
    holdings.end(Allocation.objects.filter(pk__in=[part.allocation_id for part in line.elsewhere]), now)
    return line.away


def _told_events(wish: Wish, outcome: OverrideOutcome, pool: Pool) -> list[Event]:
    """One entry a line, so that one message belongs to one fact; a hold that gives units back says how many."""
    if wish.kind == OverrideKind.HOLD:
        given_back = -outcome.taken(pool) + (pool.line(wish.line_id).away if outcome.returns else 0)
        return [Event(wish.line_id, EventKind.HELD, given_back, note=f"until {wish.until:%-d %b %Y}: {wish.reason}")]
    if wish.kind == OverrideKind.MOVE:
        return [
            Event(wish.from_line_id or 0, EventKind.MOVED_AWAY, wish.units, note=wish.reason),
            Event(wish.line_id, EventKind.MOVED_HERE, wish.units, note=wish.reason),
        ]
    limit = "; exactly this quantity" if wish.kind == OverrideKind.SET else ""
    return [Event(wish.line_id, EventKind.PINNED, wish.units, note=f"{wish.reason}{limit}"[:300])]


def _undone_events(override: LineOverride, outcome: OverrideOutcome, pool: Pool, reason: str) -> list[Event]:
    if override.kind == OverrideKind.HOLD:
        return [Event(override.line_id, EventKind.HOLD_ENDED, note=reason)]
    if override.kind == OverrideKind.MOVE:
        return [
            Event(override.line_id, EventKind.MOVED_AWAY, override.units, note=reason),
            Event(override.from_line_id or 0, EventKind.MOVED_HERE, override.units, note=reason),
        ]
    freed = pool.holding(override.line_id).pinned - outcome.holdings[override.line_id].pinned
    return [Event(override.line_id, EventKind.UNPINNED, freed, note=reason)]


def _serve_others(
    pool: Pool, outcome: OverrideOutcome, *, cause: str, by: User | None, now: datetime, always: bool = False
) -> None:
    if always or outcome.taken(pool) < 0 or (outcome.returns and pool.line(outcome.returns).away):
        allocate_afterwards(kind=RunKind.FREED, product_ids=[pool.level.product_id], cause=cause, by=by, now=now)


def _end_what_is_over(line_id: int, *, now: datetime) -> None:
    """A hold whose day has come ends when the next one begins."""
    over = LineOverride.objects.keeping_out().filter(line_id=line_id, until__lte=timezone.localdate(now))
    over.update(ended_at=now)


def demand_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing("Enter a reason.")
