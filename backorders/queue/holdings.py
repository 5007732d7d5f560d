"""What lines hold of the stock: begun, parted and ended here and by the writer of a run, and nowhere else.

An allocation is a fact and is never edited: fewer or more units are a new row, and the counters of line and pool follow
in the database. The caller holds the locks of order, lines and pools.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from backorders.enums import AllocationKind, AllocationState
from backorders.models import Allocation
from config.lib.bulk import any_of


def end(allocations: Iterable[Allocation], now: datetime, *, state: AllocationState = AllocationState.RELEASED) -> None:
    """The units go back to the shelf, or leave with their shipment."""
    ids = [allocation.pk for allocation in allocations]
    if ids:
        Allocation.objects.filter(any_of("pk", ids)).update(state=state, ended_at=now)


def hold(like: Allocation, units: int, now: datetime) -> None:
    """Hold the units softly where `like` held them, together with what its line holds softly there already."""
    others = list(
        Allocation.objects.active().filter(
            line_id=like.line_id, stock_level_id=like.stock_level_id, kind=AllocationKind.SOFT
        )
    )
    end(others, now)
    _again(like, units + sum(other.quantity for other in others), AllocationKind.SOFT, now)


def split(allocation: Allocation, units: int, now: datetime) -> Allocation:
    """A row of its own for so many units of an allocation that has ended: of its kind, and on its pick list."""
    return _again(allocation, units, AllocationKind(allocation.kind), now, shipment_id=allocation.shipment_id)


def let_go(allocations: Sequence[Allocation], units: int, now: datetime) -> None:
    """End allocations, in the order given, until `units` are free; the last one keeps what is not needed of it."""
    for allocation in allocations:
        freed = min(units, allocation.quantity)
        if not freed:
            return
        units -= freed
        end([allocation], now)
        if freed < allocation.quantity:
            split(allocation, allocation.quantity - freed, now)


def _again(
    like: Allocation, units: int, kind: AllocationKind, now: datetime, *, shipment_id: int | None = None
) -> Allocation:
    return Allocation.objects.create(
        line_id=like.line_id,
        product_id=like.product_id,
        stock_level_id=like.stock_level_id,
        is_away=like.is_away,
        quantity=units,
        kind=kind,
        shipment_id=shipment_id,
        run_id=like.run_id,
        made_at=now,
    )
