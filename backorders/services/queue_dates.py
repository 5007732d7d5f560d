"""The queue date of each waiting line: free stock, then incoming goods by date, then what could still be bought."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from backorders.engine.promising import LEAD_TIME, STOCK, LinePromise, Supply, WaitingLine, walk_queue
from backorders.engine.working_days import capable_to_promise
from backorders.enums import PromiseSource
from backorders.models import DeskSettings
from backorders.services.queues import PoolKey, QueueLine, business_date, ranked
from backorders.services.rules import default_rules
from inventory.models import PurchaseOrderLine, StockLevel, SupplierProduct


class DateMove(NamedTuple):
    """A line's promise that differs from the one before; None is "no reliable date yet"."""

    line: QueueLine
    promised_on: date | None
    source: PromiseSource
    reference: str

    @property
    def is_later(self) -> bool:
        before = self.line.promised_on
        return before is not None and (self.promised_on is None or self.promised_on > before)


def date_moves(
    queues: Mapping[PoolKey, Sequence[QueueLine]], *, now: datetime, taken: Mapping[PoolKey, int] | None = None
) -> Iterator[DateMove]:
    """The lines whose promise changes, pool by pool; `taken` are free units that lines not yet written will hold."""
    product_ids = {product_id for product_id, _ in queues}
    today, rules = business_date(now), default_rules()
    slack = timedelta(days=DeskSettings.objects.get().order_cycle_days * 7 // 5)
    free = {
        (level.product_id, level.warehouse_id): level.available
        for level in StockLevel.objects.filter(product_id__in=product_ids)
    }
    supplies, capable = _inbound(product_ids), _capable_dates(product_ids, today)
    for pool, lines in queues.items():
        queue = ranked(lines, rules, now=now)
        promises = walk_queue(
            today=today,
            free=free.get(pool, 0) - (taken or {}).get(pool, 0),
            supplies=supplies[pool],
            lines=[WaitingLine(line.id, line.open, line.allocated) for line in queue],
            capable_on=capable.get(pool[0]),
        )
        for line, promise in zip(queue, promises, strict=True):
            move = DateMove(line, promise.queue_date, _source(promise), _reference(promise))
            if not _says_the_same(move, today, slack):
                yield move


def _source(promise: LinePromise) -> PromiseSource:
    if promise.source in (STOCK, LEAD_TIME):
        return PromiseSource.STOCK if promise.source == STOCK else PromiseSource.LEAD_TIME
    if not promise.source:
        return PromiseSource.UNKNOWN
    return PromiseSource.PURCHASE_ORDER if promise.queue_date else PromiseSource.OVERDUE


def _reference(promise: LinePromise) -> str:
    return "" if promise.source in (STOCK, LEAD_TIME) else promise.source


def _says_the_same(move: DateMove, today: date, slack: timedelta) -> bool:
    """Goods that lie here keep the day on which they came; a lead time keeps its date while the cycle allows it."""
    line = move.line
    if move.source != line.promise_source:
        return False
    if move.source == PromiseSource.STOCK:
        return line.promised_on is not None
    if move.source == PromiseSource.LEAD_TIME and line.promised_on and move.promised_on:
        return line.promised_on >= today and timedelta(0) <= move.promised_on - line.promised_on <= slack
    return move.promised_on == line.promised_on


def _inbound(product_ids: Collection[int]) -> dict[PoolKey, list[Supply]]:
    supplies: dict[PoolKey, list[Supply]] = defaultdict(list)
    rows = (
        PurchaseOrderLine.objects.inbound()
        .with_expected_on()
        .filter(product_id__in=product_ids)
        .values_list(
            *("product_id", "purchase_order__warehouse_id", "expected_on", "open"),
            *("purchase_order__number", "purchase_order__ordered_on", "purchase_order__supplier__lead_time_days"),
        )
    )
    for product_id, warehouse_id, expected_on, units, number, ordered_on, lead_time in rows:
        day = expected_on or ordered_on + timedelta(days=lead_time)
        supplies[product_id, warehouse_id].append(Supply(day, units, number))
    return supplies


def _capable_dates(product_ids: Collection[int], today: date) -> dict[int, date]:
    """When goods that nobody has ordered yet could be here, by the preferred supplier's lead time."""
    desk = DeskSettings.objects.get()
    offers = (
        SupplierProduct.objects.filter(product_id__in=product_ids, supplier__active=True, product__active=True)
        .order_by("product_id", "rank", "pk")
        .distinct("product_id")
    )
    return {
        offer.product_id: capable_to_promise(
            today=today,
            cycle_days=desk.order_cycle_days,
            lead_time_days=offer.lead_time_days,
            handling_days=desk.handling_days,
        )
        for offer in offers
    }
