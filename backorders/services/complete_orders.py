"""Orders that ship complete span products: which of them hold stock in vain, and give it to others.

The first phase serves all pools on paper. An order that even then cannot be complete within the policy's hold limit, or
has held its parts for longer than that already, releases its lines; the run proper, the second phase, serves the pools
once more without them. There is no third one, and nothing is held for ever.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef

from backorders.engine.holding import HeldLine, orders_to_release
from backorders.enums import AllocationKind
from backorders.models import Allocation, AllocationRun, OrderLine, RunRelease
from backorders.services.queues import business_date
from backorders.services.rules import Rules
from backorders.services.serving import decide


class Covered(NamedTuple):
    """What the first phase gives a line."""

    units: int
    in_run: bool


def rules_of(run: AllocationRun) -> Rules:
    """The rules of a run whose complete orders are settled."""
    rules = Rules.of(run.policy_snapshot)
    if rules.definition.hold_days is None:
        return rules
    return rules._replace(released=frozenset(run.releases.values_list("line_id", flat=True)))


@transaction.atomic
def settle_complete_orders(*, run_id: int, now: datetime) -> None:
    """Write down, once for a run, which lines give their stock away; a run that is taken up again finds it done."""
    run = AllocationRun.objects.get(pk=run_id)
    rules = Rules.of(run.policy_snapshot)
    if run.source_run_id or rules.definition.hold_days is None:
        return
    run = AllocationRun.objects.locked().get(pk=run_id)
    if run.settled_at:
        return
    RunRelease.objects.bulk_create(_releases(run, rules, now=now), batch_size=1_000)
    run.settled_at = now
    run.save(update_fields=["settled_at"])


def _releases(run: AllocationRun, rules: Rules, *, now: datetime) -> Iterator[RunRelease]:
    product_ids = {product_id for shard in run.shards.all() for product_id in shard.product_ids}
    waiting = OrderLine.objects.waiting().filter(order=OuterRef("order"))
    lines = list(
        OrderLine.objects.open()
        .filter(Exists(waiting), order__ship_complete=True)
        .annotate(open_units=F("ordered") - F("shipped") - F("cancelled"))
        .order_by("order_id", "pk")
        .values_list("pk", "order_id", "product_id", "open_units", "allocated", "promised_on", named=True)
    )
    concerned = sorted({line.product_id for line in lines} & product_ids)
    if not concerned:
        return
    covered = _first_phase(run, rules, concerned, now=now)
    since = _held_since([line.order_id for line in lines])
    today, hold_days = business_date(now), rules.definition.hold_days or 0
    held = [
        HeldLine(
            line.pk,
            line.order_id,
            line.open_units,
            covered.get(line.pk, Covered(line.allocated, in_run=False)).units,
            line.promised_on,
            since.get(line.order_id),
        )
        for line in lines
    ]
    for line_id, completes_on in orders_to_release(held, today=today, hold_days=hold_days):
        if line_id in covered:
            yield RunRelease(run=run, line_id=line_id, completes_on=completes_on)


def _first_phase(
    run: AllocationRun, rules: Rules, product_ids: Sequence[int], *, now: datetime
) -> Mapping[int, Covered]:
    """What each line of the products would hold, pinned and hard units included; nothing is locked or written."""
    covered: dict[int, Covered] = {}
    for start in range(0, len(product_ids), 500):
        batch = product_ids[start : start + 500]
        for decision in decide(batch, rules, now=now, warehouse_id=run.warehouse_id, lock=False):
            given = decision.plan.result.given
            for line in decision.queue:
                covered[line.id] = Covered(line.fixed + decision.plan.units_after(line), line.id in given)
    return {line_id: found for line_id, found in covered.items() if found.in_run}


def _held_since(order_ids: Iterable[int]) -> dict[int, date]:
    """Since when each order has held parts that a run may take."""
    soft = Allocation.objects.active().filter(kind=AllocationKind.SOFT, line__order_id__in=set(order_ids)).order_by()
    rows = soft.values_list("line__order_id").annotate(first=Min("made_at"))
    return {order_id: business_date(first) for order_id, first in rows}
