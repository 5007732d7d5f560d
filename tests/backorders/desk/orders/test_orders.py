from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from backorders.enums import OrderStatus
from backorders.models import LineEvent, OrderLine, SalesOrder, Shipment
from notifications.models import Message
from tests.backorders.desk.desk import a_short_product, signed_in, told
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY, ProductFactory, StockLevelFactory, WarehouseFactory

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=3)
NEW, PREVIEW = "/orders/new/", "/orders/new/promise/"
KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
LOOK = ("backorders.view_salesorder", "notifications.view_message")


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def desk(client):
    return signed_in(client, "backorders.place_order", *LOOK)


def form_of(*lines, customer="C-1", **values):
    """The posted form: each line is (SKU, quantity) or has further fields by name."""
    form = {"key": KEY, "customer": customer, "lines-TOTAL_FORMS": str(len(lines)), "lines-INITIAL_FORMS": "0"}
    for number, (sku, quantity, *more) in enumerate(lines):
        form |= {f"lines-{number}-product": sku, f"lines-{number}-quantity": str(quantity)}
        for name, value in (more[0] if more else {}).items():
            form[f"lines-{number}-{name}"] = value
    return form | values


def row_errors(response, number=0):
    return {name: list(errors) for name, errors in response.context["lines"].forms[number].errors.items()}


@pytest.mark.parametrize("address", [NEW, PREVIEW])
def test_only_who_may_take_orders_gets_the_form(client, address):
    signed_in(client, *LOOK)

    assert (client.get(NEW).status_code, client.post(address).status_code) == (403, 403)


def test_the_form_starts_with_blank_rows_and_a_key_of_its_own(desk):
    first, second = desk.get(NEW), desk.get(NEW)

    assert len(first.context["lines"].forms) == 3
    assert first.context["form"]["key"].value() != second.context["form"]["key"].value()


def test_an_order_for_a_short_product_is_placed(desk):
    a_short_product()
    customer = CustomerFactory(code="C-1", ship_complete=True)
    form = form_of(
        ("saw-200", 8, {"unit_price": "17.50", "requested_on": "2025-11-10", "latest_on": "2025-12-01"}),
        ("", ""),
        customer_reference=" PO 4711 ",
        shipping="parts",
    )

    response = desk.post(NEW, form)

    order = SalesOrder.objects.get()
    assert response.url == reverse("backorders:order", args=[order.pk])
    assert (order.customer, order.source, order.customer_reference, order.ship_complete) == (
        customer, "desk", "PO 4711", False,
    )  # fmt: skip
    line = order.lines.get()
    assert (line.ordered, line.allocated, line.promised_on) == (8, 3, date(2025, 11, 20))
    assert (str(line.unit_price), line.requested_on, line.latest_on) == (
        "17.5000", date(2025, 11, 10), date(2025, 12, 1),
    )  # fmt: skip


def test_an_order_names_the_other_warehouses_that_may_serve_it(desk):
    a_short_product()
    CustomerFactory(code="C-1")
    west, east = WarehouseFactory(code="WEST"), WarehouseFactory(code="EAST")

    response = desk.post(NEW, form_of(("SAW-200", 8), other_warehouses="west, EAST"))

    assert SalesOrder.objects.get().other_warehouses == [west.pk, east.pk]
    assert "WEST, EAST" in desk.get(response.url).content.decode()


@pytest.mark.parametrize(
    ("codes", "refusal"),
    [
        ("WEST NORD", "There is no warehouse “NORD”: there are MAIN, WEST."),
        ("WEST west", "Name each warehouse once."),
    ],
)
def test_a_warehouse_that_is_not_there_or_named_twice_is_refused_beside_its_field(desk, codes, refusal):
    a_short_product()
    CustomerFactory(code="C-1")
    WarehouseFactory(code="WEST")

    response = desk.post(NEW, form_of(("SAW-200", 8), other_warehouses=codes))

    assert response.context["form"].errors == {"other_warehouses": [refusal]}
    assert not SalesOrder.objects.exists()


def test_the_same_form_sent_twice_is_one_order(desk):
    a_short_product()
    CustomerFactory(code="C-1")

    first, second = (desk.post(NEW, form_of(("SAW-200", 8))) for _ in range(2))

    assert first.url == second.url
    assert (SalesOrder.objects.count(), Message.objects.count()) == (1, 1)


def test_the_same_form_with_other_content_is_refused_with_the_order_that_it_became(desk):
    a_short_product()
    CustomerFactory(code="C-1")
    desk.post(NEW, form_of(("SAW-200", 8)))

    response = desk.post(NEW, form_of(("SAW-200", 9)))

    number = SalesOrder.objects.get().number
    [error] = response.context["form"].non_field_errors()
    assert error.startswith(f"This form was sent before and became {number}")


def test_what_takes_no_backorders_is_refused_at_its_line(desk):
    a_short_product(product__backorder_policy="deny")
    a_short_product("SAW-201")
    CustomerFactory(code="C-1")

    response = desk.post(NEW, form_of(("SAW-201", 5), ("SAW-200", 8)))

    assert SalesOrder.objects.count() == 0
    assert row_errors(response, 0) == {}
    assert row_errors(response, 1) == {
        "quantity": ["3 of 8 × SAW-200 can be allocated now, and this product cannot be backordered."]
    }
    assert list(response.context["form"].non_field_errors()) == ["The order was not saved. Correct the marked lines."]


def test_the_limit_of_a_product_is_told_at_the_line(desk):
    a_short_product(product__backorder_limit=4)
    CustomerFactory(code="C-1")

    response = desk.post(NEW, form_of(("SAW-200", 8)))

    assert row_errors(response) == {
        "quantity": ["3 of 8 × SAW-200 can be allocated now; 0 units are already on backorder, and the limit is 4."]
    }


@pytest.mark.parametrize(
    ("line", "errors"),
    [
        (("NONE", 1), {"product": ["There is no active product with the SKU “NONE”."]}),
        (("SAW-200", "1_0"), {"quantity": ["Must be a whole number from 1 to 100,000."]}),
        (("SAW-200", ""), {"quantity": ["Enter a quantity."]}),
        (
            ("SAW-200", 1, {"unit_price": "1,5"}),
            {"unit_price": ["Must be an amount such as 12.50, with at most four decimals."]},
        ),
        (
            ("SAW-200", 1, {"requested_on": "2025-12-02", "latest_on": "2025-12-01"}),
            {"quantity": ["SAW-200: the latest acceptable date is before the requested date."]},
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_line_is_told_there(desk, line, errors):
    a_short_product()
    CustomerFactory(code="C-1")

    response = desk.post(NEW, form_of(line))

    assert row_errors(response) == errors
    assert SalesOrder.objects.count() == 0


def test_an_empty_order_is_refused(desk):
    CustomerFactory(code="C-1")

    response = desk.post(NEW, form_of(("", "")))

    assert list(response.context["lines"].non_form_errors()) == ["Enter at least one line."]


def test_without_javascript_a_button_adds_a_row_and_shows_the_promises(desk):
    a_short_product()

    response = desk.post(NEW, form_of(("SAW-200", 8), customer="", action="add-line"))

    rows = response.context["lines"].forms
    assert (len(rows), rows[0].preview.allocated, rows[0].preview.promised_on) == (2, 3, date(2025, 11, 20))
    assert (response.context["form"].errors, SalesOrder.objects.count()) == ({}, 0)


def test_the_preview_answers_each_line_and_the_whole(desk):
    a_short_product()
    StockLevelFactory(product__sku="SAW-201", on_hand=9)
    CustomerFactory(code="C-1")

    response = desk.post(PREVIEW, form_of(("SAW-200", 8), ("SAW-201", 2), ("SAW", 2)))

    assert response.context["total"] | {"value": None} == {
        "units": 10, "allocated": 5, "refused": False, "last_on": date(2025, 11, 20), "undated": False,
        "whole": False, "value": None, "currency": "EUR",
    }  # fmt: skip
    page = response.content.decode()
    assert page.count('hx-swap-oob="true"') == 3
    assert "5 on" in page
    assert "All 2 from stock now" in page
    assert SalesOrder.objects.count() == 0


@pytest.mark.parametrize("nonsense", [{}, {"lines-TOTAL_FORMS": "many"}, form_of(("SAW-200", 10**9), customer="?")])
def test_a_preview_of_nonsense_is_empty(desk, nonsense):
    response = desk.post(PREVIEW, nonsense)

    assert (response.status_code, response.context["total"]) == (200, None)


def test_the_order_page_tells_what_a_line_waits_for(client):
    level = a_short_product()
    first = order_for({level.product: 5}, now=MONDAY)
    second = order_for({level.product: 4}, now=MONDAY + timedelta(hours=1))

    response = signed_in(client, *LOOK).get(f"/orders/{second.pk}/")

    [row] = response.context["rows"]
    assert (row["place"].rank, row["place"].queue_length, row["ahead"]) == (2, 2, [first])
    assert row["on_page"].purchase_order.number == "PO-512-SAW-200"
    assert row["on_page"].source.promised_on == date(2025, 11, 20)
    assert [event["title"] for event in response.context["events"]] == ["Date promised", "Put on backorder", "Ordered"]


@pytest.mark.parametrize(("email", "told_twice"), [("a@example.com", 2), ("", 0)])
def test_the_page_promises_to_tell_only_who_has_an_address(client, email, told_twice):
    order = order_for({a_short_product().product: 5}, customer=CustomerFactory(email=email))

    page = signed_in(client, "backorders.cancel_line", *LOOK).get(f"/orders/{order.pk}/").content.decode()

    assert page.count("Cancel") > 2
    assert page.count("The customer is emailed.") == told_twice


def test_the_order_page_asks_as_often_for_three_lines_as_for_one(client, django_assert_num_queries):
    signed_in(client, *LOOK)
    one = order_for({a_short_product().product: 5})
    three = order_for({a_short_product(f"SAW-30{n}").product: 5 for n in range(3)})

    for order in (one, three):
        with django_assert_num_queries(30):
            assert client.get(f"/orders/{order.pk}/").status_code == 200


def test_without_the_permission_no_order_is_shown(client):
    order = order_for({a_short_product().product: 1})

    assert signed_in(client).get(f"/orders/{order.pk}/").status_code == 403


def test_an_order_that_is_not_there_is_not_found(client):
    assert signed_in(client, *LOOK).get("/orders/999/").status_code == 404


def test_all_that_is_allocated_is_picked(client):
    signed_in(client, "backorders.pick_order", "backorders.view_shipment", *LOOK)
    order = order_for({a_short_product().product: 5})

    response = client.post(f"/orders/{order.pk}/pick/")

    assert response.url == reverse("backorders:shipment", args=[Shipment.objects.get().pk])


def test_only_the_ticked_lines_are_picked(client):
    signed_in(client, "backorders.pick_order", "backorders.view_shipment", *LOOK)
    order = order_for({a_short_product().product: 5, a_short_product("SAW-201").product: 5})
    first, second = order.lines.order_by("number")

    client.post(f"/orders/{order.pk}/pick/", {"lines": [second.pk]})

    assert list(Shipment.objects.get().allocations.values_list("line", flat=True)) == [second.pk]
    assert first.pk != second.pk


def test_a_pick_that_is_not_possible_says_what_is_missing(client):
    signed_in(client, "backorders.pick_order", *LOOK)
    order = order_for({a_short_product().product: 5}, ship_complete=True)

    response = client.post(f"/orders/{order.pk}/pick/", follow=True)

    assert told(response) == [f"{order} ships complete; still short: 2 × SAW-200."]


def test_a_foreign_line_cannot_be_picked(client):
    signed_in(client, "backorders.pick_order", *LOOK)
    level = a_short_product()
    order, other = (order_for({level.product: 1}) for _ in range(2))

    response = client.post(f"/orders/{order.pk}/pick/", {"lines": [other.lines.get().pk]}, follow=True)

    assert told(response)[0].startswith("Lines: Select a valid choice.")
    assert Shipment.objects.count() == 0


def test_an_order_is_cancelled_with_a_note(client):
    signed_in(client, "backorders.cancel_line", *LOOK)
    order = order_for({a_short_product().product: 5})

    response = client.post(f"/orders/{order.pk}/cancel/", {"note": "ordered twice"}, follow=True)

    order.refresh_from_db()
    assert (order.status, told(response)) == (OrderStatus.CANCELLED, [f"Everything open on {order} was cancelled."])
    assert LineEvent.objects.latest("pk").note == "ordered twice"


@pytest.mark.parametrize("action", ["pick", "cancel"])
def test_actions_need_their_permission(client, action):
    order = order_for({a_short_product().product: 5})

    assert signed_in(client, *LOOK).post(f"/orders/{order.pk}/{action}/").status_code == 403
    assert OrderLine.objects.get().cancelled == 0


def test_an_order_of_many_lines_is_shown_in_parts_and_summed_as_a_whole(client, monkeypatch):
    monkeypatch.setattr("backorders.desk.orders.order_page.LINES_SHOWN", 2)
    order = order_for({ProductFactory(): 3 for _ in range(5)})
    address, last = order.get_absolute_url(), order.lines.get(number=5)
    signed_in(client, *LOOK)

    first, middle, found = (client.get(address + query) for query in ("", "?before=2", f"?line={last.pk}"))

    assert [row["line"].number for row in first.context["rows"]] == [1, 2]
    assert [row["line"].number for row in middle.context["rows"]] == [3, 4]
    assert [row["line"].number for row in found.context["rows"]] == [5]
    assert first.context["page"].missing == found.context["page"].missing == 15
    assert (first.context["earlier_lines"], first.context["later_lines"]) == ("", "?before=2#lines-title")
    assert (found.context["earlier_lines"], found.context["later_lines"]) == ("?before=2#lines-title", "")


@pytest.mark.parametrize("query", ["?before=99999999999999999999", "?before=x", "?line=-1", "?before=²"])
def test_an_address_that_makes_no_sense_shows_the_first_lines(client, query):
    order = order_for({ProductFactory(): 1})

    assert len(signed_in(client, *LOOK).get(order.get_absolute_url() + query).context["rows"]) == 1
