"""From the shelf to the carrier: pick lists, shipments, returns.

Picking makes allocations hard; shipping ends them, and the ledger and the counters follow. An order that ships complete
leaves in one piece.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from backorders.enums import AllocationKind, AllocationState, EventKind, ShipmentStatus
from backorders.errors import NotReadyToShip
from backorders.models import Allocation, OrderLine, SalesOrder, Shipment
from backorders.services.letters import tell_customers
from backorders.services.order_status import refresh_order_status
from backorders.services.timeline import Event, record_events
from config.lib.bulk import next_numbers
from inventory.enums import StockKind
from inventory.models import StockLevel
from inventory.services.stock import StockMove, move_stock
from notifications.payloads import PartlyShipped, Shipped


@transaction.atomic
def pick_order(
    *, order_id: int, by: User | None, now: datetime, line_ids: Collection[int] | None = None
) -> list[Shipment]:
    """Put what is allocated to the order (or to some of its lines) on pick lists, one for each warehouse.

    Raises NotReadyToShip when nothing is allocated, or when the order ships complete and something is missing.
    """
    order = SalesOrder.objects.locked().get(pk=order_id)
    lines = list(OrderLine.objects.open().filter(order=order).select_related("product").locked())
    if order.ship_complete:
        _demand_completeness(order, lines, line_ids)
    chosen = {line.pk for line in lines if line_ids is None or line.pk in line_ids}
    allocations = list(
        Allocation.objects.active()
        .filter(line_id__in=chosen)
        .exclude(kind=AllocationKind.HARD)
        .select_related("stock_level")
        .locked()
    )
    if not allocations:
        raise NotReadyToShip(f"Nothing of {order.number} is allocated yet.")
    _lock_pools(allocations)
    shipments = [
        _pick(order, warehouse_id, [a for a in allocations if a.stock_level.warehouse_id == warehouse_id], by, now)
        for warehouse_id in sorted({allocation.stock_level.warehouse_id for allocation in allocations})
    ]
    record_events([Event(a.line_id, EventKind.PICKED, a.quantity) for a in allocations], now=now, by=by)
    return shipments


def _demand_completeness(order: SalesOrder, lines: Sequence[OrderLine], line_ids: Collection[int] | None) -> None:
    missing = [f"{line.missing} × {line.product.sku}" for line in lines if line.missing]
    if missing:
        raise NotReadyToShip(f"{order.number} ships complete only; still missing: {', '.join(missing)}.")
    if line_ids is not None and {line.pk for line in lines} - set(line_ids):
        raise NotReadyToShip(f"{order.number} ships complete only: pick all of its lines.")


def _pick(
    order: SalesOrder, warehouse_id: int, allocations: Sequence[Allocation], by: User | None, now: datetime
) -> Shipment:
    shipment = Shipment.objects.create(
        number=f"SH-{next_numbers('shipment_number', 1)[0]}",
        order=order,
        warehouse_id=warehouse_id,
        picked_by=by,
        picked_at=now,
    )
    Allocation.objects.filter(pk__in=[allocation.pk for allocation in allocations]).update(
        kind=AllocationKind.HARD, shipment=shipment
    )
    return shipment


@transaction.atomic
def cancel_pick(*, shipment_id: int, by: User | None, now: datetime) -> Shipment:
    """Take a pick list back; its units stay with their lines. Raises MoveNotAllowed when it has left."""
    shipment, allocations = _locked_shipment(shipment_id)
    shipment.move_to(ShipmentStatus.CANCELLED)
    for allocation in allocations:
        _end([allocation], AllocationState.RELEASED, now)
        _hold(allocation, allocation.quantity, now)
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
    shipment, allocations = _locked_shipment(shipment_id)
    _refuse_used_number(shipment, carrier, tracking_number)
    order = shipment.order
    shipment.move_to(ShipmentStatus.SHIPPED)
    leaving = _leaving(shipment, allocations, quantities, now)
    _end(leaving, AllocationState.SHIPPED, now)
    move_stock(moves=[_goods_issue(shipment, allocation) for allocation in leaving], by=by, now=now)
    shipment.carrier, shipment.tracking_number, shipment.shipped_at = carrier, tracking_number, now
    shipment.save(update_fields=["status", "carrier", "tracking_number", "shipped_at"])
    refresh_order_status([order.pk])

    shipped = _per_line(leaving)
    order.refresh_from_db(fields=["status"])
    keys = tell_customers(
        PartlyShipped if order.is_open else Shipped,
        news=shipped,
        fact=f"shipment:{shipment.pk}",
        cause=f"Shipment {shipment.number}",
        now=now,
        shipment_number=shipment.number,
        carrier=carrier,
        tracking_number=tracking_number,
    )
    record_events(
        [
            Event(line_id, EventKind.SHIPPED, units, note=shipment.number, message_key=keys.get(line_id, ""))
            for line_id, units in sorted(shipped.items())
        ],
        now=now,
        by=by,
    )
    return shipment


def _refuse_used_number(shipment: Shipment, carrier: str, tracking_number: str) -> None:
    others = Shipment.objects.filter(carrier=carrier, tracking_number=tracking_number).exclude(pk=shipment.pk)
    if tracking_number and (other := others.first()):
        raise NotReadyToShip(f"{other.number} already left under the tracking number {tracking_number}: check it.")


def _locked_shipment(shipment_id: int) -> tuple[Shipment, list[Allocation]]:
    """Order, lines, shipment, allocations and pools, locked in this order."""
    order_id = Shipment.objects.values_list("order_id", flat=True).get(pk=shipment_id)
    SalesOrder.objects.locked().get(pk=order_id)
    list(OrderLine.objects.filter(order_id=order_id).locked())
    shipment = Shipment.objects.select_related("order").locked().get(pk=shipment_id)
    allocations = list(
        Allocation.objects.active().filter(shipment=shipment).select_related("line__product", "stock_level").locked()
    )
    _lock_pools(allocations)
    return shipment, allocations


def _lock_pools(allocations: Sequence[Allocation]) -> None:
    list(StockLevel.objects.filter(pk__in={allocation.stock_level_id for allocation in allocations}).locked())


def _leaving(
    shipment: Shipment, allocations: Sequence[Allocation], quantities: Mapping[int, int] | None, now: datetime
) -> list[Allocation]:
    """The allocations that leave; a short pick splits its allocation in what leaves and what stays with the line."""
    if quantities is None:
        return list(allocations)
    picked = _per_line(allocations)
    for line_id, units in quantities.items():
        if units > picked.get(line_id, 0):
            raise NotReadyToShip(f"Only {picked.get(line_id, 0)} units of that line are on {shipment.number}.")
    left, leaving = dict(quantities), []
    for allocation in allocations:
        units = min(left.get(allocation.line_id, 0), allocation.quantity)
        left[allocation.line_id] = left.get(allocation.line_id, 0) - units
        if units < allocation.quantity:
            _end([allocation], AllocationState.RELEASED, now)
            _hold(allocation, allocation.quantity - units, now)
            allocation = _split_off(allocation, units, now)
        if units:
            leaving.append(allocation)
    if not leaving:
        raise NotReadyToShip(f"{shipment.number} would leave empty: cancel it instead.")
    if shipment.order.ship_complete and sum(quantities.values()) < sum(picked.values()):
        raise NotReadyToShip(f"{shipment.order.number} ships complete only.")
    return leaving


def _split_off(allocation: Allocation, units: int, now: datetime) -> Allocation:
    return allocation if not units else Allocation.objects.create(
        line_id=allocation.line_id,
        product_id=allocation.product_id,
        stock_level=allocation.stock_level,
        quantity=units,
        kind=AllocationKind.HARD,
        shipment_id=allocation.shipment_id,
        run_id=allocation.run_id,
        made_at=now,
    )


def _hold(allocation: Allocation, units: int, now: datetime) -> None:
    """The units go back to being softly held by the line, together with what it holds there already."""
    held = Allocation.objects.active().filter(
        line_id=allocation.line_id, stock_level_id=allocation.stock_level_id, kind=AllocationKind.SOFT
    )
    for other in held:
        _end([other], AllocationState.RELEASED, now)
        units += other.quantity
    Allocation.objects.create(
        line_id=allocation.line_id,
        product_id=allocation.product_id,
        stock_level_id=allocation.stock_level_id,
        quantity=units,
        run_id=allocation.run_id,
        made_at=now,
    )


def _end(allocations: Sequence[Allocation], state: AllocationState, now: datetime) -> None:
    Allocation.objects.filter(pk__in=[allocation.pk for allocation in allocations]).update(state=state, ended_at=now)


def _goods_issue(shipment: Shipment, allocation: Allocation) -> StockMove:
    return StockMove(
        stock_level_id=allocation.stock_level_id,
        delta=-allocation.quantity,
        kind=StockKind.SHIPMENT,
        idempotency_key=f"shipment:{shipment.pk}:{allocation.pk}",
        reference=shipment.number,
    )


def _per_line(allocations: Sequence[Allocation]) -> dict[int, int]:
    units: dict[int, int] = {}
    for allocation in allocations:
        units[allocation.line_id] = units.get(allocation.line_id, 0) + allocation.quantity
    return units
