"""What a run writes is the same in columns and pool by pool, whatever its policy says."""

from datetime import timedelta

import pytest
from django.db import transaction

from backorders.enums import AllocationKind, PromiseSource, RunKind, RunStatus
from backorders.models import Allocation, LineEvent, OrderLine, Promise, QueueState, RunResult, SalesOrder
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.runs.allocate_stock import allocate_stock
from backorders.runs.policies import write_policy
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
        assert run.status == RunStatus.FINISHED, run.error
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
            "letters": sorted(
                (letter.kind, letter.aggregate, [line.allocated for line in letter.payload.lines])
                for letter in Message.objects.filter(cause=str(run))
            ),
            "figures": [run.lines, run.pools, run.lines_changed, run.units_allocated, run.units_open, run.exceptions],
        }
        transaction.set_rollback(True)
    return written


def _without_marks(state):
    return {name: value for name, value in state.items() if name not in ("served_print", "served_run_id")}


KEYS = [{"field": "tier_rank", "order": ["gold", "basic"]}, {"field": "placed_at", "descending": True}]
SEGMENTS = {
    "Told": ("GAIN", {"field": "is_told", "operator": "is", "values": [True]}),
    "Web": ("IMPROVE", {"field": "channel", "operator": "in", "values": ["web", "test"]}),
    "Shared pools": ("FILL", {"field": "order_size", "operator": "at_least", "values": [9]}),
    "Best": ("REDISTRIBUTE", {"field": "tier", "operator": "in", "values": ["platinum", "gold"]}),
}
POLICIES = {
    "minimum": {"rest": {"strategy": "REDISTRIBUTE", "keys": KEYS}, "minimum_units": 4, "minimum_percent": 30},
    "shares": {"rest": {"strategy": "REDISTRIBUTE", "keys": KEYS}, "method": "fair_share", "minimum_units": 2},
    "complete": {"rest": {"strategy": "IMPROVE", "keys": KEYS}, "hold_days": 3},
    "segments": {
        "segments": [
            {"name": name, "strategy": strategy, "keys": KEYS, "filters": [wanted]}
            for name, (strategy, wanted) in SEGMENTS.items()
        ],
        "rest": {"strategy": "REDISTRIBUTE", "keys": KEYS},
        "age_boost_days": 5,
    },
}


@pytest.mark.parametrize(
    "policy",
    ["order-date", "customer-importance", "order-size", "fair-share", "value", "configured-classes", *POLICIES],
)
def test_a_policy_writes_the_same_in_columns_and_pool_by_pool(trade, monkeypatch, policy):
    if policy in POLICIES:
        definition = POLICIES[policy]
        words = {"code": policy, "name": policy, "description": "", "comment": ""}
        write_policy(**words, definition=definition, by=None, now=MONDAY)
        SalesOrder.objects.filter(pk__in=SalesOrder.objects.open().order_by("pk")[:15]).update(ship_complete=True)
    in_columns = what_a_run_writes(policy)
    monkeypatch.setattr(CompiledPolicy, "in_columns", False)

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
