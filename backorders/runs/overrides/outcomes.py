"""What an override comes to in its pool: who holds what afterwards, or why it cannot be. Nothing is written here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from backorders.enums import OverrideKind
from backorders.errors import CannotOverride
from backorders.models import LineOverride
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queues import QueueLine
from config.lib.text import counted
from inventory.models import StockLevel

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
    policy: CompiledPolicy
    queue: Sequence[QueueLine]
    pinned: Mapping[int, int]
    free: int

    def line(self, line_id: int) -> QueueLine:
        found = next((line for line in self.queue if line.id == line_id), None)
        if found is None:
            raise CannotOverride("This line is closed or belongs to another product or warehouse.")
        return found

    def holding(self, line_id: int) -> Holding:
        return Holding(self.line(line_id).soft, self.pinned.get(line_id, 0))


@dataclass(frozen=True, slots=True)
class OverrideOutcome:
    """What an override comes to: new holdings by line, and the day before which runs leave its line out."""

    holdings: Mapping[int, Holding]
    held_until: date | None
    returns: int | None = None  # the line that gives back what it holds in other warehouses

    def queue_after(self, pool: Pool, line_id: int) -> list[QueueLine]:
        queue = [self._after(line, pool) for line in pool.queue]
        queue = [line.holding_nothing_elsewhere() if line.id == self.returns else line for line in queue]
        return [line._replace(held_until=self.held_until) if line.id == line_id else line for line in queue]

    def taken(self, pool: Pool) -> int:
        """Free units that the lines hold in addition."""
        return sum(after.units - pool.holding(line_id).units for line_id, after in self.holdings.items())

    def _after(self, line: QueueLine, pool: Pool) -> QueueLine:
        after = self.holdings.get(line.id)
        if after is None:
            return line
        on_pick_lists = line.fixed - pool.pinned.get(line.id, 0)
        return line._replace(soft=after.soft, allocated=on_pick_lists + line.away + after.units)


def outcome_of(wish: Wish, pool: Pool, *, today: date) -> OverrideOutcome:
    """What the wish comes to in this pool. Raises CannotOverride."""
    return _OUTCOMES[wish.kind](wish, pool, today)


def _pinned(wish: Wish, pool: Pool, today: date) -> OverrideOutcome:
    line, holding = pool.line(wish.line_id), pool.holding(wish.line_id)
    _demand_units(wish.units, line.movable - line.away, _not_fixed(line))
    from_stock = max(0, wish.units - holding.soft)
    if from_stock > pool.free:
        raise CannotOverride(
            f"Only {holding.soft + pool.free} units can be pinned: {holding.soft} allocated to the line and "
            f"{pool.free} free ones. Move the rest from another line."
        )
    after = Holding(max(0, holding.soft - wish.units), holding.pinned + wish.units)
    return OverrideOutcome({wish.line_id: after}, line.held_until)


def _held(wish: Wish, pool: Pool, today: date) -> OverrideOutcome:
    if wish.until is None or wish.until <= today:
        raise CannotOverride("Enter the end of the hold: a date after today.")
    _demand_free_to_hold(wish.line_id, today)
    holding = pool.holding(wish.line_id)
    if not wish.gives_back:
        return OverrideOutcome({}, wish.until)
    return OverrideOutcome({wish.line_id: holding._replace(soft=0)}, wish.until, returns=wish.line_id)


def _set(wish: Wish, pool: Pool, today: date) -> OverrideOutcome:
    if wish.until is not None and wish.until <= today:
        raise CannotOverride("Enter an end date after today, or leave it blank for no end.")
    _demand_free_to_hold(wish.line_id, today)
    line, holding = pool.line(wish.line_id), pool.holding(wish.line_id)
    on_pick_lists = line.fixed - holding.pinned
    if not 0 <= wish.units <= line.open - on_pick_lists:
        raise CannotOverride(f"Enter 0 to {line.open - on_pick_lists} units, not {wish.units}.")
    if wish.units - holding.units > pool.free:
        raise CannotOverride(f"Only {holding.units + pool.free} units are available: {pool.free} are free.")
    return OverrideOutcome({wish.line_id: Holding(0, wish.units)}, wish.until or FOR_GOOD, returns=wish.line_id)


def _moved(wish: Wish, pool: Pool, today: date) -> OverrideOutcome:
    if wish.from_line_id is None or wish.from_line_id == wish.line_id:
        raise CannotOverride("Choose the line that gives up units.")
    line, giver = pool.line(wish.line_id), pool.holding(wish.from_line_id)
    _demand_units(wish.units, line.open - line.allocated, "missing")
    if wish.units > giver.units:
        raise CannotOverride(f"The other line has {giver.units} units that are not on a pick list, not {wish.units}.")
    soft = max(0, giver.soft - wish.units)
    left = Holding(soft, giver.pinned - (wish.units - (giver.soft - soft)))
    holding = pool.holding(wish.line_id)
    return OverrideOutcome(
        {wish.from_line_id: left, wish.line_id: Holding(holding.soft, holding.pinned + wish.units)}, line.held_until
    )


def _not_fixed(line: QueueLine) -> str:
    elsewhere = f", beside {line.away} that it holds in other warehouses" if line.away else ""
    return f"not fixed yet{elsewhere}"


_OUTCOMES = {
    OverrideKind.PIN: _pinned,
    OverrideKind.HOLD: _held,
    OverrideKind.SET: _set,
    OverrideKind.MOVE: _moved,
}


def undone_outcome_of(override: LineOverride, pool: Pool) -> OverrideOutcome:
    """Who holds what again once the override is undone. Raises CannotOverride."""
    line, holding = pool.line(override.line_id), pool.holding(override.line_id)
    until = None if override.kind in (OverrideKind.HOLD, OverrideKind.SET) else line.held_until
    if override.kind == OverrideKind.HOLD:
        return OverrideOutcome({}, until)
    if override.kind == OverrideKind.MOVE:
        return _moved_back(override, pool)
    units = min(override.units, holding.pinned)
    return OverrideOutcome({override.line_id: Holding(holding.soft + units, holding.pinned - units)}, until)


def _moved_back(override: LineOverride, pool: Pool) -> OverrideOutcome:
    line, holding, giver_id = pool.line(override.line_id), pool.holding(override.line_id), override.from_line_id or 0
    if holding.pinned < override.units:
        raise CannotOverride(
            f"Only {holding.pinned} of the moved units can be moved back; the others are on a pick list."
        )
    giver, holds = pool.line(giver_id), pool.holding(giver_id)
    if giver.open - giver.allocated < override.units:
        raise CannotOverride("The line that gave up the units is no longer short by that many.")
    return OverrideOutcome(
        {
            giver_id: holds._replace(soft=holds.soft + override.units),
            override.line_id: holding._replace(pinned=holding.pinned - override.units),
        },
        line.held_until,
    )


def _demand_units(units: int, at_most: int, why: str) -> None:
    if not 1 <= units <= at_most:
        are = "is" if at_most == 1 else "are"
        raise CannotOverride(f"{counted(at_most, 'unit')} of the line {are} {why}: {units} cannot be given to it.")


def _demand_free_to_hold(line_id: int, today: date) -> None:
    if LineOverride.objects.keeping_out().filter(line_id=line_id).exclude(until__lte=today).exists():
        raise CannotOverride("The line already has a hold or set quantity. Undo that first.")
