"""One shard of a run: in columns, or pool by pool where there are quotas, other warehouses or guarantees that cannot be
met; both give the same."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from backorders.models import AllocationRun, RunShard
from backorders.queue.compiled_policy import CompiledPolicy, default_policy
from backorders.queue.other_warehouses import hold_elsewhere
from backorders.queue.queue_columns import Decided, decide_columns
from backorders.queue.queue_reading import Queues, read_queue_columns
from backorders.runs.complete_orders import policy_of
from backorders.runs.fingerprints import Served, remember_prints
from backorders.runs.guard import weigh_results
from backorders.runs.snapshots import keep_columns, keep_decisions
from backorders.runs.write_columns import serve_columns, store_column_results
from backorders.runs.write_shard import PoolDecision, decide, serve, store_results


def decide_on_paper(run: AllocationRun, shard: RunShard, *, now: datetime) -> None:
    """Results and what they weigh; nothing else is written, and nothing locked."""
    policy = policy_of(run)
    if decided := _decided_columns(run, shard, policy, lock=False):
        keep_columns(shard, decided)
        store_column_results(run, decided, policy)
    else:
        decisions = decide(shard.product_ids, policy, now=run.started_at, warehouse_id=run.warehouse_id, lock=False)
        keep_decisions(shard, decisions)
        store_results(run, decisions)
    shard.figures = weigh_results(run, shard.product_ids, now=now)._asdict()


def decide_and_serve(run: AllocationRun, shard: RunShard, *, now: datetime) -> None:
    """Lock, decide, write."""
    policy = policy_of(run)
    if decided := _decided_columns(run, shard, policy, lock=True):
        keep_columns(shard, decided)
        store_column_results(run, decided, policy)
        serve_columns(decided, run=run, policy=policy, now=now)
        if run.basis:
            remember_prints(run, _served_columns(decided.queues))
    else:
        decisions = decide(shard.product_ids, policy, now=run.started_at, warehouse_id=run.warehouse_id)
        keep_decisions(shard, decisions)
        store_results(run, decisions)
        serve(decisions, run=run, now=now)
        if run.basis:
            remember_prints(run, _served(decisions))


def _decided_columns(run: AllocationRun, shard: RunShard, policy: CompiledPolicy, *, lock: bool) -> Decided | None:
    """None where the shard has to go pool by pool. The promises that follow a run go by the default policy.

    What lines hold in other warehouses, from a policy that allowed it, is taken back pool by pool.
    """
    usual = default_policy()
    if not (policy.in_columns and usual.in_columns) or hold_elsewhere(shard.product_ids):
        return None
    queues = read_queue_columns(shard.product_ids, policy, usual, warehouse_id=run.warehouse_id, lock=lock)
    decided = decide_columns(queues, policy, now=run.started_at)
    return None if decided.failed else decided


def _served_columns(queues: Queues) -> dict[int, Served]:
    products, places, lines = np.unique(queues.columns["product_id"], return_index=True, return_counts=True)
    packs = queues.packs[places]
    return dict(zip(products.tolist(), map(Served, lines.tolist(), packs.tolist()), strict=True))


def _served(decisions: Sequence[PoolDecision]) -> dict[int, Served]:
    served: dict[int, Served] = {}
    for decision in decisions:
        product_id = decision.queue[0].product_id
        before = served.get(product_id, Served(0, decision.pack))
        served[product_id] = Served(before.lines + len(decision.queue), decision.pack)
    return served
