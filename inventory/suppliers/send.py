"""A purchase order goes to the supplier."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from inventory.enums import PurchaseOrderStatus
from inventory.models import PurchaseOrder
from inventory.products.supply_version import bump_supply_version
from inventory.purchasing.locks import locked_lines, locked_order, refuse_unless
from inventory.suppliers.ask import write_order


@transaction.atomic
def send_purchase_order(*, purchase_order_id: int, by: User | None, now: datetime) -> PurchaseOrder:
    """The order goes to the supplier, by email where there is an address; from now on its lines are incoming supply.

    Raises MoveNotAllowed unless it is a draft.
    """
    purchase_order = locked_order(purchase_order_id)
    refuse_unless(purchase_order, {PurchaseOrderStatus.DRAFT}, step="only a draft can be sent")
    lines = locked_lines(purchase_order)
    purchase_order.move_to(PurchaseOrderStatus.SENT)
    purchase_order.ordered_on = purchase_order.ordered_on or timezone.localdate(now)
    purchase_order.sent_at = now
    purchase_order.save(update_fields=["status", "ordered_on", "sent_at"])
    if purchase_order.supplier.email:
        write_order(purchase_order, list(lines.values()), by=by, now=now)
    bump_supply_version(product_ids={line.product_id for line in lines.values()})
    return purchase_order
