from datetime import timedelta

import pytest

from backorders.enums import RunKind, RunStatus
from backorders.models import AllocationRun
from backorders.oversight.queries.health import outbox_health, run_health
from backorders.runs.allocate_stock import allocate_stock
from tests.backorders.waiting import ordered_line
from tests.factories.inventory import MONDAY

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_desk_that_never_ran_raises_the_alarm():
    health = run_health(now=MONDAY)

    assert (health.last, health.last_nightly, health.is_overdue, health.state) == (None, None, True, "never")


def finished_nightly_run(at):
    run = allocate_stock(kind=RunKind.NIGHTLY, now=at)
    AllocationRun.objects.filter(pk=run.pk).update(finished_at=at)
    return run


def test_the_alarm_starts_after_26_hours():
    run = finished_nightly_run(MONDAY)

    on_the_dot, after = run_health(now=MONDAY + 26 * HOUR), run_health(now=MONDAY + 26 * HOUR + HOUR / 3600)

    assert on_the_dot.last_nightly == run
    assert (on_the_dot.state, after.state) == ("healthy", "overdue")


def test_runs_of_some_products_do_not_silence_the_alarm():
    finished_nightly_run(MONDAY)
    allocate_stock(kind=RunKind.MANUAL, now=MONDAY + 48 * HOUR)

    health = run_health(now=MONDAY + 48 * HOUR)

    assert health.is_overdue
    assert health.last.kind == RunKind.MANUAL


def test_a_simulation_is_no_run():
    finished_nightly_run(MONDAY)
    allocate_stock(kind=RunKind.SIMULATION, now=MONDAY + HOUR)

    assert run_health(now=MONDAY + HOUR).last.kind == RunKind.NIGHTLY


def test_a_failed_run_is_told():
    nightly = finished_nightly_run(MONDAY)
    failed = AllocationRun.objects.create(
        kind=RunKind.MANUAL,
        status=RunStatus.FAILED,
        business_date=MONDAY.date(),
        policy_version=nightly.policy_version,
        policy_snapshot=nightly.policy_snapshot,
        started_at=MONDAY + HOUR,
        error="The database went away.",
    )

    health = run_health(now=MONDAY + HOUR)

    assert (health.state, health.last, health.last_nightly) == ("failed", failed, nightly)


def test_messages_that_wait_are_counted():
    ordered_line(2)

    assert (outbox_health().waiting, outbox_health().dead) == (1, 0)
