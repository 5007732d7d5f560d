"""One order with everything that its page tells about its lines."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet, Sum

from backorders.enums import EventKind, PromiseSource
from backorders.models import LineEvent, LineOverride, OrderLine, Promise, SalesOrder, Shipment
from backorders.queries.run_results import from_elsewhere, last_results, told
from backorders.queries.shipments import sizes_of, units_on_pick_lists
from inventory.models import PurchaseOrder, Warehouse
from notifications.models import Message


@dataclass(frozen=True, slots=True)
class LineOnPage:
    """A line, what was promised when, what it waits for, and what the last run said about it."""

    line: OrderLine
    promises: Sequence[Promise]
    purchase_order: PurchaseOrder | None
    picking: int
    returned: int
    verdict: str
    verdict_run_id: int | None
    verdict_at: datetime | None
    overrides: Sequence[LineOverride] = ()

    @property
    def source(self) -> Promise | None:
        """The latest row of the promise ledger: where the last unit comes from."""
        return self.promises[0] if self.promises else None

    @property
    def pickable(self) -> int:
        """Allocated units that are on no pick list yet."""
        return self.line.allocated - self.picking

    @property
    def cancellable(self) -> int:
        return self.line.open - self.picking

    @property
    def returnable(self) -> int:
        return self.line.shipped - self.line.opening_shipped - self.returned


@dataclass(frozen=True, slots=True)
class ShipmentOnPage:
    shipment: Shipment
    lines: int
    units: int


@dataclass(frozen=True, slots=True)
class OrderPage:
    order: SalesOrder
    lines: Sequence[LineOnPage]
    shipments: Sequence[ShipmentOnPage]
    messages: Sequence[Message]
    other_warehouses: Sequence[str] = ()

    @property
    def pickable(self) -> int:
        return sum(row.pickable for row in self.lines)

    @property
    def cancellable(self) -> int:
        return sum(row.cancellable for row in self.lines)

    @property
    def missing(self) -> int:
        return sum(row.line.missing for row in self.lines)

    @property
    def open_value(self) -> Decimal:
        return sum((row.line.open_value for row in self.lines), Decimal())


def order_page(order: SalesOrder) -> OrderPage:
    lines = list(order.lines.select_related("product", "warehouse", "order").order_by("number"))
    ids = [line.pk for line in lines]
    promises = _promises(ids)
    coming = _purchase_orders(promises)
    picking, returned, verdicts = units_on_pick_lists(ids), _returned(ids), last_results(ids)
    overrides = _overrides(ids)
    away = from_elsewhere(result for _, result in verdicts.values())
    rows = []
    for line in lines:
        run, result = verdicts.get(line.pk, (None, None))
        latest = promises[line.pk][0] if promises[line.pk] else None
        rows.append(
            LineOnPage(
                line=line,
                promises=promises[line.pk],
                purchase_order=coming.get(latest.source_reference) if latest else None,
                picking=picking.get(line.pk, 0),
                returned=returned.get(line.pk, 0),
                verdict=told(result, line.product.sku, away.get((result.run_id, line.pk), ()))
                if result and line.is_open
                else "",
                verdict_run_id=run.pk if run else None,
                verdict_at=run.started_at if run else None,
                overrides=overrides[line.pk],
            )
        )
    return OrderPage(order, rows, _shipments(order), list(messages_of(order)), _codes(order.other_warehouses))


def _codes(warehouse_ids: Sequence[int]) -> list[str]:
    """In the order given; most orders name none."""
    known = Warehouse.objects.in_bulk(warehouse_ids) if warehouse_ids else {}
    return [known[pk].code for pk in warehouse_ids if pk in known]


def messages_of(order: SalesOrder) -> QuerySet[Message]:
    return Message.objects.filter(aggregate=f"order:{order.pk}").order_by("-pk")[:50]


def _promises(line_ids: Iterable[int]) -> dict[int, list[Promise]]:
    """The newest first."""
    by_line: dict[int, list[Promise]] = defaultdict(list)
    for promise in Promise.objects.filter(line_id__in=list(line_ids)).order_by("line_id", "-pk"):
        by_line[promise.line_id].append(promise)
    return by_line


def _overrides(line_ids: Iterable[int]) -> dict[int, list[LineOverride]]:
    by_line: dict[int, list[LineOverride]] = defaultdict(list)
    active = LineOverride.objects.active().filter(line_id__in=list(line_ids))
    for override in active.select_related("made_by", "from_line__order").order_by("pk"):
        by_line[override.line_id].append(override)
    return by_line


def _purchase_orders(promises: Mapping[int, Sequence[Promise]]) -> dict[str, PurchaseOrder]:
    latest = [history[0] for history in promises.values() if history]
    numbers = {
        promise.source_reference
        for promise in latest
        if promise.source in (PromiseSource.PURCHASE_ORDER, PromiseSource.OVERDUE)
    }
    found = PurchaseOrder.objects.filter(number__in=numbers).select_related("supplier")
    return {purchase_order.number: purchase_order for purchase_order in found}


def _returned(line_ids: Iterable[int]) -> dict[int, int]:
    events = LineEvent.objects.filter(line_id__in=list(line_ids), kind=EventKind.RETURNED)
    return dict(events.order_by().values_list("line_id").annotate(units=Sum("quantity")))


def _shipments(order: SalesOrder) -> list[ShipmentOnPage]:
    shipments = list(order.shipments.select_related("warehouse", "picked_by").order_by("-pk"))
    sizes = sizes_of(shipments)
    return [ShipmentOnPage(shipment, *sizes[shipment.pk]) for shipment in shipments]
