"""Where lines stand in their queues at this moment, by the default policy."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from backorders.models import OrderLine
from backorders.services.queues import PoolKey, QueueLine, ranked, read_queues
from backorders.services.rules import default_rules


class Standing(NamedTuple):
    """`rank` of `queue_length`; `ahead` are the lines before it that still lack units, the next one last."""

    rank: int
    queue_length: int
    ahead: list[QueueLine]

    @property
    def units_ahead(self) -> int:
        return sum(line.open - line.allocated for line in self.ahead)


def standings(*, line_ids: Collection[int], now: datetime) -> dict[int, Standing]:
    """The places of these lines that are open."""
    pools = set(
        OrderLine.objects.open().filter(pk__in=line_ids).order_by().values_list("product_id", "warehouse_id").distinct()
    )
    if not pools:
        return {}
    wanted, places = set(line_ids), {}
    rules = default_rules()
    queues = read_queues({product_id for product_id, _ in pools}, reads=rules.reads)
    for pool in pools:
        queue = ranked(queues[pool], rules, now=now)
        ahead: list[QueueLine] = []
        for rank, line in enumerate(queue, start=1):
            if line.id in wanted:
                places[line.id] = Standing(rank, len(queue), list(ahead))
            if line.open > line.allocated:
                ahead.append(line)
    return places


def product_queues(*, product_id: int, now: datetime) -> dict[int, Sequence[QueueLine]]:
    """The queues of a product by warehouse, first served first."""
    rules = default_rules()
    queues: dict[PoolKey, list[QueueLine]] = read_queues([product_id], reads=rules.reads)
    return {warehouse_id: ranked(queue, rules, now=now) for (_, warehouse_id), queue in sorted(queues.items())}
