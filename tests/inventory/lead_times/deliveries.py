"""Purchase orders that were ordered, confirmed and received, told through the services."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from inventory.models import Product, PurchaseOrderLine, Supplier
from inventory.purchasing.dates import confirm_purchase_order
from inventory.purchasing.order import NewPurchaseLine, create_purchase_order
from inventory.purchasing.receive import receive_purchase_order
from inventory.suppliers.send import send_purchase_order
from tests.factories.inventory import WarehouseFactory

DAY = timedelta(days=1)


def at(day: date, hour: int = 12) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def purchase(
    product: Product, supplier: Supplier, *, ordered_on: date, took: int | None, word: int | None = None, units: int = 5
) -> PurchaseOrderLine:
    """One line; `word` days after the order the supplier said it would come, `took` days after it came."""
    now = at(ordered_on)
    order = create_purchase_order(
        supplier_id=supplier.pk,
        warehouse_id=WarehouseFactory().pk,
        lines=[NewPurchaseLine(product_id=product.pk, quantity=units)],
        by=None,
        now=now,
    )
    send_purchase_order(purchase_order_id=order.pk, by=None, now=now)
    line = order.lines.get()
    if word is not None:
        dates = {line.pk: ordered_on + word * DAY}
        confirm_purchase_order(purchase_order_id=order.pk, dates=dates, by=None, now=now)
    if took is not None:
        receive_purchase_order(
            purchase_order_id=order.pk,
            reference=f"DN-{order.pk}",
            quantities={line.pk: units},
            by=None,
            now=at(ordered_on + took * DAY),
        )
    line.refresh_from_db()
    return line
