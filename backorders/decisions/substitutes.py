"""Another product in place of one that waits: what it would be, and putting it on the order."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.contrib.auth.models import User

from backorders.enums import AlternativesOrder
from backorders.errors import DecisionRefused
from backorders.models import CustomerSettings, OrderLine, Question
from backorders.orders.intake import NewLine, NewOrder, place_orders
from config.lib.numbers import QUANTITY_MAX
from config.lib.text import counted
from inventory.models import StockLevel, Substitute, Warehouse

PRICE_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class SubstituteOffer:
    """So many units of a substitute at a price: together never dearer than what they stand for."""

    substitute: Substitute
    units: int
    price: Decimal
    free: int


@dataclass(frozen=True, slots=True)
class OtherWarehouse:
    warehouse: Warehouse
    free: int


def offers_for(line: OrderLine) -> list[SubstituteOffer]:
    """The approved substitutes for the units that no stock covers, the preferred one first, with their free stock."""
    pairs = list(Substitute.objects.offered().filter(product=line.product_id).select_related("substitute", "product"))
    free: dict[int, int] = {}
    for level in StockLevel.objects.filter(product__in=[pair.substitute_id for pair in pairs]):
        free[level.product_id] = free.get(level.product_id, 0) + level.available
    offers = []
    for pair in pairs:
        units = pair.units_for(line.open)
        if 1 <= units <= QUANTITY_MAX:
            offers.append(
                SubstituteOffer(pair, units, offered_price(line, pair, units), free.get(pair.substitute_id, 0))
            )
    return offers


def offered_price(line: OrderLine, pair: Substitute, units: int) -> Decimal:
    """The old value spread over the new units, or the substitute's own price where that is lower."""
    same_value = (line.open * line.unit_price / units).quantize(PRICE_STEP, rounding=ROUND_HALF_UP)
    if pair.substitute.currency == line.order.currency:
        return min(same_value, pair.substitute.price)
    return same_value


def other_warehouses(line: OrderLine) -> list[OtherWarehouse]:
    """Where else free units of the product lie."""
    levels = StockLevel.objects.filter(product=line.product_id).exclude(warehouse=line.warehouse_id)
    offers = [OtherWarehouse(level.warehouse, level.available) for level in levels.select_related("warehouse")]
    return sorted((w for w in offers if w.free > 0), key=lambda w: (w.warehouse.preference, w.warehouse.pk))


def alternatives(line: OrderLine) -> list[SubstituteOffer | OtherWarehouse]:
    """What could serve the line instead, in the order that the settings name."""
    order = CustomerSettings.objects.get().alternatives
    offers: list[SubstituteOffer | OtherWarehouse] = [*offers_for(line)]
    warehouses: list[SubstituteOffer | OtherWarehouse] = [*other_warehouses(line)]
    if order == AlternativesOrder.SUBSTITUTE_ONLY:
        return offers
    return offers + warehouses if order == AlternativesOrder.SUBSTITUTE_FIRST else warehouses + offers


def place_substitute(question: Question, line: OrderLine, *, by: User | None, now: datetime) -> str:
    """Put what the customer consented to on the order, as a line of its own; returns what it says in the history.

    The caller holds the order's lock and cancels the line after this. Raises DecisionRefused when the offer stands no
    more: the line changed since, or the substitute takes no orders.
    """
    pair, order = question.substitute, line.order
    if pair is None or question.offered_units is None:
        raise DecisionRefused("No substitute was offered.", "unasked")
    if pair.units_for(line.open) != question.offered_units:
        raise DecisionRefused(
            f"{line}: {counted(line.open, 'unit is,units are')} open by now, so the offer no longer fits.", "changed"
        )
    list(StockLevel.objects.filter(product__in=[pair.product_id, pair.substitute_id]).locked())
    new = NewLine(
        product_id=pair.substitute_id,
        quantity=question.offered_units,
        unit_price=question.offered_price,
        requested_on=line.requested_on,
        external_line=f"substitute-{question.pk}",
    )
    addition = NewOrder(
        source=order.source,
        external_number=order.external_number,
        customer_id=order.customer_id,
        lines=(new,),
        placed_at=order.placed_at,
        channel=order.channel,
        currency=order.currency,
        customer_reference=order.customer_reference,
    )
    [outcome] = place_orders(orders=[addition], by=by, now=now)
    if outcome.refused or outcome.conflicts:
        raise DecisionRefused(" ".join([*outcome.refused.values(), *outcome.conflicts.values()]), "gone")
    return f"{question.offered_units} × {pair.substitute.sku} in place of {line.open} × {line.product.sku}"
