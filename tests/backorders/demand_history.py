"""A desk with weeks of demand behind it, for the tests of forecasts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from inventory.models import Product
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY


def wanted_weekly(product: Product, units: Sequence[int], *, until: datetime = MONDAY) -> None:
    """One order a week, the last one in the week before `until`; a zero is a week without."""
    customer = CustomerFactory()
    for age, quantity in enumerate(reversed(units), start=1):
        if quantity:
            when = until - timedelta(weeks=age) + timedelta(days=1)
            order_for({product: quantity}, customer=customer, now=when)
