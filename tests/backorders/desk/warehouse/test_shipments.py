from datetime import timedelta

import pytest
import time_machine

from backorders.enums import ShipmentStatus
from backorders.fulfilment.ship import pick_order
from tests.backorders.desk.desk import a_short_product, signed_in, told
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY

pytestmark = pytest.mark.django_db
LOOK = ("backorders.view_shipment", "backorders.view_salesorder")


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(MONDAY + timedelta(hours=3), tick=False):
        yield


def picked(sku="SAW-200", units=3, **values):
    order = order_for({a_short_product(sku, here=units).product: units + 2}, **values)
    [shipment] = pick_order(order_id=order.pk, by=None, now=MONDAY)
    return shipment


def test_the_list_shows_open_pick_lists_oldest_first(client):
    first, second = picked(), picked("SAW-201", units=2)

    response = signed_in(client, *LOOK).get("/shipments/")

    assert response.context["rows"] == [(first, 1, 3), (second, 1, 2)]


def test_the_list_finds_a_shipment_by_its_order(client):
    picked()
    wanted = picked("SAW-201")

    response = signed_in(client, *LOOK).get("/shipments/", {"q": wanted.order.number.lower()})

    assert [row[0] for row in response.context["rows"]] == [wanted]


@pytest.mark.parametrize("query", [{"status": "lost"}, {"q": "\0"}, {"q": "x" * 100}, {"after": "[1e999]"}])
def test_nonsense_in_the_address_filters_nothing(client, query):
    shipment = picked()

    response = signed_in(client, *LOOK).get("/shipments/", query)

    assert [row[0] for row in response.context["rows"]] == [shipment]


def test_the_list_asks_as_often_for_three_rows_as_for_one(client, django_assert_num_queries):
    signed_in(client, *LOOK)
    for skus in (["A"], ["B", "C"]):
        for sku in skus:
            picked(sku)
        with django_assert_num_queries(6):
            client.get("/shipments/")


def test_the_pick_list_shows_what_to_pick(client):
    shipment = picked()

    response = signed_in(client, *LOOK).get(f"/shipments/{shipment.pk}/")

    [(row, _)] = response.context["rows"]
    assert (row.line.product.sku, row.units) == ("SAW-200", 3)


def test_the_whole_list_ships(client):
    signed_in(client, "backorders.ship_order", *LOOK)
    shipment = picked()
    line = shipment.order.lines.get()

    response = client.post(
        f"/shipments/{shipment.pk}/ship/",
        {"carrier": "DHL", "tracking_number": "JD01", f"quantity-{line.pk}": "3"},
        follow=True,
    )

    shipment.refresh_from_db(), line.refresh_from_db()
    assert (shipment.status, shipment.tracking_number, line.shipped) == (ShipmentStatus.SHIPPED, "JD01", 3)
    assert told(response) == [f"{shipment} was shipped; the customer will be emailed."]


def test_nobody_is_said_to_be_told_who_has_no_address(client):
    signed_in(client, "backorders.ship_order", *LOOK)
    shipment = picked(customer=CustomerFactory(email=""))
    line = shipment.order.lines.get()

    response = client.post(f"/shipments/{shipment.pk}/ship/", {f"quantity-{line.pk}": "3"}, follow=True)

    assert told(response) == [f"{shipment} was shipped; the customer has no email address."]


def test_less_in_the_parcel_stays_with_the_order(client):
    signed_in(client, "backorders.ship_order", *LOOK)
    shipment = picked()
    line = shipment.order.lines.get()

    client.post(f"/shipments/{shipment.pk}/ship/", {f"quantity-{line.pk}": "1"})

    line.refresh_from_db()
    assert (line.shipped, line.allocated) == (1, 2)


@pytest.mark.parametrize(
    ("units", "refusal"),
    [
        ("0", "{shipment} would be empty. Cancel it instead."),
        ("4", "{shipment} has only 3 units of that line."),
    ],
)
def test_what_cannot_ship_is_told_in_the_form(client, units, refusal):
    signed_in(client, "backorders.ship_order", *LOOK)
    shipment = picked()
    line = shipment.order.lines.get()

    response = client.post(f"/shipments/{shipment.pk}/ship/", {f"quantity-{line.pk}": units})

    assert list(response.context["form"].non_field_errors()) == [refusal.format(shipment=shipment)]
    shipment.refresh_from_db()
    assert shipment.status == ShipmentStatus.PICKING


def test_a_pick_list_is_taken_back(client):
    signed_in(client, "backorders.pick_order", *LOOK)
    shipment = picked()

    response = client.post(f"/shipments/{shipment.pk}/cancel/", follow=True)
    again = client.post(f"/shipments/{shipment.pk}/cancel/", follow=True)

    assert told(response) == [f"{shipment} is cancelled; its units stay with the order."]
    assert told(again) == [f"{shipment} is cancelled: it cannot become cancelled."]


def test_pages_and_actions_need_their_permission(client):
    shipment = picked()
    signed_in(client)

    assert client.get("/shipments/").status_code == 403
    assert client.get(f"/shipments/{shipment.pk}/").status_code == 403
    signed_in(client, *LOOK)
    assert client.post(f"/shipments/{shipment.pk}/ship/").status_code == 403
    assert client.post(f"/shipments/{shipment.pk}/cancel/").status_code == 403
