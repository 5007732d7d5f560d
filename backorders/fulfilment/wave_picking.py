"""Many orders at once: the round through the shelves and the van at the door, in a few statements each.

The single pick list and the single shipment (`shipping`) take the same steps.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Sum

from backorders.enums import AllocationKind, AllocationState, EventKind, ShipmentStatus
from backorders.errors import NotReadyToShip
from backorders.letters.letters import MessageKeys, News, tell_all
from backorders.letters.timeline import Event, record_events
from backorders.models import Allocation, OrderLine, SalesOrder, Shipment
from backorders.orders.status import refresh_order_status
from backorders.queue import holdings
from backorders.runs.queries.blocks import blocks_of
from config.lib.bulk import next_numbers, update_rows
from config.lib.text import counted
from inventory.enums import StockKind
from inventory.models import StockLevel
from inventory.stock.move import StockMove, move_stock
from notifications.payloads import PartlyShipped, Shipped


class Parcel(NamedTuple):
    """A pick list that is handed to the carrier as a whole."""

    shipment_id: int
    carrier: str = ""
    tracking_number: str = ""


class Departure(NamedTuple):
    """A shipment about to leave, and what is in it."""

    shipment: Shipment
    leaving: Sequence[Allocation]
    carrier: str
    tracking_number: str


@transaction.atomic
def pick_orders(*, order_ids: Collection[int], by: User | None, now: datetime) -> list[Shipment]:
    """Put all that is allocated to these orders on pick lists, one for each order and warehouse.

    Orders that hold nothing are passed over, and so are those that ship complete and lack something, and those that
    hold units of a blocked pool.
    """
    orders = {order.pk: order for order in SalesOrder.objects.filter(pk__in=order_ids).locked()}
    lines = list(OrderLine.objects.open().filter(order__in=orders).locked())
    incomplete = {line.order_id for line in lines if line.missing and orders[line.order_id].ship_complete}
    order_of = {line.pk: orders[line.order_id] for line in lines if line.order_id not in incomplete}
    allocations = movable_allocations(order_of)
    blocked = {block.stock_level_id for block in blocks_of({a.stock_level_id for a in allocations})}
    stay = {order_of[a.line_id].pk for a in allocations if a.stock_level_id in blocked}
    free = [a for a in allocations if order_of[a.line_id].pk not in stay]
    return make_pick_lists(order_of, free, by=by, now=now)


@transaction.atomic
def ship_parcels(*, parcels: Sequence[Parcel], by: User | None, now: datetime) -> list[Shipment]:
    """Hand whole pick lists to the carrier and tell each customer. Raises NotReadyToShip, MoveNotAllowed."""
    picked = locked_shipments([parcel.shipment_id for parcel in parcels])
    shipments = {shipment.pk: shipment for shipment in picked}
    departures = [
        Departure(shipments[parcel.shipment_id], picked[shipments[parcel.shipment_id]], *parcel[1:])
        for parcel in parcels
    ]
    for departure in departures:
        departure.shipment.move_to(ShipmentStatus.SHIPPED)
    hand_over(departures, by=by, now=now)
    return [departure.shipment for departure in departures]


def movable_allocations(line_ids: Collection[int]) -> list[Allocation]:
    """What these lines, which the caller has locked, hold and no pick list has yet; locked with its pools."""
    allocations = list(
        Allocation.objects.active()
        .filter(line_id__in=line_ids)
        .exclude(kind=AllocationKind.HARD)
        .select_related("stock_level")
        .locked()
    )
    lock_pools(allocations)
    return allocations


def make_pick_lists(
    order_of: Mapping[int, SalesOrder], allocations: Iterable[Allocation], *, by: User | None, now: datetime
) -> list[Shipment]:
    """One pick list for each order and warehouse that the allocations come from; they are hard from now on."""
    baskets: dict[tuple[int, int], list[Allocation]] = defaultdict(list)
    for allocation in allocations:
        baskets[order_of[allocation.line_id].pk, allocation.stock_level.warehouse_id].append(allocation)
    keys = sorted(baskets)
    orders = {order.pk: order for order in order_of.values()}
    shipments = Shipment.objects.bulk_create(
        Shipment(number=f"SH-{number}", order=orders[order_id], warehouse_id=warehouse_id, picked_by=by, picked_at=now)
        for (order_id, warehouse_id), number in zip(keys, next_numbers("shipment_number", len(keys)), strict=True)
    )
    picked = []
    for key, shipment in zip(keys, shipments, strict=True):
        for allocation in baskets[key]:
            allocation.kind, allocation.shipment = AllocationKind.HARD, shipment
            picked.append(allocation)
    update_rows(picked, ["kind", "shipment"])
    record_events([Event(a.line_id, EventKind.PICKED, a.quantity) for a in picked], now=now, by=by)
    return shipments


def locked_shipments(shipment_ids: Collection[int]) -> dict[Shipment, list[Allocation]]:
    """Orders, lines, shipments, allocations and pools, locked in this order; the shipments as they were asked for."""
    order_ids = set(Shipment.objects.filter(pk__in=shipment_ids).values_list("order_id", flat=True))
    orders = {order.pk: order for order in SalesOrder.objects.filter(pk__in=order_ids).locked()}
    list(OrderLine.objects.filter(order_id__in=order_ids).locked())
    shipments = {shipment.pk: shipment for shipment in Shipment.objects.filter(pk__in=shipment_ids).locked()}
    picked: dict[Shipment, list[Allocation]] = {}
    for pk in shipment_ids:
        if pk not in shipments:
            raise Shipment.DoesNotExist(f"There is no shipment {pk}.")
        shipments[pk].order = orders[shipments[pk].order_id]
        picked[shipments[pk]] = []
    allocations = list(
        Allocation.objects.active()
        .filter(shipment__in=shipments)
        .select_related("line__product", "stock_level")
        .locked()
    )
    lock_pools(allocations)
    for allocation in allocations:
        picked[shipments[allocation.shipment_id or 0]].append(allocation)
    return picked


def _refuse_parts_of_complete_orders(departures: Sequence[Departure]) -> None:
    """An order that ships complete may need several parcels, but all that is open of it must be on pick lists."""
    complete = {d.shipment.order_id: d.shipment.order for d in departures if d.shipment.order.ship_complete}
    if not complete:
        return
    lines = OrderLine.objects.open().filter(order__in=complete).order_by()
    open_units = dict(lines.values_list("order_id").annotate(units=Sum(F("ordered") - F("shipped") - F("cancelled"))))
    picked = dict(
        Allocation.objects.active()
        .filter(line__order__in=complete, kind=AllocationKind.HARD)
        .order_by()
        .values_list("line__order_id")
        .annotate(units=Sum("quantity"))
    )
    for order_id, order in complete.items():
        missing = open_units.get(order_id, 0) - picked.get(order_id, 0)
        if missing > 0:
            raise NotReadyToShip(
                f"{order.number} ships complete, and {counted(missing, 'unit is,units are')} not on a pick list."
            )


def hand_over(departures: Sequence[Departure], *, by: User | None, now: datetime) -> None:
    """End the allocations, book the goods out of the ledger, store the shipments, which have moved to shipped, and tell
    the customers."""
    _refuse_used_numbers(departures)
    _refuse_parts_of_complete_orders(departures)
    leaving = [a for departure in departures for a in departure.leaving]
    holdings.end(leaving, now, state=AllocationState.SHIPPED)
    move_stock(
        moves=[_goods_issue(departure.shipment, a) for departure in departures for a in departure.leaving],
        by=by,
        now=now,
    )
    for shipment, _, carrier, tracking_number in departures:
        shipment.carrier, shipment.tracking_number, shipment.shipped_at = carrier, tracking_number, now
    update_rows(
        [departure.shipment for departure in departures], ["status", "carrier", "tracking_number", "shipped_at"]
    )
    refresh_order_status({departure.shipment.order_id for departure in departures})
    keys = _tell(departures, now)
    record_events(
        [
            Event(
                line_id,
                EventKind.SHIPPED,
                units,
                note=departure.shipment.number,
                message_key=message_keys.get(line_id, ""),
            )
            for departure, message_keys in zip(departures, keys, strict=True)
            for line_id, units in sorted(units_per_line(departure.leaving).items())
        ],
        now=now,
        by=by,
    )


def _refuse_used_numbers(departures: Sequence[Departure]) -> None:
    """A tracking number names one parcel of its carrier."""
    numbers = [(d.carrier, d.tracking_number) for d in departures if d.tracking_number]
    others = Shipment.objects.filter(tracking_number__in=[number for _, number in numbers]).exclude(
        pk__in=[departure.shipment.pk for departure in departures]
    )
    used = {(other.carrier, other.tracking_number): other.number for other in others} if numbers else {}
    for departure in departures:
        key = (departure.carrier, departure.tracking_number)
        if key in used:
            raise NotReadyToShip(
                f"{used[key]} was already shipped under the tracking number {departure.tracking_number}: check it."
            )
        if departure.tracking_number:
            used[key] = departure.shipment.number


def _tell(departures: Sequence[Departure], now: datetime) -> list[MessageKeys]:
    """Write to the customers; the keys of the emails, for each shipment."""
    orders = SalesOrder.objects.open().filter(pk__in={departure.shipment.order_id for departure in departures})
    still_open = set(orders.values_list("pk", flat=True))
    return tell_all(
        [
            News(
                letter=PartlyShipped if shipment.order_id in still_open else Shipped,
                units=units_per_line(leaving),
                fact=f"shipment:{shipment.pk}",
                cause=f"Shipment {shipment.number}",
                extras={
                    "shipment_number": shipment.number,
                    "carrier": carrier,
                    "tracking_number": tracking_number,
                },
            )
            for shipment, leaving, carrier, tracking_number in departures
        ],
        now=now,
    )


def lock_pools(allocations: Iterable[Allocation]) -> None:
    list(StockLevel.objects.filter(pk__in={allocation.stock_level_id for allocation in allocations}).locked())


def units_per_line(allocations: Iterable[Allocation]) -> dict[int, int]:
    units: dict[int, int] = {}
    for allocation in allocations:
        units[allocation.line_id] = units.get(allocation.line_id, 0) + allocation.quantity
    return units


def _goods_issue(shipment: Shipment, allocation: Allocation) -> StockMove:
    return StockMove(
        stock_level_id=allocation.stock_level_id,
        delta=-allocation.quantity,
        kind=StockKind.SHIPMENT,
        idempotency_key=f"shipment:{shipment.pk}:{allocation.pk}",
        reference=shipment.number,
    )
