"""How sure we want to be: service levels of the value classes, and what is set by hand for single products."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from backorders.enums import ValueClass
from backorders.errors import StockingRefused
from backorders.models import ServiceLevel, StockingRule
from inventory.models import Product

LEAST, MOST = Decimal(50), Decimal("99.9")


@transaction.atomic
def set_service_levels(*, percent: Mapping[str, Decimal]) -> int:
    """The next proposals aim at these; returns how many classes changed. Raises StockingRefused out of bounds."""
    for value_class, chosen in percent.items():
        _check(value_class, chosen)
    changed = 0
    for level in ServiceLevel.objects.select_for_update(no_key=True).order_by("pk"):
        chosen = percent.get(level.value_class, level.percent)
        if chosen != level.percent:
            level.percent = chosen
            level.save(update_fields=["percent"])
            changed += 1
    return changed


@transaction.atomic
def set_stocking_rule(
    *, product_id: int, value_class: str = "", percent: Decimal | None = None, discontinued: bool = False
) -> StockingRule:
    """What is left empty follows the product's value class again. Raises StockingRefused out of bounds."""
    if percent is not None:
        _check(value_class or ValueClass.A, percent)
    elif value_class:
        _check(value_class, LEAST)
    Product.objects.select_for_update(no_key=True).get(pk=product_id)
    rule, _ = StockingRule.objects.update_or_create(
        product_id=product_id,
        defaults={"value_class": value_class, "percent": percent, "discontinued": discontinued},
    )
    return rule


def _check(value_class: str, percent: Decimal) -> None:
    if value_class not in ValueClass.values:
        raise StockingRefused(f"There is no value class {value_class}: name A, B or C.")
    if not LEAST <= percent <= MOST:
        raise StockingRefused(f"Enter {LEAST} to {MOST} per cent, not {percent}.")
