"""From the shelf to the carrier: pick lists, shipments, returns.

Picking makes allocations hard; shipping ends them, and the ledger and the counters follow. An order that ships complete
leaves in one piece.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from backorders.enums import EventKind, ShipmentStatus
from backorders.errors import NotReadyToShip, PoolBlocked
from backorders.fulfilment.wave_picking import (
    Departure,
    hand_over,
    locked_shipments,
    make_pick_lists,
    movable_allocations,
    units_per_line,
)
from backorders.letters.timeline import Event, record_events
from backorders.models import Allocation, OrderLine, SalesOrder, Shipment
from backorders.queue import holdings
from backorders.runs.queries.blocks import blocks_of
from config.lib.text import counted


@transaction.atomic
def pick_order(
    *, order_id: int, by: User | None, now: datetime, line_ids: Collection[int] | None = None
) -> list[Shipment]:
    """Put what is allocated to the order (or to some of its lines) on pick lists, one for each warehouse.

    Raises NotReadyToShip when nothing is allocated, or when the order ships complete and something is missing;
    PoolBlocked where somebody has to settle first who loses units that are not there.
    """
    order = SalesOrder.objects.locked().get(pk=order_id)
    lines = list(OrderLine.objects.open().filter(order=order).select_related("product").locked())
    if order.ship_complete:
        _demand_completeness(order, lines, line_ids)
    chosen = {line.pk for line in lines if line_ids is None or line.pk in line_ids}
    allocations = movable_allocations(chosen)
    if not allocations:
        raise NotReadyToShip(f"Nothing of {order.number} is allocated yet.")
    for block in blocks_of({allocation.stock_level_id for allocation in allocations}):
        raise PoolBlocked(
            f"{block.stock_level} has a stock shortage after a correction ({block.reason}). "
            "Decide first which orders give up units."
        )
    return make_pick_lists(dict.fromkeys(chosen, order), allocations, by=by, now=now)


def _demand_completeness(order: SalesOrder, lines: Sequence[OrderLine], line_ids: Collection[int] | None) -> None:
    missing = [f"{line.missing} × {line.product.sku}" for line in lines if line.missing]
    if missing:
        raise NotReadyToShip(f"{order.number} ships complete; still short: {', '.join(missing)}.")
    if line_ids is not None and {line.pk for line in lines} - set(line_ids):
        raise NotReadyToShip(f"{order.number} ships complete. Pick all of its lines.")


@transaction.atomic
def cancel_pick(*, shipment_id: int, by: User | None, now: datetime) -> Shipment:
    """Take a pick list back; its units stay with their lines. Raises MoveNotAllowed when it has left."""
    [(shipment, allocations)] = locked_shipments([shipment_id]).items()
    shipment.move_to(ShipmentStatus.CANCELLED)
    for allocation in allocations:
        holdings.end([allocation], now)
        holdings.hold(allocation, allocation.quantity, now)
    shipment.save(update_fields=["status"])
    record_events([Event(a.line_id, EventKind.UNPICKED, a.quantity) for a in allocations], now=now, by=by)
    return shipment


@transaction.atomic
def ship(
    *,
    shipment_id: int,
    by: User | None,
    now: datetime,
    carrier: str = "",
    tracking_number: str = "",
    quantities: Mapping[int, int] | None = None,
) -> Shipment:
    """Hand a pick list to the carrier and tell the customer; `quantities` (per line) where less went into the parcel.

    What was picked and not shipped stays with its line. Raises NotReadyToShip, MoveNotAllowed.
    """
    [(shipment, allocations)] = locked_shipments([shipment_id]).items()
    shipment.move_to(ShipmentStatus.SHIPPED)
    leaving = _leaving(shipment, allocations, quantities, now)
    hand_over([Departure(shipment, leaving, carrier, tracking_number)], by=by, now=now)
    return shipment


def _leaving(
    shipment: Shipment, allocations: Sequence[Allocation], quantities: Mapping[int, int] | None, now: datetime
) -> list[Allocation]:
    """The allocations that leave; a short pick splits its allocation in what leaves and what stays with the line."""
    if quantities is None:
        return list(allocations)
    picked = units_per_line(allocations)
    for line_id, units in quantities.items():
        if units > picked.get(line_id, 0):
            raise NotReadyToShip(f"{shipment.number} has only {counted(picked.get(line_id, 0), 'unit')} of that line.")
    left, leaving = dict(quantities), []
    for allocation in allocations:
        units = min(left.get(allocation.line_id, 0), allocation.quantity)
        left[allocation.line_id] = left.get(allocation.line_id, 0) - units
        if units < allocation.quantity:
            holdings.end([allocation], now)
            holdings.hold(allocation, allocation.quantity - units, now)
        if units:
            leaving.append(allocation if units == allocation.quantity else holdings.split(allocation, units, now))
    if not leaving:
        raise NotReadyToShip(f"{shipment.number} would be empty. Cancel it instead.")
    if shipment.order.ship_complete and sum(quantities.values()) < sum(picked.values()):
        raise NotReadyToShip(f"{shipment.order.number} ships complete.")
    return leaving
