"""Deciding against the order of the queue: pin, hold, set, move. Each has a reason, can be looked at before it is done,
is respected by every run from then on, and can be undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Sum

from backorders.enums import AllocationKind, AllocationState, EventKind, OverrideKind, PromiseCause, RunKind
from backorders.errors import CannotOverride
from backorders.models import Allocation, LineOverride, OrderLine
from backorders.services.allocation import allocate_afterwards
from backorders.services.letters import tell_customers
from backorders.services.promising import mark_queues_changed, record_promises, tell_new_dates
from backorders.services.queue_dates import date_moves, promised_dates
from backorders.services.queues import QueueLine, business_date, read_queues
from backorders.services.rules import default_rules
from backorders.services.serving import open_backorders
from backorders.services.timeline import Event, record_events
from inventory.errors import ReasonMissing
from inventory.models import StockLevel
from inventory.services.stock import pool_of
from notifications.payloads import BackorderOpened, GoodsAllocated

KINDS = (AllocationKind.SOFT, AllocationKind.PINNED)  # in the order of a Holding
FOR_GOOD = date.max  # a line whose quantity was set, until somebody undoes it


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants for a line. `gives_back`: a held line lets go of what it holds softly."""

    line_id: int
    kind: OverrideKind
    reason: str
    units: int = 0
    until: date | None = None
    from_line_id: int | None = None
    gives_back: bool = False


class Holding(NamedTuple):
    """What a line holds besides its pick lists."""

    soft: int
    pinned: int

    @property
    def units(self) -> int:
        return self.soft + self.pinned


@dataclass(frozen=True, slots=True)
class Pool:
    """The pool of a line as it stands: its queue, who holds what, and the free units."""

    level: StockLevel
    queue: Sequence[QueueLine]
    pinned: Mapping[int, int]
    free: int

    def line(self, line_id: int) -> QueueLine:
        found = next((line for line in self.queue if line.id == line_id), None)
        if found is None:
            raise CannotOverride("This line is not open, or stands in another queue.")
        return found

    def holding(self, line_id: int) -> Holding:
        return Holding(self.line(line_id).soft, self.pinned.get(line_id, 0))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an override comes to: new holdings by line, and the day before which runs leave its line out."""

    holdings: Mapping[int, Holding]
    held_until: date | None

    def queue_after(self, pool: Pool, line_id: int) -> list[QueueLine]:
        return [
            self._after(line, pool)._replace(held_until=self.held_until)
            if line.id == line_id
            else self._after(line, pool)
            for line in pool.queue
        ]

    def taken(self, pool: Pool) -> int:
        """Free units that the lines hold in addition."""
        return sum(after.units - pool.holding(line_id).units for line_id, after in self.holdings.items())

    def _after(self, line: QueueLine, pool: Pool) -> QueueLine:
        after = self.holdings.get(line.id)
        if after is None:
            return line
        on_pick_lists = line.fixed - pool.pinned.get(line.id, 0)
        return line._replace(soft=after.soft, allocated=on_pick_lists + after.units)


def override_line(*, wish: Wish, by: User | None, now: datetime) -> LineOverride:
    """Do what the person wants and tell who gains and loses; then run the queue where units became free.

    Raises ReasonMissing, and CannotOverride with what stands in the way.
    """
    demand_reason(wish.reason)
    with transaction.atomic():
        pool = read_pool(wish.line_id, lock=True)
        outcome = outcome_of(wish, pool, today=business_date(now))
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
            raise CannotOverride("This is undone already.")
        outcome = _undone(override, pool)
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
        raise CannotOverride("This line is not open any more.")
    queues = read_queues([line.product_id], reads=default_rules().reads, warehouse_id=line.warehouse_id, lock=lock)
    level = pool_of(product_id=line.product_id, warehouse_id=line.warehouse_id)
    if lock:
        level = StockLevel.objects.locked().get(pk=level.pk)
    pinned = Allocation.objects.active().filter(stock_level=level, kind=AllocationKind.PINNED).order_by()
    return Pool(
        level=level,
        queue=queues.get((line.product_id, line.warehouse_id), []),
        pinned=dict(pinned.values_list("line_id").annotate(units=Sum("quantity"))),
        free=level.available,
    )


def movable_units(level: StockLevel) -> dict[int, int]:
    """What the lines of a pool hold besides their pick lists."""
    held = Allocation.objects.active().filter(stock_level=level).exclude(kind=AllocationKind.HARD).order_by()
    return dict(held.values_list("line_id").annotate(units=Sum("quantity")))


def outcome_of(wish: Wish, pool: Pool, *, today: date) -> Outcome:
    """What the wish comes to in this pool. Raises CannotOverride."""
    return _OUTCOMES[wish.kind](wish, pool, today)


def _pinned(wish: Wish, pool: Pool, today: date) -> Outcome:
    line, held = pool.line(wish.line_id), pool.holding(wish.line_id)
    _demand_units(wish.units, line.open - line.fixed, "are not fixed yet")
    from_stock = max(0, wish.units - held.soft)
    if from_stock > pool.free:
        raise CannotOverride(
            f"Only {held.soft + pool.free} units can be pinned: {held.soft} that the line holds and {pool.free} free "
            "ones. Move the others from another line."
        )
    after = Holding(max(0, held.soft - wish.units), held.pinned + wish.units)
    return Outcome({wish.line_id: after}, line.held_until)


def _held(wish: Wish, pool: Pool, today: date) -> Outcome:
    if wish.until is None or wish.until <= today:
        raise CannotOverride("Say until which day runs leave the line out: a day after today.")
    _demand_free_to_hold(wish.line_id, today)
    held = pool.holding(wish.line_id)
    return Outcome({wish.line_id: held._replace(soft=0)} if wish.gives_back else {}, wish.until)


def _set(wish: Wish, pool: Pool, today: date) -> Outcome:
    if wish.until is not None and wish.until <= today:
        raise CannotOverride("The day until which the quantity holds lies after today; leave it empty for good.")
    _demand_free_to_hold(wish.line_id, today)
    line, held = pool.line(wish.line_id), pool.holding(wish.line_id)
    on_pick_lists = line.fixed - held.pinned
    if not 0 <= wish.units <= line.open - on_pick_lists:
        raise CannotOverride(f"The line can hold 0 to {line.open - on_pick_lists} units, not {wish.units}.")
    if wish.units - held.units > pool.free:
        raise CannotOverride(f"Only {held.units + pool.free} units are there for it: {pool.free} are free.")
    return Outcome({wish.line_id: Holding(0, wish.units)}, wish.until or FOR_GOOD)


def _moved(wish: Wish, pool: Pool, today: date) -> Outcome:
    if wish.from_line_id is None or wish.from_line_id == wish.line_id:
        raise CannotOverride("Choose the other line that gives up its units.")
    line, giver = pool.line(wish.line_id), pool.holding(wish.from_line_id)
    _demand_units(wish.units, line.open - line.allocated, "are missing")
    if wish.units > giver.units:
        raise CannotOverride(f"The other line holds {giver.units} units that are on no pick list, not {wish.units}.")
    soft = max(0, giver.soft - wish.units)
    left = Holding(soft, giver.pinned - (wish.units - (giver.soft - soft)))
    held = pool.holding(wish.line_id)
    return Outcome(
        {wish.from_line_id: left, wish.line_id: Holding(held.soft, held.pinned + wish.units)}, line.held_until
    )


_OUTCOMES = {
    OverrideKind.PIN: _pinned,
    OverrideKind.HOLD: _held,
    OverrideKind.SET: _set,
    OverrideKind.MOVE: _moved,
}


def _undone(override: LineOverride, pool: Pool) -> Outcome:
    line, held = pool.line(override.line_id), pool.holding(override.line_id)
    until = None if override.kind in (OverrideKind.HOLD, OverrideKind.SET) else line.held_until
    if override.kind == OverrideKind.HOLD:
        return Outcome({}, until)
    if override.kind == OverrideKind.MOVE:
        return _moved_back(override, pool)
    units = min(override.units, held.pinned)
    return Outcome({override.line_id: Holding(held.soft + units, held.pinned - units)}, until)


def _moved_back(override: LineOverride, pool: Pool) -> Outcome:
    line, held, giver_id = pool.line(override.line_id), pool.holding(override.line_id), override.from_line_id or 0
    if held.pinned < override.units:
        raise CannotOverride(f"Only {held.pinned} of the moved units are still here: the others are on a pick list.")
    giver, holds = pool.line(giver_id), pool.holding(giver_id)
    if giver.open - giver.allocated < override.units:
        raise CannotOverride("The line that gave the units up does not lack so many any more.")
    return Outcome(
        {
            giver_id: holds._replace(soft=holds.soft + override.units),
            override.line_id: held._replace(pinned=held.pinned - override.units),
        },
        line.held_until,
    )


def write_outcome(
    outcome: Outcome, pool: Pool, line_id: int, events: Sequence[Event], *, fact: str, by: User | None, now: datetime
) -> None:
    """The holdings, the day, the letters, the dates, the timeline."""
    changes = {pk: after.units - pool.holding(pk).units for pk, after in outcome.holdings.items()}
    _rest(outcome, pool, now)
    OrderLine.objects.filter(pk=line_id).update(held_until=outcome.held_until)
    open_backorders([pool.line(pk) for pk, units in changes.items() if units < 0], now=now)
    mark_queues_changed([pool.level.product_id])

    key = pool.level.product_id, pool.level.warehouse_id
    moves = list(date_moves({key: outcome.queue_after(pool, line_id)}, now=now))
    dates = promised_dates(moves)
    gained = {pk: units for pk, units in changes.items() if units > 0}
    lost = {pk: -units for pk, units in changes.items() if units < 0}
    cause = "Decided by a person"
    keys = tell_customers(GoodsAllocated, news=gained, dates=dates, fact=f"{fact}:allocated", cause=cause, now=now)
    keys |= tell_customers(BackorderOpened, news=lost, dates=dates, fact=f"{fact}:lost", cause=cause, now=now)
    date_keys = tell_new_dates(moves, fact=fact, cause=cause, batch="", now=now, told_already=keys)
    record_events([event._replace(message_key=keys.get(event.line_id, "")) for event in events], now=now, by=by)
    record_promises(moves, cause=PromiseCause.QUEUE, keys=keys | date_keys, now=now)


def _rest(outcome: Outcome, pool: Pool, now: datetime) -> None:
    """Let the lines hold exactly this besides their pick lists: old rows end, then new ones begin."""
    held = Allocation.objects.active().filter(stock_level=pool.level)
    changed = [
        (line_id, kind, units)
        for line_id, after in outcome.holdings.items()
        for kind, units, before in zip(KINDS, after, pool.holding(line_id), strict=True)
        if units != before
    ]
    for line_id, kind, _ in changed:
        held.filter(line_id=line_id, kind=kind).update(state=AllocationState.RELEASED, ended_at=now)
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


def _told_events(wish: Wish, outcome: Outcome, pool: Pool) -> list[Event]:
    """One entry a line, so that one message belongs to one fact; a hold that gives units back says how many."""
    if wish.kind == OverrideKind.HOLD:
        given_back = -outcome.taken(pool)
        return [Event(wish.line_id, EventKind.HELD, given_back, note=f"until {wish.until:%-d %b %Y}: {wish.reason}")]
    if wish.kind == OverrideKind.MOVE:
        return [
            Event(wish.from_line_id or 0, EventKind.MOVED_AWAY, wish.units, note=wish.reason),
            Event(wish.line_id, EventKind.MOVED_HERE, wish.units, note=wish.reason),
        ]
    limit = "; neither more nor less" if wish.kind == OverrideKind.SET else ""
    return [Event(wish.line_id, EventKind.PINNED, wish.units, note=f"{wish.reason}{limit}"[:300])]


def _undone_events(override: LineOverride, outcome: Outcome, pool: Pool, reason: str) -> list[Event]:
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
    pool: Pool, outcome: Outcome, *, cause: str, by: User | None, now: datetime, always: bool = False
) -> None:
    if always or outcome.taken(pool) < 0:
        allocate_afterwards(kind=RunKind.FREED, product_ids=[pool.level.product_id], cause=cause, by=by, now=now)


def _demand_units(units: int, at_most: int, why: str) -> None:
    if not 1 <= units <= at_most:
        raise CannotOverride(f"{at_most} units of the line {why}: {units} cannot be given to it.")


def _demand_free_to_hold(line_id: int, today: date) -> None:
    if LineOverride.objects.keeping_out().filter(line_id=line_id).exclude(until__lte=today).exists():
        raise CannotOverride("The line is held or set already: undo that first.")


def _end_what_is_over(line_id: int, *, now: datetime) -> None:
    """A hold whose day has come ends when the next one begins."""
    over = LineOverride.objects.keeping_out().filter(line_id=line_id, until__lte=business_date(now))
    over.update(ended_at=now)


def demand_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing("Say why: whoever asks later reads it.")
