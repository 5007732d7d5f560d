"""Looking ahead in a pool: serving lines from goods on their way, and lending what lies parked until these come.

Which purchase-order line brings the units of a day is settled here too: a wait names it, and goes with it when its date
changes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from backorders.engine.allocation.borrowing import Holder, lend_parked
from backorders.engine.allocation.dated import DatedLine, allocate_dated
from backorders.engine.allocation.explanation import LineExplanation, Reason
from backorders.engine.allocation.pool import SERVED_IN_ORDER, PoolLine, PoolResult, Strategy, by_strategy
from backorders.engine.promising.pegging import PegTo, pegs_in_force

Line = int | str
RAISED = (Strategy.GAIN, Strategy.IMPROVE, Strategy.REDISTRIBUTE)
HOLDERS = (Strategy.GAIN, Strategy.IMPROVE, Strategy.FILL)


class Coming(NamedTuple):
    """Units that a purchase-order line, `source`, brings by a day, after today, that can be relied on."""

    source: int
    on: date
    units: int


class Lent(NamedTuple):
    """Units that one line holds on loan from another one."""

    lender: Line
    borrower: Line
    units: int


class Inbound(NamedTuple):
    """What is on its way into a pool, what of it people pegged to lines, and what lines lent until it comes."""

    coming: tuple[Coming, ...] = ()
    pegs: tuple[PegTo, ...] = ()
    lent: tuple[Lent, ...] = ()

    def without(self, units: int) -> "Inbound":
        """Once so many of them are here: those that come first."""
        left = []
        for each in sorted(self.coming, key=lambda coming: (coming.on, coming.source)):
            here = min(units, each.units)
            units -= here
            left.append(each._replace(units=each.units - here))
        return self._replace(coming=tuple(left))


class Wait(NamedTuple):
    """Units of `source`, due by that day, that are kept for a line; meanwhile it may have lent as many to another."""

    line: Line
    source: int
    units: int
    on: date
    lent_to: Line | None = None


class Ahead(NamedTuple):
    """What the lines of a pool hold today, why, and what is kept for them of the goods on their way."""

    result: PoolResult
    explanations: list[LineExplanation]
    waits: list[Wait]


def allocate_ahead(
    pool: int, lines: Sequence[PoolLine], inbound: Inbound, *, today: date, wanted_on: Mapping[Line, date]
) -> Ahead:
    """The passes over dated supply. A Win line without a date of its own is wanted today; it alone is made to wait.

    Units pegged to a line are there for nobody else, and cover it: a Win line as far as they come in time, a holder
    beside what it holds.
    """
    moving = [line for line in lines if line.strategy != Strategy.SKIP]
    shelf = _Goods(inbound, {line.id: line.open - _kept(line) for line in moving})
    covers = Counter({line.id: shelf.covered(line, wanted_on.get(line.id, today)) for line in moving})
    dated = [
        DatedLine(
            line.id,
            Strategy(line.strategy),
            line.open - covers[line.id],
            wanted_on.get(line.id, today),
            ((today, line.current),) if line.current else (),
            *(line.pack, line.minimum, line.has_shipped),
        )
        for line in moving
    ]
    outcome = allocate_dated([(today, pool), *shelf.by_day()], dated, today=today)
    over_confirmed = sum(line.current for line in moving) > pool
    if outcome.exceptions:
        result = PoolResult({line.id: line.current for line in moving}, None, outcome.exceptions, over_confirmed)
        return Ahead(result, explain_ahead(moving, result, covers), [])
    allocated = {line: sum(units for day, units in slices if day == today) for line, slices in outcome.given.items()}
    result = PoolResult(allocated, pool - sum(allocated.values()), [], over_confirmed)
    waits: list[Wait] = []
    for line in moving:
        later = [(day, units) for day, units in outcome.given[line.id] if day > today]
        covers[line.id] += sum(units for _, units in later)
        if line.strategy == Strategy.WIN:
            waits += [wait for day, units in later for wait in shelf.take(line.id, day, units)]
    return Ahead(result, explain_ahead(moving, result, covers), waits)


def lend_ahead(
    ahead: Ahead, lines: Sequence[PoolLine], inbound: Inbound, *, today: date, parked: Mapping[Line, date]
) -> Ahead:
    """Lend what lies `parked` until a day, after the passes: zero-sum, and no line that stands before is any later.

    `lines` hold what they hold now, loans of earlier runs among it. A guarantee is not lent. Whoever lends has as many
    units kept for it of goods that come in time.
    """
    allocated = dict(ahead.result.given)
    holding = {line.id: allocated.get(line.id, line.current) for line in lines}
    shelf = _Goods(inbound, {line.id: line.open - holding[line.id] for line in lines})
    for wait in ahead.waits:
        shelf.remove(wait)
    awaited = Counter[Line](shelf.meant)
    for wait in ahead.waits:
        awaited[wait.line] += wait.units
    queue = [
        Holder(
            line._replace(open=line.open - min(awaited[line.id], line.open - holding[line.id])),
            holding[line.id],
            parked.get(line.id),
            _owed(line, holding[line.id]),
            line.strategy in RAISED,
        )
        for line in _in_service_order(lines)
    ]
    loans = lend_parked(today=today, coming=list(shelf.by_day()), queue=queue)
    if not loans:
        return ahead
    waits = list(ahead.waits)
    for lender, borrower, units, due_on in loans:
        allocated[lender] -= units
        allocated[borrower] += units
        waits += shelf.take_by(lender, due_on, units, lent_to=borrower)
    lent = {loan.lender: Reason.LENT for loan in loans}
    borrowed = {loan.borrower: Reason.BORROWED for loan in loans}
    explanations = _retold(ahead, allocated, borrowed | lent)
    return Ahead(PoolResult(allocated, ahead.result.free, [], ahead.result.over_confirmed), explanations, waits)


def called_back(lines: Sequence[PoolLine], inbound: Inbound) -> list[PoolLine]:
    """The lines as if nothing were lent: the passes see to whom stock belongs, and lending begins anew."""
    by_id = {line.id: line for line in lines if line.strategy != Strategy.SKIP}
    for lender, borrower, units in inbound.lent:
        if lender in by_id and borrower in by_id:
            before, behind = by_id[lender], by_id[borrower]
            back = min(units, behind.current, before.open - before.current)
            by_id[lender] = before._replace(current=before.current + back)
            by_id[borrower] = behind._replace(current=behind.current - back)
    return [by_id.get(line.id, line) for line in lines]


def explain_ahead(lines: Sequence[PoolLine], result: PoolResult, covers: Mapping[Line, int]) -> list[LineExplanation]:
    """As `explain_pool`, over dated supply; `covers` are units that each line waits for.

    `more_units` of stock fill the line for sure, fewer may do.
    """
    blocked = {exception.line for exception in result.exceptions}
    wanting = sum(exception.missing for exception in result.exceptions)
    lost = {line.id: max(0, _kept(line) - result.given[line.id]) for line in lines if line.strategy == Strategy.IMPROVE}
    lost_behind = sum(lost.values())  # holders behind come first where a pool holds less than was confirmed
    story, lines_before, units_before = [], 0, 0
    for rank, line in enumerate(_in_service_order(lines), start=1):
        allocated = result.given[line.id]
        missing = line.open - allocated
        wanting += missing if line.strategy in RAISED else 0
        lost_behind -= lost.get(line.id, 0)
        more_units: int | None = 0
        if missing:
            more_units = wanting + lost_behind if line.strategy in RAISED or line.id in blocked else None
        reason = _reason(line, allocated, covers.get(line.id, 0), result, units_before)
        if blocked:
            reason = Reason.EXCEPTION if line.id in blocked else Reason.POOL_BLOCKED
        story.append(LineExplanation(line.id, reason, rank, lines_before, units_before, 0, more_units))
        lines_before += allocated > 0
        units_before += allocated
    return story


def _reason(line: PoolLine, allocated: int, covered: int, result: PoolResult, units_before: int) -> Reason:
    if allocated >= line.open:
        return Reason.KEPT if line.current >= allocated else Reason.FILLED
    if line.strategy == Strategy.LOSE:
        return Reason.STRATEGY_LOSE
    if allocated + covered >= line.open:
        return Reason.WAITS_FOR_GOODS
    if line.strategy == Strategy.FILL and allocated == line.current:
        return Reason.STRATEGY_FILL
    if allocated < line.current:
        return Reason.TAKEN_BACK
    if result.free and line.strategy in RAISED:
        return Reason.PACK_REMAINDER if result.free >= line.minimum else Reason.HELD_BACK_BELOW_MINIMUM_FILL
    if allocated:
        return Reason.PARTLY_FILLED if allocated > line.current else Reason.KEPT
    return Reason.STOCK_WENT_TO_EARLIER_LINES if units_before else Reason.NO_STOCK


def _retold(ahead: Ahead, allocated: Mapping[Line, int], reasons: Mapping[Line, Reason]) -> list[LineExplanation]:
    """The same queue with other holdings; as many more units as before would fill a line whatever is lent."""
    story, lines_before, units_before = [], 0, 0
    for explanation in ahead.explanations:
        reason = reasons.get(explanation.line, explanation.reason)
        story.append(explanation._replace(reason=reason, lines_before=lines_before, units_before=units_before))
        lines_before += allocated[explanation.line] > 0
        units_before += allocated[explanation.line]
    return story


def _in_service_order(lines: Sequence[PoolLine]) -> list[PoolLine]:
    """Who is left out by a run keeps what it holds and waits all the same: before everybody, to be on the safe side."""
    classes = by_strategy(lines)
    return [line for strategy in (Strategy.SKIP, *SERVED_IN_ORDER) for line in classes[strategy]]


def _kept(line: PoolLine) -> int:
    return min(line.current, line.open) if line.strategy in HOLDERS else 0


def _owed(line: PoolLine, allocated: int) -> int:
    if line.strategy == Strategy.GAIN:
        return min(allocated, line.current)
    return allocated if line.strategy in (Strategy.WIN, Strategy.SKIP) else 0


class _Goods:
    """Goods on their way that are not pegged, and the pegs that count."""

    def __init__(self, inbound: Inbound, missing: Mapping[Line, int]) -> None:
        self.coming = sorted(inbound.coming, key=lambda each: (each.on, each.source))
        self.left = Counter({each.source: each.units for each in self.coming})
        self.pegs = pegs_in_force(inbound.pegs, missing=missing, coming=self.left)
        self.meant: Counter[Line] = Counter()
        for peg in self.pegs:
            self.left[peg.source] -= peg.units
            self.meant[peg.line] += peg.units

    def covered(self, line: PoolLine, wanted_on: date) -> int:
        if line.strategy != Strategy.WIN:
            return self.meant[line.id]
        in_time = {each.source for each in self.coming if each.on <= wanted_on}
        return sum(peg.units for peg in self.pegs if peg.line == line.id and peg.source in in_time)

    def by_day(self) -> Iterator[tuple[date, int]]:
        return ((each.on, self.left[each.source]) for each in self.coming if self.left[each.source] > 0)

    def remove(self, wait: Wait) -> None:
        self.left[wait.source] -= wait.units

    def take(self, line: Line, day: date, units: int) -> list[Wait]:
        """Units that come on this very day."""
        return self._take(line, [each for each in self.coming if each.on == day], units, None)

    def take_by(self, line: Line, day: date, units: int, *, lent_to: Line) -> list[Wait]:
        """Units that come by then, the latest first: earlier ones are left for those who need them."""
        return self._take(line, [each for each in reversed(self.coming) if each.on <= day], units, lent_to)

    def _take(self, line: Line, sources: Iterable[Coming], units: int, lent_to: Line | None) -> list[Wait]:
        waits = []
        for each in sources:
            taken = min(units, self.left[each.source])
            if taken > 0:
                self.left[each.source] -= taken
                units -= taken
                waits.append(Wait(line, each.source, taken, each.on, lent_to))
        return waits
