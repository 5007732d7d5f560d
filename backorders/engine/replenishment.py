"""How much to buy of one product in one warehouse, and the sentence that says why."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

LEVELS = (50.0, 80.0, 90.0, 95.0, 99.0)  # per cent; the quantiles that a forecast keeps
NORMAL = NormalDist()
A_SHARE, B_SHARE = 0.80, 0.95  # of the value of all demand


@dataclass(frozen=True, slots=True)
class InventoryPosition:
    """A pool as it stands. `on_hand` and `on_order` in units; `backorders`: open units of waiting lines."""

    on_hand: int
    on_order: int
    backorders: int
    weekly: float
    lead_days: int
    review_days: int
    lead_quantiles: Sequence[float]
    cover_quantiles: Sequence[float]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the supplier asks for; `percent` is the service level that is aimed at."""

    supplier: str
    minimum: int
    pack: int
    percent: float
    buys_for_stock: bool = True


@dataclass(frozen=True, slots=True)
class Need:
    quantity: int
    needed: int
    backorders: int
    forecast: int
    safety: int
    on_hand: int
    on_order: int
    reorder_point: int
    order_up_to: int

    @property
    def urgency(self) -> float:
        """0: at the reorder point; 1: nothing there of what the lead time asks for; more: customers wait for it."""
        position = self.on_hand + self.on_order - self.backorders
        return (self.reorder_point - position) / max(1, self.reorder_point)


def at_level(percent: float, quantiles: Sequence[float]) -> float:
    """Between the kept quantiles as a normal demand would go, and beyond the last two as they go on."""
    if percent <= LEVELS[0]:
        return quantiles[0]
    place = next((i for i, level in enumerate(LEVELS[1:]) if percent <= level), len(LEVELS) - 2)
    low, high, target = (NORMAL.inv_cdf(level / 100) for level in (LEVELS[place], LEVELS[place + 1], percent))
    below, above = quantiles[place], quantiles[place + 1]
    return below + (above - below) * (target - low) / (high - low)


def reorder_need(position: InventoryPosition, terms: Terms) -> Need:
    """Backorders + forecast over lead time and review + safety stock − on hand − on order, rounded up to the minimum
    and whole packs; nothing while the position is above the reorder point. A product that is not bought for stock any
    more is bought for the waiting lines only."""
    cover_days = position.lead_days + position.review_days
    forecast = math.ceil(position.weekly * cover_days / 7 - 1e-9)
    reorder_point = math.ceil(at_level(terms.percent, position.lead_quantiles) - 1e-9)
    level = max(math.ceil(at_level(terms.percent, position.cover_quantiles) - 1e-9), reorder_point)
    if not terms.buys_for_stock:
        forecast = reorder_point = level = 0
    available = position.on_hand + position.on_order - position.backorders
    needed = level - available
    is_needed = needed > 0 and (available < reorder_point or available < 0)
    return Need(
        quantity=rounded(needed, minimum=terms.minimum, pack=terms.pack) if is_needed else 0,
        needed=max(0, needed) if is_needed else 0,
        backorders=position.backorders,
        forecast=forecast,
        safety=level - forecast,
        on_hand=position.on_hand,
        on_order=position.on_order,
        reorder_point=reorder_point,
        order_up_to=level,
    )


def rounded(units: int, *, minimum: int, pack: int) -> int:
    """Up to the minimum, then up to whole packs."""
    return math.ceil(max(units, minimum, 1) / max(1, pack)) * max(1, pack)


def need_in_words(need: Need, position: InventoryPosition, terms: Terms, *, value_class: str) -> str:
    """One sentence with all its figures."""
    extra = ""
    if need.quantity > need.needed:
        extra = f" → {need.quantity:,} (minimum {terms.minimum:,}, packs of {terms.pack:,})"
    if not terms.buys_for_stock:
        return (
            f"Discontinued: {need.needed:,} only for the {need.backorders:,} units on backorder, minus "
            f"{need.on_hand:,} on hand and {need.on_order:,} on order{extra}."
        )
    return (
        f"{need.backorders:,} on backorder + {need.forecast:,} forecast for {position.lead_days} days of lead time and "
        f"{position.review_days} of review {_signed(need.safety)} safety stock (class {value_class}, "
        f"{terms.percent:g} %) − {need.on_hand:,} on hand − {need.on_order:,} on order = {need.needed:,}{extra}; "
        f"{need.on_hand + need.on_order - need.backorders:,} available are below the reorder point of "
        f"{need.reorder_point:,}. {terms.supplier} delivers."
    )


def _signed(units: int) -> str:
    return f"+ {units:,}" if units >= 0 else f"− {-units:,}"


def value_classes(values: Sequence[tuple[int, float]]) -> dict[int, str]:
    """A, B or C by the value of the demand: the most valuable that make 80 % of the whole are A, up to 95 % B."""
    whole = sum(value for _, value in values)
    classes, running = {}, 0.0
    for key, value in sorted(values, key=lambda pair: (-pair[1], pair[0])):
        share = running / whole if whole else 1.0
        classes[key] = "A" if share < A_SHARE else "B" if share < B_SHARE else "C"
        running += value
    return classes
