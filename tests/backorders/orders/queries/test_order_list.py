from decimal import Decimal

import pytest

from backorders.models import SalesOrder
from backorders.orders.cancel import cancel_order
from backorders.orders.queries.filters import OrderFilters
from backorders.orders.queries.order_list import OrderRow, order_rows
from tests.backorders.waiting import ordered_line
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY, ProductFactory, StockLevelFactory

pytestmark = pytest.mark.django_db


def found(**wanted):
    return sorted(OrderFilters(wanted, SalesOrder.objects.all()).qs.values_list("pk", flat=True))


def test_orders_are_found_by_status_customer_and_number():
    vogel = CustomerFactory(code="K1", name="Brandt")
    first = ordered_line(customer=vogel, external_number="WEB-77").order
    second = ordered_line(customer=CustomerFactory(code="K12")).order
    cancel_order(order_id=second.pk, by=None, now=MONDAY)

    assert found() == [first.pk, second.pk]
    assert found(status="cancelled") == [second.pk]
    assert found(customer="k1") == [first.pk]
    assert found(q="b-77") == [first.pk]
    assert found(q=second.number.lower()) == [second.pk]
    assert found(q="rand") == [first.pk]


def test_a_row_says_what_is_open_and_what_is_on_backorder():
    saw, drill = ProductFactory(price=Decimal("2.50")), ProductFactory(price=Decimal("10"))
    StockLevelFactory(product=saw, on_hand=4)
    order = order_for({saw: 4, drill: 3})

    assert order_rows([order]) == [OrderRow(order, lines=2, open_units=7, open_value=Decimal("40.00"), backorders=1)]
