from datetime import date

import pytest
from django.urls import reverse

from inventory.models import PurchaseDateChange, PurchaseOrder
from inventory.purchasing.receive import receive_purchase_order
from tests.factories.inventory import (
    MONDAY,
    ProductFactory,
    PurchaseOrderFactory,
    PurchaseOrderLineFactory,
    SupplierFactory,
    WarehouseFactory,
)
from tests.factories.staff import staff_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
BOARD = "/purchasing/"
LATER = date(2025, 11, 20)


@pytest.fixture
def viewer(client):
    client.force_login(staff_with("inventory.view_purchaseorder"))
    return client


@pytest.fixture
def buyer(client):
    actions = ("view", "add", "send", "confirm", "close")
    client.force_login(staff_with(*(f"inventory.{action}_purchaseorder" for action in actions)))
    return client


def numbers(response):
    return [order.number for order, _ in response.context["rows"]]


@pytest.mark.parametrize(
    "address", [BOARD, f"{BOARD}new/", f"{BOARD}1/", f"{BOARD}lines/1/date/", f"{BOARD}lines/1/cancel/"]
)
def test_without_the_permission_no_purchasing_page_is_shown(client, address):
    client.force_login(staff_with("inventory.view_product"))

    assert client.get(address).status_code == 403


@pytest.mark.parametrize("step", ["send", "confirm", "close", "cancel"])
def test_looking_at_orders_is_not_acting_on_them(viewer, step):
    order = PurchaseOrderFactory()

    assert viewer.post(reverse(f"inventory:{step}-purchase-order", args=[order.pk])).status_code == 403


@pytest.mark.parametrize("step", ["send", "confirm", "close", "cancel"])
def test_an_action_is_never_a_get(buyer, step):
    order = PurchaseOrderFactory()

    assert buyer.get(reverse(f"inventory:{step}-purchase-order", args=[order.pk])).status_code == 405


def test_the_board_is_filtered(viewer):
    late = PurchaseOrderLineFactory(
        purchase_order__number="LATE", product__sku="JIGSAW-1", requested_on=date(2025, 11, 2)
    ).purchase_order
    PurchaseOrderLineFactory(purchase_order__number="TODAY", requested_on=MONDAY.date())
    PurchaseOrderFactory(number="DRAFT", status="draft", warehouse=WarehouseFactory(code="NORTH"))
    PurchaseOrderFactory(number="CLOSED", status="closed")

    found = {
        query: numbers(viewer.get(f"{BOARD}?{query}"))
        for query in (
            "", "q=dra", "q=jigsaw-1", "status=draft", "status=open", f"supplier={late.supplier_id}",
            f"warehouse={WarehouseFactory(code='NORTH').pk}", "late=on", "status=nonsense", "after=nonsense",
        )
    }  # fmt: skip

    everything = ["CLOSED", "DRAFT", "TODAY", "LATE"]
    assert list(found.values()) == [
        everything, ["DRAFT"], ["LATE"], ["DRAFT"], ["DRAFT", "TODAY", "LATE"], ["LATE"], ["DRAFT"], ["LATE"],
        everything, everything,
    ]  # fmt: skip


def test_the_board_sums_the_lines(viewer):
    line = PurchaseOrderLineFactory(ordered=10, cancelled=2, requested_on=date(2025, 11, 2))
    PurchaseOrderLineFactory(purchase_order=line.purchase_order, ordered=5)
    receive_purchase_order(
        purchase_order_id=line.purchase_order_id, reference="DN", quantities={line.pk: 3}, by=None, now=MONDAY
    )

    ((_, figures),) = viewer.get(BOARD).context["rows"]

    assert (figures.lines, figures.ordered, figures.received, figures.outstanding) == (2, 15, 3, 10)
    assert (figures.next_on, figures.late) == (date(2025, 11, 2), True)


@pytest.mark.parametrize("count", [1, 3])
def test_the_board_costs_the_same_for_one_row_and_for_three(viewer, django_assert_num_queries, count):
    for _ in range(count):
        PurchaseOrderLineFactory()

    with django_assert_num_queries(10):
        viewer.get(BOARD)


@pytest.mark.parametrize("count", [1, 3])
def test_an_order_page_costs_the_same_for_one_line_and_for_three(viewer, django_assert_num_queries, count):
    order = PurchaseOrderFactory()
    for number in range(count):
        line = PurchaseOrderLineFactory(purchase_order=order)
        PurchaseDateChange.objects.create(line=line, new_on=LATER, made_at=MONDAY)
        receive_purchase_order(
            purchase_order_id=order.pk, reference=f"DN-{number}", quantities={line.pk: 3}, by=None, now=MONDAY
        )

    with django_assert_num_queries(10):
        viewer.get(order.get_absolute_url())


def form_of(supplier, *lines, key="k1"):
    form = {"supplier": supplier.code, "warehouse": WarehouseFactory().pk, "note": "", "key": key}
    form |= {"lines-TOTAL_FORMS": str(len(lines)), "lines-INITIAL_FORMS": "0"}
    for index, line in enumerate(lines):
        form |= {f"lines-{index}-{name}": value for name, value in line.items()}
    return form


def test_a_new_order_is_saved_once_however_often_the_form_is_sent(buyer):
    ProductFactory(sku="SAW-1")
    saw = {"product": "saw-1", "quantity": "10", "requested_on": "2025-11-20", "cost": ""}
    blank = {"product": "", "quantity": "", "requested_on": "", "cost": ""}
    form = form_of(SupplierFactory(), blank, saw, blank)

    first, second = (buyer.post(f"{BOARD}new/", form) for _ in range(2))

    order = PurchaseOrder.objects.get()
    assert (first.url, second.url) == (order.get_absolute_url(), order.get_absolute_url())
    assert [(line.product.sku, line.ordered, line.requested_on) for line in order.lines.all()] == [("SAW-1", 10, LATER)]


def test_an_order_without_lines_is_refused(buyer):
    response = buyer.post(f"{BOARD}new/", form_of(SupplierFactory(), {"product": "", "quantity": ""}))

    assert response.context["lines"].non_form_errors() == ["Name at least one product and its quantity."]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"product": "NOPE", "quantity": "1"}, "product"),
        ({"product": "SAW-1", "quantity": "0"}, "quantity"),
        ({"product": "SAW-1", "quantity": "1.5"}, "quantity"),
        ({"product": "SAW-1", "quantity": "1", "cost": "-1"}, "cost"),
        ({"product": "SAW-1", "quantity": "1", "requested_on": "soon"}, "requested_on"),
    ],
)
def test_a_line_that_cannot_be_is_refused_at_its_field(buyer, line, field):
    ProductFactory(sku="SAW-1")

    response = buyer.post(f"{BOARD}new/", form_of(SupplierFactory(), line))

    assert list(response.context["lines"].errors[0]) == [field]


def test_a_refusal_of_the_service_is_shown_in_the_form(buyer):
    ProductFactory(sku="SAW-1")
    line = {"product": "SAW-1", "quantity": "1", "requested_on": "2025-11-02"}

    response = buyer.post(f"{BOARD}new/", form_of(SupplierFactory(), line))

    assert response.context["form"].non_field_errors() == [
        "SAW-1 cannot be requested for 2 Nov 2025: that date is past."
    ]


def test_the_form_starts_with_the_product_and_supplier_that_were_asked_for(buyer):
    content = buyer.get(f"{BOARD}new/?product=SAW-1&supplier=NORD").content.decode()

    assert ('value="SAW-1"' in content, 'value="NORD"' in content) == (True, True)


@pytest.mark.parametrize(("step", "before", "after"), [
    ("send", "draft", "sent"), ("cancel", "sent", "cancelled"), ("close", "partly_received", "closed"),
])  # fmt: skip
def test_a_step_moves_the_order(buyer, step, before, after):
    order = PurchaseOrderFactory(status=before)

    response = buyer.post(reverse(f"inventory:{step}-purchase-order", args=[order.pk]))

    order.refresh_from_db()
    assert (response.url, order.status) == (order.get_absolute_url(), after)


def test_a_refused_step_tells_why(buyer):
    order = PurchaseOrderFactory(number="PO-1", status="closed")

    response = buyer.post(reverse("inventory:send-purchase-order", args=[order.pk]), follow=True)

    assert [str(message) for message in response.context["messages"]] == ["PO-1 is closed: only a draft can be sent."]


def confirm(client, line, day):
    address = reverse("inventory:confirm-purchase-order", args=[line.purchase_order_id])
    return client.post(address, {f"line-{line.pk}": day})


def test_the_suppliers_dates_are_entered(buyer):
    line = PurchaseOrderLineFactory()

    response = confirm(buyer, line, "2025-11-20")

    line.refresh_from_db()
    assert (response.status_code, line.first_confirmed_on) == (302, LATER)


def test_a_date_in_the_past_is_refused_on_the_page(buyer):
    line = PurchaseOrderLineFactory(purchase_order__number="PO-1", product__sku="SAW-1")

    response = confirm(buyer, line, "2025-11-02")

    assert response.context["form"].non_field_errors() == ["PO-1/1 (SAW-1): 2 Nov 2025 is in the past."]


def test_a_confirmation_without_a_date_is_refused_on_the_page(buyer):
    line = PurchaseOrderLineFactory(purchase_order__number="PO-1")

    response = confirm(buyer, line, "")

    assert response.context["form"].non_field_errors() == ["Enter a date for at least one line of PO-1."]


@pytest.mark.parametrize("status", ["draft", "closed"])
def test_an_order_that_is_not_on_its_way_takes_no_dates(buyer, status):
    line = PurchaseOrderLineFactory(purchase_order__status=status)

    response = confirm(buyer, line, "2025-11-20")

    assert "only a sent order can be confirmed" in response.content.decode()


def test_a_confirmed_date_is_changed(buyer):
    line = PurchaseOrderLineFactory(confirmed_on=date(2025, 11, 10))
    address = reverse("inventory:change-confirmed-date", args=[line.pk])

    shown = buyer.get(address)
    response = buyer.post(address, {"new_on": "2025-11-20", "reason": "Strike"})

    line.refresh_from_db()
    assert (shown.status_code, response.url) == (200, line.purchase_order.get_absolute_url())
    assert (line.confirmed_on, line.first_confirmed_on) == (LATER, date(2025, 11, 10))


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"new_on": "2025-11-02"}, "__all__"),
        ({"new_on": "soon"}, "new_on"),
        ({"new_on": "2025-11-20", "reason": "a\u202eb"}, "reason"),
    ],
)
def test_an_impossible_change_is_refused(buyer, form, field):
    line = PurchaseOrderLineFactory(confirmed_on=date(2025, 11, 10))

    response = buyer.post(reverse("inventory:change-confirmed-date", args=[line.pk]), form)

    assert list(response.context["form"].errors) == [field]


def test_units_of_a_line_are_cancelled(buyer):
    line = PurchaseOrderLineFactory(ordered=10)
    address = reverse("inventory:cancel-purchase-line", args=[line.pk])

    shown = buyer.get(address)
    refused = buyer.post(address, {"quantity": "11"})
    accepted = buyer.post(address, {"quantity": "4"})

    line.refresh_from_db()
    assert (shown.status_code, refused.status_code, accepted.status_code) == (200, 200, 302)
    assert (line.cancelled, line.outstanding) == (4, 6)


@pytest.mark.parametrize(
    ("requested_on", "offered"), [(MONDAY.date(), MONDAY.date()), (date(2025, 11, 2), None), (None, None)]
)
def test_the_requested_day_is_offered_unless_it_has_passed(buyer, requested_on, offered):
    line = PurchaseOrderLineFactory(requested_on=requested_on)

    form = buyer.get(line.purchase_order.get_absolute_url()).context["form"]

    assert form.fields[f"line-{line.pk}"].initial == offered
