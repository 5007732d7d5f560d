"""Orders that ship complete span products: which of them hold stock in vain, and give it to others.

The first phase serves all pools on paper. An order that even then cannot be complete within the policy's hold limit, or
has held its parts for longer than that already, releases its lines; the run proper, the second phase, serves the pools
once more without them. There is no third one, and nothing is held for ever.

Where the policy lends, the first phase also says which parts lie still, and until when.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q
from django.utils import timezone

from backorders.allocation.decide import decide
from backorders.allocation.planned_pegs import as_pegs
from backorders.engine.allocation.hold_limit import HeldLine, orders_to_release, parked_until
from backorders.enums import AllocationKind
from backorders.models import Allocation, AllocationRun, OrderLine, RunParked, RunRelease
from backorders.promising.column_dates import date_moves_of, moves_after
from backorders.queue.compiled_policy import NOTHING_PARKED, CompiledPolicy
from backorders.queue.queue_reading import day_of


class Covered(NamedTuple):
    """What the first phase gives a line of the run, and when the rest of it is there."""

    units: int
    due_on: date | None


def policy_of(run: AllocationRun) -> CompiledPolicy:
    """The policy of a run whose complete orders are settled."""
    return settled_policy(run, CompiledPolicy.of(run.policy_snapshot))


def settled_policy(run: AllocationRun, policy: CompiledPolicy) -> CompiledPolicy:
    """With the lines that the first phase released, and those that lie parked."""
    if policy.definition.hold_days is not None:
        policy = policy._replace(released=frozenset(run.releases.values_list("line_id", flat=True)))
    if policy.lends:
        policy = policy._replace(parked=dict(run.parked.values_list("line_id", "until")))
    return policy


@transaction.atomic
def settle_complete_orders(*, run_id: int, policy: CompiledPolicy, usual: CompiledPolicy, now: datetime) -> None:
    """Write down, once for a run, which lines give their stock away, and which hold what their order cannot use yet.

    A run that is taken up again finds it done.
    """
    run = AllocationRun.objects.locked().get(pk=run_id)
    if run.settled_at:
        return
    _settle(run, policy, usual, now=now)
    run.settled_at = now
    run.save(update_fields=["settled_at"])


def _settle(run: AllocationRun, policy: CompiledPolicy, usual: CompiledPolicy, *, now: datetime) -> None:
    lines = _open_lines(Exists(OrderLine.objects.waiting().filter(order=OuterRef("order"))))
    product_ids = {product_id for shard in run.shards.all() for product_id in shard.product_ids}
    concerned = sorted({line.product_id for line in lines} & product_ids)
    if not concerned:
        return
    covered = _first_phase(run, policy.lending_nothing(), usual, concerned, now=now)
    today = timezone.localdate(now)
    released: dict[int, date | None] = {}
    if policy.definition.hold_days is not None:
        units_held = _held(lines, covered, since=_held_since(line.order_id for line in lines))
        released = dict(orders_to_release(units_held, today=today, hold_days=policy.definition.hold_days))
        in_run = [(line_id, day) for line_id, day in released.items() if line_id in covered]
        rows = (RunRelease(run=run, line_id=line_id, completes_on=day) for line_id, day in in_run)
        RunRelease.objects.bulk_create(rows, batch_size=1_000)
    if policy.lends:
        dated = [
            line._replace(due_on=covered[line.id].due_on) if line.id in covered else line
            for line in _held(lines, covered)
        ]
        parked = parked_until((line for line in dated if line.id not in released), today=today)
        rows_parked = (RunParked(run=run, line_id=line_id, until=day) for line_id, day in parked if line_id in covered)
        RunParked.objects.bulk_create(rows_parked, batch_size=1_000)


def parked_now(order_ids: Collection[int], *, today: date) -> dict[int, date]:
    """Until when stock of these orders lies still, going by what their lines hold and are promised at this moment."""
    return dict(parked_until(_held(_open_lines(Q(order__in=order_ids)), {}), today=today))


def _open_lines(chosen: Q | Exists) -> list[Any]:
    return list(
        OrderLine.objects.open()
        .filter(chosen, order__ship_complete=True)
        .annotate(open_units=F("ordered") - F("shipped") - F("cancelled"))
        .order_by("order_id", "pk")
        .values_list("pk", "order_id", "product_id", "open_units", "allocated", "promised_on", named=True)
    )


def _held(
    lines: Iterable[Any], covered: Mapping[int, Covered], since: Mapping[int, date] = NOTHING_PARKED
) -> list[HeldLine]:
    return [
        HeldLine(
            line.pk,
            line.order_id,
            line.open_units,
            covered[line.pk].units if line.pk in covered else line.allocated,
            line.promised_on,
            since.get(line.order_id),
        )
        for line in lines
    ]


def _first_phase(
    run: AllocationRun, policy: CompiledPolicy, usual: CompiledPolicy, product_ids: Sequence[int], *, now: datetime
) -> Mapping[int, Covered]:
    """What each line of the products would hold, pinned and hard units included; nothing is locked or written."""
    covered: dict[int, Covered] = {}
    for start in range(0, len(product_ids), 500):
        batch = product_ids[start : start + 500]
        decided = decide(batch, policy, usual, now=now, warehouse_id=run.warehouse_id, lock=False)
        columns, after = decided.queues.columns, decided.queues.columns["allocated"] + decided.gain
        promised: dict[int, date | None] = {}
        if policy.looks_ahead:
            planned = {pool: as_pegs(plan.waits) for pool, plan in decided.plans.items()}
            moves = moves_after(
                decided.queues, after, usual, now=now, taken=decided.taken(decided.changes_elsewhere()), planned=planned
            )
            promised = {move.line.id: move.promised_on for move in date_moves_of(moves)}
        rows = (columns["id"], after, columns["promised_on"])
        for pk, units, day in zip(*(column[decided.taking_part].tolist() for column in rows), strict=True):
            covered[pk] = Covered(units, promised.get(pk, day_of(day)))
    return covered


def _held_since(order_ids: Iterable[int]) -> dict[int, date]:
    """Since when each order has held parts that a run may take."""
    soft = Allocation.objects.active().filter(kind=AllocationKind.SOFT, line__order_id__in=set(order_ids)).order_by()
    rows = soft.values_list("line__order_id").annotate(first=Min("made_at"))
    return {order_id: timezone.localdate(first) for order_id, first in rows}
