"""Doorways for Celery: read the clock, call one service. Each is safe to run twice, and beside itself."""

import logging

from celery import shared_task
from django.utils import timezone

from backorders.queries.invariants import check_invariants
from backorders.services import alarms, allocation, audit, promising, receiving

logger = logging.getLogger(__name__)


@shared_task(name="backorders.allocate_nightly")
def allocate_nightly() -> None:
    allocation.allocate_nightly(now=timezone.now())


@shared_task(name="backorders.continue_runs")
def continue_runs() -> None:
    allocation.continue_runs(now=timezone.now())


@shared_task(name="backorders.serve_free_stock")
def serve_free_stock() -> None:
    receiving.serve_free_stock(now=timezone.now())


@shared_task(name="backorders.promise_due")
def promise_due() -> None:
    promising.promise_due(now=timezone.now())


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
