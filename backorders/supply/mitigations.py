"""Ways out of a delay, the cheapest first: ask for the old day, another warehouse, a substitute, another supplier."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from backorders.supply.delay_impact import Impact
from config.lib.numbers import AMOUNT_STEP
from config.lib.text import counted
from inventory.models import (
    PurchasingSettings,
    StockLevel,
    Substitute,
    SupplierAnswer,
    SupplierAnswerLine,
    SupplierProduct,
)


@dataclass(frozen=True, slots=True)
class WayOut:
    """Of `needed` units it covers `units`, at this extra cost, by that day. `key` says what the page offers to do."""

    key: str
    title: str
    detail: str
    units: int
    needed: int
    cost: Decimal
    available_on: date | None
    proposal: SupplierAnswerLine
    target: str = ""


def ways_out(
    answer: SupplierAnswer, proposals: Collection[SupplierAnswerLine], impact: Impact, *, now: datetime
) -> list[WayOut]:
    """For each proposal that makes somebody wait longer; by cost, then by day."""
    settings, today = PurchasingSettings.objects.get(), timezone.localdate(now)
    ways: list[WayOut] = []
    for proposal in proposals:
        needed = impact.units_short(proposal.purchase_order_line.product_id)
        if needed:
            ways += [
                _asking(proposal, needed, settings, today=today),
                *_transfers(answer, proposal, needed, settings, today=today),
                *_substitutes(answer, proposal, needed, impact, today=today),
                *_other_suppliers(answer, proposal, needed, today=today),
            ]
    return sorted(ways, key=lambda way: (way.cost, way.available_on or date.max, way.title))


def _asking(proposal: SupplierAnswerLine, needed: int, settings: PurchasingSettings, *, today: date) -> WayOut:
    line = proposal.purchase_order_line
    units = min(needed, line.outstanding)
    return WayOut(
        key="counter",
        title="Ask for the old day",
        detail=f"Hasten {units:,} × {line.product.sku}; express reckoned at {settings.express_percent} % of their cost",
        units=units,
        needed=needed,
        cost=_rounded(units * line.cost * settings.express_percent / 100),
        available_on=max(proposal.asked_on, today),
        proposal=proposal,
    )


def _transfers(
    answer: SupplierAnswer, proposal: SupplierAnswerLine, needed: int, settings: PurchasingSettings, *, today: date
) -> Iterator[WayOut]:
    line = proposal.purchase_order_line
    elsewhere = StockLevel.objects.filter(product=line.product_id).exclude(warehouse=answer.purchase_order.warehouse_id)
    for level in elsewhere.with_free_units().select_related("warehouse").order_by("warehouse__preference", "pk"):
        units = min(needed, level.available)
        yield WayOut(
            key="transfer",
            title=f"Transfer from {level.warehouse.code}",
            detail=f"{level.available:,} free there; reckoned at {settings.transfer_cost} a unit",
            units=units,
            needed=needed,
            cost=_rounded(units * settings.transfer_cost),
            available_on=today,
            proposal=proposal,
            target=str(level.warehouse_id),
        )


def _substitutes(
    answer: SupplierAnswer, proposal: SupplierAnswerLine, needed: int, impact: Impact, *, today: date
) -> Iterator[WayOut]:
    """Approved substitutes that lie free in the order's warehouse; the customers are asked first."""
    line = proposal.purchase_order_line
    levels = StockLevel.objects.filter(warehouse=answer.purchase_order.warehouse_id).with_free_units()
    for pair in Substitute.objects.offered().filter(product=line.product_id).select_related("substitute"):
        level = levels.filter(product=pair.substitute_id).first()
        if level and (units := min(needed, level.available * pair.per // pair.units)):
            yield WayOut(
                key="substitute",
                title=f"Offer {pair.substitute.sku} instead",
                detail=f"{level.available:,} × {pair.substitute.name} free; only with the customer’s consent",
                units=units,
                needed=needed,
                cost=_rounded(pair.units_for(units) * pair.substitute.cost - units * line.cost),
                available_on=today,
                proposal=proposal,
                target="&".join(
                    f"line={hit.line.pk}" for hit in impact.later if hit.line.product_id == line.product_id
                ),
            )


def _other_suppliers(
    answer: SupplierAnswer, proposal: SupplierAnswerLine, needed: int, *, today: date
) -> Iterator[WayOut]:
    line = proposal.purchase_order_line
    offers = SupplierProduct.objects.filter(product=line.product_id, supplier__active=True).exclude(
        supplier=answer.purchase_order.supplier_id
    )
    for offer in offers.select_related("supplier").order_by("rank", "pk"):
        units = max(-(-needed // offer.pack_size) * offer.pack_size, offer.minimum_quantity)
        yield WayOut(
            key="order",
            title=f"Order from {offer.supplier.name}",
            detail=f"{units:,} at {offer.cost:.2f} {offer.currency} instead of {line.cost:.2f}, "
            f"stated lead time {counted(offer.lead_time_days, 'day')}",
            units=units,
            needed=needed,
            cost=_rounded(units * (offer.cost - line.cost)),
            available_on=today + timedelta(days=offer.lead_time_days),
            proposal=proposal,
            target=offer.supplier.code,
        )


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(AMOUNT_STEP)
