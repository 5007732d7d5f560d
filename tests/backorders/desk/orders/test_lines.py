from datetime import timedelta

import pytest
import time_machine

from backorders.fulfilment.ship import pick_order, ship
from inventory.models import StockLevel
from tests.backorders.desk.desk import a_short_product, signed_in, told
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY

pytestmark = pytest.mark.django_db
LOOK = ("backorders.view_salesorder",)
KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(MONDAY + timedelta(hours=3), tick=False):
        yield


@pytest.fixture
def line():
    return order_for({a_short_product().product: 8}).lines.get()


def test_units_of_a_line_are_cancelled(client, line):
    signed_in(client, "backorders.cancel_line", *LOOK)

    response = client.post(f"/orders/lines/{line.pk}/cancel/", {"quantity": "2", "open": "8"}, follow=True)

    line.refresh_from_db()
    assert (line.cancelled, told(response)) == (2, [f"2 × SAW-200 of {line.order} are cancelled."])


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({"quantity": "9", "open": "8"}, "{line}: 8 units are open; 9 cannot be cancelled."),
        ({"quantity": "2", "open": "5"}, "{line}: 8 units are open by now, not 5. Nothing was cancelled."),
        ({"quantity": "0", "open": "8"}, "Quantity: Must be a whole number from 1 to 100,000."),
    ],
)
def test_what_cannot_be_cancelled_is_told(client, line, form, refusal):
    signed_in(client, "backorders.cancel_line", *LOOK)

    response = client.post(f"/orders/lines/{line.pk}/cancel/", form, follow=True)

    line.refresh_from_db()
    assert (line.cancelled, told(response)) == (0, [refusal.format(line=line)])


def test_the_reason_is_corrected(client, line):
    signed_in(client, "backorders.correct_reason", *LOOK)

    response = client.post(f"/orders/lines/{line.pk}/reason/", {"reason": "supplier_delay"}, follow=True)

    line.refresh_from_db()
    assert (line.reason, told(response)) == ("supplier_delay", [f"The reason of {line} is corrected."])


def test_an_unknown_reason_is_refused(client, line):
    signed_in(client, "backorders.correct_reason", *LOOK)

    response = client.post(f"/orders/lines/{line.pk}/reason/", {"reason": "weather"}, follow=True)

    assert told(response)[0].startswith("Reason: Select a valid choice.")


def test_goods_come_back_once(client, line):
    signed_in(client, "backorders.return_goods", *LOOK)
    [shipment] = pick_order(order_id=line.order_id, by=None, now=MONDAY)
    ship(shipment_id=shipment.pk, by=None, now=MONDAY)
    form = {"key": KEY, "quantity": "1", "reason": "too long"}

    responses = [client.post(f"/orders/lines/{line.pk}/return/", form, follow=True) for _ in range(2)]

    assert told(responses[0]) == ["1 × SAW-200 returned to stock."]
    assert StockLevel.objects.get().on_hand == 1
    [row] = responses[1].context["rows"]
    assert row["on_page"].returnable == 2


def test_more_than_was_shipped_cannot_come_back(client, line):
    signed_in(client, "backorders.return_goods", *LOOK)

    response = client.post(
        f"/orders/lines/{line.pk}/return/", {"key": KEY, "quantity": "1", "reason": "broken"}, follow=True
    )

    assert told(response) == [f"{line}: 0 shipped units can come back, not 1."]


@pytest.mark.parametrize("action", ["cancel", "reason", "return"])
def test_actions_need_their_permission_and_a_post(client, line, action):
    signed_in(client, *LOOK)

    address = f"/orders/lines/{line.pk}/{action}/"
    assert (client.post(address).status_code, client.get(address).status_code) == (403, 405)
