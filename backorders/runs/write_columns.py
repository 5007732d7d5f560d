"""One shard of a run in columns: the same rows as `serving` writes, without a Python object for each.

Lines whose customers hear of it are the exception: their letters are made line by line, as everywhere.
"""

from dataclasses import replace
from datetime import datetime

import numpy as np

from backorders.engine.columns.pools import MISSING, NEVER, REASONS
from backorders.enums import EventKind, PromiseCause
from backorders.letters.letters import MessageKeys
from backorders.models import AllocationRun, LineEvent, RunResult, Serving
from backorders.promising.column_dates import Moves, column_moves, loud_moves, words_of
from backorders.promising.promise_dates import remember_served, tell_new_dates
from backorders.promising.queue_dates import promised_dates
from backorders.queue.compiled_policy import CompiledPolicy, default_policy
from backorders.queue.queue_columns import Decided, ranked_columns
from backorders.queue.queue_reading import SOURCES, Queues
from backorders.runs.write_shard import Change, batch_of, open_backorders, tell_changes
from config.lib.columns import Array, Nullable, Words, copy_arrays, copy_columns

EVENTS = (EventKind.ALLOCATED, EventKind.TAKEN_BACK)


def store_column_results(run: AllocationRun, decided: Decided, policy: CompiledPolicy) -> None:
    """One result per line, in figures, as `serving.store_results` writes them."""
    ids = decided.queues.columns["id"][decided.taking_part]
    order = np.argsort(ids)  # into the index in its order
    places, story = decided.taking_part[order], decided.story.of(order)
    served = decided.queues.of(places)
    columns, pool = served.columns, served.pool
    lengths = np.bincount(pool)
    copy_columns(
        RunResult,
        {
            "line_id": columns["id"],
            "product_id": columns["product_id"],
            "warehouse_id": columns["warehouse_id"],
            "open": columns["open"] - columns["allocated"] + columns["soft"],
            "before": columns["soft"],
            "after": decided.given[places],
            "supply": decided.supply[pool],
            "rank": story.rank,
            "queue_length": lengths[pool],
            "lines_before": story.lines_before,
            "units_before": story.units_before,
            "kept_behind": story.kept_behind,
            "more_units": Nullable(story.more_units, story.more_units == NEVER),
            "reason": Words(story.reason, [reason.value for reason in REASONS]),
            "strategy": Words(columns["segment"], [strategy.value for strategy in policy.strategies]),
            "segment": columns["segment"],
        },
        run_id=run.pk,
    )


def serve_columns(decided: Decided, *, run: AllocationRun, policy: CompiledPolicy, now: datetime) -> None:
    """Apply the decisions, as `serving.serve` does: only differences are written, each line once."""
    queues, given = decided.queues, decided.given
    gain = given - queues.columns["soft"]
    changed = np.flatnonzero((gain != 0) & (queues.levels[queues.pool] != 0))
    changed = changed[np.argsort(queues.columns["id"][changed])]
    newly_short = (gain[changed] < 0) & (queues.columns["is_backorder"][changed] == 0)
    products, of_product = np.unique(queues.columns["product_id"][changed], return_inverse=True)
    missing = -np.bincount(of_product, weights=gain[changed], minlength=len(products)).astype(np.int64)
    lacking = dict(zip(products.tolist(), missing.tolist(), strict=True))
    open_backorders(queues.lines(changed[newly_short]), now=now, missing=lacking)
    if run.warehouse_id is None:
        remember_served(set(queues.columns["product_id"].tolist()), now=now)

    promised, moves = _moves(decided, policy, now=now)
    fact = f"run:{run.pk}:{int(queues.columns['id'].min(initial=0))}"
    loud = changed[queues.columns["has_address"][changed] > 0]
    levels = queues.levels[queues.pool[loud]].tolist()
    changes = list(map(Change, queues.lines(loud), levels, given[loud].tolist()))
    holding = {change.line.id: change.line.allocated + change.gain for change in changes}
    heard = loud_moves(promised, moves)
    dates = promised_dates(heard)
    batch = batch_of(run)
    keys = tell_changes(changes, dates, fact=fact, cause=str(run), batch=batch, now=now, holding=holding)
    date_keys = tell_new_dates(
        heard, fact=fact, cause=str(run), batch=batch, now=now, told_already=keys, holding=holding
    )

    _write(decided, changed, promised, moves, keys=keys | date_keys, run=run, now=now)
    copy_columns(
        LineEvent,
        {
            "line": queues.columns["id"][changed],
            "kind": Words((gain[changed] < 0).astype(np.int64), [kind.value for kind in EVENTS]),
            "quantity": np.abs(gain[changed]),
            "message_key": words_of(queues.columns["id"][changed], keys),
        },
        note="",
        run=run.pk,
        made_by=None,
        made_at=now,
    )


def _write(
    decided: Decided,
    changed: Array,
    promised: Queues,
    moves: Moves,
    *,
    keys: MessageKeys,
    run: AllocationRun,
    now: datetime,
) -> None:
    """Allocations and promises with their counters: what the lines at these places get, and the moves."""
    queues = decided.queues
    changed_ids, moved_ids = queues.columns["id"][changed], promised.columns["id"][moves.places]
    ids = np.union1d(changed_ids, moved_ids)
    if not len(ids):
        return

    def of_changed(values: Array) -> Array:
        return _spread(values[changed], np.searchsorted(ids, changed_ids), len(ids))

    def of_moved(values: Array) -> Array:
        return _spread(values, np.searchsorted(ids, moved_ids), len(ids))

    told = words_of(moved_ids, keys)
    copy_arrays(
        Serving,
        {
            "lines": ids,
            "levels": of_changed(queues.levels[queues.pool]),
            "ended": of_changed(queues.columns["soft_id"]),
            "before": of_changed(queues.columns["soft"]),
            "after": of_changed(decided.given),
            "is_moved": of_moved(np.ones(len(moved_ids), dtype=np.int64)),
            "p50_on": Nullable(of_moved(moves.p50_on), of_moved(moves.p50_on == MISSING)),
            "promised_on": Nullable(of_moved(moves.promised_on), of_moved(moves.promised_on == MISSING)),
            "sources": Words(of_moved(moves.sources), SOURCES),
            "refs": Words(of_moved(moves.references), moves.names),
            "message_keys": Words(of_moved(told.places), told.texts),
        },
        run_id=run.pk,
        made_at=now,
        cause=PromiseCause.RUN.value,
    )


def _spread(values: Array, places: Array, size: int) -> Array:
    """The values at their places in a column of this size, zero elsewhere."""
    spread = np.zeros(size, dtype=values.dtype)
    spread[places] = values
    return spread


def _moves(decided: Decided, policy: CompiledPolicy, *, now: datetime) -> tuple[Queues, Moves]:
    """The promises that are other ones now, and the queues that they go by: those of the default policy."""
    queues, given = decided.queues, decided.given
    gain = given - queues.columns["soft"]
    queues = replace(queues, columns=queues.columns | {"after": queues.columns["allocated"] + gain})
    usual = default_policy()
    promised = (
        queues
        if usual.segments == policy.segments and usual.definition.age_boost_days == policy.definition.age_boost_days
        else ranked_columns(queues, usual, now=now)
    )
    pools, starts = np.unique(queues.pool, return_index=True)
    products, warehouses = (queues.columns[name][starts].tolist() for name in ("product_id", "warehouse_id"))
    units = np.bincount(queues.pool, weights=gain)[pools].astype(np.int64).tolist()
    taken = dict(zip(zip(products, warehouses, strict=True), units, strict=True))
    return promised, column_moves(promised, promised.columns["after"], now=now, taken=taken)
