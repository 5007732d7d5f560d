"""Doorways for Celery: read the clock, call one service. Each is safe to run twice, and beside itself."""

import logging

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from backorders.decisions import questions
from backorders.delays import cases as delay_cases
from backorders.enums import RunStatus
from backorders.figures.cached import count_anew
from backorders.fulfilment import receive as receiving
from backorders.models import AllocationRun, DeskSettings
from backorders.oversight import alarms, audit, pruning
from backorders.oversight.queries.invariants import check_invariants
from backorders.planning.queries.demand import forecast_is_due
from backorders.promising import promise_dates as promising
from backorders.runs import allocate_stock as allocation
from config.lib.enqueue import hint

logger = logging.getLogger(__name__)


SHARDS_AT_ONCE = 8  # tasks that share a run; each worker process takes one at a time


@shared_task(name="backorders.allocate_nightly")
def allocate_nightly() -> None:
    run = allocation.start_nightly(now=timezone.now())
    if run and run.status == RunStatus.RUNNING:
        share_run(run)


def share_run(run: AllocationRun) -> None:
    """Spread the shards over the workers; what gets lost on the way is found by `continue_runs`."""
    done, shards = allocation.progress_of(run)
    for _ in range(min(max(shards - done, 1), SHARDS_AT_ONCE)):
        hint(do_shard, run_id=run.pk)


@shared_task(name="backorders.do_shard")
def do_shard(run_id: int) -> None:
    """One shard, a transaction of its own; whoever is free then takes the next one."""
    if allocation.continue_run(run_id=run_id, now=timezone.now(), at_most=1):
        hint(do_shard, run_id=run_id)


@shared_task(name="backorders.continue_runs")
def continue_runs() -> None:
    allocation.continue_runs(now=timezone.now())


@shared_task(name="backorders.serve_free_stock")
def serve_free_stock() -> None:
    receiving.serve_free_stock(now=timezone.now())


@shared_task(name="backorders.promise_due")
def promise_due() -> None:
    promising.promise_due(now=timezone.now())


@shared_task(name="backorders.prune")
def prune() -> None:
    logger.info("Forgot what has run out: %s", pruning.prune(now=timezone.now()))


@shared_task(name="backorders.decide_by_silence")
def decide_by_silence() -> None:
    questions.decide_by_silence(now=timezone.now())


@shared_task(name="backorders.watch_delays")
def watch_delays() -> None:
    delay_cases.watch_delays(now=timezone.now())


@shared_task(name="backorders.offer_substitutes")
def offer_substitutes() -> None:
    questions.offer_substitutes(now=timezone.now())


@shared_task(name="backorders.count_figures")
def count_figures(name: str) -> None:
    """Asked for by a page that shows older ones."""
    count_anew(name, now=timezone.now())


@shared_task(name="backorders.check_invariants")
def check_invariants_nightly() -> None:
    report = check_invariants()
    for sentence in report.sentences():
        logger.error("Invariant broken: %s", sentence)
    alarms.tell_of_broken_invariants(report, now=timezone.now())


@shared_task(name="backorders.tell_of_trouble")
def tell_of_trouble() -> None:
    alarms.tell_of_trouble(now=timezone.now())


@shared_task(name="backorders.seal_audit")
def seal_audit() -> None:
    """The heads of the chains go to the log: a chain whose end was cut off is known by them."""
    for seal in audit.seal_audit(now=timezone.now()):
        logger.info("Audit seal %s: %s", seal, seal.hash)


@shared_task(name="backorders.forecast_due")
def forecast_due() -> None:
    """By the command's name, since loading it takes seconds and memory that a process without this work can spare."""
    if forecast_is_due(now=timezone.now(), hour=DeskSettings.objects.get().nightly_hour):
        call_command("forecast", json=True)
