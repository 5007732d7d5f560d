"""Products, suppliers and supplier offers as CSV."""

from collections.abc import Iterator, Sequence
from typing import Any

from config.lib.csv.cells import (
    Column,
    currency_code,
    email,
    line_of,
    one_of,
    price,
    time_zone_name,
    whole,
    yes_or_no,
)
from config.lib.csv.importing import Job, RowKind
from config.lib.csv.rows import Row
from config.lib.numbers import QUANTITY_MAX
from config.lib.outcomes import Outcome
from inventory.enums import BackorderPolicy, SupplierLanguage
from inventory.models import Product, Supplier, SupplierProduct
from inventory.models.suppliers import LONGEST_LEAD_TIME
from inventory.products.master_data import save_products, save_supplier_products, save_suppliers

PRODUCT_COLUMNS = (
    Column("sku", line_of(60), required=True),
    Column("name", line_of(200), required=True),
    Column("category", line_of(100)),
    Column("unit", line_of(20)),
    Column("price", price),
    Column("cost", price),
    Column("currency", currency_code),
    Column("pack_size", whole(1, QUANTITY_MAX)),
    Column("backorder_policy", one_of(BackorderPolicy.values)),
    Column("backorder_limit", whole(0, 100_000_000)),
    Column("active", yes_or_no),
)
SUPPLIER_COLUMNS = (
    Column("code", line_of(30), required=True),
    Column("name", line_of(200), required=True),
    Column("email", email),
    Column("lead_time_days", whole(0, LONGEST_LEAD_TIME)),
    Column("time_zone", time_zone_name),
    Column("language", one_of(SupplierLanguage.values)),
)
OFFER_COLUMNS = (
    Column("supplier", line_of(30), required=True),
    Column("sku", line_of(60), required=True),
    Column("lead_time_days", whole(0, LONGEST_LEAD_TIME)),
    Column("minimum_quantity", whole(0, QUANTITY_MAX)),
    Column("pack_size", whole(1, QUANTITY_MAX)),
    Column("cost", price),
    Column("currency", currency_code),
    Column("rank", whole(1, 32_767)),
)


def _save_products(rows: Sequence[Row], job: Job) -> list[Outcome]:
    return save_products(rows=[row.values for row in rows])


def _save_suppliers(rows: Sequence[Row], job: Job) -> list[Outcome]:
    return save_suppliers(rows=[row.values for row in rows])


def _save_offers(rows: Sequence[Row], job: Job) -> list[Outcome]:
    return save_supplier_products(rows=[row.values for row in rows])


PRODUCTS = RowKind(name="products", columns=PRODUCT_COLUMNS, key=("sku",), save=_save_products)
SUPPLIERS = RowKind(name="suppliers", columns=SUPPLIER_COLUMNS, key=("code",), save=_save_suppliers)
SUPPLIER_PRODUCTS = RowKind(name="supplier-products", columns=OFFER_COLUMNS, key=("supplier", "sku"), save=_save_offers)


def exported_products() -> Iterator[tuple[Any, ...]]:
    yield from (
        Product.objects.order_by("pk")
        .values_list(
            *("sku", "name", "category__name", "unit", "price", "cost", "currency", "pack_size"),
            *("backorder_policy", "backorder_limit", "active"),
        )
        .iterator()
    )


def exported_suppliers() -> Iterator[tuple[Any, ...]]:
    yield from (
        Supplier.objects.order_by("pk")
        .values_list("code", "name", "email", "lead_time_days", "time_zone", "language")
        .iterator()
    )


def exported_supplier_products() -> Iterator[tuple[Any, ...]]:
    yield from (
        SupplierProduct.objects.order_by("pk")
        .values_list(
            *(
                "supplier__code",
                "product__sku",
                "lead_time_days",
                "minimum_quantity",
                "pack_size",
                "cost",
                "currency",
                "rank",
            )
        )
        .iterator()
    )
