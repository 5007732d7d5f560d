"""What every step on a purchase order starts and ends with: the locks, in one order, and the status that follows."""

from collections.abc import Iterable, Mapping, Sequence

from config.lib.bulk import update_rows
from inventory.enums import PurchaseOrderStatus
from inventory.errors import PurchaseOrderMoveNotAllowed, WrongLine
from inventory.models import PurchaseOrder, PurchaseOrderLine


def locked_order(purchase_order_id: int) -> PurchaseOrder:
    return PurchaseOrder.objects.select_related("supplier", "warehouse").locked().get(pk=purchase_order_id)


def locked_lines(purchase_order: PurchaseOrder) -> dict[int, PurchaseOrderLine]:
    """Every line of a locked order, by primary key and in its order."""
    lines = PurchaseOrderLine.objects.select_related("product").filter(purchase_order=purchase_order).locked()
    for line in (by_id := {line.pk: line for line in lines}).values():
        line.purchase_order = purchase_order
    return by_id


def locked_with_lines(order_ids: Iterable[int]) -> dict[PurchaseOrder, dict[int, PurchaseOrderLine]]:
    """Several orders, all locked before any of their lines."""
    orders = PurchaseOrder.objects.select_related("supplier", "warehouse").filter(pk__in=set(order_ids)).locked()
    by_id = {order.pk: order for order in orders}
    lines: dict[PurchaseOrder, dict[int, PurchaseOrderLine]] = {order: {} for order in by_id.values()}
    for line in PurchaseOrderLine.objects.select_related("product").filter(purchase_order__in=by_id).locked():
        line.purchase_order = by_id[line.purchase_order_id]
        lines[line.purchase_order][line.pk] = line
    return lines


def locked_with_order(line_id: int) -> tuple[PurchaseOrder, dict[int, PurchaseOrderLine], PurchaseOrderLine]:
    """A line with its order and sisters; the order is locked before its lines."""
    order_id = PurchaseOrderLine.objects.values_list("purchase_order_id", flat=True).get(pk=line_id)
    purchase_order = locked_order(order_id)
    lines = locked_lines(purchase_order)
    return purchase_order, lines, lines[line_id]


def refuse_foreign_lines(
    purchase_order: PurchaseOrder, lines: Mapping[int, PurchaseOrderLine], line_ids: Iterable[int]
) -> None:
    if foreign := sorted(set(line_ids) - set(lines)):
        raise WrongLine(f"{purchase_order.number} has no line with id {', '.join(map(str, foreign))}.")


def refuse_unless(purchase_order: PurchaseOrder, statuses: Iterable[str], *, step: str) -> None:
    if purchase_order.status not in statuses:
        state = purchase_order.get_status_display().lower()
        raise PurchaseOrderMoveNotAllowed(f"{purchase_order.number} is {state}: {step}.")


def settle_status(purchase_order: PurchaseOrder, lines: Iterable[PurchaseOrderLine]) -> None:
    """Quantities are facts, the status follows them: nothing left to come means received or cancelled."""
    settle_statuses({purchase_order: lines})


def settle_statuses(lines_of: Mapping[PurchaseOrder, Iterable[PurchaseOrderLine]]) -> None:
    changed = []
    for purchase_order, lines in lines_of.items():
        status = _status_by(purchase_order, list(lines))
        if status != purchase_order.status:
            purchase_order.move_to(status)
            changed.append(purchase_order)
    update_rows(changed, ["status"])


def _status_by(purchase_order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> PurchaseOrderStatus:
    received = any(line.received for line in lines)
    if any(line.outstanding for line in lines):
        return PurchaseOrderStatus.PARTLY_RECEIVED if received else PurchaseOrderStatus(purchase_order.status)
    return PurchaseOrderStatus.RECEIVED if received else PurchaseOrderStatus.CANCELLED
