"""One shard of a run: decide on locked rows, write the differences, move the promises, tell the customers."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from backorders.enums import AllocationKind, AllocationState, EventKind, PromiseCause
from backorders.models import Allocation, AllocationRun, OrderLine, RunException, RunResult
from backorders.services.letters import Dates, MessageKeys, News, tell_all
from backorders.services.promising import record_promises, served_promises, tell_new_dates
from backorders.services.queue_dates import promised_dates
from backorders.services.queues import PoolKey, PoolPlan, QueueLine, plan_pool, read_queues
from backorders.services.reasons import likely_reasons
from backorders.services.rules import Rules, default_rules
from backorders.services.timeline import Event, record_events
from config.lib.bulk import any_of, copy_rows
from inventory.models import Product, StockLevel
from notifications.payloads import BackorderOpened, GoodsAllocated


class PoolDecision(NamedTuple):
    """What a policy decided for one pool; `stock_level_id` is None where the product never lay in the warehouse."""

    stock_level_id: int | None
    plan: PoolPlan
    free: int = 0
    pack: int = 1

    @property
    def queue(self) -> list[QueueLine]:
        return self.plan.queue


class Change(NamedTuple):
    """A line whose soft allocation a run changes."""

    line: QueueLine
    stock_level_id: int
    after: int

    @property
    def gain(self) -> int:
        return self.after - self.line.soft


def decide(
    product_ids: Collection[int], rules: Rules, *, now: datetime, warehouse_id: int | None = None, lock: bool = True
) -> list[PoolDecision]:
    """Rank and serve each pool of the products on paper; with `lock` its lines, then its stock, are locked first."""
    reads = rules.reads | default_rules().reads  # the promises that follow go by the default policy
    queues = read_queues(product_ids, reads=reads, warehouse_id=warehouse_id, lock=lock)
    levels = StockLevel.objects.filter(product_id__in=product_ids)
    pools = {(level.product_id, level.warehouse_id): level for level in (levels.locked() if lock else levels)}
    packs = dict(Product.objects.filter(pk__in=product_ids).values_list("pk", "pack_size"))
    decisions = []
    for pool, lines in sorted(queues.items()):
        level = pools.get(pool)
        free = level.available if level else 0
        plan = plan_pool(lines, rules, free=free, packs=packs, now=now)
        decisions.append(PoolDecision(level.pk if level else None, plan, free, packs[pool[0]]))
    return decisions


def serve(decisions: Sequence[PoolDecision], *, run: AllocationRun, now: datetime, whole: bool | None = None) -> None:
    """Apply the decisions: only differences are written. `whole`: they are about all queues of their products."""
    changes = list(_changes(decisions))
    apply_changes(changes, now=now, run_id=run.pk)
    open_backorders([change.line for change in changes if change.gain < 0], now=now)
    moves = served_promises(
        _queues_after(decisions), whole=run.warehouse_id is None if whole is None else whole, now=now
    )

    fact = f"run:{run.pk}:{min((line.id for decision in decisions for line in decision.queue), default=0)}"
    dates = promised_dates(moves)
    batch = batch_of(run)
    keys = tell_changes(changes, dates, fact=fact, cause=str(run), batch=batch, now=now)
    date_keys = tell_new_dates(moves, fact=fact, cause=str(run), batch=batch, now=now, told_already=keys)
    record_events(_events(changes, keys), now=now, run_id=run.pk)
    record_promises(moves, cause=PromiseCause.RUN, keys=keys | date_keys, now=now)


def apply_changes(changes: Sequence[Change], *, now: datetime, run_id: int | None) -> None:
    """Release what a change replaces, then copy in the new allocations; the counters follow by trigger."""
    replaced = [change.line.soft_id for change in changes if change.line.soft_id]
    Allocation.objects.filter(any_of("pk", replaced)).update(state=AllocationState.RELEASED, ended_at=now)
    copy_rows(
        Allocation,
        ["line", "product", "stock_level", "quantity", "kind", "state", "run", "made_at"],
        (
            (
                change.line.id,
                change.line.product_id,
                change.stock_level_id,
                change.after,
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
    store_exceptions(run, decisions)


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
    given = decision.plan.result.given
    length, strategies = len(decision.plan.explanations), decision.plan.strategies
    for told in decision.plan.explanations:
        line = lines[told.line]
        yield (
            *(run_id, line.id, line.product_id, line.warehouse_id),
            *(line.open - line.fixed, line.soft, given[line.id], decision.plan.supply),
            *(told.rank, length, told.lines_before, told.units_before, told.kept_behind, told.more_units),
            *(told.reason.value, strategies[line.segment].value, line.segment),
        )


def _changes(decisions: Iterable[PoolDecision]) -> Iterator[Change]:
    for decision in decisions:
        for line in decision.queue:
            after = decision.plan.result.given.get(line.id, line.soft)
            if after != line.soft and decision.stock_level_id:
                yield Change(line, decision.stock_level_id, after)


def _queues_after(decisions: Iterable[PoolDecision]) -> dict[PoolKey, list[QueueLine]]:
    """The queues as they stand once the decisions are applied: nobody else may change them while they are locked."""
    queues = {}
    for decision in decisions:
        given, first = decision.plan.result.given, decision.queue[0]
        queues[first.product_id, first.warehouse_id] = [
            line._replace(allocated=line.fixed + given.get(line.id, line.soft)) for line in decision.queue
        ]
    return queues


def open_backorders(losers: Iterable[QueueLine], *, now: datetime) -> None:
    """A line that had all it needed and loses some becomes a backorder, with a reason."""
    lost = [line for line in losers if not line.is_backorder]
    reasons = likely_reasons(dict.fromkeys((line.product_id for line in lost), 0), now=now)
    for product_id, reason in reasons.items():
        OrderLine.objects.filter(any_of("pk", [line.id for line in lost if line.product_id == product_id])).update(
            backordered_at=now, reason=reason
        )


def batch_of(run: AllocationRun) -> str:
    """The key under which all letters of a run wait for each other."""
    return f"run:{run.pk}"


def tell_changes(
    changes: Sequence[Change], dates: Dates, *, fact: str, cause: str, batch: str, now: datetime
) -> MessageKeys:
    """Good news for who gains, bad news for who loses the cover of a line; each order hears of each once."""
    gained = {change.line.id: change.gain for change in changes if change.gain > 0}
    lost = {change.line.id: -change.gain for change in changes if change.gain < 0}
    news = [
        News(GoodsAllocated, gained, f"{fact}:allocated", cause, batch=batch),
        News(BackorderOpened, lost, f"{fact}:lost", cause, batch=batch),
    ]
    gained_keys, lost_keys = tell_all(news, now=now, dates=dates)
    return gained_keys | lost_keys


def _events(changes: Iterable[Change], keys: MessageKeys) -> Iterator[Event]:
    for change in changes:
        kind = EventKind.ALLOCATED if change.gain > 0 else EventKind.TAKEN_BACK
        yield Event(change.line.id, kind, abs(change.gain), message_key=keys.get(change.line.id, ""))
