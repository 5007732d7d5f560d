"""A small trade in which a run has something to do for everybody."""

from datetime import timedelta
from random import Random

import pytest

from backorders.fulfilment.ship import pick_order
from backorders.models import OrderLine, Peg
from inventory.enums import BackorderPolicy, PurchaseOrderStatus
from inventory.models import PurchaseOrderLine
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory, CustomerTierFactory
from tests.factories.inventory import (
    MONDAY,
    ProductFactory,
    PurchaseOrderFactory,
    PurchaseOrderLineFactory,
    StockEntryFactory,
    StockLevelFactory,
    SupplierProductFactory,
    WarehouseFactory,
)

DAY = timedelta(days=1)
LATER = MONDAY + 9 * DAY


@pytest.fixture
def trade():
    """Orders from several tiers in several pools: some held, some picked, some with goods on the way, some quiet."""
    random = Random(7)
    tiers = [CustomerTierFactory(code=code) for code in ("platinum", "gold", "standard", "basic")]
    customers = [CustomerFactory(tier=tier, email=email) for tier in tiers for email in ("", "buyer@example.com")]
    products = [
        ProductFactory(pack_size=random.choice([1, 1, 6]), backorder_policy=policy)
        for policy in [BackorderPolicy.NOTIFY, BackorderPolicy.ALLOW] * 4
    ]
    warehouse = WarehouseFactory()
    levels = [StockLevelFactory(product=product, warehouse=warehouse, on_hand=9) for product in products[:6]]
    for product in products[2:]:
        SupplierProductFactory(product=product)
    for number in range(40):
        quantities = {product: random.randint(1, 12) for product in random.sample(products, 2)}
        order_for(quantities, customer=random.choice(customers), now=MONDAY + number * DAY / 10)
    for line in OrderLine.objects.filter(allocated__gt=0).order_by("order").distinct("order")[:3]:
        pick_order(order_id=line.order_id, by=None, now=MONDAY + 5 * DAY)
    for place, product in enumerate(products[1:5]):
        purchase = PurchaseOrderFactory(warehouse=warehouse, status=PurchaseOrderStatus.SENT)
        coming = LATER.date() + (place - 1) * 4 * DAY
        PurchaseOrderLineFactory(purchase_order=purchase, product=product, ordered=15, requested_on=coming)
    held = OrderLine.objects.filter(product=products[1]).order_by("pk")[:2]
    OrderLine.objects.filter(pk__in=[line.pk for line in held]).update(held_until=LATER.date() + DAY)
    for level in levels[:4]:
        StockEntryFactory(stock_level=level, delta=random.randint(5, 40))
    for units, line in zip(
        (2, 9), OrderLine.objects.waiting().filter(product=products[2]).order_by("-pk"), strict=False
    ):
        goods = PurchaseOrderLine.objects.get(product=products[2])
        Peg.objects.create(line=line, purchase_line=goods, units=units, reason="Promised", made_at=LATER - DAY)
