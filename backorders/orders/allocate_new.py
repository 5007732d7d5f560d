"""What a new line gets at once: free stock only, in the order of the queue, and whether the rest may wait at all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import F, Sum
from django.utils import timezone

from backorders.allocation.pool_plans import plan_pool
from backorders.models import OrderLine
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queues import PoolKey, QueueLine, read_queues
from inventory.enums import BackorderPolicy
from inventory.models import Product, StockLevel, Warehouse


class FirstFill(NamedTuple):
    """What the lines get (by id), which pool serves them, and why some of them cannot be taken."""

    given: dict[int, int]
    refused: dict[int, str]


class Stock:
    """The pools of some products, locked until the end of the transaction unless somebody only looks."""

    def __init__(self, product_ids: Iterable[int], *, lock: bool = True):
        levels = StockLevel.objects.filter(product_id__in=set(product_ids))
        self.levels: dict[PoolKey, StockLevel] = {
            (level.product_id, level.warehouse_id): level for level in (levels.locked() if lock else levels)
        }
        self.available = Counter({pool: level.available for pool, level in self.levels.items()})
        self.is_locked = lock
        self.warehouses = list(Warehouse.objects.order_by("preference", "pk").values_list("pk", flat=True))

    def warehouse_for(self, product_id: int, quantity: int) -> int:
        """The first warehouse by preference that covers the whole quantity, else the first of all."""
        for warehouse_id in self.warehouses:
            if self.available[product_id, warehouse_id] >= quantity:
                return warehouse_id
        return self.warehouses[0]


def fill_new_lines(
    lines: Sequence[QueueLine],
    stock: Stock,
    products: Mapping[int, Product],
    policy: CompiledPolicy,
    *,
    now: datetime,
) -> FirstFill:
    """Give the new lines what is free to them; lines that wait already and rank better come first, and all keep what
    they hold.

    A line that would have to wait although its product takes no backorders (policy, end date, limit) is refused, and
    what it would have got goes to the others.
    """
    refused: dict[int, str] = {}
    limited = {line.product_id for line in lines if products[line.product_id].backorder_limit}
    waiting = _waiting_units(limited, lock=stock.is_locked) if limited else {}
    while True:
        taken = [line for line in lines if line.id not in refused]
        allocated = _plan(taken, stock, products, policy, now=now)
        newly_refused = _refused(taken, allocated, products, waiting, now=now)
        if not newly_refused:
            return FirstFill(allocated, refused)
        refused |= newly_refused


def _plan(
    lines: Sequence[QueueLine],
    stock: Stock,
    products: Mapping[int, Product],
    policy: CompiledPolicy,
    *,
    now: datetime,
) -> dict[int, int]:
    by_pool: dict[PoolKey, list[QueueLine]] = defaultdict(list)
    for line in lines:
        by_pool[line.product_id, line.warehouse_id].append(line)
    with_stock = [pool for pool in by_pool if stock.available[pool]]
    allocated = {line.id: 0 for line in lines}
    if not with_stock:
        return allocated
    policy = policy.protecting_holders()
    queues = read_queues({product_id for product_id, _ in with_stock}, reads=policy.reads)
    for pool in with_stock:
        queue, packs = [*queues.get(pool, []), *by_pool[pool]], {pool[0]: products[pool[0]].pack_size}
        plan = plan_pool(queue, policy, free=stock.available[pool], packs=packs, now=now, explained=False)
        allocated |= {line.id: plan.result.given.get(line.id, 0) for line in by_pool[pool]}
    return allocated


def _waiting_units(limited: set[int], *, lock: bool) -> dict[int, int]:
    """Units that wait of these products, which have a limit.

    Those are locked, or two newcomers would both take the last place. The locked pools are not enough: a product that
    never lay anywhere has none.
    """
    if lock:
        list(Product.objects.filter(pk__in=limited).locked().values_list("pk", flat=True))
    waiting = OrderLine.objects.waiting().filter(product_id__in=limited).order_by().values_list("product_id")
    return dict(waiting.annotate(units=Sum(F("ordered") - F("shipped") - F("cancelled") - F("allocated"))))


def _refused(
    lines: Iterable[QueueLine],
    allocated: Mapping[int, int],
    products: Mapping[int, Product],
    waiting: Mapping[int, int],
    *,
    now: datetime,
) -> dict[int, str]:
    today, refused = timezone.localdate(now), {}
    added: dict[int, int] = defaultdict(int)
    for line in lines:
        missing = line.open - allocated[line.id]
        if not missing:
            continue
        product = products[line.product_id]
        here = f"{allocated[line.id]} of {line.open} × {product.sku} can be allocated now"
        if product.backorder_policy == BackorderPolicy.DENY:
            refused[line.id] = f"{here}, and this product cannot be backordered."
        elif product.backorder_until and product.backorder_until < today:
            refused[line.id] = f"{here}, and this product cannot be backordered after {product.backorder_until}."
        elif product.backorder_limit:
            before = waiting.get(product.pk, 0) + added[product.pk]
            if before + missing > product.backorder_limit:
                refused[line.id] = (
                    f"{here}; {before} units are already on backorder, and the limit is {product.backorder_limit}."
                )
            else:
                added[product.pk] += missing
    return refused
