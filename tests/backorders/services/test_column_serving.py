"""A plain policy is run in columns, every other one pool by pool; what a plain one writes is the same either way."""

from datetime import timedelta

import pytest
from django.db import transaction

from backorders.enums import AllocationKind, PromiseSource, RunKind
from backorders.models import Allocation, LineEvent, OrderLine, Promise, QueueState, RunResult
from backorders.services.allocation import allocate_stock
from backorders.services.rules import Rules
from inventory.models import StockLevel
from notifications.models import Message
from tests.factories.inventory import (
    MONDAY,
)

pytestmark = pytest.mark.django_db


def what_a_run_writes(policy):
    """The rows of one run, which is then taken back."""
    with transaction.atomic():
        run = allocate_stock(kind=RunKind.MANUAL, policy_code=policy, now=MONDAY + timedelta(days=9))
        results = RunResult.objects.filter(run_id=run.pk).order_by("line_id").values()
        held = Allocation.objects.order_by("line_id", "pk")
        events = LineEvent.objects.filter(run=run).order_by("line", "pk")
        written = {
            "results": [{name: value for name, value in row.items() if name != "run_id"} for row in results],
            "allocations": list(held.values_list("line_id", "quantity", "state", "ended_at", "kind")),
            "events": list(events.values_list("line", "kind", "quantity", "note")),
            "told": list(events.exclude(message_key="").values_list("line", flat=True)),
            "promises": sorted(
                Promise.objects.filter(cause="run").values_list(
                    "line", "p50_on", "promised_on", "source", "source_reference"
                ),
                key=str,
            ),
            "lines": list(
                OrderLine.objects.order_by("pk").values_list(
                    *(
                        "pk",
                        "allocated",
                        "p50_on",
                        "promised_on",
                        "promise_source",
                        "times_slipped",
                        "backordered_at",
                        "reason",
                    )
                )
            ),
            "levels": list(StockLevel.objects.order_by("pk").values_list("pk", "reserved")),
            "states": [_without_marks(row) for row in QueueState.objects.order_by("pk").values()],
            "letters": sorted(Message.objects.filter(cause=str(run)).values_list("kind", "aggregate")),
            "figures": [run.lines, run.pools, run.lines_changed, run.units_allocated, run.units_open, run.exceptions],
        }
        transaction.set_rollback(True)
    return written


def _without_marks(state):
    return {name: value for name, value in state.items() if name not in ("served_print", "served_run_id")}


@pytest.mark.parametrize("policy", ["order-date", "customer-importance", "order-size"])
def test_a_plain_policy_writes_the_same_in_columns_and_pool_by_pool(trade, monkeypatch, policy):
    in_columns = what_a_run_writes(policy)
    monkeypatch.setattr(Rules, "plain", False)

    pool_by_pool = what_a_run_writes(policy)

    assert in_columns == pool_by_pool


def test_the_trade_of_these_tests_has_a_bit_of_everything(trade):
    written = what_a_run_writes("order-date")

    assert len({row["reason"] for row in written["results"]}) >= 4
    assert {source for *_, source, _ in written["promises"]} >= {
        PromiseSource.STOCK,
        PromiseSource.PURCHASE_ORDER,
        PromiseSource.LEAD_TIME,
    }
    assert {kind for *_, kind in written["allocations"]} == {AllocationKind.SOFT, AllocationKind.HARD}
    assert len(written["letters"]) > 3
    assert 0 < len(written["told"]) < len(written["events"])
