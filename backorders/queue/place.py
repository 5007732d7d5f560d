"""Where lines stand in their queues at this moment, by the default policy."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from backorders.models import OrderLine
from backorders.queue.compiled_policy import default_policy
from backorders.queue.queue_columns import ranked_columns
from backorders.queue.queue_reading import Queues, read_queue_columns
from config.lib.bulk import any_of
from config.lib.columns import Array

LOOKED_AT = 3_000  # open lines that are ranked while a person waits
NAMED = 3


class QueuePlace(NamedTuple):
    """`rank` of `queue_length`; before it `lines_ahead` still lack `units_ahead`, the next ones of `orders_ahead`."""

    rank: int
    queue_length: int
    lines_ahead: int
    units_ahead: int
    orders_ahead: Sequence[int]


class ProductQueue(NamedTuple):
    """The queue in one warehouse: its first lines, how many there are, and what they have open and lack."""

    warehouse_id: int
    first: Sequence[int]
    length: int
    open: int
    missing: int


def standings(*, line_ids: Collection[int], now: datetime) -> dict[int, QueuePlace]:
    """The places of these lines that are open; of none where so many wait for their products that ranking takes long.

    What the last run said of a line has its place then.
    """
    lines = OrderLine.objects.open().filter(any_of("pk", line_ids))
    products = set(lines.order_by().values_list("product_id", flat=True).distinct())
    if not products or waiting_for(products, at_most=LOOKED_AT) > LOOKED_AT:
        return {}
    places: dict[int, QueuePlace] = {}
    for queue in _queues(products, now=now):
        places |= _standings(queue, line_ids)
    return places


def waiting_for(product_ids: Collection[int], *, at_most: int) -> int:
    """How many open lines the products have, counted no further than one beyond `at_most`."""
    return OrderLine.objects.open().filter(any_of("product_id", product_ids)).order_by()[: at_most + 1].count()


def product_queues(*, product_id: int, shown: int, now: datetime) -> list[ProductQueue]:
    """The queues of a product by warehouse, in order of service; the first `shown` lines of each."""
    return [
        ProductQueue(
            warehouse_id=int(queue["warehouse_id"][0]),
            first=queue["id"][:shown].tolist(),
            length=len(queue["id"]),
            open=int(queue["open"].sum()),
            missing=int((queue["open"] - queue["allocated"]).sum()),
        )
        for queue in _queues([product_id], now=now)
    ]


def _queues(product_ids: Collection[int], *, now: datetime) -> Iterator[dict[str, Array]]:
    """The columns of each pool, in the order of the default policy."""
    policy = default_policy()
    queues: Queues = ranked_columns(read_queue_columns(product_ids, policy, lock=False), policy, now=now)
    if not queues.size:
        return
    borders = np.flatnonzero(np.diff(queues.pool)) + 1
    for places in np.split(np.arange(queues.size), borders):
        yield {name: queues.columns[name][places] for name in ("id", "order_id", "warehouse_id", "open", "allocated")}


def _standings(queue: dict[str, Array], line_ids: Collection[int]) -> dict[int, QueuePlace]:
    missing = queue["open"] - queue["allocated"]
    lacking = missing > 0
    lines_ahead: Array = np.cumsum(lacking) - lacking
    units_ahead: Array = np.cumsum(missing) - missing
    orders = queue["order_id"][lacking]
    return {
        int(queue["id"][place]): QueuePlace(
            rank=int(place) + 1,
            queue_length=len(missing),
            lines_ahead=int(lines_ahead[place]),
            units_ahead=int(units_ahead[place]),
            orders_ahead=orders[max(0, lines_ahead[place] - NAMED) : lines_ahead[place]].tolist(),
        )
        for place in np.flatnonzero(np.isin(queue["id"], list(line_ids)))
    }
