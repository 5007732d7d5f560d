"""The pairs of actions that R06 lets meet: how each begins, and what two people do at the same moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from backorders.enums import RunKind
from backorders.fulfilment.receive import receive_goods
from backorders.fulfilment.ship import pick_order, ship
from backorders.fulfilment.stock_corrections import adjust_stock
from backorders.models import OrderLine, SalesOrder
from backorders.orders.cancel import cancel_line, cancel_order
from backorders.orders.intake import NewLine, NewOrder, place_order, place_orders
from backorders.runs.allocate_stock import allocate_stock
from inventory.models import Product, PurchaseOrderLine, StockLevel, Supplier, Warehouse
from inventory.purchasing.order import NewPurchaseLine, create_purchase_order
from inventory.stock.move import pool_of
from inventory.suppliers.send import send_purchase_order
from tests.reliability.world import put

Action = Callable[[], object]


@dataclass
class Scene:
    """One product, its pool and purchase order, and the business day of a trial."""

    tag: str
    now: datetime
    customer: int

    def __post_init__(self) -> None:
        self.product = Product.objects.create(sku=f"R06-{self.tag}", name="Saw")
        self.warehouse = Warehouse.objects.get(code="MAIN")
        self.pool: StockLevel = pool_of(product_id=self.product.pk, warehouse_id=self.warehouse.pk)
        self.puts = 0

    def put(self, units: int) -> None:
        self.puts += 1
        put(self.pool.pk, units, key=f"{self.tag}:{self.puts}")

    def draft(self, units: int, number: int = 1, *, lines: int = 1) -> NewOrder:
        return NewOrder(
            source="r06",
            external_number=f"{self.tag}-{number}",
            customer_id=self.customer,
            lines=(NewLine(product_id=self.product.pk, quantity=units),) * lines,
            placed_at=self.now,
        )

    def order(self, units: int, number: int = 1) -> SalesOrder:
        return place_order(order=self.draft(units, number), by=None, now=self.now)

    def line(self, order: SalesOrder) -> OrderLine:
        return OrderLine.objects.get(order=order)

    def allocate(self, kind: RunKind = RunKind.MANUAL) -> object:
        return allocate_stock(kind=kind, product_ids=[self.product.pk], now=self.now)

    def picked(self, order: SalesOrder) -> int:
        [shipment] = pick_order(order_id=order.pk, by=None, now=self.now)
        return shipment.pk

    def ship(self, shipment_id: int) -> object:
        return ship(shipment_id=shipment_id, by=None, now=self.now)

    def cancel(self, order: SalesOrder, units: int) -> object:
        return cancel_line(line_id=self.line(order).pk, quantity=units, by=None, now=self.now)

    def purchase(self) -> PurchaseOrderLine:
        supplier, _ = Supplier.objects.get_or_create(code="R06", defaults={"name": "Works"})
        line = NewPurchaseLine(product_id=self.product.pk, quantity=10)
        bought = create_purchase_order(
            supplier_id=supplier.pk, warehouse_id=self.warehouse.pk, lines=[line], by=None, now=self.now
        )
        send_purchase_order(purchase_order_id=bought.pk, by=None, now=self.now)
        return PurchaseOrderLine.objects.get(purchase_order=bought)

    def receive(self, line: PurchaseOrderLine, units: int) -> object:
        return receive_goods(
            purchase_order_id=line.purchase_order_id,
            reference="DN-1",
            quantities={line.pk: units},
            by=None,
            now=self.now,
        )


def receipt_and_allocation(scene: Scene) -> tuple[Action, Action]:
    scene.order(5)
    line = scene.purchase()
    return lambda: scene.receive(line, 3), scene.allocate


def allocation_and_cancellation(scene: Scene) -> tuple[Action, Action]:
    first, _ = scene.order(5, 1), scene.order(5, 2)
    scene.put(5)
    return scene.allocate, lambda: scene.cancel(first, 5)


def allocation_and_shipping(scene: Scene) -> tuple[Action, Action]:
    scene.put(3)
    order = scene.order(5)
    scene.put(4)
    return scene.allocate, lambda: scene.ship(scene.picked(order))


def shipping_and_cancellation(scene: Scene) -> tuple[Action, Action]:
    scene.put(5)
    order = scene.order(5)
    shipment = scene.picked(order)
    return lambda: scene.ship(shipment), lambda: scene.cancel(order, 5)


def the_same_receipt_twice(scene: Scene) -> tuple[Action, Action]:
    scene.order(5)
    line = scene.purchase()
    return lambda: scene.receive(line, 3), lambda: scene.receive(line, 3)


def manual_and_nightly_run(scene: Scene) -> tuple[Action, Action]:
    scene.put(2)
    scene.order(5, 1), scene.order(5, 2)
    scene.put(4)
    return scene.allocate, lambda: scene.allocate(RunKind.NIGHTLY)


def fewer_units_and_allocation(scene: Scene) -> tuple[Action, Action]:
    scene.put(2)
    order = scene.order(5)
    scene.put(3)
    return lambda: scene.cancel(order, 3), scene.allocate


def cancelled_order_and_pick_list(scene: Scene) -> tuple[Action, Action]:
    scene.put(5)
    order = scene.order(5)
    return lambda: cancel_order(order_id=order.pk, by=None, now=scene.now), lambda: scene.picked(order)


def longer_order_and_shipping(scene: Scene) -> tuple[Action, Action]:
    scene.put(3)
    order = scene.order(2)
    shipment = scene.picked(order)
    longer = scene.draft(2, lines=2)
    return lambda: place_orders(orders=[longer], by=None, now=scene.now), lambda: scene.ship(shipment)


def import_and_form_with_one_number(scene: Scene) -> tuple[Action, Action]:
    scene.put(3)
    draft = scene.draft(5)
    return lambda: place_orders(orders=[draft], by=None, now=scene.now), lambda: scene.order(5)


def correction_and_allocation(scene: Scene) -> tuple[Action, Action]:
    scene.order(5)
    scene.put(5)

    def correct() -> object:
        return adjust_stock(
            product_id=scene.product.pk,
            warehouse_id=scene.warehouse.pk,
            delta=-3,
            reason="damage",
            key=scene.tag,
            by=None,
            now=scene.now,
        )

    return correct, scene.allocate


def two_shipments_of_one_line(scene: Scene) -> tuple[Action, Action]:
    scene.put(3)
    order = scene.order(6)
    first = scene.picked(order)
    scene.put(3)
    scene.allocate()
    second = scene.picked(order)
    return lambda: scene.ship(first), lambda: scene.ship(second)


def newcomer_and_allocation(scene: Scene) -> tuple[Action, Action]:
    scene.order(4, 1)
    scene.put(6)
    return lambda: scene.order(4, 2), scene.allocate


PAIRS: list[Callable[[Scene], tuple[Action, Action]]] = [
    receipt_and_allocation,
    allocation_and_cancellation,
    allocation_and_shipping,
    shipping_and_cancellation,
    the_same_receipt_twice,
    manual_and_nightly_run,
    fewer_units_and_allocation,
    cancelled_order_and_pick_list,
    longer_order_and_shipping,
    import_and_form_with_one_number,
    correction_and_allocation,
    two_shipments_of_one_line,
    newcomer_and_allocation,
]
