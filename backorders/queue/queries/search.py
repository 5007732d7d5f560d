"""Finding lines and orders by what people type: numbers, codes, names. A code in full stands for itself alone."""

import re
from collections.abc import Collection

from django.db.models import Q, QuerySet

from backorders.models import OrderLine, SalesOrder
from customers.models import Customer
from inventory.models import Product, SupplierProduct

LITTLE = 50  # customers or products that a search names
FEW = 500
ORDERS_PER_NAME = 40


def order_condition(text: str, *, at: str = "") -> Q:
    """The number starts with `text` (with or without SO-), or the external number contains it."""
    condition = Q(**{f"{at}external_number__icontains": text})
    digits = re.fullmatch(r"(?:SO-?)?(\d+)", text.strip().upper())
    return condition | Q(**{f"{at}number__startswith": f"SO-{digits[1]}"}) if digits else condition


def orders_found_by(text: str) -> QuerySet[SalesOrder]:
    return SalesOrder.objects.filter(order_condition(text))


def customers_found_by(text: str) -> QuerySet[Customer]:
    exact = Customer.objects.filter(code__iexact=text)
    return exact if exact.exists() else Customer.objects.found_by(text)


def products_found_by(text: str) -> QuerySet[Product]:
    exact = Product.objects.filter(sku__iexact=text)
    return exact if exact.exists() else Product.objects.found_by(text)


def products_preferably_from(supplier_code: str) -> QuerySet[SupplierProduct, int]:
    """The products whose preferred supplier, the one of the smallest rank, has this code."""
    offers = SupplierProduct.objects.filter(supplier__active=True).order_by("product", "rank", "pk")
    preferred = offers.distinct("product").values("pk")
    mine = SupplierProduct.objects.filter(supplier__code=supplier_code, pk__in=preferred)
    return mine.values_list("product_id", flat=True)


def keys_of(rows: QuerySet[Customer] | QuerySet[Product]) -> Collection[int] | QuerySet:
    """The keys themselves where they are few: the planner knows how frequent a key is, not what a text will find."""
    keys = list(rows.values_list("pk", flat=True)[: FEW + 1])
    return keys if len(keys) <= FEW else rows.values("pk")


def lines_found_by(lines: QuerySet[OrderLine], text: str) -> QuerySet[OrderLine]:
    """Lines of the orders, customers or products that `text` names.

    A text that names little is answered by a union of three indexed searches; one condition with OR across the tables
    would look at every open line. For a text that names much, looking at line after line soon finds a page of them.
    """
    products, customers, orders = Product.objects.found_by(text), Customer.objects.found_by(text), orders_found_by(text)
    limits = [(products, LITTLE), (customers, LITTLE), (orders, ORDERS_PER_NAME * LITTLE)]
    keys = [list(rows.values_list("pk", flat=True)[: limit + 1]) for rows, limit in limits]
    if any(len(rows) > limit for rows, (_, limit) in zip(keys, limits, strict=True)):
        named = Q(product__in=products.values("pk")) | Q(order__customer__in=customers.values("pk"))
        return lines.filter(named | order_condition(text, at="order__"))
    by_product, by_customer = lines.filter(product__in=keys[0]), lines.filter(order__customer__in=keys[1])
    by_order = lines.filter(order__in=keys[2])
    return lines.filter(pk__in=by_product.values("pk").union(by_customer.values("pk"), by_order.values("pk"), all=True))
