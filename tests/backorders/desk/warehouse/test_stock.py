from datetime import timedelta

import pytest
import time_machine

from backorders.fulfilment.ship import pick_order
from inventory.models import StockEntry
from tests.backorders.desk.desk import a_short_product, signed_in, told
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, WarehouseFactory

pytestmark = pytest.mark.django_db
LOOK, CORRECT = "backorders.view_orderline", "backorders.correct_stock"
KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(MONDAY + timedelta(hours=3), tick=False):
        yield


def queue_of(level):
    return f"/inventory/products/{level.product_id}/queue/"


def count_of(level, units, **values):
    return {
        "count-key": KEY, "count-warehouse": level.warehouse_id, "count-counted": units, "count-reason": "shelf check",
    } | values  # fmt: skip


def change_of(level, delta):
    return {
        "adjust-key": KEY, "adjust-warehouse": level.warehouse_id, "adjust-delta": delta, "adjust-reason": "broken",
    }  # fmt: skip


def test_the_page_shows_who_waits_in_which_order(client):
    level = a_short_product()
    first, second = (order_for({level.product: 5}, now=MONDAY + timedelta(hours=n)) for n in range(2))

    response = signed_in(client, LOOK).get(queue_of(level))

    [queue] = response.context["queues"]
    assert [line.order for line in queue["lines"]] == [first, second]
    assert (queue["open"], queue["missing"]) == (10, 7)
    assert response.context["totals"] == {
        "on_hand": 3, "reserved": 3, "available": 0, "incoming": 10, "missing": 7,
    }  # fmt: skip


def test_the_page_asks_as_often_for_three_lines_as_for_one(client, django_assert_num_queries):
    level = a_short_product()
    signed_in(client, LOOK)
    for count in (1, 2):
        for _ in range(count):
            order_for({level.product: 5})
        with django_assert_num_queries(15):
            client.get(queue_of(level))


def test_a_count_is_booked_once(client):
    level = a_short_product()
    signed_in(client, LOOK, CORRECT)

    response, _ = (client.post(f"{queue_of(level)}count/", count_of(level, 7), follow=True) for _ in range(2))

    level.refresh_from_db()
    assert (level.on_hand, told(response)) == (7, ["Counted: 7 × SAW-200 in MAIN."])
    assert StockEntry.objects.filter(kind="count").count() == 1


def test_a_count_below_what_pick_lists_hold_is_refused(client):
    level = a_short_product()
    order = order_for({level.product: 3})
    pick_order(order_id=order.pk, by=None, now=MONDAY)
    signed_in(client, LOOK, CORRECT)

    response = client.post(f"{queue_of(level)}count/", count_of(level, 1))

    [error] = response.context["count_form"].non_field_errors()
    assert error.startswith("3 × SAW-200 in MAIN are on pick lists or pinned, and only 1 would be left.")


def test_a_change_is_booked(client):
    level = a_short_product()
    signed_in(client, LOOK, CORRECT)

    response = client.post(f"{queue_of(level)}adjust/", change_of(level, -2), follow=True)

    level.refresh_from_db()
    assert (level.on_hand, told(response)) == (1, ["Adjusted: -2 × SAW-200 in MAIN."])


@pytest.mark.parametrize(
    ("delta", "field", "refusal"),
    [
        (0, "delta", "A change of 0 changes nothing."),
        (-4, "__all__", "SAW-200 in MAIN holds 3 units: no more can be taken away."),
    ],
)
def test_a_change_that_cannot_be_is_told(client, delta, field, refusal):
    level = a_short_product()
    signed_in(client, LOOK, CORRECT)

    response = client.post(f"{queue_of(level)}adjust/", change_of(level, delta))

    assert response.context["adjust_form"].errors == {field: [refusal]}


def test_a_count_where_it_never_lay_makes_the_pool(client):
    level = a_short_product()
    north = WarehouseFactory(code="NORTH")
    signed_in(client, LOOK, CORRECT)

    client.post(f"{queue_of(level)}count/", count_of(level, 4, **{"count-warehouse": north.pk}))

    assert level.product.stock_levels.get(warehouse=north).on_hand == 4


def test_page_and_actions_need_their_permission(client):
    level = a_short_product()

    assert signed_in(client).get(queue_of(level)).status_code == 403
    signed_in(client, LOOK)
    assert client.post(f"{queue_of(level)}count/").status_code == 403
    assert client.post(f"{queue_of(level)}adjust/").status_code == 403
