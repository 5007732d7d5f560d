"""One order with everything that its page tells about its lines."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet, Sum

from backorders.enums import EventKind, PromiseSource
from backorders.fulfilment.queries.shipments import sizes_of, units_on_pick_lists
from backorders.letters.sendings import Sending, sendings_of
from backorders.models import LineEvent, LineOverride, OrderLine, Promise, SalesOrder, Shipment
from backorders.runs.queries.run_results import from_elsewhere, last_results, told
from inventory.models import PurchaseOrder, Warehouse
from notifications.models import Message

LINES_SHOWN = 50


class PromiseOnPage(NamedTuple):
    """A row of the promise ledger, and what became of the email that tells it."""

    promise: Promise
    sending: Sending | None


@dataclass(frozen=True, slots=True)
class LineOnPage:
    """A line, what was promised when, what it waits for, and what the last run said about it."""

    line: OrderLine
    promises: Sequence[PromiseOnPage]
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
        return self.promises[0].promise if self.promises else None

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
    """The order with the lines shown, which begin after `before` others; the sums are those of all its lines."""

    order: SalesOrder
    lines: Sequence[LineOnPage]
    all_lines: Sequence[OrderLine]
    before: int
    picking: int
    shipments: Sequence[ShipmentOnPage]
    messages: Sequence[Message]
    other_warehouses: Sequence[str] = ()

    @property
    def pickable(self) -> int:
        return sum(line.allocated for line in self.all_lines) - self.picking

    @property
    def cancellable(self) -> int:
        return sum(line.open for line in self.all_lines) - self.picking

    @property
    def missing(self) -> int:
        return sum(line.missing for line in self.all_lines)

    @property
    def open_value(self) -> Decimal:
        return sum((line.open_value for line in self.all_lines), Decimal())

    @property
    def shown_of(self) -> str:
        """Which lines are shown; blank where all are."""
        if len(self.lines) == len(self.all_lines):
            return ""
        return f"{self.before + 1} to {self.before + len(self.lines)} of {len(self.all_lines)}"

    @property
    def earlier(self) -> int | None:
        """How many lines stand before the page before this one; None on the first."""
        return max(0, self.before - LINES_SHOWN) if self.before else None

    @property
    def later(self) -> int | None:
        after = self.before + len(self.lines)
        return after if after < len(self.all_lines) else None


def order_page(order: SalesOrder, *, before: int = 0, line_id: int | None = None) -> OrderPage:
    """The lines after the first `before`, or the page of lines that has `line_id` on it."""
    all_lines = list(order.lines.select_related("product", "warehouse", "order").order_by("number"))
    place = next((place for place, line in enumerate(all_lines) if line.pk == line_id), None)
    if place is not None:
        before = place - place % LINES_SHOWN
    elif before >= len(all_lines):
        before = 0
    lines = all_lines[before : before + LINES_SHOWN]
    ids = [line.pk for line in lines]
    promises = _promises(ids)
    coming = _purchase_orders(promises)
    returned, verdicts = _returned(ids), last_results(ids)
    picking = units_on_pick_lists([line.pk for line in all_lines])
    overrides = _overrides(ids)
    away = from_elsewhere(result for _, result in verdicts.values())
    rows = []
    for line in lines:
        run, result = verdicts.get(line.pk, (None, None))
        latest = promises[line.pk][0].promise if promises[line.pk] else None
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
    return OrderPage(
        order,
        rows,
        all_lines,
        before,
        sum(picking.values()),
        _shipments(order),
        list(messages_of(order)),
        _codes(order.other_warehouses),
    )


def _codes(warehouse_ids: Sequence[int]) -> list[str]:
    """In the order given; most orders name none."""
    known = Warehouse.objects.in_bulk(warehouse_ids) if warehouse_ids else {}
    return [known[pk].code for pk in warehouse_ids if pk in known]


def messages_of(order: SalesOrder) -> QuerySet[Message]:
    return Message.objects.filter(aggregate=f"order:{order.pk}").order_by("-pk")[:50]


def _promises(line_ids: Iterable[int]) -> dict[int, list[PromiseOnPage]]:
    """The newest first."""
    by_line: dict[int, list[PromiseOnPage]] = defaultdict(list)
    promises = Promise.objects.filter(line_id__in=list(line_ids)).order_by("line_id", "-pk")
    sendings = sendings_of(promise.message_key for promise in promises)
    for promise in promises:
        by_line[promise.line_id].append(PromiseOnPage(promise, sendings.get(promise.message_key)))
    return by_line


def _overrides(line_ids: Iterable[int]) -> dict[int, list[LineOverride]]:
    by_line: dict[int, list[LineOverride]] = defaultdict(list)
    active = LineOverride.objects.active().filter(line_id__in=list(line_ids))
    for override in active.select_related("made_by", "from_line__order").order_by("pk"):
        by_line[override.line_id].append(override)
    return by_line


def _purchase_orders(promises: Mapping[int, Sequence[PromiseOnPage]]) -> dict[str, PurchaseOrder]:
    latest = [history[0].promise for history in promises.values() if history]
    numbers = {
        promise.source_reference
        for promise in latest
        if promise.source in (PromiseSource.PURCHASE_ORDER, PromiseSource.OVERDUE)
    }
    purchase_orders = PurchaseOrder.objects.filter(number__in=numbers).select_related("supplier")
    return {purchase_order.number: purchase_order for purchase_order in purchase_orders}


def _returned(line_ids: Iterable[int]) -> dict[int, int]:
    events = LineEvent.objects.filter(line_id__in=list(line_ids), kind=EventKind.RETURNED)
    return dict(events.order_by().values_list("line_id").annotate(units=Sum("quantity")))


def _shipments(order: SalesOrder) -> list[ShipmentOnPage]:
    shipments = list(order.shipments.select_related("warehouse", "picked_by").order_by("-pk"))
    sizes = sizes_of(shipments)
    return [ShipmentOnPage(shipment, *sizes[shipment.pk]) for shipment in shipments]
