"""Finding lines and orders by what people type: numbers, codes, names. A code in full stands for itself alone."""

import re

from django.db.models import Q, QuerySet

from backorders.models import OrderLine, SalesOrder
from customers.models import Customer
from inventory.models import Product, SupplierProduct


def orders_found_by(text: str) -> QuerySet[SalesOrder]:
    """Orders whose number starts with `text` (with or without SO-), or whose external number contains it."""
    digits = re.fullmatch(r"(?:SO-?)?(\d+)", text.strip().upper())
    numbered = Q(number__startswith=f"SO-{digits[1]}") if digits else Q()
    return SalesOrder.objects.filter(numbered | Q(external_number__icontains=text))


def customers_found_by(text: str) -> QuerySet[Customer]:
    exact = Customer.objects.filter(code__iexact=text)
    return exact if exact.exists() else Customer.objects.found_by(text)


def products_found_by(text: str) -> QuerySet[Product]:
    exact = Product.objects.filter(sku__iexact=text)
    return exact if exact.exists() else Product.objects.found_by(text)


def products_preferably_from(supplier_code: str) -> QuerySet[SupplierProduct, int]:
    """The products whose preferred supplier, the one of the smallest rank, has this code."""
    preferred = (
        SupplierProduct.objects.filter(supplier__active=True)
        .order_by("product", "rank", "pk")
        .distinct("product")
        .values("pk")
    )
    return SupplierProduct.objects.filter(supplier__code=supplier_code, pk__in=preferred).values_list(
        "product_id", flat=True
    )


def lines_found_by(lines: QuerySet[OrderLine], text: str) -> QuerySet[OrderLine]:
    """Lines of the orders, customers or products that `text` names.

    A union of three indexed searches: one condition with OR across the tables would have to look at every open line.
    """
    by_product = lines.filter(product__in=Product.objects.found_by(text).values("pk"))
    by_customer = lines.filter(order__customer__in=Customer.objects.found_by(text).values("pk"))
    by_order = lines.filter(order__in=orders_found_by(text).values("pk"))
    return lines.filter(pk__in=by_product.values("pk").union(by_customer.values("pk"), by_order.values("pk"), all=True))
