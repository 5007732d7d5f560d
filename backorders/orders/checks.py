"""What must be right about an order before it is taken, and how a repeated order is told from a changed one."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal

from backorders.models import OrderLine
from config.lib.numbers import PRICE_MAX, QUANTITY_MAX
from inventory.models import Product


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """A line to be ordered. No `unit_price` means the list price. `external_line` is its key in the source; blank takes
    the position. `shipped` or `cancelled` units were so before the order came to this desk."""

    product_id: int
    quantity: int
    unit_price: Decimal | None = None
    requested_on: date | None = None
    latest_on: date | None = None
    external_line: str = ""
    shipped: int = 0
    cancelled: int = 0

    @property
    def open(self) -> int:
        return self.quantity - self.shipped - self.cancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order as it comes in; what is None takes the customer's or the product's default.

    An `accepted` order was taken by another system: that we no longer sell a product does not undo it.
    """

    source: str
    external_number: str
    customer_id: int
    lines: tuple[NewLine, ...]
    placed_at: datetime
    channel: str = "desk"
    currency: str | None = None
    ship_complete: bool | None = None
    warehouse_id: int | None = None
    other_warehouses: tuple[int, ...] = ()
    customer_reference: str = ""
    accepted: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What makes the order the same order: its source and number, whatever the letter case."""
        return self.source, self.external_number.lower()


# The other warehouses count where some are named: orders from before there were any keep their fingerprints.
_NO_CONTENT = {"lines", "placed_at", "accepted", "external_number", "other_warehouses"}
_CONTENT_OF_ORDER = [field.name for field in fields(NewOrder) if field.name not in _NO_CONTENT]
_CONTENT_OF_LINE = [field.name for field in fields(NewLine)]


def content_hash(order: NewOrder) -> str:
    """A fingerprint of what was ordered; when it was placed and the letter case of its number do not count."""
    lines = [[getattr(line, name) for name in _CONTENT_OF_LINE] for line in order.lines]
    content = [order.key, *(getattr(order, name) for name in _CONTENT_OF_ORDER), lines, *order.other_warehouses]
    return hashlib.sha256(json.dumps(content, default=_plain).encode()).hexdigest()


def _plain(value: object) -> str:
    return str(value.normalize()) if isinstance(value, Decimal) else str(value)


def refusals(order: NewOrder, products: Mapping[int, Product], *, now: datetime) -> dict[str, str]:
    """Why lines cannot be taken, by their external line; what concerns the whole order stands at each of its lines."""
    common = _order_refusal(order, now)
    currency = order.currency or next(
        (products[p.product_id].currency for p in order.lines if p.product_id in products), ""
    )
    reasons: dict[str, str] = {}
    seen: set[str] = set()
    for line in order.lines:
        reason = common or _line_refusal(line, products, currency=currency, accepted=order.accepted)
        if line.external_line in seen:
            reason = f"Line {line.external_line} appears twice in the order."
        seen.add(line.external_line)
        if reason:
            reasons[line.external_line] = reason
    return reasons


def _order_refusal(order: NewOrder, now: datetime) -> str:
    if not order.external_number or not order.source:
        return "The order needs a source and a number."
    return "The order date is in the future." if order.placed_at > now else ""


def _line_refusal(line: NewLine, products: Mapping[int, Product], *, currency: str, accepted: bool) -> str:
    product = products.get(line.product_id)
    if product is None:
        return "Unknown product."
    if not product.active and line.open and not accepted:
        return f"{product.sku} is no longer sold."
    if not 1 <= line.quantity <= QUANTITY_MAX or line.open < 0 or line.shipped < 0 or line.cancelled < 0:
        return f"{product.sku}: the quantity must be a whole number from 1 to {QUANTITY_MAX:,}."
    if line.unit_price is None and product.currency != currency:
        return f"{product.sku} has a price in {product.currency}, but the order is in {currency}. Enter the price."
    if line.unit_price is not None and not 0 <= line.unit_price <= PRICE_MAX:
        return f"{product.sku}: the price must be between 0 and {PRICE_MAX:,}."
    if line.requested_on and line.latest_on and line.latest_on < line.requested_on:
        return f"{product.sku}: the latest acceptable date is before the requested date."
    return ""


def difference(known: OrderLine, line: NewLine) -> str:
    """What tells `line` from the line known under its key; empty when it is the same."""
    differences = [
        f"{name} is {old}, not {new}"
        for name, old, new in (
            ("the product", known.product_id, line.product_id),
            ("the quantity", known.ordered, line.quantity),
            ("the price", known.unit_price, known.unit_price if line.unit_price is None else line.unit_price),
            ("the requested date", known.requested_on, line.requested_on),
            ("the latest date", known.latest_on, line.latest_on),
        )
        if old != new
    ]
    return f"Already known with different content: {', '.join(differences)}." if differences else ""
