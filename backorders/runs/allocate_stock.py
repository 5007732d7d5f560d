"""Runs: stock to waiting lines, by a policy, every night, after each receipt and by hand, always along this path.

A run is a row and its shards. A shard is some products, served in one transaction; whoever finds one undone does it,
so a run whose worker died is finished by the next one, and two workers share a run without knowing of each other.
"""

import logging
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from backorders.enums import RunKind, RunStatus
from backorders.errors import PolicyUnknown
from backorders.models import AllocationRun, Comparison, DeskSettings, OrderLine, PolicyVersion, RunResult, RunShard
from backorders.queue.compiled_policy import CompiledPolicy, default_version, quota_rules, snapshot_of
from backorders.runs.ask_for_approval import ask_for_approval
from backorders.runs.comparison_figures import figures_of
from backorders.runs.fingerprints import basis_of, unchanged_products
from backorders.runs.guard import judge_run, weight_of
from backorders.runs.queries.run_results import longest_wait
from backorders.runs.reapply import take_back_results, write_results
from backorders.runs.shard import Work, decide_and_serve, decide_on_paper, work_of
from backorders.runs.shard_tries import given_up, take_shard, try_again, try_shard, why
from backorders.runs.snapshots import hashes_of
from inventory.models import Warehouse
from notifications.services.batches import close_batch

logger = logging.getLogger(__name__)

LINES_PER_SHARD = 20_000
PRODUCTS_PER_SHARD = 500
Told = Callable[[int, int], None]


def allocate_stock(
    *,
    kind: RunKind,
    now: datetime,
    policy_code: str = "",
    product_ids: Collection[int] | None = None,
    warehouse_id: int | None = None,
    cause: str = "",
    by: User | None = None,
) -> AllocationRun:
    """Run a policy (the default one unless named) over the open lines of all or the given products.

    A simulation writes nothing but its results. A nightly run exists once per business date: when it is there already,
    it is finished if need be, and returned. Raises PolicyUnknown.
    """
    run = start_run(
        kind=kind,
        now=now,
        policy_code=policy_code,
        product_ids=product_ids,
        warehouse_id=warehouse_id,
        cause=cause,
        by=by,
    )
    continue_run(run_id=run.pk, now=now)
    run.refresh_from_db()
    return run


def allocate_afterwards(
    *, kind: RunKind, product_ids: Collection[int], cause: str, by: User | None, now: datetime
) -> AllocationRun | None:
    """Run the queues after a fact that is committed and stands, whatever becomes of the run.

    Where somebody holds a row for too long the run is left to `continue_runs`, or to the sweep of free stock.
    """
    try:
        return allocate_stock(kind=kind, product_ids=product_ids, cause=cause[:200], by=by, now=now)
    except OperationalError:
        logger.warning("%s: its run is left to the next one", cause, exc_info=True)
        return None


def start_nightly(*, now: datetime) -> AllocationRun | None:
    """The run of the local business date, from the hour that the desk settings name; None before that hour.

    Whoever fires twice, or late, gets the one run of that date.
    """
    if timezone.localtime(now).hour < DeskSettings.objects.get().nightly_hour:
        return None
    return start_run(kind=RunKind.NIGHTLY, now=now, cause="Every night")


def continue_runs(*, now: datetime) -> list[int]:
    """Finish every run that was begun and left; safe beside the worker that is still at it."""
    left = list(AllocationRun.objects.filter(status=RunStatus.RUNNING).order_by("pk").values_list("pk", flat=True))
    for run_id in left:
        continue_run(run_id=run_id, now=now)
    return left


def continue_run(*, run_id: int, now: datetime, at_most: int | None = None, on_progress: Told | None = None) -> bool:
    """Do the shards that nobody has done or is doing, `at_most` so many, then close the run when none is left.

    `told` hears after each shard how many are done. Says whether there may be more to do.
    """
    run = AllocationRun.objects.get(pk=run_id)
    if run.status != RunStatus.RUNNING:
        return False
    began, tried = monotonic(), list[int]()
    try:
        work = work_of(run)
        if _may_write(work, now=now):
            while (at_most is None or len(tried) < at_most) and (
                shard_id := take_shard(run, tried=tried, done_at__isnull=True)
            ):
                tried.append(shard_id)
                try_shard(shard_id, partial(_do_shard, work, shard_id, now=now))
                if on_progress:
                    on_progress(*progress_of(run))
    except (OperationalError, SoftTimeLimitExceeded):  # a lost connection, a lock held, time is up: the next goes on
        raise
    except Exception as error:
        logger.exception("Run %s failed", run_id)
        _fail_run(run_id, error)
        raise
    ended = _finish_run(work, now=now + timedelta(seconds=monotonic() - began))
    return not ended and len(tried) == at_most


def progress_of(run: AllocationRun) -> tuple[int, int]:
    """How many shards are done, and how many there are."""
    shards = run.shards.aggregate(done=Count("done_at"), all=Count("pk"))
    return shards["done"], shards["all"]


def _may_write(work: Work, *, now: datetime) -> bool:
    """Where the policy has a guard, all shards are decided on paper and weighed before the first one writes."""
    if not work.is_guarded:
        return True
    tried: list[int] = []
    while shard_id := take_shard(work.run, tried=tried, weighed_at__isnull=True):
        tried.append(shard_id)
        try_shard(shard_id, partial(_weigh_shard, work, shard_id, now=now))
    return judge_run(run_id=work.run.pk, policy=work.policy) is False


@transaction.atomic
def _weigh_shard(work: Work, shard_id: int, *, now: datetime) -> None:
    shard = _held(shard_id, weighed_at__isnull=True)
    if shard is None:
        return
    decide_on_paper(work, shard, now=now)
    shard.weighed_at, shard.tries, shard.error = now, 0, ""
    shard.save(update_fields=["weighed_at", "figures", "input_hash", "result_hash", "tries", "error"])


def _held(shard_id: int, **undone: Any) -> RunShard | None:
    """The shard, ours until the end of the transaction; None where somebody else was quicker."""
    return RunShard.objects.filter(pk=shard_id, **undone).select_for_update(skip_locked=True).first()


def _version(code: str) -> PolicyVersion:
    versions = PolicyVersion.objects.filter(policy__active=True).select_related("policy").current()
    version = versions.filter(policy__code__iexact=code).first() if code else default_version()
    if version is None:
        known = ", ".join(sorted(versions.values_list("policy__code", flat=True)))
        raise PolicyUnknown(f"There is no allocation policy “{code}”; there are {known}.")
    return version


@transaction.atomic
def start_run(
    *,
    kind: RunKind,
    now: datetime,
    policy_code: str = "",
    product_ids: Collection[int] | None = None,
    warehouse_id: int | None = None,
    cause: str = "",
    comparison: Comparison | None = None,
    by: User | None = None,
) -> AllocationRun:
    """Write down the run and its shards; whoever calls `continue_run(s)` next does them.

    Raises PolicyUnknown, PolicyRefused.
    """
    version, today = _version(policy_code), timezone.localdate(now)
    snapshot = snapshot_of(version, quotas=quota_rules(today=today))
    policy = CompiledPolicy.of(snapshot)
    values = {
        "policy_version": version,
        "policy_snapshot": snapshot,
        "basis": basis_of(policy, snapshot),
        "warehouse": Warehouse.objects.get(pk=warehouse_id) if warehouse_id else None,
        "cause": cause,
        "comparison": comparison,
        "started_by": by,
        "started_at": now,
    }
    unchanged: set[int] = set()
    if kind == RunKind.NIGHTLY:
        run, created = AllocationRun.objects.get_or_create(kind=kind, business_date=today, defaults=values)
        if not created:
            return run
        unchanged = unchanged_products(basis=run.basis, today=today)
        run.products_unchanged = len(unchanged)
        run.save(update_fields=["products_unchanged"])
    else:
        run = AllocationRun.objects.create(kind=kind, business_date=today, **values)
    RunShard.objects.bulk_create(
        RunShard(run=run, number=number, product_ids=ids)
        for number, ids in enumerate(_shards(product_ids, warehouse_id, unchanged), start=1)
    )
    return run


def _shards(
    product_ids: Collection[int] | None, warehouse_id: int | None, unchanged: Collection[int]
) -> Iterator[list[int]]:
    """Products with open lines, by primary key, but the unchanged; cut so that a shard's transaction stays short."""
    lines = OrderLine.objects.open()
    if product_ids is not None:
        lines = lines.filter(product_id__in=product_ids)
    if warehouse_id is not None:
        lines = lines.filter(warehouse_id=warehouse_id)
    counts = lines.values_list("product_id").annotate(Count("pk")).order_by("product_id")
    shard: list[int] = []
    size = 0
    for product_id, count in counts:
        if product_id in unchanged:
            continue
        if shard and (size + count > LINES_PER_SHARD or len(shard) == PRODUCTS_PER_SHARD):
            yield shard
            shard, size = [], 0
        shard.append(product_id)
        size += count
    if shard:
        yield shard


@transaction.atomic
def _do_shard(work: Work, shard_id: int, *, now: datetime) -> None:
    """Decide and write, or what the run's kind wants instead."""
    shard = _held(shard_id, done_at__isnull=True)
    if shard is None:
        return
    if work.run.kind == RunKind.SIMULATION:
        decide_on_paper(work, shard, now=now)
    elif work.run.kind == RunKind.ROLLBACK:
        take_back_results(work, shard.product_ids, now=now)
    elif work.run.source_run_id or shard.weighed_at:
        write_results(work, shard.product_ids, now=now)
    else:
        decide_and_serve(work, shard, now=now)
    shard.done_at = now
    shard.save(update_fields=["done_at", "figures", "input_hash", "result_hash"])


@transaction.atomic
def _finish_run(work: Work, *, now: datetime) -> bool:
    """Close the run once all its shards are done; whoever did the last one does this, and a second time is harmless."""
    run_id = work.run.pk
    run = AllocationRun.objects.locked().get(pk=run_id)
    if run.status != RunStatus.RUNNING:
        return True
    undone = run.shards.filter(weighed_at__isnull=True) if run.held else run.shards.filter(done_at__isnull=True)
    if undone.exists():
        on_paper = work.is_guarded and run.held is None
        if lost := given_up(run.shards.filter(weighed_at__isnull=True) if on_paper else undone):
            _fail(run, why(lost))
        return bool(lost)
    pools = RunResult.objects.filter(run_id=run_id).values("product_id", "warehouse_id")
    pools = pools.annotate(
        of_lines=Count("line_id"),
        of_changes=Count("line_id", filter=~Q(after=F("before"))),
        held=Sum("after"),
        lacking=Sum(F("open") - F("after")),
    )
    figures = pools.aggregate(
        pools=Count("*"),
        lines=Sum("of_lines", default=0),
        lines_changed=Sum("of_changes", default=0),
        units_allocated=Sum("held", default=0),
        units_open=Sum("lacking", default=0),
    )
    figures["exceptions"] = run.pool_exceptions.count()
    figures["longest_wait_days"] = longest_wait(run, now=now)
    figures |= hashes_of(run)
    if run.kind == RunKind.SIMULATION or work.is_guarded:
        figures |= weight_of(run)._asdict()
    if run.kind == RunKind.SIMULATION or run.held:
        figures["figures"] = figures_of(run, now=now)
    for name, figure in figures.items():
        setattr(run, name, figure)
    run.move_to(RunStatus.AWAITING if run.held else RunStatus.FINISHED)
    run.finished_at = max(now, run.started_at)
    run.save(update_fields=[*figures, "status", "finished_at"])
    if run.held:
        ask_for_approval(run, now=run.finished_at)
    close_batch(run.batch, now=run.finished_at)
    if run.kind == RunKind.ROLLBACK and run.lines_changed and run.source_run:
        run.source_run.move_to(RunStatus.UNDONE)
        run.source_run.save(update_fields=["status"])
    return True


@transaction.atomic
def _fail_run(run_id: int, error: Exception) -> None:
    run = AllocationRun.objects.locked().get(pk=run_id)
    if run.status == RunStatus.RUNNING:
        _fail(run, f"{type(error).__name__}: {error}"[:2000])


def _fail(run: AllocationRun, reason: str) -> None:
    run.move_to(RunStatus.FAILED)
    run.error = reason
    run.save(update_fields=["status", "error"])


@transaction.atomic
def retry_run(*, run_id: int) -> None:
    """Let a failed run go on; the sweep picks up the shards that are not done. Raises MoveNotAllowed."""
    run = AllocationRun.objects.locked().get(pk=run_id)
    try_again(run)
    run.move_to(RunStatus.RUNNING)
    run.error = ""
    run.save(update_fields=["status", "error"])
