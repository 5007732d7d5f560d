"""One shard of a run: decide on locked rows, write the differences, move the promises, tell the customers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from backorders.allocation.inbound import read_inbound
from backorders.allocation.multi_warehouse import plan_pools, with_preferences
from backorders.allocation.planned_pegs import Planned, keep_planned, store_waits
from backorders.allocation.pool_plans import PoolPlan
from backorders.engine.allocation.future_supply import Inbound
from backorders.enums import AllocationKind, AllocationState, EventKind, PromiseCause
from backorders.letters.letters import Dates, MessageKeys, News, tell_all
from backorders.letters.timeline import Event, record_events
from backorders.models import Allocation, AllocationRun, AwayResult, OrderLine, RunException, RunResult
from backorders.planning.reasons import likely_reasons
from backorders.promising.promise_dates import record_promises, served_promises, tell_new_dates
from backorders.promising.queue_dates import promised_dates
from backorders.queue.compiled_policy import CompiledPolicy, default_policy
from backorders.queue.other_warehouses import HeldElsewhere
from backorders.queue.queues import PoolKey, QueueLine, pool_key, read_queues
from config.lib.bulk import any_of, copy_rows
from inventory.models import Product, StockLevel
from notifications.payloads import BackorderOpened, GoodsAllocated


class PoolDecision(NamedTuple):
    """What a policy decided for one pool; `stock_level_id` is None where the product never lay in the warehouse."""

    stock_level_id: int | None
    plan: PoolPlan
    free: int = 0
    pack: int = 1
    levels: Mapping[int, StockLevel] = {}  # the product's pools by warehouse
    inbound: Inbound | None = None  # what a policy that looks ahead saw on its way

    @property
    def queue(self) -> list[QueueLine]:
        return self.plan.queue


class Change(NamedTuple):
    """A line whose soft allocation a run changes; `away`: what it held in that other warehouse than its own."""

    line: QueueLine
    stock_level_id: int
    after: int
    away: HeldElsewhere | None = None

    @property
    def gain(self) -> int:
        return self.after - (self.away.units if self.away else self.line.soft)

    @property
    def replaces(self) -> int | None:
        """The allocation that ends."""
        return (self.away.allocation_id or None) if self.away else self.line.soft_id


def decide(
    product_ids: Collection[int],
    policy: CompiledPolicy,
    *,
    now: datetime,
    warehouse_id: int | None = None,
    lock: bool = True,
) -> list[PoolDecision]:
    """Rank and serve each pool of the products on paper; with `lock` its lines, then its stock, are locked first."""
    reads = policy.reads | default_policy().reads  # the promises that follow go by the default policy
    queues = read_queues(product_ids, reads=reads, warehouse_id=warehouse_id, lock=lock)
    found = StockLevel.objects.filter(product_id__in=product_ids)
    levels: dict[int, dict[int, StockLevel]] = defaultdict(dict)
    for level in found.locked() if lock else found:
        levels[level.product_id][level.warehouse_id] = level
    free = {
        (product_id, place): level.available for product_id in levels for place, level in levels[product_id].items()
    }
    packs = dict(Product.objects.filter(pk__in=product_ids).values_list("pk", "pack_size"))
    coming = read_inbound(product_ids, today=timezone.localdate(now)) if policy.looks_ahead else None
    asked, limited = with_preferences(queues, policy), warehouse_id is not None
    plans = plan_pools(asked, policy, free=free, packs=packs, now=now, limited=limited, inbound=coming)
    decisions = []
    for pool, plan in sorted(plans.items()):
        here = levels[pool[0]].get(pool[1])
        level_id = here.pk if here else None
        inbound = None if coming is None else coming.get(pool, Inbound())
        decisions.append(PoolDecision(level_id, plan, free.get(pool, 0), packs[pool[0]], levels[pool[0]], inbound))
    return decisions


def serve(decisions: Sequence[PoolDecision], *, run: AllocationRun, now: datetime, whole: bool | None = None) -> None:
    """Apply the decisions: only differences are written. `whole`: they are about all queues of their products."""
    changes = list(_changes(decisions))
    apply_changes(changes, now=now, run_id=run.pk)
    gains = gains_by_line(changes)
    open_backorders({change.line.id: change.line for change in changes if gains[change.line.id] < 0}.values(), now=now)
    keep_planned(run, planned(decisions), now=now)
    moves = served_promises(
        _queues_after(decisions), whole=run.warehouse_id is None if whole is None else whole, now=now
    )

    fact = f"run:{run.pk}:{min((line.id for decision in decisions for line in decision.queue), default=0)}"
    dates = promised_dates(moves)
    batch = batch_of(run)
    waits = [wait for decision in decisions for wait in decision.plan.waits]
    patient = {wait.line for wait in waits}  # goods that come in time are kept for them: nobody is worse off
    heard = [change for change in changes if gains[change.line.id] > 0 or change.line.id not in patient]
    keys = tell_changes(heard, dates, fact=fact, cause=str(run), batch=batch, now=now)
    lent = {int(wait.line): "" for wait in waits if wait.lent_to}  # their orders are complete when they would have been
    date_keys = tell_new_dates(moves, fact=fact, cause=str(run), batch=batch, now=now, told_already=keys | lent)
    record_events(_events(gains, keys), now=now, run_id=run.pk)
    record_promises(moves, cause=PromiseCause.RUN, keys=keys | date_keys, now=now)


def apply_changes(changes: Sequence[Change], *, now: datetime, run_id: int | None) -> None:
    """Release what a change replaces, then copy in the new allocations; the counters follow by trigger."""
    replaced = [change.replaces for change in changes if change.replaces]
    Allocation.objects.filter(any_of("pk", replaced)).update(state=AllocationState.RELEASED, ended_at=now)
    copy_rows(
        Allocation,
        ["line", "product", "stock_level", "quantity", "is_away", "kind", "state", "run", "made_at"],
        (
            (
                change.line.id,
                change.line.product_id,
                change.stock_level_id,
                change.after,
                change.away is not None,
                AllocationKind.SOFT.value,
                AllocationState.ACTIVE.value,
                run_id,
                now,
            )
            for change in changes
            if change.after
        ),
    )


def store_results(run: AllocationRun, decisions: Sequence[PoolDecision]) -> None:
    """One result per line, in figures; sentences are made of them when somebody reads the run."""
    copy_rows(
        RunResult,
        [
            *("run_id", "line_id", "product_id", "warehouse_id", "open", "before", "after", "supply"),
            *("rank", "queue_length", "lines_before", "units_before", "kept_behind", "more_units", "reason"),
            *("strategy", "segment"),
        ],
        (row for decision in decisions for row in _result_rows(run.pk, decision)),
    )
    copy_rows(
        AwayResult,
        ["run_id", "line_id", "warehouse_id", "before", "after"],
        ((run.pk, *row) for decision in decisions for row in _away_rows(decision)),
    )
    store_exceptions(run, decisions)
    store_waits(run.pk, planned(decisions))


def planned(decisions: Iterable[PoolDecision]) -> list[Planned]:
    """What policies that look ahead keep of goods on their way; where a guarantee stopped a queue, all stays there."""
    return [
        (decision.queue, decision.plan.waits)
        for decision in decisions
        if decision.inbound is not None and (decision.plan.served_by or not decision.plan.exceptions)
    ]


def store_exceptions(run: AllocationRun, decisions: Iterable[PoolDecision]) -> None:
    """Which guarantees could not be met, and which policy served their pools instead."""
    RunException.objects.bulk_create(
        RunException(
            run=run,
            line_id=exception.line,
            product_id=decision.queue[0].product_id,
            warehouse_id=decision.queue[0].warehouse_id,
            strategy=exception.strategy.value,
            missing=exception.missing,
            served_by=decision.plan.served_by,
        )
        for decision in decisions
        for exception in decision.plan.exceptions
    )


def _result_rows(run_id: int, decision: PoolDecision) -> Iterator[tuple[object, ...]]:
    lines: dict[int | str, QueueLine] = {line.id: line for line in decision.queue}
    length, strategies = len(decision.plan.explanations), decision.plan.strategies
    for told in decision.plan.explanations:
        line = lines[told.line]
        yield (
            *(run_id, line.id, line.product_id, line.warehouse_id),
            *(line.movable, line.soft + line.away, decision.plan.units_after(line), decision.plan.supply),
            *(told.rank, length, told.lines_before, told.units_before, told.kept_behind, told.more_units),
            *(told.reason.value, strategies[line.segment].value, line.segment),
        )


def _away_rows(decision: PoolDecision) -> Iterator[tuple[int, int, int, int]]:
    """What lines that take part hold elsewhere, before and after, by line and warehouse."""
    lines = {line.id: line for line in decision.queue}
    for told in decision.plan.explanations:
        line = lines[int(told.line)]
        after = decision.plan.away_after(line)
        before = {held.warehouse_id: held.units for held in line.elsewhere}
        for place in sorted({*before, *after}):
            yield line.id, place, before.get(place, 0), after.get(place, 0)


def _changes(decisions: Iterable[PoolDecision]) -> Iterator[Change]:
    for decision in decisions:
        for line in decision.queue:
            after = decision.plan.result.given.get(line.id, line.soft)
            if after != line.soft and decision.stock_level_id:
                yield Change(line, decision.stock_level_id, after)
            if line.id in decision.plan.away:
                yield from _away_changes(line, decision)


def _away_changes(line: QueueLine, decision: PoolDecision) -> Iterator[Change]:
    after, held = decision.plan.away[line.id], {each.warehouse_id: each for each in line.elsewhere}
    for place in sorted({*after, *held}):
        before = held.get(place, HeldElsewhere(place, 0))
        if after.get(place, 0) != before.units:
            yield Change(line, decision.levels[place].pk, after.get(place, 0), before)


def _queues_after(decisions: Iterable[PoolDecision]) -> dict[PoolKey, list[QueueLine]]:
    """The queues as they stand once the decisions are applied: nobody else may change them while they are locked."""
    queues = {}
    for decision in decisions:
        queues[pool_key(decision.queue[0])] = [
            line._replace(allocated=line.fixed + decision.plan.units_after(line)) for line in decision.queue
        ]
    return queues


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


def batch_of(run: AllocationRun) -> str:
    """The key under which all letters of a run wait for each other."""
    return f"run:{run.pk}"


def tell_changes(
    changes: Sequence[Change],
    dates: Dates,
    *,
    fact: str,
    cause: str,
    batch: str,
    now: datetime,
    holding: Mapping[int, int] | None = None,
) -> MessageKeys:
    """Good news for who gains, bad news for who loses the cover of a line; each order hears of each once.

    `holding` is what lines will hold, where the changes are not written yet.
    """
    gains = gains_by_line(changes)
    gained = {pk: units for pk, units in gains.items() if units > 0}
    lost = {pk: -units for pk, units in gains.items() if units < 0}
    news = [
        News(GoodsAllocated, gained, f"{fact}:allocated", cause, batch=batch),
        News(BackorderOpened, lost, f"{fact}:lost", cause, batch=batch),
    ]
    gained_keys, lost_keys = tell_all(news, now=now, dates=dates, holding=holding)
    return gained_keys | lost_keys


def gains_by_line(changes: Iterable[Change]) -> dict[int, int]:
    """What each line gains or loses, wherever it lies: units that only change their warehouse are no news."""
    gains: dict[int, int] = defaultdict(int)
    for change in changes:
        gains[change.line.id] += change.gain
    return gains


def _events(gains: Mapping[int, int], keys: MessageKeys) -> Iterator[Event]:
    for line_id, units in gains.items():
        if units:
            kind = EventKind.ALLOCATED if units > 0 else EventKind.TAKEN_BACK
            yield Event(line_id, kind, abs(units), message_key=keys.get(line_id, ""))
