"""Products, suppliers and their offers as other systems send them: many rows, known by their codes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from config.lib.outcomes import Change, Outcome, rejected
from config.lib.upserts import by_code, locked_by_code, save_by_key
from inventory.models import Category, Product, Supplier, SupplierProduct
from inventory.products.supply_version import bump_supply_version

Values = Mapping[str, Any]


@transaction.atomic
def save_products(*, rows: Sequence[Values]) -> list[Outcome]:
    """Make or change products by SKU; `category` is a name, made when it is new. Fields not named stay as they are."""
    known = locked_by_code(Product.objects.all(), "sku", [row["sku"] for row in rows])
    categories = _categories(row["category"] for row in rows if "category" in row)
    return save_by_key(
        Product,
        {(sku,): product for sku, product in known.items()},
        [((row["sku"].lower(),), _product_values(row, known, categories)) for row in rows],
    )


def _product_values(row: Values, known: Mapping[str, Product], categories: Mapping[str, Category]) -> dict[str, Any]:
    values = {name: value for name, value in row.items() if name != "category"}
    if "category" in row:
        values["category_id"] = categories[row["category"].lower()].pk
    if product := known.get(row["sku"].lower()):
        values["sku"] = product.sku
    return values


def _categories(names: Iterable[str]) -> dict[str, Category]:
    named: dict[str, str] = {}
    for name in names:
        named.setdefault(name.lower(), name)
    known = by_code(Category.objects.all(), "name", named)
    Category.objects.bulk_create(
        [Category(name=name) for key, name in named.items() if key not in known], ignore_conflicts=True
    )
    return by_code(Category.objects.all(), "name", named)


@transaction.atomic
def save_suppliers(*, rows: Sequence[Values]) -> list[Outcome]:
    """Make or change suppliers by code."""
    known = locked_by_code(Supplier.objects.all(), "code", [row["code"] for row in rows])
    return save_by_key(
        Supplier,
        {(code,): supplier for code, supplier in known.items()},
        [((row["code"].lower(),), _with_known_spelling(row, "code", known)) for row in rows],
    )


def _with_known_spelling(row: Values, field: str, known: Mapping[str, Any]) -> Values:
    """A code that differs in letter case only is the same code."""
    match = known.get(row[field].lower())
    return {**row, field: getattr(match, field)} if match else row


@transaction.atomic
def save_supplier_products(*, rows: Sequence[Values]) -> list[Outcome]:
    """Make or change offers by `supplier` and `sku`. A lead time may move promises, so the products are bumped."""
    suppliers = by_code(Supplier.objects.all(), "code", (row["supplier"] for row in rows))
    products = by_code(Product.objects.all(), "sku", (row["sku"] for row in rows))
    offers = SupplierProduct.objects.filter(
        supplier__in=[supplier.pk for supplier in suppliers.values()],
        product__in=[product.pk for product in products.values()],
    )
    known = {
        (offer.supplier_id, offer.product_id): offer
        for offer in offers.select_for_update(of=("self",), no_key=True).order_by("pk")
    }
    outcomes: dict[int, Outcome] = {}
    taken: dict[int, tuple[tuple[int, int], dict[str, Any]]] = {}
    for position, row in enumerate(rows):
        supplier, product = suppliers.get(row["supplier"].lower()), products.get(row["sku"].lower())
        if supplier is None or product is None:
            what = f"supplier {row['supplier']}" if supplier is None else f"SKU {row['sku']}"
            outcomes[position] = rejected(f"The {what} is not known.")
            continue
        key = (supplier.pk, product.pk)
        values = {name: value for name, value in row.items() if name not in {"supplier", "sku"}}
        if key not in known:
            values.setdefault("lead_time_days", supplier.lead_time_days)
        taken[position] = (key, {"supplier_id": supplier.pk, "product_id": product.pk, **values})
    saved = save_by_key(SupplierProduct, known, list(taken.values()))
    outcomes |= dict(zip(taken, saved, strict=True))
    moved = [
        key[1] for (key, _), outcome in zip(taken.values(), saved, strict=True) if outcome.change != Change.UNCHANGED
    ]
    bump_supply_version(product_ids=moved)
    return [outcomes[position] for position in range(len(rows))]
