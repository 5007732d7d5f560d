"""A small trade to put under load: products with stock and a purchase order each, customers who get mail."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from customers.models import Customer, CustomerTier
from inventory.enums import StockKind
from inventory.models import Product, PurchaseOrderLine, Supplier, Warehouse
from inventory.purchasing.order import NewPurchaseLine, create_purchase_order
from inventory.stock.move import StockMove, move_stock, pool_of
from inventory.suppliers.send import send_purchase_order

YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@dataclass(frozen=True)
class World:
    products: list[int]
    customers: list[int]
    purchase_orders: list[tuple[int, int]]  # (order, line) of each product
    warehouse: int


def build(*, products: int, stock: int, customers: int = 5) -> World:
    warehouse = Warehouse.objects.get(code="MAIN")
    supplier = Supplier.objects.create(code="LOAD", name="Load works")
    made = [Product.objects.create(sku=f"LOAD-{number}", name=f"Product {number}") for number in range(products)]
    tiers = list(CustomerTier.objects.order_by("rank"))
    people = [
        Customer.objects.create(
            code=f"L{number}", name=f"Buyer {number}", email=f"l{number}@example.com", tier=tiers[number % len(tiers)]
        )
        for number in range(customers)
    ]
    orders = []
    for product in made:
        pool = pool_of(product_id=product.pk, warehouse_id=warehouse.pk)
        if stock:
            put(pool.pk, stock, key=f"start:{product.pk}")
        order = create_purchase_order(
            supplier_id=supplier.pk,
            warehouse_id=warehouse.pk,
            lines=[NewPurchaseLine(product_id=product.pk, quantity=100_000)],
            by=None,
            now=YESTERDAY,
        )
        send_purchase_order(purchase_order_id=order.pk, by=None, now=YESTERDAY)
        orders.append((order.pk, PurchaseOrderLine.objects.get(purchase_order=order).pk))
    return World([product.pk for product in made], [person.pk for person in people], orders, warehouse.pk)


def put(pool_id: int, units: int, *, key: str) -> None:
    """Units into a pool without a run after them."""
    move_stock(moves=[StockMove(pool_id, units, StockKind.ADJUSTMENT, key, reason="load")], by=None, now=YESTERDAY)
