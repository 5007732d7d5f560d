import csv
import io

import pytest

from tests.backorders.waiting import ordered_line
from tests.factories.customers import CustomerFactory
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
ORDERS = "/orders/"


@pytest.fixture
def viewer(client):
    client.force_login(staff_with("backorders.view_salesorder"))
    return client


def shown(response):
    return [row.order.pk for row in response.context["rows"]]


def test_without_the_permission_there_is_no_page(client):
    client.force_login(staff_with("backorders.view_orderline"))

    assert client.get(ORDERS).status_code == 403
    assert client.get("/orders/export.csv").status_code == 403


def test_the_newest_order_stands_first(viewer):
    first, second = ordered_line().order, ordered_line().order

    assert shown(viewer.get(ORDERS)) == [second.pk, first.pk]


@pytest.mark.parametrize("orders", [1, 3])
def test_the_page_asks_as_often_for_three_orders_as_for_one(viewer, orders, django_assert_num_queries):
    for _ in range(orders):
        ordered_line()

    with django_assert_num_queries(6):  # session, person, two for permissions, orders, their lines
        assert len(shown(viewer.get(ORDERS))) == orders


def test_orders_are_narrowed_down_by_status_customer_and_search(viewer):
    mine = ordered_line(customer=CustomerFactory(code="K1"), external_number="WEB-1").order
    ordered_line()

    assert shown(viewer.get(ORDERS, {"customer": "K1"})) == [mine.pk]
    assert shown(viewer.get(ORDERS, {"q": "web-1", "status": "open"})) == [mine.pk]
    assert shown(viewer.get(ORDERS, {"status": "shipped"})) == []


def test_the_export_has_the_orders_of_the_filter(viewer):
    mine = ordered_line(customer=CustomerFactory(code="K1")).order
    ordered_line()

    response = viewer.get("/orders/export.csv", {"customer": "K1"})

    [row] = csv.DictReader(io.StringIO(response.getvalue().decode()))
    assert (row["order"], row["customer"], row["status"]) == (mine.number, "K1", "open")
