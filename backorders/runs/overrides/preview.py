"""What an override would do, before anybody confirms it: who holds what after the next run, with it and without it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from backorders.allocation.inbound import read_inbound
from backorders.allocation.pool_plans import plan_pool
from backorders.engine.allocation.future_supply import Inbound
from backorders.models import OrderLine
from backorders.promising.queue_dates import date_moves
from backorders.queue.queues import QueueLine
from backorders.runs.overrides.outcomes import Pool, Wish, outcome_of
from backorders.runs.overrides.override import demand_reason, read_pool
from inventory.models import Product


@dataclass(frozen=True, slots=True)
class Effect:
    """A line whose units or date the override changes."""

    line: OrderLine
    holds: int
    without: int
    with_it: int
    date_without: date | None
    date_with: date | None

    @property
    def gain(self) -> int:
        return self.with_it - self.without


def preview_override(*, wish: Wish, now: datetime) -> list[Effect]:
    """The lines that get more or less, or another date, in order of service. Raises as `override_line`."""
    demand_reason(wish.reason)
    pool = read_pool(wish.line_id)
    outcome = outcome_of(wish, pool, today=timezone.localdate(now))
    without = _after_next_run(pool, pool.queue, taken=0, now=now)
    with_it = _after_next_run(pool, outcome.queue_after(pool, wish.line_id), taken=outcome.taken(pool), now=now)
    dates_without, dates_with = (_dates(pool, queue, now=now) for queue in (without, with_it))
    changed = [
        (before, after)
        for before, after in zip(without, with_it, strict=True)
        if before.allocated != after.allocated or dates_without.get(before.id) != dates_with.get(after.id)
    ]
    lines = OrderLine.objects.select_related("order__customer__tier").in_bulk([after.id for _, after in changed])
    return [
        Effect(
            line=lines[after.id],
            holds=pool.line(after.id).allocated,
            without=before.allocated,
            with_it=after.allocated,
            date_without=dates_without.get(after.id),
            date_with=dates_with.get(after.id),
        )
        for before, after in changed
    ]


def _after_next_run(pool: Pool, queue: Sequence[QueueLine], *, taken: int, now: datetime) -> list[QueueLine]:
    """The queue as the default policy leaves it, in the order of primary keys."""
    packs = dict(Product.objects.filter(pk=pool.level.product_id).values_list("pk", "pack_size"))
    policy, key = pool.policy, (pool.level.product_id, pool.level.warehouse_id)
    coming = read_inbound([key[0]], today=timezone.localdate(now)) if policy.looks_ahead else {}
    inbound = coming.get(key, Inbound())
    plan = plan_pool(queue, policy, free=pool.free - taken, packs=packs, now=now, inbound=inbound, explained=False)
    allocated = plan.result.given
    after = [line._replace(allocated=line.fixed + line.away + allocated.get(line.id, line.soft)) for line in queue]
    return sorted(after, key=lambda line: line.id)


def _dates(pool: Pool, queue: Sequence[QueueLine], *, now: datetime) -> Mapping[int, date | None]:
    """When each line has its last unit; a line whose date does not move keeps the one it has."""
    key = pool.level.product_id, pool.level.warehouse_id
    held_now = {line.id: line.allocated for line in pool.queue}
    taken = sum(line.allocated - held_now[line.id] for line in queue)
    dates = {line.id: line.promised_on for line in queue}
    return dates | {
        move.line.id: move.promised_on for move in date_moves({key: queue}, pool.policy, now=now, taken={key: taken})
    }
