"""A shard of a run that follows another one: it writes what that one decided, or takes back what that one wrote.

Nothing is decided anew. A queue that no longer looks as it did is left alone, and the run says so.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from backorders.allocation.decide import from_plans
from backorders.allocation.planned_pegs import copy_waits, restore_planned, what_does_not_come
from backorders.allocation.pool_plans import PoolPlan
from backorders.engine.allocation.future_supply import Wait
from backorders.engine.allocation.pool import PoolResult
from backorders.enums import AllocationKind, EventKind, RunKind
from backorders.letters.timeline import Event, record_events
from backorders.models import Allocation, AllocationRun, AwayResult, LineEvent, OrderLine, RunResult, RunSkip
from backorders.queue.compiled_policy import CompiledPolicy, default_policy
from backorders.queue.queue_reading import Queues, read_queue_columns
from backorders.queue.queues import PoolKey, QueueLine, held_elsewhere
from backorders.runs.quotas import products_requoted
from backorders.runs.results import RunChanges, changes_of
from backorders.runs.shard import Work
from backorders.runs.write_shard import serve
from config.lib.bulk import any_of, copy_rows
from inventory.models import StockLevel

ROLLED_BACK = "rolled_back"
REASONS_TOLD = 3


def write_results(work: Work, product_ids: Collection[int], *, now: datetime) -> None:
    """Write, for these products, what the run that this one follows (or, once weighed, it itself) decided."""
    run, policy, usual = work
    source = run.source_run or run
    changes = changes_of(source, product_ids, policy=policy)
    desk = _read(changes, run, usual, lock=True)
    skips = _what_differs(changes, desk, since=source.started_at)
    plans = {
        pool: desk.plan(
            pool,
            allocated={pk: changes.home_after(result) for pk, result in results.items()},
            away={pk: changes.away_after(pk) for pk in results if pk in changes.away},
            waits=changes.waits.get(pool, ()),
        )
        for pool, results in changes.pools.items()
        if pool not in skips
    }
    decided = from_plans(policy, desk.read, plans, inbound={} if policy.looks_ahead else None)
    serve(decided, run=run, usual=usual, now=now, whole=not skips and run.warehouse_id is None)
    _note_skips(run, skips)
    if source != run:
        _copy_results(run, changes, [result for pool in plans for result in changes.pools[pool].values()])
        copy_waits(run, plans)


def take_back_results(work: Work, product_ids: Collection[int], *, now: datetime) -> None:
    """Give back, for these products, what the source run gave, and restore what it took: whole queues only."""
    run, policy, usual = work
    changes = changes_of(run.source_run or run, product_ids, policy=policy)
    desk = _read(changes, run, usual, lock=True)
    skips = _why_not_back(changes, desk)
    plans: dict[PoolKey, PoolPlan] = {}
    back: list[RunResult] = []
    restored: list[int] = []
    for pool, results in changes.pools.items():
        moved = [result for result in results.values() if changes.moves(result)]
        if pool in skips:
            continue
        restored += results
        if not moved:
            continue
        allocated: dict[int | str, int] = {result.line_id: changes.home_before(result) for result in moved}
        away = {each.line_id: changes.away_before(each.line_id) for each in moved if each.line_id in changes.away}
        plans[pool] = desk.plan(pool, allocated=allocated, away=away)
        back += moved
    restore_planned(run, restored, now=now)
    serve(from_plans(policy, desk.read, plans), run=run, usual=usual, now=now, whole=False)
    _note_skips(run, skips)
    _copy_results(run, changes, back)
    events = [Event(r.line_id, EventKind.ROLLED_BACK, abs(r.after - r.before), note=run.cause) for r in back]
    record_events(events, now=now, by=run.started_by, run_id=run.pk)


def stale_pools(run: AllocationRun) -> list[str]:
    """The queues that changed since a simulation looked at them, and how: applying it would leave them alone."""
    policy, usual = CompiledPolicy.of(run.policy_snapshot), default_policy()
    stale = []
    for product_ids in run.shards.order_by("number").values_list("product_ids", flat=True):
        changes = changes_of(run, product_ids, policy=policy)
        desk = _read(changes, run, usual, lock=False)
        for pool, reason in _what_differs(changes, desk, since=run.started_at).items():
            stale.append(f"{_pool_name(pool)}: {reason}" if pool in desk.read.stock else reason)
    return stale


def what_keeps_it(run: AllocationRun) -> str:
    """Why no queue of an applied run can be taken back; empty where one can."""
    policy, usual = CompiledPolicy.of(run.policy_snapshot), default_policy()
    reasons: list[str] = []
    for product_ids in run.shards.order_by("number").values_list("product_ids", flat=True):
        changes = changes_of(run, product_ids, policy=policy)
        stuck = _why_not_back(changes, _read(changes, run, usual, lock=False))
        if len(stuck) < len(changes.pools):
            return ""
        reasons += stuck.values()
    return " ".join(reasons[:REASONS_TOLD]) or f"{run} changed nothing."


@dataclass(frozen=True, slots=True)
class Desk:
    """Queues and pools as they are now, as read and line by line."""

    read: Queues
    queues: Mapping[PoolKey, list[QueueLine]]

    def free(self, pool: PoolKey) -> int:
        return self.read.stock.get(pool, (0, 0))[1]

    def plan(
        self,
        pool: PoolKey,
        *,
        allocated: dict[int | str, int],
        away: Mapping[int, Mapping[int, int]],
        waits: Sequence[Wait] = (),
    ) -> PoolPlan:
        return PoolPlan(self.queues[pool], 0, PoolResult(allocated, None, [], False), [], (), away=away, waits=waits)


def _read(changes: RunChanges, run: AllocationRun, usual: CompiledPolicy, *, lock: bool) -> Desk:
    """Lines, then stock; with `lock` their rows are locked in primary-key order."""
    product_ids = {product_id for product_id, _ in changes.pools}
    queues = read_queue_columns(product_ids, usual, warehouse_id=run.warehouse_id, lock=lock)
    queues = queues.holding(held_elsewhere(product_ids))
    return Desk(queues, queues.by_pool())


def _pool_name(pool: PoolKey) -> str:
    return str(StockLevel(product_id=pool[0], warehouse_id=pool[1]))


def _what_differs(changes: RunChanges, desk: Desk, *, since: datetime) -> dict[PoolKey, str]:
    """The queues that are not as the run saw them, and in what, in words."""
    requoted = products_requoted(since=since)
    reasons = {
        pool: "A quota has changed." if pool[0] in requoted else _difference(changes, pool, desk, since)
        for pool in changes.pools
    }
    return _all_or_none(changes, {pool: reason for pool, reason in reasons.items() if reason}, desk)


def _why_not_back(changes: RunChanges, desk: Desk) -> dict[PoolKey, str]:
    """The queues of which the changes cannot be taken back, and why, in words."""
    reasons = {pool: _what_keeps(changes, pool, desk) for pool in changes.pools}
    return _all_or_none(changes, {pool: reason for pool, reason in reasons.items() if reason}, desk, back=True)


def _all_or_none(
    changes: RunChanges, reasons: dict[PoolKey, str], desk: Desk, *, back: bool = False
) -> dict[PoolKey, str]:
    """Where units moved between warehouses, what stops one queue of the product stops the others."""
    for product_id in sorted(changes.linked):
        pools = [pool for pool in changes.pools if pool[0] == product_id]
        reason = next((reasons[pool] for pool in pools if pool in reasons), "") or _lacking(
            changes, product_id, desk, back=back
        )
        if reason:
            together = f"Its units come from several warehouses, and in one of them: {reason}"[:300]
            reasons = dict.fromkeys(pools, together) | reasons
    return reasons


def _lacking(changes: RunChanges, product_id: int, desk: Desk, *, back: bool) -> str:
    for pool, units in changes.taken().items():
        needed = -units if back else units
        if pool[0] == product_id and needed > desk.free(pool):
            return f"{needed} units would have to be free in {_pool_name(pool)}: {desk.free(pool)} are."
    return ""


def _difference(changes: RunChanges, pool: PoolKey, desk: Desk, since: datetime) -> str:
    """What is not as it was when the run looked at this queue, in words; empty where nothing is."""
    results, lines = changes.pools[pool], {line.id: line for line in desk.queues.get(pool, [])}
    for line_id, result in results.items():
        line = lines.get(line_id)
        if line is None:
            return f"{_name(line_id)} is closed."
        if line.movable != result.open or _holds(line) != (changes.home_before(result), changes.away_before(line_id)):
            now = f"{line.soft + line.away} of {line.movable}"
            return f"{_name(line_id)} holds {now} units now, not {result.before} of {result.open}."
        if line.held_until and line.held_until > timezone.localdate(since) and changes.moves(result):
            return f"{_name(line_id)} is on hold until {line.held_until:%-d %b %Y}."
    if pool not in desk.read.stock and pool[0] not in changes.linked:
        return "This warehouse does not stock the product."
    held_then = sum(map(changes.home_before, results.values())) + sum(row.before for row in changes.guests(pool))
    free_then = next(iter(results.values())).supply - held_then
    if desk.free(pool) != free_then:
        return f"{desk.free(pool)} units are free now, not {free_then}."
    newcomers = lines.keys() - results.keys()
    if newcomers and (placed := _placed_since(newcomers, since)):
        return f"{_name(placed)} was added."
    return what_does_not_come(changes.waits.get(pool, ()))


def _what_keeps(changes: RunChanges, pool: PoolKey, desk: Desk) -> str:
    """What keeps the changes of a queue from being taken back, in words; empty where nothing does."""
    lines = {line.id: line for line in desk.queues.get(pool, [])}
    moved = [result for result in changes.pools[pool].values() if changes.moves(result)]
    for result in moved:
        line = lines.get(result.line_id)
        if line is None:
            return f"{_name(result.line_id)} was shipped or cancelled."
        expected = changes.home_after(result), changes.away_after(line.id)
        if line.movable != result.open or _holds(line) != expected:
            return _what_happened_to(line, result)
    needed = sum(changes.home_before(result) - changes.home_after(result) for result in moved)
    if needed > desk.free(pool):
        return f"{needed} units would have to be free: {desk.free(pool)} are."
    return ""


def _holds(line: QueueLine) -> tuple[int, dict[int, int]]:
    """What it holds softly at home, and elsewhere by warehouse."""
    return line.soft, {part.warehouse_id: part.units for part in line.elsewhere}


def _what_happened_to(line: QueueLine, result: RunResult) -> str:
    hard = Allocation.objects.active().filter(line_id=line.id, kind=AllocationKind.HARD).select_related("shipment")
    if picked := hard.first():
        return f"{_name(line.id)} is on pick list {picked.shipment}."
    if line.shipped:
        return f"{_name(line.id)} was shipped in part."
    return f"{_name(line.id)} was changed since: it holds {line.soft + line.away} units softly, not {result.after}."


def _copy_results(run: AllocationRun, changes: RunChanges, results: Sequence[RunResult]) -> None:
    """The follower's results are the source's; a roll-back's are the source's turned round."""
    back = run.kind == RunKind.ROLLBACK
    names = [field.attname for field in RunResult._meta.concrete_fields]
    rows = []
    for result in results:
        values = {name: getattr(result, name) for name in names} | {"run_id": run.pk}
        if back:
            values |= {"before": result.after, "after": result.before, "reason": ROLLED_BACK}
        rows.append([values[name] for name in names])
    copy_rows(RunResult, names, rows)
    away = [row for result in results for row in changes.away.get(result.line_id, {}).values()]
    copy_rows(
        AwayResult,
        ["run_id", "line_id", "warehouse_id", "before", "after"],
        ((run.pk, r.line_id, r.warehouse_id, *((r.after, r.before) if back else (r.before, r.after))) for r in away),
    )


def _note_skips(run: AllocationRun, skips: Mapping[PoolKey, str]) -> None:
    RunSkip.objects.bulk_create(
        RunSkip(run=run, product_id=product_id, warehouse_id=warehouse_id, reason=reason)
        for (product_id, warehouse_id), reason in skips.items()
    )


def _placed_since(line_ids: Collection[int], since: datetime) -> int | None:
    placed = LineEvent.objects.filter(any_of("line_id", line_ids), kind=EventKind.PLACED, made_at__gt=since)
    return placed.order_by("line_id").values_list("line_id", flat=True).first()


def _name(line_id: int) -> str:
    return str(OrderLine.objects.select_related("order").get(pk=line_id))
