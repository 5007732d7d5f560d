"""Parts of a run that cannot be done: the others are, and the run says which was given up and why."""

import contextlib
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError
from psycopg.errors import CrashShutdown, LockNotAvailable, QueryCanceled

from backorders.enums import RunKind, RunStatus
from backorders.fulfilment.receive import serve_free_stock
from backorders.models import AllocationRun, OrderLine
from backorders.runs import allocate_stock as allocation
from backorders.runs.allocate_stock import allocate_stock, continue_run, retry_run, start_run
from backorders.runs.shard import Work
from backorders.runs.shard_tries import MAX_TRIES, NO_LAST_WORD, take_shard
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, StockEntryFactory, StockLevelFactory

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
def products(monkeypatch) -> list[int]:
    """Three products in a part each, two units on stock and three wanted."""
    monkeypatch.setattr(allocation, "PRODUCTS_PER_SHARD", 1)
    levels = [StockLevelFactory() for _ in range(3)]
    for level in levels:
        order_for({level.product: 3})
        StockEntryFactory(stock_level=level, delta=2)
    return [level.product_id for level in levels]


@pytest.fixture
def poison(monkeypatch, products):
    """`poison(error)` is what happens to whoever does the first product; `poison(None)` heals it."""
    healthy = allocation.decide_and_serve

    def put_in(error: BaseException | None) -> None:
        def serve(work, shard, *, now):
            if error and shard.product_ids == [products[0]]:
                raise error
            healthy(work, shard, now=now)

        monkeypatch.setattr(allocation, "decide_and_serve", serve)

    return put_in


def served() -> list[int]:
    return list(OrderLine.objects.order_by("product_id").values_list("allocated", flat=True))


def test_a_part_that_fails_is_given_up_and_the_others_are_done(poison):
    poison(ValueError("no such unit"))

    run = allocate_stock(kind=RunKind.MANUAL, now=LATER)

    assert (run.status, run.error) == (RunStatus.FAILED, "Part 1 failed. ValueError: no such unit")
    assert served() == [0, 2, 2]


def test_sweeps_leave_alone_what_was_given_up(poison):
    poison(ValueError("no such unit"))
    allocate_stock(kind=RunKind.MANUAL, now=LATER)

    assert serve_free_stock(now=LATER + timedelta(minutes=1)) is None
    assert serve_free_stock(now=LATER + timedelta(days=2)) is not None


def test_somebody_lets_the_run_go_on_once_it_is_mended(poison):
    poison(ValueError("no such unit"))
    run = allocate_stock(kind=RunKind.MANUAL, now=LATER)
    poison(None)

    retry_run(run_id=run.pk)
    continue_run(run_id=run.pk, now=LATER)

    run.refresh_from_db()
    assert (run.status, run.error, served()) == (RunStatus.FINISHED, "", [2, 2, 2])


def test_a_part_whose_workers_die_is_tried_five_times(products):
    run = start_run(kind=RunKind.MANUAL, now=LATER)
    first = take_shard(run, tried=[], done_at__isnull=True)
    for _ in range(MAX_TRIES - 1):  # each died in the middle: nobody wrote anything down
        run.shards.filter(pk=first).update(tries=run.shards.get(pk=first).tries + 1)

    continue_run(run_id=run.pk, now=LATER)

    run.refresh_from_db()
    assert (run.status, run.error) == (RunStatus.FAILED, f"Part 1 failed. {NO_LAST_WORD}")
    assert served() == [0, 2, 2]


def test_what_takes_too_long_is_tried_last(poison, products):
    poison(SoftTimeLimitExceeded())
    run = start_run(kind=RunKind.MANUAL, now=LATER)

    with pytest.raises(SoftTimeLimitExceeded):
        continue_run(run_id=run.pk, now=LATER)
    for _ in products[1:]:
        continue_run(run_id=run.pk, now=LATER, at_most=1)

    assert served() == [0, 2, 2]
    assert AllocationRun.objects.get().status == RunStatus.RUNNING


@pytest.mark.parametrize(("cause", "tries"), [(LockNotAvailable(), 0), (CrashShutdown(), 1), (QueryCanceled(), 1)])
def test_a_busy_database_is_nobodys_try_and_a_statement_without_an_end_is_one(poison, cause, tries):
    error = OperationalError("so it is")
    error.__cause__ = cause
    poison(error)
    run = start_run(kind=RunKind.MANUAL, now=LATER)

    with contextlib.suppress(OperationalError):
        continue_run(run_id=run.pk, now=LATER)

    assert run.shards.get(number=1).tries == tries
    assert AllocationRun.objects.get().status == RunStatus.RUNNING


def test_a_run_on_paper_that_loses_a_part_fails(products, monkeypatch):
    monkeypatch.setattr(Work, "is_guarded", True)
    monkeypatch.setattr(allocation, "decide_on_paper", lambda *args, **options: 1 / 0)

    run = allocate_stock(kind=RunKind.MANUAL, now=LATER)

    assert (run.status, served()) == (RunStatus.FAILED, [0, 0, 0])
    assert run.error.splitlines()[0] == "Part 1 failed. ZeroDivisionError: division by zero"
