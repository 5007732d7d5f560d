from datetime import timedelta
from types import SimpleNamespace

import pytest

from backorders.enums import RunKind
from backorders.fulfilment.ship import pick_order, ship
from backorders.models import Allocation, OrderLine
from backorders.runs.allocate_stock import allocate_stock
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, ProductFactory, StockLevelFactory, WarehouseFactory


@pytest.fixture
def desk():
    """A served order (3 of 5 held, 2 of them to come), one on a pick list, one that left, and a run."""
    saw, drill = ProductFactory(), ProductFactory()
    pool, other_pool = StockLevelFactory(product=saw, on_hand=10), StockLevelFactory(product=drill, on_hand=10)
    far_pool = StockLevelFactory(product=saw, warehouse=WarehouseFactory(code="FAR"), on_hand=10)
    gone, picking = order_for({saw: 3}), order_for({saw: 4})
    [left] = pick_order(order_id=gone.pk, by=None, now=MONDAY)
    ship(shipment_id=left.pk, by=None, now=MONDAY, carrier="DHL", tracking_number="JD1")
    [pick_list] = pick_order(order_id=picking.pk, by=None, now=MONDAY)
    order = order_for({saw: 5}, warehouse_id=pool.warehouse_id)
    run = allocate_stock(kind=RunKind.NIGHTLY, now=MONDAY + timedelta(days=1))
    line = OrderLine.objects.get(order=order)
    return SimpleNamespace(
        saw=saw.pk,
        drill=drill.pk,
        main=pool.warehouse_id,
        far=far_pool.warehouse_id,
        pool=pool.pk,
        other_pool=other_pool.pk,
        far_pool=far_pool.pk,
        order=order.pk,
        line=line.pk,
        held=line.allocations.get().pk,
        picked=Allocation.objects.get(shipment=pick_list).pk,
        pick_list=pick_list.pk,
        left=left.pk,
        gone=gone.pk,
        gone_line=OrderLine.objects.get(order=gone).pk,
        run=run.pk,
        customer=order.customer_id,
        number=order.external_number,
    )
