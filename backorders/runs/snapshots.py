"""What a run saw: the open lines and the free stock of each shard, kept as compressed columns with their hash.

A decision depends on nothing else but the policy, of which the run keeps a copy, and the moment at which the run was
started. So a run can be decided again from what is kept, whatever happened to the desk since, pool by pool, and has to
come to the same result.
"""

import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from backorders.allocation.decide import Decided
from backorders.allocation.inbound import inbound_of, tables_of
from backorders.allocation.multi_warehouse import plan_pools
from backorders.allocation.pool_plans import PoolPlan
from backorders.engine.allocation.future_supply import Inbound
from backorders.engine.columns.pools import MISSING
from backorders.enums import UNENDED_RUNS, RunStatus
from backorders.errors import SnapshotGone
from backorders.models import AllocationRun, RunShard, ShardSnapshot
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queue_reading import day_of
from backorders.queue.queues import HeldElsewhere, PoolKey, QueueLine, pool_key
from backorders.runs.complete_orders import policy_of
from config.lib.columns import Array

DATES = ("requested_on", "held_until")
FLAGS = ("ship_complete", "is_told")
COMPUTED = ("has_address", "segment")  # nothing that a decision goes by
UNSEEN: Mapping[str, Any] = {
    "is_backorder": False,
    "promised_on": None,
    "p50_on": None,
    "promise_source": "",
    "soft_id": None,
    "away": 0,
    "elsewhere": (),
    "other_warehouses": (),
}
# What is known of a pool: its product, its warehouse, the units there that nobody held, the pack size.
POOL = ("product", "warehouse", "free", "pack")
# What lines hold in other warehouses than their own; kept where some line does.
AWAY = ("line", "warehouse", "units")
# The preference lists of orders, where a policy looked at them.
ASKED = ("line", "warehouse")


class Snapshot(NamedTuple):
    """The lines of a shard by pool, what is free in each pool, the pack sizes by product.

    `inbound` is what was on its way, where the policy looks ahead.
    """

    queues: dict[PoolKey, list[QueueLine]]
    free: dict[PoolKey, int]
    packs: dict[int, int]
    inbound: Mapping[PoolKey, Inbound] | None = None


class Replay(NamedTuple):
    """A run decided again: how many lines of how many shards, and the hash of the result, then and now."""

    shards: int
    lines: int
    result_hash: str
    replayed_hash: str

    @property
    def identical(self) -> bool:
        return self.result_hash == self.replayed_hash


def keep_snapshot(shard: RunShard, decided: Decided) -> None:
    """Keep what a shard saw, and the hash of what came out."""
    queues, columns, plans = decided.queues, decided.queues.columns, decided.plans.values()
    order = np.argsort(columns["id"])
    seen = columns.keys() - {*UNSEEN, *COMPUTED}
    lines: dict[str, Any] = {name: column[order] for name, column in columns.items() if name in seen}
    for name, words in queues.words.items():
        if name in lines:
            lines[name] = np.array(["", *words])[lines[name]].tolist()
    tables = {"lines": lines, "pools": _pools(decided)}
    waiting = [line for plan in plans for line in plan.queue]
    elsewhere = [(line.id, part.warehouse_id, part.units) for line in waiting for part in line.elsewhere]
    if elsewhere:
        tables["away"] = _table(AWAY, elsewhere)
    if decided.inbound is not None:
        tables |= tables_of({pool: decided.inbound.get(pool, Inbound()) for pool in decided.plans})
    asked = [(line.id, place) for line in waiting for place in line.other_warehouses]
    if asked:
        tables["asked"] = _table(ASKED, asked)
    content = _packed(tables)
    shard.input_hash = _hash(content)
    shard.result_hash = _hash_of_plans(plans) if plans else _result_hash(columns["id"], decided.given)
    ShardSnapshot.objects.create(shard=shard, content=zlib.compress(content, 1))


def _pools(decided: Decided) -> dict[str, Array]:
    """The pools of the queues; where units may come from other warehouses, all pools of the products."""
    queues, columns = decided.queues, decided.queues.columns
    starts = np.unique(queues.pool, return_index=True)[1]
    seen = [columns["product_id"][starts], columns["warehouse_id"][starts], queues.free, queues.packs[starts]]
    pools = dict(zip(POOL, seen, strict=True))
    if not any(plan.away for plan in decided.plans.values()):
        return pools
    packs = queues.packs_by_product()
    beside = [(*pool, free, packs[pool[0]]) for pool, (_, free) in queues.stock.items() if pool not in decided.plans]
    more = _table(POOL, [row for row in sorted(beside) if row[0] in packs])
    return {name: np.concatenate([column, more[name]]) for name, column in pools.items()}


def _table(names: Sequence[str], rows: Sequence[tuple[int, ...]]) -> dict[str, Array]:
    return dict(zip(names, np.array(rows, dtype=np.int64).reshape(-1, len(names)).T, strict=True))


def hashes_of(run: AllocationRun) -> dict[str, str]:
    """One hash over the policy and what all shards saw, and one over what they decided."""
    shards = list(run.shards.order_by("number").values_list("input_hash", "result_hash"))
    if not all(seen for seen, _ in shards):
        return {"input_hash": "", "result_hash": ""}
    policy = json.dumps(run.policy_snapshot, sort_keys=True)
    return {
        "input_hash": _hash("\n".join([policy, run.started_at.isoformat(), *(seen for seen, _ in shards)]).encode()),
        "result_hash": _hash("\n".join(decided for _, decided in shards).encode()),
    }


def replay_run(*, run_id: int) -> Replay:
    """Decide the run again from what it saw, and compare. Raises SnapshotGone where that is not kept (any more)."""
    run = AllocationRun.objects.get(pk=run_id)
    if not run.result_hash:
        raise SnapshotGone(f"{run} cannot be repeated: it is not finished, or it only applied another run.")
    policy, lines, hashes = policy_of(run), 0, []
    shards = list(run.shards.order_by("number").only("pk", "input_hash"))
    for shard in shards:
        plans = _decide_again(read_snapshot(shard), policy, run)
        lines += sum(len(plan.queue) for plan in plans)
        hashes.append(_hash_of_plans(plans))
    return Replay(len(shards), lines, run.result_hash, _hash("\n".join(hashes).encode()))


def read_snapshot(shard: RunShard) -> Snapshot:
    """What the shard saw. Raises SnapshotGone where it was pruned, or is not what the hash was made of."""
    snapshot = ShardSnapshot.objects.filter(pk=shard.pk).first()
    if snapshot is None:
        raise SnapshotGone(f"What {shard} saw is kept for {settings.SNAPSHOT_DAYS} days only, and is gone.")
    content = zlib.decompress(snapshot.content)
    if _hash(content) != shard.input_hash:
        raise SnapshotGone(f"What is kept of {shard} is not what it saw: the hash differs.")
    tables = _unpacked(content)
    pools = tables["pools"]
    keys = list(zip(pools["product"], pools["warehouse"], strict=True))
    queues: dict[PoolKey, list[QueueLine]] = defaultdict(list)
    elsewhere, asked = _elsewhere_of(tables.get("away")), _asked_of(tables.get("asked"))
    for line in _lines_of(tables["lines"]):
        seen = line.holding_elsewhere(elsewhere.get(line.id, ()))
        queues[pool_key(line)].append(seen._replace(other_warehouses=asked.get(line.id, ())))
    return Snapshot(
        dict(queues),
        dict(zip(keys, pools["free"], strict=True)),
        dict(zip(pools["product"], pools["pack"], strict=True)),
        inbound_of(tables, {line.id: pool for pool, lines in queues.items() for line in lines}),
    )


@transaction.atomic
def old_snapshots(*, now: datetime) -> QuerySet[ShardSnapshot]:
    """What runs saw that ended SNAPSHOT_DAYS ago; never of one that is under way or awaits approval."""
    old = AllocationRun.objects.filter(finished_at__lt=now - timedelta(days=settings.SNAPSHOT_DAYS))
    return ShardSnapshot.objects.filter(shard__run__in=old.exclude(status__in=[*UNENDED_RUNS, RunStatus.AWAITING]))


def _decide_again(snapshot: Snapshot, policy: CompiledPolicy, run: AllocationRun) -> Collection[PoolPlan]:
    return plan_pools(
        snapshot.queues,
        policy,
        free=snapshot.free,
        packs=snapshot.packs,
        now=run.started_at,
        limited=run.warehouse_id is not None,
        inbound=snapshot.inbound,
    ).values()


def _packed(tables: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Each column in the smallest whole-number type that holds it, behind a header in JSON; texts by their place."""
    header: dict[str, list[list[Any]]] = {}
    body: list[bytes] = []
    for table, columns in tables.items():
        header[table] = []
        for name, column in columns.items():
            texts = sorted(set(column)) if isinstance(column, list) else []
            numbers = np.searchsorted(texts, column) if texts else np.asarray(column)
            small = _smallest(numbers)
            header[table].append([name, small.dtype.str, len(small), texts])
            body.append(small.tobytes())
    head = json.dumps(header).encode()
    return b"".join([len(head).to_bytes(4, "little"), head, *body])


def _smallest(numbers: Array) -> Array:
    if numbers.dtype.kind == "f" or not len(numbers):
        return numbers
    least, most = int(numbers.min()), int(numbers.max())
    kinds = ("<i1", "<i2", "<i4", "<i8")
    return numbers.astype(next(kind for kind in kinds if np.iinfo(kind).min <= least and most <= np.iinfo(kind).max))


def _unpacked(content: bytes) -> dict[str, dict[str, list[Any]]]:
    size = int.from_bytes(content[:4], "little")
    place = 4 + size
    tables: dict[str, dict[str, list[Any]]] = {}
    for table, columns in json.loads(content[4:place]).items():
        tables[table] = {}
        for name, kind, count, texts in columns:
            values = np.frombuffer(content, dtype=kind, count=count, offset=place).tolist()
            tables[table][name] = [texts[value] for value in values] if texts else values
            place += np.dtype(kind).itemsize * count
    return tables


def _lines_of(columns: Mapping[str, list[Any]]) -> Iterable[QueueLine]:
    names = list(columns)
    for row in zip(*columns.values(), strict=True):
        read = dict(zip(names, row, strict=True))
        values = {name: _value(name, value) for name, value in read.items() if name in QueueLine._fields}
        yield QueueLine(**{"unit_price": Decimal(read["price"]) / 10_000, **UNSEEN, **values})


def _elsewhere_of(columns: Mapping[str, list[Any]] | None) -> dict[int, tuple[HeldElsewhere, ...]]:
    holdings: dict[int, tuple[HeldElsewhere, ...]] = {}
    for line_id, warehouse_id, units in zip(*columns.values(), strict=True) if columns else ():
        holdings[line_id] = (*holdings.get(line_id, ()), HeldElsewhere(warehouse_id, units))
    return holdings


def _asked_of(columns: Mapping[str, list[Any]] | None) -> dict[int, tuple[int, ...]]:
    asked: dict[int, tuple[int, ...]] = {}
    for line_id, place in zip(*columns.values(), strict=True) if columns else ():
        asked[line_id] = (*asked.get(line_id, ()), place)
    return asked


def _value(name: str, value: Any) -> Any:
    if name in DATES:
        return day_of(value)
    if name in FLAGS:
        return bool(value)
    return None if value == MISSING else value


def _result_hash(line_ids: Array, allocated: Array) -> str:
    """Who holds how much, by line: the same for whoever decided it, in whichever order."""
    order = np.argsort(line_ids)
    return _hash(np.stack([line_ids[order], allocated[order]], axis=1).astype("<i8").tobytes())


def _hash_of_plans(plans: Iterable[PoolPlan]) -> str:
    """The same for plans; where lines hold units elsewhere it also says where."""
    outcomes = [(line.id, plan.units_after(line), plan.away_after(line)) for plan in plans for line in plan.queue]
    result_hash = _result_hash(_numbers(pk for pk, _, _ in outcomes), _numbers(units for _, units, _ in outcomes))
    away = sorted((pk, place, units) for pk, _, places in outcomes for place, units in places.items())
    return _hash(f"{result_hash}\n{away}".encode()) if away else result_hash


def _numbers(values: Iterable[Any] | Collection[Any]) -> Array:
    return np.fromiter(values, dtype=np.int64)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
