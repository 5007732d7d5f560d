"""A run can be decided again from what it saw, and comes to the same result."""

import zlib
from datetime import timedelta

import pytest
from django.conf import settings

from backorders.enums import RunKind, RunStatus
from backorders.errors import SnapshotGone
from backorders.models import AllocationRun, OrderLine, ShardSnapshot
from backorders.orders.cancel import cancel_line
from backorders.oversight.pruning import prune
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.runs import allocate_stock as allocation
from backorders.runs.allocate_stock import allocate_stock, continue_run, start_run
from backorders.runs.snapshots import replay_run
from tests.factories.inventory import MONDAY

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = MONDAY + 9 * DAY


def run(policy: str = "order-date", kind: RunKind = RunKind.MANUAL) -> AllocationRun:
    return allocate_stock(kind=kind, policy_code=policy, now=LATER)


@pytest.mark.parametrize("policy", ["order-date", "customer-importance", "fair-share", "configured-classes"])
@pytest.mark.parametrize("kind", [RunKind.MANUAL, RunKind.SIMULATION])
def test_a_replay_comes_to_the_same_result_whatever_happened_since(trade, policy, kind):
    done = run(policy, kind)
    line = OrderLine.objects.open().filter(allocated=0).first()
    cancel_line(line_id=line.pk, quantity=1, by=None, now=LATER)

    replay = replay_run(run_id=done.pk)

    assert (replay.identical, replay.lines) == (True, OrderLine.objects.open().count())
    assert len(replay.result_hash) == len(done.input_hash) == 64


def test_both_ways_of_deciding_see_and_decide_the_same(trade, monkeypatch):
    in_columns = run(kind=RunKind.SIMULATION)
    monkeypatch.setattr(CompiledPolicy, "in_columns", False)

    pool_by_pool = run(kind=RunKind.SIMULATION)

    assert in_columns.result_hash == pool_by_pool.result_hash
    assert replay_run(run_id=in_columns.pk).replayed_hash == replay_run(run_id=pool_by_pool.pk).replayed_hash


def test_another_desk_has_another_hash(trade):
    before = run(kind=RunKind.SIMULATION)
    line = OrderLine.objects.open().filter(allocated=0).first()
    cancel_line(line_id=line.pk, quantity=1, by=None, now=LATER)

    after = run(kind=RunKind.SIMULATION)

    assert before.input_hash != after.input_hash


def test_a_snapshot_that_is_not_what_the_run_saw_is_refused(trade):
    done = run()
    kept = ShardSnapshot.objects.get(shard__run=done)
    content = bytearray(zlib.decompress(kept.content))
    content[-1] ^= 1
    ShardSnapshot.objects.filter(pk=kept.pk).delete()
    ShardSnapshot.objects.create(shard=kept.shard, content=zlib.compress(bytes(content)))

    with pytest.raises(SnapshotGone, match="the hash differs"):
        replay_run(run_id=done.pk)


def test_snapshots_are_forgotten_when_they_are_old_and_the_replay_says_so(trade):
    done = run()
    old = LATER + (settings.SNAPSHOT_DAYS + 1) * DAY

    assert prune(now=LATER + DAY)["snapshots"] == 0
    assert prune(now=old, dry_run=True) == prune(now=old) == {"snapshots": 1, "sessions": 0, "forecasts": 0}
    with pytest.raises(SnapshotGone, match="60 days"):
        replay_run(run_id=done.pk)


def test_what_a_run_saw_is_never_forgotten_while_it_is_under_way_or_awaits_approval(trade, monkeypatch):
    monkeypatch.setattr(allocation, "PRODUCTS_PER_SHARD", 3)
    begun = start_run(kind=RunKind.MANUAL, now=LATER)
    continue_run(run_id=begun.pk, now=LATER, at_most=1)

    under_way = prune(now=LATER + 400 * DAY)
    with pytest.raises(SnapshotGone, match="not finished"):
        replay_run(run_id=begun.pk)
    AllocationRun.objects.filter(pk=begun.pk).update(status=RunStatus.AWAITING, finished_at=LATER)

    assert under_way["snapshots"] == prune(now=LATER + 400 * DAY)["snapshots"] == 0
    assert ShardSnapshot.objects.filter(shard__run=begun).count() == 1
