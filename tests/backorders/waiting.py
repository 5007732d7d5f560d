"""Order lines as the worklist and the figures meet them, made through the services."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from backorders.fulfilment.ship import pick_order, ship
from backorders.models import OrderLine
from backorders.orders.intake import NewLine, NewOrder, place_order
from inventory.models import Product
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY, ProductFactory, StockEntryFactory, StockLevelFactory

DAY = timedelta(days=1)
_numbers = count(1)


def ordered_line(
    units: int = 5,
    *,
    product: Product | None = None,
    at_hand: int = 0,
    now: datetime = MONDAY,
    requested_on: date | None = None,
    customer: Any = None,
    **values: Any,
) -> OrderLine:
    """One line, placed at `now`, for a product of which `at_hand` units are there for the taking."""
    wanted: Any = product or ProductFactory()
    if at_hand:
        StockLevelFactory(product=wanted, on_hand=at_hand)
    line = NewLine(product_id=wanted.pk, quantity=units, unit_price=wanted.price, requested_on=requested_on)
    new = {"source": "test", "external_number": f"W-{next(_numbers)}", "placed_at": now} | values
    order = place_order(
        order=NewOrder(customer_id=(customer or CustomerFactory()).pk, lines=(line,), **new), by=None, now=now
    )
    return OrderLine.objects.get(order=order)


def ships(line: OrderLine, *, at: datetime, units: int | None = None) -> OrderLine:
    """What the line holds leaves the house."""
    [shipment] = pick_order(order_id=line.order_id, by=None, now=at)
    ship(shipment_id=shipment.pk, by=None, now=at, quantities=None if units is None else {line.pk: units})
    line.refresh_from_db()
    return line


def arrives(product: Product, units: int) -> None:
    """Goods come in, in the only pool of the product or in a new one."""
    level = product.stock_levels.first()
    if level:
        StockEntryFactory(stock_level=level, delta=units)
    else:
        StockLevelFactory(product=product, on_hand=units)
