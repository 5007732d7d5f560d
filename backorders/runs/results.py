"""What a run decided, read back from its results: by pool, with what it moved between warehouses."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from backorders.allocation.planned_pegs import pools_planned, waits_by_pool
from backorders.engine.allocation.future_supply import Wait
from backorders.models import AllocationRun, AwayResult, RunResult
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queues import PoolKey
from config.lib.bulk import any_of

Results = Mapping[int, RunResult]


@dataclass(frozen=True, slots=True)
class RunChanges:
    """All results of the queues in which a run changes something, and what their lines hold in other warehouses.

    `linked` are products of which the run moves units between warehouses: their queues stand and fall together. `waits`
    are goods on their way that it keeps for lines.
    """

    pools: Mapping[PoolKey, Results]
    away: Mapping[int, Mapping[int, AwayResult]]
    linked: frozenset[int]
    waits: Mapping[PoolKey, Sequence[Wait]]

    def away_before(self, line_id: int) -> dict[int, int]:
        """By warehouse."""
        return {place: row.before for place, row in self.away.get(line_id, {}).items() if row.before}

    def away_after(self, line_id: int) -> dict[int, int]:
        return {place: row.after for place, row in self.away.get(line_id, {}).items() if row.after}

    def home_before(self, result: RunResult) -> int:
        """What the line held in its own warehouse."""
        return result.before - sum(self.away_before(result.line_id).values())

    def home_after(self, result: RunResult) -> int:
        return result.after - sum(self.away_after(result.line_id).values())

    def moves(self, result: RunResult) -> bool:
        away = self.away.get(result.line_id, {}).values()
        return result.after != result.before or any(row.after != row.before for row in away)

    def guests(self, pool: PoolKey) -> list[AwayResult]:
        """What lines of other pools hold in this one."""
        lines = {pk for (product_id, _), results in self.pools.items() if product_id == pool[0] for pk in results}
        return [self.away[pk][pool[1]] for pk in sorted(lines & self.away.keys()) if pool[1] in self.away[pk]]

    def taken(self) -> dict[PoolKey, int]:
        """Units that the run takes from each pool in addition."""
        taken = {
            pool: sum(self.home_after(each) - self.home_before(each) for each in results.values())
            for pool, results in self.pools.items()
        }
        for (product_id, _), results in self.pools.items():
            for row in (row for line_id in results for row in self.away.get(line_id, {}).values()):
                pool = product_id, row.warehouse_id
                taken[pool] = taken.get(pool, 0) + row.after - row.before
        return taken


def changes_of(run: AllocationRun, product_ids: Collection[int], *, policy: CompiledPolicy) -> RunChanges:
    """What the run changes of these products by its `policy`, if only what it keeps of goods on their way; the queues
    in which nothing changes are not in it."""
    pools: dict[PoolKey, dict[int, RunResult]] = {}
    for result in RunResult.objects.filter(any_of("product_id", product_ids), run_id=run.pk):
        pools.setdefault((result.product_id, result.warehouse_id), {})[result.line_id] = result
    product_of = {line_id: product_id for (product_id, _), results in pools.items() for line_id in results}
    away: dict[int, dict[int, AwayResult]] = defaultdict(dict)
    for row in AwayResult.objects.filter(any_of("line_id", product_of), run_id=run.pk):
        away[row.line_id][row.warehouse_id] = row
    moved = (line_id for line_id, rows in away.items() if any(row.before != row.after for row in rows.values()))
    linked = frozenset(product_of[line_id] for line_id in moved)
    planned = pools_planned(run, product_ids) if policy.looks_ahead else set()
    waits = waits_by_pool(run, product_ids) if policy.looks_ahead else {}
    changed = {
        pool: results
        for pool, results in sorted(pools.items())
        if pool in planned or pool[0] in linked or any(result.after != result.before for result in results.values())
    }
    return RunChanges(changed, dict(away), linked, waits)
