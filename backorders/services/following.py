"""A shard of a run that follows another one: it writes what that one decided, or takes back what that one wrote.

Nothing is decided anew. A queue that no longer looks as it did is left alone, and the run says so.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from backorders.engine.allocation import PoolResult
from backorders.enums import AllocationKind, EventKind, RunKind
from backorders.models import Allocation, AllocationRun, LineEvent, OrderLine, RunResult, RunSkip
from backorders.services.queues import PoolKey, PoolPlan, QueueLine, read_queues
from backorders.services.rules import default_rules
from backorders.services.serving import PoolDecision, serve
from backorders.services.timeline import Event, record_events
from config.lib.bulk import any_of, copy_rows
from inventory.models import StockLevel

Results = Mapping[int, RunResult]
ROLLED_BACK = "rolled_back"
REASONS_TOLD = 3


def write_results(run: AllocationRun, product_ids: Collection[int], *, now: datetime) -> None:
    """Write, for these products, what the run that this one follows (or, once weighed, it itself) decided."""
    source_id = run.source_run_id or run.pk
    pools = changed_results(source_id, product_ids)
    queues, levels = _read(pools, run, lock=True)
    since = AllocationRun.objects.get(pk=source_id).started_at
    decisions, skips = [], []
    for pool, results in pools.items():
        queue, level = queues.get(pool, []), levels.get(pool)
        if reason := _difference(results, queue, level, since=since):
            skips.append((pool, reason))
        elif level:
            given: dict[int | str, int] = {pk: result.after for pk, result in results.items()}
            decisions.append(_decision(level, queue, given))
    serve(decisions, run=run, now=now, whole=not skips and run.warehouse_id is None)
    _note_skips(run, skips)
    if source_id != run.pk:
        written = {(decision.queue[0].product_id, decision.queue[0].warehouse_id) for decision in decisions}
        _copy_results(run, [result for pool in written for result in pools[pool].values()])


def take_back_results(run: AllocationRun, product_ids: Collection[int], *, now: datetime) -> None:
    """Give back, for these products, what the source run gave, and restore what it took: whole queues only."""
    pools = changed_results(run.source_run_id or 0, product_ids)
    queues, levels = _read(pools, run, lock=True)
    decisions, skips = [], []
    for pool, results in pools.items():
        queue, level = queues.get(pool, []), levels.get(pool)
        if reason := why_not_back(results, queue, level):
            skips.append((pool, reason))
        elif level:
            moved: dict[int | str, int] = {pk: r.before for pk, r in results.items() if r.after != r.before}
            decisions.append(_decision(level, queue, moved))
    serve(decisions, run=run, now=now, whole=False)
    _note_skips(run, skips)
    back = {(decision.queue[0].product_id, decision.queue[0].warehouse_id) for decision in decisions}
    changed = [r for pool in sorted(back) for r in pools[pool].values() if r.after != r.before]
    _copy_results(run, changed)
    events = [Event(r.line_id, EventKind.ROLLED_BACK, abs(r.after - r.before), note=run.cause) for r in changed]
    record_events(events, now=now, by=run.started_by, run_id=run.pk)


def changed_results(run_id: int, product_ids: Collection[int]) -> dict[PoolKey, dict[int, RunResult]]:
    """All results of the queues in which the run changes something."""
    pools: dict[PoolKey, dict[int, RunResult]] = {}
    for result in RunResult.objects.filter(any_of("product_id", product_ids), run_id=run_id):
        pools.setdefault((result.product_id, result.warehouse_id), {})[result.line_id] = result
    changed = (pool for pool, results in pools.items() if any(r.after != r.before for r in results.values()))
    return {pool: pools[pool] for pool in sorted(changed)}


def difference(results: Results, queue: Sequence[QueueLine], free: int, *, since: datetime) -> str:
    """What is not as it was when the run looked at this queue, in words; empty where nothing is."""
    lines = {line.id: line for line in queue}
    for line_id, result in results.items():
        line = lines.get(line_id)
        if line is None:
            return f"{_name(line_id)} is not open any more."
        if line.open - line.fixed != result.open or line.soft != result.before:
            now = f"{line.soft} of {line.open - line.fixed}"
            return f"{_name(line_id)} holds {now} units now, not {result.before} of {result.open}."
    first = next(iter(results.values()))
    free_then = first.supply - sum(result.before for result in results.values())
    if free != free_then:
        return f"{free} units are free now, not {free_then}."
    newcomers = lines.keys() - results.keys()
    if newcomers and (placed := _placed_since(newcomers, since)):
        return f"{_name(placed)} came in."
    return ""


def why_not_back(results: Results, queue: Sequence[QueueLine], level: StockLevel | None) -> str:
    """What keeps the changes of a queue from being taken back, in words; empty where nothing does."""
    lines = {line.id: line for line in queue}
    changed = [result for result in results.values() if result.after != result.before]
    for result in changed:
        line = lines.get(result.line_id)
        if line is None:
            return f"{_name(result.line_id)} was shipped or cancelled."
        if line.open - line.fixed != result.open or line.soft != result.after:
            return _what_happened_to(line, result)
    needed = sum(result.before - result.after for result in changed)
    if level is None or needed > level.available:
        return f"{needed} units would have to be free: {level.available if level else 0} are."
    return ""


def stale_pools(run: AllocationRun) -> list[str]:
    """The queues that changed since a simulation looked at them, and how: applying it would leave them alone."""
    found = []
    for product_ids in run.shards.order_by("number").values_list("product_ids", flat=True):
        pools = changed_results(run.pk, product_ids)
        queues, levels = _read(pools, run, lock=False)
        for pool, results in pools.items():
            level = levels.get(pool)
            if reason := _difference(results, queues.get(pool, []), level, since=run.started_at):
                found.append(f"{level}: {reason}" if level else reason)
    return found


def what_keeps_it(run: AllocationRun) -> str:
    """Why no queue of an applied run can be taken back; empty where one can."""
    reasons = []
    for product_ids in run.shards.order_by("number").values_list("product_ids", flat=True):
        pools = changed_results(run.pk, product_ids)
        queues, levels = _read(pools, run, lock=False)
        for pool, results in pools.items():
            reason = why_not_back(results, queues.get(pool, []), levels.get(pool))
            if not reason:
                return ""
            reasons.append(reason)
    return " ".join(reasons[:REASONS_TOLD]) or f"{run} changed nothing."


def _difference(results: Results, queue: Sequence[QueueLine], level: StockLevel | None, *, since: datetime) -> str:
    if level is None:
        return "The product does not lie in this warehouse."
    return difference(results, queue, level.available, since=since)


def _what_happened_to(line: QueueLine, result: RunResult) -> str:
    hard = Allocation.objects.active().filter(line_id=line.id, kind=AllocationKind.HARD).select_related("shipment")
    if picked := hard.first():
        return f"{_name(line.id)} is on pick list {picked.shipment}."
    if line.shipped:
        return f"{_name(line.id)} was shipped in part."
    return f"{_name(line.id)} was changed since: it holds {line.soft} units softly, not {result.after}."


def _read(
    pools: Iterable[PoolKey], run: AllocationRun, *, lock: bool
) -> tuple[dict[PoolKey, list[QueueLine]], dict[PoolKey, StockLevel]]:
    """Lines, then stock; with `lock` their rows are locked in primary-key order."""
    product_ids = {product_id for product_id, _ in pools}
    queues = read_queues(product_ids, reads=default_rules().reads, warehouse_id=run.warehouse_id, lock=lock)
    levels = StockLevel.objects.filter(product_id__in=product_ids)
    if lock:
        levels = levels.locked()
    return queues, {(level.product_id, level.warehouse_id): level for level in levels}


def _decision(level: StockLevel, queue: list[QueueLine], given: dict[int | str, int]) -> PoolDecision:
    return PoolDecision(level.pk, PoolPlan(queue, 0, PoolResult(given, None, [], False), [], ()))


def _copy_results(run: AllocationRun, results: Iterable[RunResult]) -> None:
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


def _note_skips(run: AllocationRun, skips: Iterable[tuple[PoolKey, str]]) -> None:
    RunSkip.objects.bulk_create(
        RunSkip(run=run, product_id=product_id, warehouse_id=warehouse_id, reason=reason)
        for (product_id, warehouse_id), reason in skips
    )


def _placed_since(line_ids: Collection[int], since: datetime) -> int | None:
    placed = LineEvent.objects.filter(any_of("line_id", line_ids), kind=EventKind.PLACED, made_at__gt=since)
    return placed.order_by("line_id").values_list("line_id", flat=True).first()


def _name(line_id: int) -> str:
    return str(OrderLine.objects.select_related("order").get(pk=line_id))
