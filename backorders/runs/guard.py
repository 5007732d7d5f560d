"""What the results of a run would do to promises that customers were told, weighed before anything is written."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
from django.db import transaction

from backorders.allocation.planned_pegs import as_pegs
from backorders.engine.allocation.pool import Strategy
from backorders.engine.policy.definition import ExceptionMode
from backorders.models import AllocationRun, RunPromise, RunResult
from backorders.promising.column_dates import date_moves_of, moves_after
from backorders.promising.promise_dates import last_told
from backorders.promising.queue_dates import DateMove
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queue_reading import Queues, read_queue_columns
from backorders.queue.queues import pool_key
from backorders.runs.results import changes_of
from config.lib.bulk import copy_rows
from config.lib.columns import Array
from config.lib.text import counted


class Weight(NamedTuple):
    """Told promises that become later, those of them that are of the class Win, and lines that lose units."""

    promises_worse: int = 0
    win_worse: int = 0
    lines_lost: int = 0


def objections(policy: CompiledPolicy, weight: Weight, exceptions: int = 0) -> list[str]:
    """Why a second person has to approve results of this weight; empty where nobody has to.

    `exceptions` are guarantees that cannot be met: a policy that stops completely then writes nothing by itself.
    """
    dates_allowed, lost = policy.definition.approval_threshold, policy.definition.churn_budget
    reasons = []
    if weight.win_worse:
        reasons.append(f"{counted(weight.win_worse, 'promised date')} of class Win would move later")
    if dates_allowed is not None and weight.promises_worse > dates_allowed:
        reasons.append(
            f"{counted(weight.promises_worse, 'promised date')} would move later; the policy allows {dates_allowed}"
        )
    if lost is not None and weight.lines_lost > lost:
        reasons.append(f"{counted(weight.lines_lost, 'line')} would lose stock; the policy allows {lost}")
    if policy.definition.exceptions == ExceptionMode.STOP_ALL and exceptions:
        reasons.append(f"{counted(exceptions, 'guarantee')} cannot be met; the policy then stops the whole run")
    return reasons


def objections_to(run: AllocationRun) -> list[str]:
    """What its policy's guard says to the results of a run."""
    weight = Weight(run.promises_worse, run.win_worse, run.lines_lost)
    return objections(CompiledPolicy.of(run.policy_snapshot), weight, run.exceptions)


def weight_of(run: AllocationRun) -> Weight:
    """The sum over the shards that were weighed."""
    parts = [Weight(**figures) for figures in run.shards.values_list("figures", flat=True) if figures]
    return Weight(*(sum(column) for column in zip(*parts, strict=True))) if parts else Weight()


@transaction.atomic
def judge_run(*, run_id: int, policy: CompiledPolicy) -> bool | None:
    """Whether the guard of its policy holds the run back; None while a shard is not weighed. Judged once."""
    run = AllocationRun.objects.locked().get(pk=run_id)
    if run.held is None and not run.shards.filter(weighed_at__isnull=True).exists():
        run.held = bool(objections(policy, weight_of(run), run.pool_exceptions.count()))
        run.save(update_fields=["held"])
    return run.held


def weigh_results(
    run: AllocationRun, product_ids: Collection[int], *, policy: CompiledPolicy, usual: CompiledPolicy, now: datetime
) -> Weight:
    """Store which dates the run's results for these products would move, and count what gets worse.

    Only queues in which something changes can do harm; the others are not read. A line that lends does not count: what
    it lends is back when its order needs it.
    """
    changes = changes_of(run, product_ids, policy=policy)
    pools = changes.pools
    if not pools:
        return Weight()
    products = {product_id for product_id, _ in pools}
    queues = read_queue_columns(products, usual, warehouse_id=run.warehouse_id, lock=False)
    planned = {pool: as_pegs(changes.waits.get(pool, ())) for pool in pools} if policy.looks_ahead else None
    after = queues.columns["allocated"] + _gains(queues, pools.values())
    dates = moves_after(queues, after, usual, now=now, taken=changes.taken(), planned=planned)
    moves = [move for move in date_moves_of(dates) if pool_key(move.line) in pools]
    heard = last_told(move.line.id for move in moves)
    win = _win_lines(run, pools.values())
    waits = [wait for of_line in changes.waits.values() for wait in of_line]
    lent, patient = {wait.line for wait in waits if wait.lent_to}, {wait.line for wait in waits}
    worse = {move.line.id for move in moves if _is_worse(move, heard)} - lent
    copy_rows(
        RunPromise,
        ["run_id", "line_id", "told_on", "before_on", "after_on", "was_told", "is_worse", "is_win"],
        (
            (
                *(run.pk, move.line.id, heard.get(move.line.id), move.line.promised_on, move.promised_on),
                *(move.line.id in heard, move.line.id in worse, move.line.id in win),
            )
            for move in moves
        ),
    )
    losers = {pk for results in pools.values() for pk, result in results.items() if result.after < result.before}
    lost = len(losers - patient)
    return Weight(len(worse), len(worse & win), lost)


def _gains(queues: Queues, pools: Iterable[Mapping[int, RunResult]]) -> Array:
    """Units that the results give each line; none to those that have no result."""
    gains = {pk: result.after - result.before for results in pools for pk, result in results.items()}
    return np.array([gains.get(pk, 0) for pk in queues.columns["id"].tolist()], dtype=np.int64)


def _win_lines(run: AllocationRun, pools: Iterable[Mapping[int, RunResult]]) -> set[int]:
    """Lines of the class Win; those whose guarantee could not be met are so although a fallback served them."""
    wins = {pk for results in pools for pk, result in results.items() if result.strategy == Strategy.WIN}
    return wins | set(run.pool_exceptions.filter(strategy=Strategy.WIN).values_list("line_id", flat=True))


def _is_worse(move: DateMove, heard: Mapping[int, date | None]) -> bool:
    """A told date that this run, and not the supply since, makes later."""
    if move.line.id not in heard or not move.is_later:
        return False
    before = heard[move.line.id]
    return before is not None and (move.promised_on is None or move.promised_on > before)
