"""One shard of a run, once it is decided: its results, then the differences, the promises and what customers hear.

All of it is columns: a Python object is made only for a line whose customer hears of it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np

from backorders.allocation.decide import Decided, ElsewhereChange
from backorders.allocation.planned_pegs import Planned, keep_planned, store_waits
from backorders.engine.columns.pools import MISSING, NEVER, REASONS, STRATEGIES
from backorders.enums import AllocationKind, AllocationState, EventKind, PromiseCause
from backorders.letters.letters import MessageKeys, News, tell_all
from backorders.models import (
    Allocation,
    AllocationRun,
    AwayResult,
    LineEvent,
    OrderLine,
    RunException,
    RunResult,
    Serving,
)
from backorders.planning.reasons import likely_reasons
from backorders.promising.column_dates import Moves, date_moves_of, moves_after, words_of
from backorders.promising.promise_dates import remember_served, tell_new_dates
from backorders.promising.queue_dates import promised_dates
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queue_reading import SOURCES
from backorders.queue.queues import QueueLine
from config.lib.bulk import any_of, copy_rows
from config.lib.columns import Array, Nullable, Words, copy_arrays, copy_columns
from notifications.payloads import BackorderOpened, GoodsAllocated

EVENTS = (EventKind.ALLOCATED, EventKind.TAKEN_BACK)


def store_results(run: AllocationRun, decided: Decided) -> None:
    """One result per line, in figures; sentences are made of them when somebody reads the run."""
    # In the order of the index (run, line), so that its pages are filled one after the other.
    order = np.argsort(decided.queues.columns["id"][decided.taking_part])
    places, story = decided.taking_part[order], decided.story.of(order)
    served = decided.queues.of(places)
    columns, pool = served.columns, served.pool
    before = columns["soft"] + columns["away"]
    copy_columns(
        RunResult,
        {
            "line_id": columns["id"],
            "product_id": columns["product_id"],
            "warehouse_id": columns["warehouse_id"],
            "open": columns["open"] - columns["allocated"] + before,  # pinned and picked units are no matter of a run
            "before": before,
            "after": decided.given[places] + decided.away[places],
            "supply": decided.supply[pool],
            "rank": story.rank,
            "queue_length": np.bincount(pool)[pool],
            "lines_before": story.lines_before,
            "units_before": story.units_before,
            "kept_behind": story.kept_behind,
            "more_units": Nullable(story.more_units, story.more_units == NEVER),
            "reason": Words(story.reason, [reason.value for reason in REASONS]),
            "strategy": Words(decided.strategies[order], [strategy.value for strategy in STRATEGIES]),
            "segment": columns["segment"],
        },
        run_id=run.pk,
    )
    if decided.plans:
        _store_what_plans_add(run, decided)


def _store_what_plans_add(run: AllocationRun, decided: Decided) -> None:
    """Units from other warehouses, guarantees that could not be met, goods on their way that are kept."""
    copy_rows(
        AwayResult,
        ["run_id", "line_id", "warehouse_id", "before", "after"],
        ((run.pk, row.line_id, row.pool[1], row.before.units, row.after) for row in decided.elsewhere()),
    )
    RunException.objects.bulk_create(
        RunException(
            run=run,
            line_id=exception.line,
            product_id=product_id,
            warehouse_id=warehouse_id,
            strategy=exception.strategy.value,
            missing=exception.missing,
            served_by=plan.served_by,
        )
        for (product_id, warehouse_id), plan in decided.plans.items()
        for exception in plan.exceptions
    )
    store_waits(run.pk, planned(decided))


def planned(decided: Decided) -> list[Planned]:
    """What policies that look ahead keep of goods on their way; where a guarantee stopped a queue, all stays there."""
    if decided.inbound is None:
        return []
    return [(plan.queue, plan.waits) for plan in decided.plans.values() if plan.served_by or not plan.exceptions]


def serve(
    decided: Decided, *, run: AllocationRun, usual: CompiledPolicy, now: datetime, whole: bool | None = None
) -> None:
    """Apply the decision: only differences are written, each line once. The promises follow by the policy `usual`.

    `whole`: it is about all queues of its products.
    """
    queues, columns, gain = decided.queues, decided.queues.columns, decided.gain
    if not queues.size:
        return
    changed = np.flatnonzero(gain)
    changed = changed[np.argsort(columns["id"][changed])]
    _open_backorders_of(decided, changed, now=now)
    if decided.plans:
        keep_planned(run, planned(decided), now=now)
    if whole or (whole is None and run.warehouse_id is None):
        remember_served(set(columns["product_id"].tolist()), now=now)

    elsewhere = decided.changes_elsewhere() if decided.plans else []
    moves = moves_after(
        queues,
        columns["allocated"] + gain,
        usual,
        now=now,
        in_order=not decided.plans and (decided.policy is usual or decided.policy.ranks_like(usual)),
        taken=decided.taken(elsewhere),
    )
    gain_keys, date_keys = _tell(decided, changed, moves, run=run, now=now)
    # What ends elsewhere ends before others get it; what begins there begins once the line has given up as much here.
    if ended := [change.before.allocation_id for change in elsewhere if change.before.units]:
        Allocation.objects.filter(any_of("pk", ended)).update(state=AllocationState.RELEASED, ended_at=now)
    _write(decided, moves, keys=gain_keys | date_keys, run=run, now=now)
    if begun := [change for change in elsewhere if change.after]:
        _begin_elsewhere(decided, begun, run=run, now=now)
    copy_columns(
        LineEvent,
        {
            "line": columns["id"][changed],
            "kind": Words((gain[changed] < 0).astype(np.int64), [kind.value for kind in EVENTS]),
            "quantity": np.abs(gain[changed]),
            "message_key": words_of(columns["id"][changed], gain_keys),
        },
        note="",
        run=run.pk,
        made_by=None,
        made_at=now,
    )


def _open_backorders_of(decided: Decided, changed: Array, *, now: datetime) -> None:
    columns, gain = decided.queues.columns, decided.gain
    losers = changed[(gain[changed] < 0) & (columns["is_backorder"][changed] == 0)]
    if not len(losers):
        return
    products, of_product = np.unique(columns["product_id"][changed], return_inverse=True)
    missing = -np.bincount(of_product, weights=gain[changed], minlength=len(products)).astype(np.int64)
    lacking = dict(zip(products.tolist(), missing.tolist(), strict=True))
    open_backorders(decided.queues.lines(losers), now=now, missing=lacking)


def open_backorders(losers: Iterable[QueueLine], *, now: datetime, missing: Mapping[int, int] | None = None) -> None:
    """A line that had all it needed and loses some becomes a backorder, with a reason.

    `missing` is how many units more the lines of each product will lack, where that is not written yet.
    """
    lost = [line for line in losers if not line.is_backorder]
    reasons = likely_reasons({line.product_id: (missing or {}).get(line.product_id, 0) for line in lost}, now=now)
    for product_id, reason in reasons.items():
        OrderLine.objects.filter(any_of("pk", [line.id for line in lost if line.product_id == product_id])).update(
            backordered_at=now, reason=reason
        )


def _tell(
    decided: Decided, changed: Array, moves: Moves, *, run: AllocationRun, now: datetime
) -> tuple[MessageKeys, MessageKeys]:
    """Good news for who gains, bad news for who loses the cover of a line, then the new dates; each order hears of each
    once. Returns which message tells which line of units, and which of dates."""
    columns = decided.queues.columns
    loud = changed[columns["has_address"][changed] > 0]
    new_dates = date_moves_of(moves, with_address=True)
    if not len(loud) and not new_dates:
        return {}, {}
    ids, gain = columns["id"][loud].tolist(), decided.gain[loud]
    holding = dict(zip(ids, (columns["allocated"][loud] + gain).tolist(), strict=True))
    gains = dict(zip(ids, gain.tolist(), strict=True))
    waits = [wait for plan in decided.plans.values() for wait in plan.waits]
    patient = {wait.line for wait in waits}  # goods that come in time are kept for them: nobody is worse off
    lost = {pk: -units for pk, units in gains.items() if units < 0 and pk not in patient}
    gained = {pk: units for pk, units in gains.items() if units > 0}
    fact, cause = f"run:{run.pk}:{int(columns['id'].min())}", str(run)
    news = [
        News(GoodsAllocated, gained, f"{fact}:allocated", cause, batch=run.batch),
        News(BackorderOpened, lost, f"{fact}:lost", cause, batch=run.batch),
    ]
    gained_keys, lost_keys = tell_all(news, now=now, dates=promised_dates(new_dates), holding=holding)
    keys = gained_keys | lost_keys
    lent = {int(wait.line): "" for wait in waits if wait.lent_to}  # their orders are complete when they would have been
    date_keys = tell_new_dates(
        new_dates, fact=fact, cause=cause, batch=run.batch, now=now, told_already=keys | lent, holding=holding
    )
    return keys, date_keys


def _write(decided: Decided, moves: Moves, *, keys: MessageKeys, run: AllocationRun, now: datetime) -> None:
    """What lines hold in their own warehouses, and the promises, with all counters.

    The row is an order to the database, which carries it out and keeps no row: see `Serving`.
    """
    queues, columns = decided.queues, decided.queues.columns
    changed = np.flatnonzero(decided.given != columns["soft"])
    changed = changed[np.argsort(columns["id"][changed])]
    changed_ids, moved_ids = columns["id"][changed], moves.queues.columns["id"][moves.places]
    # A line may get units, a date or both: it stands once among all of them, with zeros for what stays as it is.
    ids = np.union1d(changed_ids, moved_ids)
    if not len(ids):
        return
    of_changed, of_moved = np.searchsorted(ids, changed_ids), np.searchsorted(ids, moved_ids)

    def spread(values: Array, places: Array) -> Array:
        column = np.zeros(len(ids), dtype=values.dtype)
        column[places] = values
        return column

    message = words_of(moved_ids, keys)
    copy_arrays(
        Serving,
        {
            "lines": ids,
            "levels": spread(queues.levels[queues.pool[changed]], of_changed),
            "ended": spread(columns["soft_id"][changed], of_changed),
            "before": spread(columns["soft"][changed], of_changed),
            "after": spread(decided.given[changed], of_changed),
            "is_moved": spread(np.ones(len(moved_ids), dtype=np.int64), of_moved),
            "p50_on": Nullable(spread(moves.p50_on, of_moved), spread(moves.p50_on == MISSING, of_moved)),
            "promised_on": Nullable(
                spread(moves.promised_on, of_moved), spread(moves.promised_on == MISSING, of_moved)
            ),
            "sources": Words(spread(moves.sources, of_moved), SOURCES),
            "refs": Words(spread(moves.references, of_moved), moves.names),
            "message_keys": Words(spread(message.places, of_moved), message.texts),
        },
        run_id=run.pk,
        made_at=now,
        cause=PromiseCause.RUN.value,
    )


def _begin_elsewhere(
    decided: Decided, changes: Iterable[ElsewhereChange], *, run: AllocationRun, now: datetime
) -> None:
    kind, state = AllocationKind.SOFT.value, AllocationState.ACTIVE.value
    copy_rows(
        Allocation,
        ["line", "product", "stock_level", "quantity", "is_away", "kind", "state", "run", "made_at"],
        (
            (each.line_id, each.pool[0], decided.queues.stock[each.pool][0], each.after, True, kind, state, run.pk, now)
            for each in changes
        ),
    )
