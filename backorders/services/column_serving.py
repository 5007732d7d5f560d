"""One shard of a run in columns: the same rows as `serving` writes, without a Python object for each.

Lines whose customers hear of it are the exception: their letters are made line by line, as everywhere.
"""

from dataclasses import replace
from datetime import datetime

import numpy as np

from backorders.engine.columns import NEVER, REASONS
from backorders.enums import AllocationKind, AllocationState, EventKind, PromiseCause
from backorders.models import Allocation, AllocationRun, LineEvent, RunResult
from backorders.services.column_dates import Moves, column_moves, loud_moves, record_column_promises, words_of
from backorders.services.promising import remember_served, tell_new_dates
from backorders.services.queue_columns import Decided, ranked_columns
from backorders.services.queue_dates import promised_dates
from backorders.services.queue_reading import Queues
from backorders.services.rules import Rules, default_rules
from backorders.services.serving import Change, batch_of, open_backorders, tell_changes
from config.lib.bulk import any_of
from config.lib.columns import Array, Nullable, Words, copy_columns

EVENTS = (EventKind.ALLOCATED, EventKind.TAKEN_BACK)


def store_column_results(run: AllocationRun, decided: Decided, rules: Rules) -> None:
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
            "strategy": Words(columns["segment"], [strategy.value for strategy in rules.strategies]),
            "segment": columns["segment"],
        },
        run_id=run.pk,
    )


def serve_columns(decided: Decided, *, run: AllocationRun, rules: Rules, now: datetime) -> None:
    """Apply the decisions, as `serving.serve` does: only differences are written."""
    queues, given = decided.queues, decided.given
    gain = given - queues.columns["soft"]
    changed = np.flatnonzero((gain != 0) & (queues.levels[queues.pool] != 0))
    changed = changed[np.argsort(queues.columns["id"][changed])]
    _apply(queues, given, changed, run=run, now=now)
    newly_short = (gain[changed] < 0) & (queues.columns["is_backorder"][changed] == 0)
    open_backorders(queues.lines(changed[newly_short]), now=now)
    if run.warehouse_id is None:
        remember_served(set(queues.columns["product_id"].tolist()), now=now)

    promised, moves = _moves(decided, rules, now=now)
    fact = f"run:{run.pk}:{int(queues.columns['id'].min(initial=0))}"
    loud = changed[queues.columns["has_address"][changed] > 0]
    levels = queues.levels[queues.pool[loud]].tolist()
    changes = list(map(Change, queues.lines(loud), levels, given[loud].tolist()))
    heard = loud_moves(promised, moves)
    dates = promised_dates(heard)
    batch = batch_of(run)
    keys = tell_changes(changes, dates, fact=fact, cause=str(run), batch=batch, now=now)
    date_keys = tell_new_dates(heard, fact=fact, cause=str(run), batch=batch, now=now, told_already=keys)

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
    record_column_promises(promised, moves, cause=PromiseCause.RUN, keys=keys | date_keys, now=now)


def _apply(queues: Queues, given: Array, changed: Array, *, run: AllocationRun, now: datetime) -> None:
    """Release what is replaced, then copy in the new allocations; the counters follow by trigger."""
    replaced = queues.columns["soft_id"][changed]
    Allocation.objects.filter(any_of("pk", replaced[replaced > 0].tolist())).update(
        state=AllocationState.RELEASED, ended_at=now
    )
    holding = changed[given[changed] > 0]
    copy_columns(
        Allocation,
        {
            "line": queues.columns["id"][holding],
            "product": queues.columns["product_id"][holding],
            "stock_level": queues.levels[queues.pool[holding]],
            "quantity": given[holding],
        },
        kind=AllocationKind.SOFT.value,
        state=AllocationState.ACTIVE.value,
        run=run.pk,
        made_at=now,
    )


def _moves(decided: Decided, rules: Rules, *, now: datetime) -> tuple[Queues, Moves]:
    """The promises that are other ones now, and the queues that they go by: those of the default policy."""
    queues, given = decided.queues, decided.given
    after = queues.columns["allocated"] - queues.columns["soft"] + given
    queues = replace(queues, columns=queues.columns | {"after": after})
    usual = default_rules()
    promised = (
        queues
        if usual.segments == rules.segments and usual.definition.age_boost_days == rules.definition.age_boost_days
        else ranked_columns(queues, usual, now=now)
    )
    return promised, column_moves(promised, promised.columns["after"], now=now)
