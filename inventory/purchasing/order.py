"""Writing a purchase order and sending it to the supplier."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from config.lib.bulk import next_numbers
from config.lib.numbers import QUANTITY_MAX
from config.lib.text import clean_line
from inventory.errors import ConflictingRepeat, InvalidDate, InvalidQuantity, NotActive, WrongLine
from inventory.models import Product, PurchaseOrder, PurchaseOrderLine, Supplier, SupplierProduct
from inventory.products.supply_version import bump_supply_version


@dataclass(frozen=True, slots=True)
class NewPurchaseLine:
    """Without a cost, the supplier's offer for the product tells it, else the product."""

    product_id: int
    quantity: int
    requested_on: date | None = None
    cost: Decimal | None = None


@transaction.atomic
def create_purchase_order(
    *,
    supplier_id: int,
    warehouse_id: int,
    lines: Sequence[NewPurchaseLine],
    number: str = "",
    ordered_on: date | None = None,
    source: str = "desk",
    note: str = "",
    key: str = "",
    by: User | None,
    now: datetime,
) -> PurchaseOrder:
    """Write a draft; without a number the next one is drawn. The same number or key and content again is that order.

    Raises ConflictingRepeat when the number or key stands for other content, InvalidQuantity, NotActive, InvalidDate.
    """
    number = clean_line(number)
    if known := _known(number, key):
        return _same_order(known, supplier_id, warehouse_id, lines)
    supplier = Supplier.objects.get(pk=supplier_id)
    products = Product.objects.in_bulk({line.product_id for line in lines})
    _refuse_impossible(supplier, products, lines, ordered_on=ordered_on, today=timezone.localdate(now))

    purchase_order = PurchaseOrder(
        number=number or _next_number(),
        supplier=supplier,
        warehouse_id=warehouse_id,
        ordered_on=ordered_on,
        source=source,
        note=note,
        key=key,
        created_at=now,
    )
    try:
        with transaction.atomic():
            purchase_order.save(force_insert=True)
    except IntegrityError:  # the other of two forms sent at once was faster
        if known := _known(number, key):
            return _same_order(known, supplier_id, warehouse_id, lines)
        raise
    costs = _offered_costs(supplier, products)
    PurchaseOrderLine.objects.bulk_create(
        PurchaseOrderLine(
            purchase_order=purchase_order,
            number=position,
            product=products[line.product_id],
            ordered=line.quantity,
            tolerance=line.quantity * supplier.over_receipt_percent // 100,
            requested_on=line.requested_on,
            cost=costs[line.product_id] if line.cost is None else line.cost,
        )
        for position, line in enumerate(lines, start=1)
    )
    bump_supply_version(product_ids=products)
    return purchase_order


def _known(number: str, key: str) -> PurchaseOrder | None:
    orders = PurchaseOrder.objects.all()
    if key and (known := orders.filter(key=key).first()):
        return known
    return orders.filter(number__iexact=number).first() if number else None


def _same_order(
    known: PurchaseOrder, supplier_id: int, warehouse_id: int, lines: Sequence[NewPurchaseLine]
) -> PurchaseOrder:
    """The order as it was written the first time; raises ConflictingRepeat when other content is asked for now."""
    stored = [
        (line.product_id, line.ordered, line.requested_on)
        for line in PurchaseOrderLine.objects.filter(purchase_order=known).order_by("number")
    ]
    asked = [(line.product_id, line.quantity, line.requested_on) for line in lines]
    if (known.supplier_id, known.warehouse_id, stored) != (supplier_id, warehouse_id, asked):
        raise ConflictingRepeat(f"{known.number} already exists with different content.")
    return known


def _refuse_impossible(
    supplier: Supplier,
    products: Mapping[int, Product],
    lines: Sequence[NewPurchaseLine],
    *,
    ordered_on: date | None,
    today: date,
) -> None:
    if not supplier.active:
        raise NotActive(f"{supplier.name} is no longer active.")
    if not lines:
        raise InvalidQuantity(f"The order to {supplier.name} has no lines.")
    if ordered_on and ordered_on > today:
        raise InvalidDate(f"Ordered on {ordered_on:%-d %b %Y}: that date is in the future.")
    for line in lines:
        product = products.get(line.product_id)
        if product is None:
            raise WrongLine(f"There is no product with id {line.product_id}.")
        if not product.active:
            raise NotActive(f"{product.sku} is no longer active.")
        if not 1 <= line.quantity <= QUANTITY_MAX:
            raise InvalidQuantity(f"Order from 1 to {QUANTITY_MAX:,} × {product.sku}, not {line.quantity:,}.")
        if line.requested_on and line.requested_on < (ordered_on or today):
            raise InvalidDate(
                f"{product.sku} cannot be requested for {line.requested_on:%-d %b %Y}: that date is past."
            )


def _offered_costs(supplier: Supplier, products: Mapping[int, Product]) -> dict[int, Decimal]:
    costs = {product.pk: product.cost for product in products.values()}
    offers: Iterable[SupplierProduct] = supplier.supplier_products.filter(product__in=products)
    return costs | {offer.product_id: offer.cost for offer in offers if offer.cost}


def _next_number() -> str:
    return f"PO-{next_numbers('purchase_order_number', 1)[0]}"
