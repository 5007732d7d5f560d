"""Who does which shard of a run, and what becomes of one that cannot be done: its neighbours go on without it."""

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, transaction
from django.db.models import F, QuerySet

from backorders.enums import RunKind, RunStatus
from backorders.models import AllocationRun, RunShard

logger = logging.getLogger(__name__)

MAX_TRIES = 5
ON_PAPER_OR_BACK = (RunKind.SIMULATION, RunKind.ROLLBACK)  # what these cannot do says nothing about serving
LEFT_ALONE = timedelta(days=1)
STATEMENT_TOO_LONG = "57014"
# A lock that was not to be had, a deadlock, a conflict; a server that is closing, starting or full.
BUSY = {"55P03", "40P01", "40001", "57P01", "57P03", "53300"}
NO_LAST_WORD = f"The worker stopped in all {MAX_TRIES} tries: killed, out of memory or out of time."


@transaction.atomic
def take_shard(run: AllocationRun, *, tried: Collection[int], **undone: Any) -> int | None:
    """The next shard that nobody is at, the least tried first. Its try is counted and committed before the work:
    whoever does it may not live to tell."""
    free = RunShard.objects.filter(run=run, tries__lt=MAX_TRIES, **undone).exclude(pk__in=tried)
    shard = free.select_for_update(skip_locked=True).order_by("tries", "number").first()
    if shard is None:
        return None
    RunShard.objects.filter(pk=shard.pk).update(tries=F("tries") + 1)
    return shard.pk


def try_shard(shard_id: int, work: Callable[[], object]) -> None:
    """Do the work. What fails for a reason of its own is given up, what takes too long waits for its next try.

    Raises OperationalError where the database is busy, which is nobody's try, or was lost, which counts since the work
    may have done it; and SoftTimeLimitExceeded.
    """
    try:
        work()
    except OperationalError as error:
        state = getattr(error.__cause__, "sqlstate", None)
        if state == STATEMENT_TOO_LONG:
            _write_down(shard_id, error)
            return
        if state in BUSY:
            _give_try_back(shard_id)
        raise
    except SoftTimeLimitExceeded as error:
        _write_down(shard_id, error)
        raise
    except Exception as error:
        logger.exception("Shard %s failed", shard_id)
        _write_down(shard_id, error, tries=MAX_TRIES)


def given_up(undone: QuerySet[RunShard]) -> list[RunShard]:
    """What a run has to end without: all that is not done, once each had its tries and nobody is at one any more. A
    step of a transaction."""
    free = list(undone.select_for_update(skip_locked=True).order_by("number"))
    return free if len(free) == undone.count() and all(shard.tries >= MAX_TRIES for shard in free) else []


def why(shards: Collection[RunShard]) -> str:
    """For the person who reads the run's page."""
    return "\n".join(f"Part {shard.number} failed. {shard.error or NO_LAST_WORD}" for shard in shards)[:2000]


def products_given_up(*, now: datetime) -> set[int]:
    """What runs of the last day gave up and nobody has let go on: sweeps would give it up again, every few seconds."""
    lost = RunShard.objects.filter(done_at__isnull=True, tries__gte=MAX_TRIES, run__status=RunStatus.FAILED)
    lost = lost.filter(run__started_at__gt=now - LEFT_ALONE).exclude(run__kind__in=ON_PAPER_OR_BACK)
    return {product_id for product_ids in lost.values_list("product_ids", flat=True) for product_id in product_ids}


def try_again(run: AllocationRun) -> None:
    """What was given up may be tried anew. A step of the transaction that lets a failed run go on."""
    run.shards.filter(done_at__isnull=True).update(tries=0, error="")


def _give_try_back(shard_id: int) -> None:
    try:
        RunShard.objects.filter(pk=shard_id, done_at__isnull=True, tries__gt=0).update(tries=F("tries") - 1)
    except OperationalError:
        logger.warning("The try of shard %s counts: the database is away", shard_id)


def _write_down(shard_id: int, error: Exception, **values: int) -> None:
    reason = f"{type(error).__name__}: {error}"[:1000]
    RunShard.objects.filter(pk=shard_id, done_at__isnull=True).update(error=reason, **values)
