"""What the tests of the staff pages share."""

from datetime import date

from django.test import Client

from tests.factories.inventory import PurchaseOrderLineFactory, StockLevelFactory
from tests.factories.staff import staff_with


def signed_in(client: Client, *permissions: str) -> Client:
    client.force_login(staff_with(*permissions))
    return client


def told(response) -> list[str]:
    """The messages on the page that an action leads to."""
    return [str(message) for message in response.context["messages"]]


def a_short_product(sku: str = "SAW-200", *, here: int = 3, coming: int = 10, **values):
    """Some units on hand, more on PO-512 for 20 November."""
    level = StockLevelFactory(product__sku=sku, on_hand=here, **values)
    PurchaseOrderLineFactory(
        product=level.product,
        purchase_order__number=f"PO-512-{sku}",
        ordered=coming,
        confirmed_on=date(2025, 11, 20),
    )
    return level
