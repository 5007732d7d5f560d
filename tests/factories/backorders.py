"""Orders come into being through the services: a row by itself would not be true."""

from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any

from backorders.models import SalesOrder
from backorders.orders.intake import NewLine, NewOrder, place_order
from customers.models import Customer
from inventory.models import Product
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY

_numbers = count(1)


def order_for(
    quantities: Mapping[Product, int], *, customer: Customer | None = None, now: datetime = MONDAY, **values: Any
) -> SalesOrder:
    """A sales order of one line per product, placed at `now` through the intake."""
    lines = tuple(NewLine(product_id=product.pk, quantity=units) for product, units in quantities.items())
    values = {"source": "test", "external_number": f"T-{next(_numbers)}", "placed_at": now} | values
    new = NewOrder(customer_id=(customer or CustomerFactory()).pk, lines=lines, **values)
    return place_order(order=new, by=None, now=now)
