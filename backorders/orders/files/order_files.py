"""Orders as CSV. The rows of one order may stand anywhere in the file; a file without line numbers gets them here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from backorders.models import OrderLine
from backorders.orders.files.order_batch import CANCELLED, LONGEST_LINE_KEY, OPEN, SHIPPED, OrderBatch
from config.lib.csv.cells import (
    Column,
    currency_code,
    iso_date,
    iso_moment,
    line_of,
    one_of,
    price,
    quantity,
    remembered,
    yes_or_no,
)
from config.lib.csv.importing import Document, DocumentKind, Job
from config.lib.csv.mapping import FileMapping
from config.lib.csv.spool import Spool
from config.lib.numbers import line_value
from config.lib.outcomes import Outcome
from config.lib.upserts import by_code
from customers.models import Customer
from customers.services.saving import save_customers
from inventory.models import Product
from inventory.products.master_data import save_products

LINES_AT_ONCE = 10_000
MADE_AT_ONCE = 2_000

COLUMNS = (
    Column("order_number", remembered(line_of(100)), required=True),
    Column("line", line_of(LONGEST_LINE_KEY), required=True),
    Column("customer", remembered(line_of(30)), required=True),
    Column("sku", remembered(line_of(60)), required=True),
    Column("quantity", quantity(), required=True),
    Column("ordered_at", iso_moment, required=True, zoned=True),
    Column("unit_price", price),
    Column("currency", remembered(currency_code)),
    Column("requested_on", remembered(iso_date)),
    Column("latest_on", remembered(iso_date)),
    Column("ship_complete", yes_or_no),
    Column("warehouse", remembered(line_of(30))),
    Column("channel", remembered(line_of(40))),
    Column("status", remembered(one_of([OPEN, SHIPPED, CANCELLED]))),
    # What a mapping may tell about products and customers that are to be made.
    Column("product_name", remembered(line_of(200))),
    Column("customer_name", remembered(line_of(200))),
    Column("customer_country", remembered(line_of(60))),
)


def _numbered_here(mapping: FileMapping) -> Iterable[str]:
    return ["line"] if mapping.line_from else []


# --- Products and customers that a history brings along ---------------------------------------------------------------


def _make_missing(spool: Spool, job: Job) -> None:
    """Make the products and customers that are not known, if the mapping says so; known ones stay as they are."""
    if "products" in job.mapping.create_missing:
        spooled = spool.most_frequent("sku", "product_name", "unit_price", "currency")
        while some := list(islice(spooled, MADE_AT_ONCE)):
            known = by_code(Product.objects.all(), "sku", (sku for sku, *_ in some))
            save_products(rows=[_product(*values) for values in some if values[0].lower() not in known])
    if "customers" in job.mapping.create_missing:
        spooled = spool.most_frequent("customer", "customer_name", "customer_country")
        while some := list(islice(spooled, MADE_AT_ONCE)):
            known = by_code(Customer.objects.all(), "code", (code for code, *_ in some))
            save_customers(rows=[_customer(*values) for values in some if values[0].lower() not in known])


def _product(sku: str, name: str, unit_price: str, currency: str) -> dict[str, Any]:
    fields = {
        "price": price(unit_price) if unit_price else None,
        "currency": currency_code(currency) if currency else None,
    }
    return {"sku": sku, "name": name or sku} | {field: value for field, value in fields.items() if value is not None}


def _customer(code: str, name: str, country: str) -> dict[str, Any]:
    return {"code": code, "name": name or code, "country": country}


def _save(documents: Sequence[Document], job: Job) -> dict[int, Outcome]:
    return OrderBatch(documents, job).place()


def _amount(values: Mapping[str, Any]) -> tuple[int, Decimal]:
    return values["quantity"], line_value(
        values["quantity"], values.get("unit_price", values.get("list_price", Decimal(0)))
    )


ORDERS = DocumentKind(
    name="orders",
    columns=COLUMNS,
    document=("order_number",),
    save=_save,
    amount=_amount,
    prepare=_make_missing,
    optional=_numbered_here,
    batch=LINES_AT_ONCE,
)


def exported_orders() -> Iterator[tuple[Any, ...]]:
    lines = OrderLine.objects.order_by("pk").values_list(
        *("order__external_number", "external_line", "order__customer__code", "product__sku", "ordered"),
        *("order__placed_at", "unit_price", "order__currency", "requested_on", "latest_on", "order__ship_complete"),
        *("warehouse__code", "order__channel", "status", "order__source", "shipped", "cancelled"),
    )
    for *values, status, source, shipped, cancelled in lines.iterator():
        closed = status if status in {SHIPPED, CANCELLED} else OPEN
        yield (*values, closed, source, shipped, cancelled)
