"""Pick lists and shipments: which there are, and what is on them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, Count, Q, Sum, Value, When

from backorders.enums import AllocationState, ShipmentStatus
from backorders.models import Allocation, OrderLine, Shipment

# The allocations that tell what is, or was, on a shipment of each status.
STATE_BY_STATUS = {
    ShipmentStatus.PICKING: AllocationState.ACTIVE,
    ShipmentStatus.SHIPPED: AllocationState.SHIPPED,
    ShipmentStatus.CANCELLED: AllocationState.RELEASED,
}
_ON_IT = Q(
    allocations__state=Case(*(When(status=status, then=Value(state)) for status, state in STATE_BY_STATUS.items()))
)


@dataclass(frozen=True, slots=True)
class PickedLine:
    """`units` of a line on a pick list."""

    line: OrderLine
    units: int

    @property
    def line_id(self) -> int:
        return self.line.pk


def sizes_of(shipments: Iterable[Shipment]) -> dict[int, tuple[int, int]]:
    """Lines and units of each shipment."""
    rows = (
        Shipment.objects.filter(pk__in=[shipment.pk for shipment in shipments])
        .order_by()
        .values_list("pk")
        .annotate(
            lines=Count("allocations__line", distinct=True, filter=_ON_IT),
            units=Sum("allocations__quantity", filter=_ON_IT, default=0),
        )
    )
    return {pk: (lines, units) for pk, lines, units in rows}


def picked_lines(shipment: Shipment) -> list[PickedLine]:
    """What is on the list, by SKU: the way through the warehouse."""
    units = dict(
        Allocation.objects.filter(shipment=shipment, state=STATE_BY_STATUS[ShipmentStatus(shipment.status)])
        .order_by()
        .values_list("line_id")
        .annotate(units=Sum("quantity"))
    )
    lines = OrderLine.objects.filter(pk__in=units).select_related("product", "order").order_by("product__sku", "pk")
    return [PickedLine(line, units[line.pk]) for line in lines]


def units_on_pick_lists(line_ids: Iterable[int]) -> dict[int, int]:
    allocations = Allocation.objects.filter(
        line_id__in=list(line_ids), state=AllocationState.ACTIVE, shipment__status=ShipmentStatus.PICKING
    )
    return dict(allocations.order_by().values_list("line_id").annotate(units=Sum("quantity")))
