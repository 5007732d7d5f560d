"""The promise dates of a shard in columns: what `queue_dates.date_moves` says line by line."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.utils import timezone

from backorders.engine.columns.pools import MISSING
from backorders.engine.columns.promises import HERE, NOWHERE, arrivals
from backorders.engine.promising.pegging import PegTo, with_pegged
from backorders.engine.promising.supply_curve import NEVER, Dates, Pegged
from backorders.engine.promising.walk import LEAD_TIME, STOCK
from backorders.enums import PromiseCause, PromiseSource
from backorders.letters.letters import MessageKeys
from backorders.models import Promise
from backorders.promising.queue_dates import DateMove
from backorders.promising.supply import Planned, Shelves
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queue_columns import ranked_columns
from backorders.queue.queue_reading import SOURCES, Queues, day_of
from backorders.queue.queues import PoolKey
from config.lib.columns import EPOCH, Array, Nullable, Words, copy_columns, days_of

_STOCK, _PURCHASE_ORDER, _LEAD_TIME, _OVERDUE, _UNKNOWN = (
    SOURCES.index(source)
    for source in (
        PromiseSource.STOCK,
        PromiseSource.PURCHASE_ORDER,
        PromiseSource.LEAD_TIME,
        PromiseSource.OVERDUE,
        PromiseSource.UNKNOWN,
    )
)
_SOURCES = {STOCK: (_STOCK, ""), LEAD_TIME: (_LEAD_TIME, "")}


class Moves(NamedTuple):
    """The lines (by their `places` in the queues) whose promise is another one now, and what it is.

    The column `after` of the queues says what the lines hold. `references` are places in `names`.
    """

    queues: Queues
    places: Array
    p50_on: Array
    promised_on: Array
    sources: Array
    references: Array
    names: Sequence[str]


class _Shelf(NamedTuple):
    """What comes for all pools, pool by pool in the order in which it comes, and by which days."""

    pool: Array
    units: Array
    p50: Array
    p80: Array
    sources: Array
    references: Array
    names: list[str]

    def reference(self, name: str) -> int:
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)


class _Pegs(NamedTuple):
    """What is pegged: the pegs in force by pool, the units by line, and by the line's place when they are here."""

    in_force: Mapping[PoolKey, Sequence[PegTo]]
    units: Array
    meant: Mapping[int, Pegged]


def moves_after(
    queues: Queues,
    after: Array,
    usual: CompiledPolicy,
    *,
    now: datetime,
    in_order: bool = False,
    taken: Mapping[PoolKey, int] | None = None,
    planned: Planned | None = None,
) -> Moves:
    """What the promises are once the lines hold `after` units, by the policy that promises go by.

    `taken` and `planned`: see `Shelves`. `in_order`: the lines stand in the order of that policy already.
    """
    queues = replace(queues, columns=queues.columns | {"after": after})
    queues = queues if in_order else ranked_columns(queues, usual, now=now)
    columns, today = queues.columns, days_of(timezone.localdate(now))
    products = set(columns["product_id"].tolist())
    shelves = Shelves(products, today=timezone.localdate(now), taken=taken, planned=planned)
    missing = columns["open"] - columns["after"]
    # Pegged units come from goods of their own: the line waits in the common queue for the rest only.
    pegged = _pegged(queues, missing, shelves)
    shelf = _filled(queues, shelves, pegged)
    first, last = arrivals(queues.pool, missing - pegged.units, shelf.pool, shelf.units)
    at, nothing = np.maximum(last, 0), [last == HERE, last == NOWHERE]
    # A slot comes no earlier than those before it, but for what could be bought, behind all of them.
    before = np.where(first < at, at - 1, at)
    p50, p80 = (
        np.select(nothing, [shelves.today.toordinal(), NEVER], np.maximum(days[at], days[before]))
        for days in (shelf.p50, shelf.p80)
    )
    sources = np.select(nothing, [_STOCK, _UNKNOWN], shelf.sources[at])
    references = np.where(last >= 0, shelf.references[at], 0)
    # A line has all its units when the later of both is here: what is pegged to it, and its part of the common queue.
    for place, meant in pegged.meant.items():
        if last[place] != NOWHERE:
            common = Dates(place, int(p50[place]), int(p80[place]), "", 0)
            dates = with_pegged(common, meant)
            p50[place], p80[place] = dates.p50, dates.p80
            if dates.source:
                sources[place], references[place] = _PURCHASE_ORDER, shelf.reference(dates.source)
    p50, p80 = _known(p50), _known(p80)
    # Goods on order by which nobody can promise a day are overdue.
    sources = np.where((sources == _PURCHASE_ORDER) & (p80 == MISSING), _OVERDUE, sources)
    slack = shelves.slack.days
    # Only what a customer would hear otherwise is a move, so that the ledger grows by changes and not by nights.
    places = np.flatnonzero(~_say_the_same(columns, p50, p80, sources, today=today, slack=slack))
    places = places[np.argsort(columns["id"][places])]
    return Moves(queues, places, p50[places], p80[places], sources[places], references[places], shelf.names)


def _say_the_same(
    columns: dict[str, Array], p50: Array, p80: Array, sources: Array, *, today: int, slack: int
) -> Array:
    current = columns["promised_on"]
    likely = np.where(columns["p50_on"] == MISSING, current, columns["p50_on"])
    both = (current != MISSING) & (p80 != MISSING)
    slides = (current >= today) & (p80 >= current) & (p80 - current <= slack)
    same = np.select(
        [sources == _STOCK, (sources == _LEAD_TIME) & both],
        [current != MISSING, slides],
        (p50 == likely) & (p80 == current),
    )
    return (columns["promise_source"] == sources) & same


def _known(ordinals: Array) -> Array:
    return np.where(ordinals >= NEVER, MISSING, ordinals - EPOCH.toordinal())


def _pegged(queues: Queues, missing: Array, shelves: Shelves) -> _Pegs:
    """Only the lines that pegs name are looked at one by one."""
    in_force: dict[PoolKey, Sequence[PegTo]] = {}
    units, meant = np.zeros(queues.size, dtype=np.int64), {}
    for pool, pegs in shelves.pegged.items():
        places = np.flatnonzero(np.isin(queues.columns["id"], [peg.line for peg in pegs]))
        ids = queues.columns["id"][places].tolist()
        in_force[pool] = shelves.pegs(pool, dict(zip(ids, missing[places].tolist(), strict=True)))
        pegged_dates = shelves.meant(pool, in_force[pool])
        for place, line_id in zip(places.tolist(), ids, strict=True):
            if line_id in pegged_dates:
                meant[place] = pegged_dates[line_id]
                units[place] = pegged_dates[line_id].units
    return _Pegs(in_force, units, meant)


def _filled(queues: Queues, shelves: Shelves, pegged: _Pegs) -> _Shelf:
    starts = np.flatnonzero(np.diff(queues.pool, prepend=-1))
    products = queues.columns["product_id"][starts].tolist()
    warehouses = queues.columns["warehouse_id"][starts].tolist()
    names = {"": 0}
    rows: list[tuple[int, ...]] = []
    for pool, key in enumerate(zip(products, warehouses, strict=True)):
        for units, p50, p80, source in shelves.of(key, pegged.in_force.get(key, ())):
            code, name = _SOURCES.get(source, (_PURCHASE_ORDER, source))
            rows.append((pool, units, p50, p80, code, names.setdefault(name, len(names))))
    rows.append((len(starts), 1, NEVER, NEVER, _UNKNOWN, 0))  # so that there is something to point at
    pools, units, early, late, sources, references = np.array(rows, dtype=np.int64).T
    return _Shelf(pools, units, early, late, sources, references, list(names))


def date_moves_of(moves: Moves, *, with_address: bool = False) -> list[DateMove]:
    """The moves line by line; or those only that a customer may hear of."""
    chosen = np.arange(len(moves.places))
    if with_address:
        chosen = np.flatnonzero(moves.queues.columns["has_address"][moves.places] > 0)
    if not len(chosen):
        return []
    places = moves.places[chosen]
    after = moves.queues.columns["after"][places].tolist()
    lines = [line._replace(allocated=units) for line, units in zip(moves.queues.lines(places), after, strict=True)]
    likely, safe = (map(day_of, days[chosen].tolist()) for days in (moves.p50_on, moves.promised_on))
    sources = (PromiseSource(SOURCES[place]) for place in moves.sources[chosen].tolist())
    names = (moves.names[place] for place in moves.references[chosen].tolist())
    return list(map(DateMove, lines, likely, safe, sources, names))


def words_of(line_ids: Array, keys: MessageKeys) -> Words:
    """Which message told each line."""
    if not keys:
        return Words(np.zeros(len(line_ids), dtype=np.int64), [""])
    places = {"": 0}
    indexes = [places.setdefault(keys.get(line_id, ""), len(places)) for line_id in line_ids.tolist()]
    return Words(np.array(indexes, dtype=np.int64), list(places))


def record_column_promises(moves: Moves, *, cause: PromiseCause, keys: MessageKeys, now: datetime) -> None:
    """Append the moves to the promise ledger, as `promise_dates.record_promises` does."""
    moved = moves.queues.columns["id"][moves.places]
    copy_columns(
        Promise,
        {
            "line": moved,
            "p50_on": Nullable(moves.p50_on, moves.p50_on == MISSING),
            "promised_on": Nullable(moves.promised_on, moves.promised_on == MISSING),
            "source": Words(moves.sources, SOURCES),
            "source_reference": Words(moves.references, moves.names),
            "message_key": words_of(moved, keys),
        },
        cause=cause.value,
        made_at=now,
    )
