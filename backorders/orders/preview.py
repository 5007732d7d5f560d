"""What would happen, on paper: the same steps as the intake and the run after a receipt, and nothing is written."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone

from backorders.allocation.inbound import read_inbound
from backorders.allocation.pool_plans import plan_pool
from backorders.engine.allocation.future_supply import Inbound
from backorders.engine.promising.supply_curve import Promised
from backorders.enums import PromiseSource
from backorders.orders.allocate_new import Stock, fill_new_lines
from backorders.orders.checks import NewLine, NewOrder, refusals
from backorders.orders.insert import EnteredLine, OrderTraits
from backorders.promising.queue_dates import date_moves
from backorders.queue.compiled_policy import CompiledPolicy, serving_policy
from backorders.queue.queues import PoolKey, QueueLine, read_queues
from customers.models import Customer, CustomerTier
from inventory.models import Product, StockLevel

NO_PROMISE = (Promised(None, None), PromiseSource.NONE, "")
NOT_WRITTEN = 1 << 62  # ids behind those of every written line, as a new line's would be


@dataclass(frozen=True, slots=True)
class LinePreview:
    """What a line would get and hear at this moment; `refused` says why it could not be taken."""

    open: int
    allocated: int = 0
    warehouse_id: int | None = None
    promised_on: date | None = None
    p50_on: date | None = None
    source: PromiseSource = PromiseSource.NONE
    reference: str = ""
    refused: str = ""

    @property
    def missing(self) -> int:
        return self.open - self.allocated

    @property
    def is_range(self) -> bool:
        return bool(self.p50_on and self.promised_on and self.p50_on < self.promised_on)


def preview_order(
    *, lines: Sequence[NewLine], customer_id: int | None, warehouse_id: int | None, now: datetime
) -> list[LinePreview]:
    """What `place_order` would say to each of these lines. Without a customer: as for one of the last tier."""
    products = Product.objects.in_bulk({line.product_id for line in lines})
    faults = _faults(lines, products, now=now)
    sound = [number for number in range(len(lines)) if number not in faults]
    stock = Stock({lines[number].product_id for number in sound}, lock=False)
    buyer = _buyer(customer_id)
    entered = {
        number: _on_paper(number, lines[number], products, stock, buyer=buyer, warehouse_id=warehouse_id, now=now)
        for number in sound
    }
    policy = serving_policy(today=timezone.localdate(now))
    fill = fill_new_lines([line.in_queue() for line in entered.values()], stock, products, policy, now=now)
    taken = [replace(line, given=fill.given[line.id]) for line in entered.values() if line.id not in fill.refused]
    promises = _promises([line.in_queue() for line in taken], policy, now=now)

    previews = {number: LinePreview(lines[number].open, refused=reason) for number, reason in faults.items()}
    for number, line in entered.items():
        dates, source, reference = promises.get(line.id, NO_PROMISE)
        previews[number] = LinePreview(
            open=line.open,
            allocated=fill.given.get(line.id, 0),
            warehouse_id=line.warehouse_id,
            promised_on=dates.promised_on,
            p50_on=dates.p50_on,
            source=source,
            reference=reference,
            refused=fill.refused.get(line.id, ""),
        )
    return [previews[number] for number in range(len(lines))]


class Beneficiary(NamedTuple):
    """A line that waits, or that would lose; its place in the queue, and what it would hold once goods arrived."""

    line: QueueLine
    rank: int
    queue_length: int
    would_hold: int

    @property
    def gain(self) -> int:
        return self.would_hold - self.line.soft


def preview_arrival(*, quantities: Mapping[int, int], warehouse_id: int, now: datetime) -> dict[int, list[Beneficiary]]:
    """Per product, whom the run after this arrival would concern, in the queue's order, and what they would hold."""
    policy = serving_policy(today=timezone.localdate(now))
    queues = read_queues(list(quantities), reads=policy.reads, warehouse_id=warehouse_id)
    levels = StockLevel.objects.filter(product_id__in=quantities, warehouse_id=warehouse_id)
    free = {level.product_id: level.available for level in levels}
    packs = dict(Product.objects.filter(pk__in=quantities).values_list("pk", "pack_size"))
    coming = read_inbound(list(quantities), today=timezone.localdate(now)) if policy.looks_ahead else {}
    previews = {}
    for (product_id, _), lines in queues.items():
        there = free.get(product_id, 0) + quantities[product_id]
        inbound = coming.get((product_id, warehouse_id), Inbound()).without(quantities[product_id])
        plan = plan_pool(lines, policy, free=there, packs=packs, now=now, inbound=inbound, explained=False)
        concerned = (
            Beneficiary(line, rank, len(lines), plan.result.given.get(line.id, line.soft))
            for rank, line in enumerate(plan.queue, start=1)
        )
        previews[product_id] = [row for row in concerned if row.gain or row.line.open > row.line.allocated]
    return previews


def _faults(lines: Sequence[NewLine], products: Mapping[int, Product], *, now: datetime) -> dict[int, str]:
    numbered = [replace(line, external_line=str(number)) for number, line in enumerate(lines)]
    order = NewOrder(source="preview", external_number="-", customer_id=0, lines=tuple(numbered), placed_at=now)
    return {int(number): reason for number, reason in refusals(order, products, now=now).items()}


def _buyer(customer_id: int | None) -> OrderTraits:
    customer = Customer.objects.select_related("tier").filter(pk=customer_id).first() if customer_id else None
    if customer:
        return OrderTraits(customer.tier.rank, customer.pk, customer.country, "desk", customer.ship_complete)
    return OrderTraits(CustomerTier.objects.order_by("-rank").values_list("rank", flat=True).first() or 1)


def _on_paper(
    number: int,
    line: NewLine,
    products: Mapping[int, Product],
    stock: Stock,
    *,
    buyer: OrderTraits,
    warehouse_id: int | None,
    now: datetime,
) -> EnteredLine:
    return EnteredLine(
        id=NOT_WRITTEN + number,
        position=0,
        order_key=("", ""),
        number=number,
        new=line,
        product_id=line.product_id,
        open=line.open,
        unit_price=products[line.product_id].price if line.unit_price is None else line.unit_price,
        placed_at=now,
        buyer=buyer,
        category_id=products[line.product_id].category_id,
        warehouse_id=warehouse_id or stock.warehouse_for(line.product_id, line.open),
    )


def _promises(
    newcomers: Sequence[QueueLine], policy: CompiledPolicy, *, now: datetime
) -> dict[int, tuple[Promised, PromiseSource, str]]:
    """As `first_promises`, with lines that stand in no table."""
    today = timezone.localdate(now)
    promises: dict[int, tuple[Promised, PromiseSource, str]] = {
        line.id: (Promised(today, today), PromiseSource.STOCK, "") for line in newcomers if line.allocated == line.open
    }
    waiting = [line for line in newcomers if line.allocated < line.open]
    if not waiting:
        return promises
    pools = {(line.product_id, line.warehouse_id) for line in waiting}
    queues = read_queues({product_id for product_id, _ in pools}, reads=policy.reads)
    taken: dict[PoolKey, int] = defaultdict(int)
    for line in newcomers:
        queues[line.product_id, line.warehouse_id].append(line)
        taken[line.product_id, line.warehouse_id] += line.allocated
    for move in date_moves({pool: queues[pool] for pool in pools}, policy, now=now, taken=taken):
        if move.line.id >= NOT_WRITTEN and move.line.id not in promises:
            promises[move.line.id] = (Promised(move.p50_on, move.promised_on), move.source, move.reference)
    return promises
