"""What a run is carried out with, and one shard of it: decided, kept, written."""

from datetime import datetime
from typing import NamedTuple

from backorders.allocation.decide import decide
from backorders.enums import RunKind
from backorders.models import AllocationRun, RunShard
from backorders.queue.compiled_policy import CompiledPolicy, default_policy, default_version
from backorders.runs.complete_orders import settle_complete_orders, settled_policy
from backorders.runs.fingerprints import remember_prints
from backorders.runs.guard import weigh_results
from backorders.runs.snapshots import keep_snapshot
from backorders.runs.write_shard import serve, store_results

UNGUARDED = (RunKind.SIMULATION, RunKind.ROLLBACK)


class Work(NamedTuple):
    """A run with its policy and the `usual` one, which promises go by: compiled once and handed down."""

    run: AllocationRun
    policy: CompiledPolicy
    usual: CompiledPolicy

    @property
    def is_guarded(self) -> bool:
        """Whether the policy wants to know beforehand: runs that write, and do not follow another one."""
        return self.policy.is_guarded and self.run.source_run_id is None and self.run.kind not in UNGUARDED


def work_of(run: AllocationRun) -> Work:
    """Settles the orders that ship complete first, where the policy asks for it."""
    policy = CompiledPolicy.of(run.policy_snapshot)
    usual = policy if default_version().pk == run.policy_version_id else default_policy()
    if run.source_run_id is None and (policy.definition.hold_days is not None or policy.lends):
        settle_complete_orders(run_id=run.pk, policy=policy, usual=usual, now=run.started_at)
        policy = settled_policy(run, policy)
    return Work(run, policy, usual)


def decide_on_paper(work: Work, shard: RunShard, *, now: datetime) -> None:
    """Results and what they weigh; nothing else is written, and nothing locked."""
    run, policy, usual = work
    decided = decide(shard.product_ids, policy, usual, now=run.started_at, warehouse_id=run.warehouse_id, lock=False)
    keep_snapshot(shard, decided)
    store_results(run, decided)
    shard.figures = weigh_results(run, shard.product_ids, policy=policy, usual=usual, now=now)._asdict()


def decide_and_serve(work: Work, shard: RunShard, *, now: datetime) -> None:
    """Lock, decide, write."""
    run, policy, usual = work
    decided = decide(shard.product_ids, policy, usual, now=run.started_at, warehouse_id=run.warehouse_id)
    keep_snapshot(shard, decided)
    store_results(run, decided)
    serve(decided, run=run, usual=usual, now=now)
    if run.basis:
        remember_prints(run, decided.queues)
