"""Every kind of file, by its name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from backorders.fulfilment.files.count_files import STOCK_COUNTS
from backorders.orders.files.backlog_file import BACKLOG_COLUMNS, exported_backlog
from backorders.orders.files.order_files import ORDERS, exported_orders
from config.lib.csv.importing import DocumentKind, RowKind
from customers.exchange.customer_files import CUSTOMERS, exported_customers
from inventory.products.files import (
    PRODUCTS,
    SUPPLIER_PRODUCTS,
    SUPPLIERS,
    exported_products,
    exported_supplier_products,
    exported_suppliers,
)
from inventory.purchasing.files import (
    PURCHASE_ORDERS,
    RECEIPTS,
    exported_purchase_orders,
    exported_receipts,
)
from inventory.stock.files import exported_stock

KINDS: dict[str, RowKind | DocumentKind] = {
    kind.name: kind
    for kind in (
        *(PRODUCTS, CUSTOMERS, SUPPLIERS, SUPPLIER_PRODUCTS),
        *(STOCK_COUNTS, PURCHASE_ORDERS, RECEIPTS, ORDERS),
    )
}


@dataclass(frozen=True, slots=True)
class Export:
    header: tuple[str, ...]
    rows: Callable[[], Iterator[tuple[Any, ...]]]


def _as_imported(name: str, rows: Callable[[], Iterator[tuple[Any, ...]]], *more: str) -> Export:
    """The columns that the import reads, so that an export can be imported, and `more` that it ignores."""
    names = [column.name for column in KINDS[name].columns if column.name not in ONLY_FOR_MAPPINGS]
    return Export((*names, *more), rows)


ONLY_FOR_MAPPINGS = {"product_name", "customer_name", "customer_country"}

EXPORTS: dict[str, Export] = {
    "products": _as_imported("products", exported_products),
    "customers": _as_imported("customers", exported_customers),
    "suppliers": _as_imported("suppliers", exported_suppliers),
    "supplier-products": _as_imported("supplier-products", exported_supplier_products),
    "stock-counts": _as_imported("stock-counts", exported_stock),
    "purchase-orders": _as_imported("purchase-orders", exported_purchase_orders),
    "receipts": _as_imported("receipts", exported_receipts),
    "orders": _as_imported("orders", exported_orders, "source", "shipped", "cancelled"),
    "backlog": Export(BACKLOG_COLUMNS, exported_backlog),
}
