"""When each waiting line is likely served, and which of these dates are other ones than before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from backorders.engine.promising.supply_curve import NEVER, Dates, Promised
from backorders.engine.promising.walk import LEAD_TIME, STOCK, WaitingLine
from backorders.enums import PromiseSource
from backorders.promising.supply import Planned, Shelves
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queues import PoolKey, QueueLine, ranked


class DateMove(NamedTuple):
    """A line's promise that differs from the one before."""

    line: QueueLine
    p50_on: date | None
    promised_on: date | None
    source: PromiseSource
    reference: str

    @property
    def is_later(self) -> bool:
        before = self.line.promised_on
        return before is not None and (self.promised_on is None or self.promised_on > before)

    @property
    def is_earlier(self) -> bool:
        before = self.line.promised_on
        return self.promised_on is not None and (before is None or self.promised_on < before)


def date_moves(
    queues: Mapping[PoolKey, Sequence[QueueLine]],
    policy: CompiledPolicy,
    *,
    now: datetime,
    taken: Mapping[PoolKey, int] | None = None,
    planned: Planned | None = None,
) -> Iterator[DateMove]:
    """The lines whose promise changes, pool by pool; on paper with what is `taken` and `planned`, see `Shelves`."""
    today = timezone.localdate(now)
    shelves = Shelves({product_id for product_id, _ in queues}, today=today, taken=taken, planned=planned)
    slack = shelves.slack
    for pool, lines in queues.items():
        queue = ranked(lines, policy, now=now)
        waiting = [WaitingLine(line.id, line.open, line.allocated) for line in queue]
        for line, dates in zip(queue, shelves.dates(pool, waiting), strict=True):
            move = DateMove(line, _day(dates.p50), _day(dates.p80), *_origin(dates))
            if not _says_the_same(move, today, slack):
                yield move


def promised_dates(moves: Iterable[DateMove]) -> dict[int, Promised]:
    """The new dates by line, for the letters that tell them."""
    return {move.line.id: Promised(move.p50_on, move.promised_on) for move in moves}


def _day(ordinal: int) -> date | None:
    return None if ordinal >= NEVER else date.fromordinal(ordinal)


def _origin(dates: Dates) -> tuple[PromiseSource, str]:
    """What a date rests on, and the purchase order where it is one."""
    if dates.source in (STOCK, LEAD_TIME):
        return (PromiseSource.STOCK if dates.source == STOCK else PromiseSource.LEAD_TIME), ""
    if not dates.source:
        return PromiseSource.UNKNOWN, ""
    return (PromiseSource.PURCHASE_ORDER if dates.p80 < NEVER else PromiseSource.OVERDUE), dates.source


def _says_the_same(move: DateMove, today: date, slack: timedelta) -> bool:
    """Goods that lie here keep the day on which they came; a lead time keeps its date while the cycle allows it."""
    line = move.line
    if move.source != line.promise_source:
        return False
    if move.source == PromiseSource.STOCK:
        return line.promised_on is not None
    if move.source == PromiseSource.LEAD_TIME and line.promised_on and move.promised_on:
        return line.promised_on >= today and timedelta(0) <= move.promised_on - line.promised_on <= slack
    return (move.p50_on, move.promised_on) == (line.p50_on or line.promised_on, line.promised_on)
