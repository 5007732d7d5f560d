"""One shard of a run: in columns where its policy is plain, pool by pool where it says more; both give the same."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from backorders.models import AllocationRun, RunShard
from backorders.services.column_serving import serve_columns, store_column_results
from backorders.services.complete_orders import rules_of
from backorders.services.elsewhere import hold_elsewhere
from backorders.services.queue_columns import Queues, decide_columns, read_queue_columns
from backorders.services.rules import default_rules
from backorders.services.serving import PoolDecision, decide, serve, store_results
from backorders.services.snapshots import keep_columns, keep_decisions
from backorders.services.unchanged import Served, remember_prints
from backorders.services.weighing import weigh_results


def decide_on_paper(run: AllocationRun, shard: RunShard, *, now: datetime) -> None:
    """Results and what they weigh; nothing else is written, and nothing locked."""
    rules = rules_of(run)
    if rules.plain and not hold_elsewhere(shard.product_ids):
        queues = read_queue_columns(shard.product_ids, warehouse_id=run.warehouse_id, lock=False)
        decided = decide_columns(queues, rules, now=run.started_at)
        keep_columns(shard, queues, decided)
        store_column_results(run, decided)
    else:
        decisions = decide(shard.product_ids, rules, now=run.started_at, warehouse_id=run.warehouse_id, lock=False)
        keep_decisions(shard, decisions)
        store_results(run, decisions)
    shard.figures = weigh_results(run, shard.product_ids, now=now)._asdict()


def decide_and_serve(run: AllocationRun, shard: RunShard, *, now: datetime) -> None:
    """A plain policy goes by columns, where the promises that follow do: those go by the default policy.

    What lines hold in other warehouses, from a policy that allowed it, is taken back pool by pool.
    """
    rules = rules_of(run)
    if rules.plain and default_rules().plain and not hold_elsewhere(shard.product_ids):
        queues = read_queue_columns(shard.product_ids, warehouse_id=run.warehouse_id)
        decided = decide_columns(queues, rules, now=run.started_at)
        keep_columns(shard, queues, decided)
        store_column_results(run, decided)
        serve_columns(decided, run=run, rules=rules, now=now)
        if run.basis:
            remember_prints(run, _served_columns(queues))
    else:
        decisions = decide(shard.product_ids, rules, now=run.started_at, warehouse_id=run.warehouse_id)
        keep_decisions(shard, decisions)
        store_results(run, decisions)
        serve(decisions, run=run, now=now)
        if run.basis:
            remember_prints(run, _served(decisions))


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
