"""Which supplier would be asked for a product, and how long that takes: as learned, else as stated."""

from collections.abc import Collection
from dataclasses import dataclass

from inventory.lead_times.queries.lead_times import LeadTime, lead_times_of
from inventory.models import SupplierProduct

UNKNOWN_DAYS = 14  # where no supplier offers the product
P10_TO_P90 = 2.56  # standard deviations of a normal between the two


@dataclass(frozen=True, slots=True)
class Replacement:
    """The way to new units. `spread`: standard deviation of the lead time in days; `basis`: what it stands on."""

    offer: SupplierProduct | None
    days: int
    spread: float
    basis: str
    arrival: tuple[tuple[int, float], ...]


def replacements(product_ids: Collection[int]) -> dict[int, Replacement]:
    """The preferred active supplier of each product: by rank, then lead time, then cost."""
    offers: dict[int, SupplierProduct] = {}
    rows = SupplierProduct.objects.filter(product_id__in=product_ids, supplier__active=True)
    for offer in rows.select_related("supplier").order_by("product_id", "rank", "lead_time_days", "cost", "pk"):
        offers.setdefault(offer.product_id, offer)
    learned = lead_times_of((offer.product_id, offer.supplier_id) for offer in offers.values())
    return {
        product_id: _replacement(offers.get(product_id), learned.get(_pair(offers.get(product_id))))
        for product_id in product_ids
    }


def _pair(offer: SupplierProduct | None) -> tuple[int, int]:
    return (offer.product_id, offer.supplier_id) if offer else (0, 0)


def _replacement(offer: SupplierProduct | None, learned: LeadTime | None) -> Replacement:
    if offer is None:
        return Replacement(None, UNKNOWN_DAYS, 0.0, "no supplier offers it", ((UNKNOWN_DAYS, 1.0),))
    if learned is None or learned.p50 is None:
        days = max(1, offer.lead_time_days)
        return Replacement(offer, days, 0.0, "as the supplier states", ((days, 1.0),))
    days = max(1, learned.p50)
    late = learned.p90 if learned.p90 is not None else days * 2
    early = learned.p10 if learned.p10 is not None else days
    spread = max(0.0, (late - early) / P10_TO_P90)
    return Replacement(offer, days, spread, learned.basis, spread_out(early, learned.p50, learned.p80, late))


def spread_out(*days: int | None) -> tuple[tuple[int, float], ...]:
    """P10, P50, P80 and P90 as days with probabilities; what is unknown may never come."""
    shares = (0.3, 0.35, 0.2, 0.15)
    return tuple((day, share) for day, share in zip(days, shares, strict=False) if day is not None)
