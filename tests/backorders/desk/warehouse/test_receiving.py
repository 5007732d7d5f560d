from datetime import timedelta

import pytest
import time_machine

from backorders.models import AllocationRun
from inventory.models import PurchaseOrderLine, Receipt
from tests.backorders.desk.desk import a_short_product, signed_in
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, PurchaseOrderFactory, PurchaseOrderLineFactory

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=3)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def warehouse(client):
    return signed_in(client, "backorders.receive_goods")


@pytest.fixture
def line():
    a_short_product(here=0)
    return PurchaseOrderLine.objects.get()


def address(line):
    return f"/purchasing/{line.purchase_order_id}/receive/"


def test_the_form_is_filled_with_what_is_outstanding(warehouse, line):
    response = warehouse.get(address(line))

    [(shown, field)] = response.context["rows"]
    assert (shown, field.value()) == (line, 10)


def test_the_page_says_whom_the_receipt_will_serve(warehouse, line):
    first, second = (order_for({line.product: 6}, now=MONDAY + timedelta(hours=n)) for n in range(2))

    [expected] = warehouse.get(address(line)).context["expected"]

    assert [(shown.order, row.gain) for row, shown in expected["rows"]] == [(first, 6), (second, 4)]
    assert expected["left"] == 0


def test_a_receipt_shows_what_it_served(warehouse, line):
    order = order_for({line.product: 6})

    response = warehouse.post(address(line), {"reference": "DN-1", f"quantity-{line.pk}": "8"}, follow=True)

    line.refresh_from_db()
    [served] = response.context["served"]
    assert (line.received, served.line.order, served.gain) == (8, order, 6)
    assert served.sentence == "Only line in the queue for SAW-200: gets all 6 units."
    assert response.context["run"] == AllocationRun.objects.get()


def test_a_receipt_that_nobody_waits_for_says_so(warehouse, line):
    response = warehouse.post(address(line), {"reference": "DN-1", f"quantity-{line.pk}": "8"}, follow=True)

    assert (response.context["receipt"].reference, response.context["served"]) == ("DN-1", [])


def test_the_same_delivery_note_twice_is_one_receipt(warehouse, line):
    for _ in range(2):
        warehouse.post(address(line), {"reference": "DN-1", f"quantity-{line.pk}": "8"})

    line.refresh_from_db()
    assert (line.received, Receipt.objects.count()) == (8, 1)


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({"reference": "DN-1", "quantity": "11"}, "only 10 are outstanding and at most 10 are accepted."),
        ({"reference": "DN-1", "quantity": "0"}, "Enter at least one quantity."),
    ],
)  # fmt: skip
def test_what_cannot_be_received_is_told_in_the_form(warehouse, line, form, refusal):
    form[f"quantity-{line.pk}"] = form.pop("quantity")

    response = warehouse.post(address(line), form)

    [error] = response.context["form"].non_field_errors()
    assert error.endswith(refusal)
    assert Receipt.objects.count() == 0


def test_a_receipt_needs_a_reference(warehouse, line):
    response = warehouse.post(address(line), {f"quantity-{line.pk}": "1"})

    assert response.context["form"].errors == {"reference": ["This field is required."]}


def test_a_draft_cannot_be_received(warehouse):
    draft = PurchaseOrderLineFactory(purchase_order__status="draft")

    response = warehouse.get(address(draft))

    assert not response.context["receivable"]


def test_the_page_asks_as_often_for_three_lines_as_for_one(warehouse, django_assert_num_queries):
    purchase_order = PurchaseOrderFactory()
    for count in (1, 2):
        for _ in range(count):
            line = PurchaseOrderLineFactory(purchase_order=purchase_order)
            order_for({line.product: 3})
        with django_assert_num_queries(14):
            warehouse.get(f"/purchasing/{purchase_order.pk}/receive/")


def test_without_the_permission_nothing_is_received(client, line):
    assert signed_in(client, "backorders.view_orderline").get(address(line)).status_code == 403
