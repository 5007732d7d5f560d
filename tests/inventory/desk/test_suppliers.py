from datetime import date, timedelta

import pytest
from django.urls import reverse

from inventory.models import Supplier
from inventory.purchasing.receive import receive_purchase_order
from tests.factories.inventory import (
    MONDAY,
    LeadTimeCurveFactory,
    LeadTimeFitFactory,
    PurchaseOrderFactory,
    PurchaseOrderLineFactory,
    SupplierFactory,
    SupplierProductFactory,
)
from tests.factories.staff import staff_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
SUPPLIERS = "/purchasing/suppliers/"


@pytest.fixture
def viewer(client):
    client.force_login(staff_with("inventory.view_supplier"))
    return client


@pytest.mark.parametrize(
    "address", [SUPPLIERS, f"{SUPPLIERS}new/", f"{SUPPLIERS}options/", f"{SUPPLIERS}1/", f"{SUPPLIERS}1/edit/"]
)
def test_without_the_permission_no_supplier_page_is_shown(client, address):
    client.force_login(staff_with("inventory.view_product"))

    assert client.get(address).status_code == 403


def test_the_list_shows_open_and_late_lines(viewer):
    late = PurchaseOrderLineFactory(purchase_order__supplier__code="NORD", requested_on=date(2025, 11, 2))
    PurchaseOrderLineFactory(purchase_order=late.purchase_order)
    SupplierFactory(code="GONE", active=False)
    SupplierFactory(code="ASTA", name="Asta Metall")

    rows = viewer.get(SUPPLIERS).context["rows"]
    found = [supplier.code for supplier, *_ in viewer.get(f"{SUPPLIERS}?q=metall").context["rows"]]
    inactive = [supplier.code for supplier, *_ in viewer.get(f"{SUPPLIERS}?inactive=on").context["rows"]]

    assert [(supplier.code, figures.open_lines, figures.late_lines) for supplier, figures, _ in rows] == [
        ("ASTA", 0, 0),
        ("NORD", 2, 1),
    ]
    assert (found, inactive) == (["ASTA"], ["GONE"])


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_for_three(viewer, django_assert_num_queries, count):
    for _ in range(count):
        PurchaseOrderLineFactory()

    with django_assert_num_queries(11):
        viewer.get(SUPPLIERS)


def test_the_typeahead_offers_active_suppliers(viewer):
    SupplierFactory(code="NORD", name="Nordwerk", lead_time_days=21)
    SupplierFactory(code="NORD-OLD", active=False)

    (option,) = viewer.get(f"{SUPPLIERS}options/?q=nord").context["options"]

    assert (option["value"], option["label"], option["note"]) == ("NORD", "Nordwerk", "21 days")


def receive(supplier, days_late, times=1):
    for _ in range(times):
        line = PurchaseOrderLineFactory(
            purchase_order__supplier=supplier, confirmed_on=MONDAY.date() - timedelta(days=days_late)
        )
        receive_purchase_order(
            purchase_order_id=line.purchase_order_id, reference="DN", quantities={line.pk: 10}, by=None, now=MONDAY
        )


def test_receipts_are_measured_against_the_first_confirmed_date(viewer):
    supplier = SupplierFactory()
    for days_late, times in [(-8, 1), (0, 2), (1, 1), (30, 1)]:
        receive(supplier, days_late, times)
    unconfirmed = PurchaseOrderLineFactory(purchase_order__supplier=supplier)
    receive_purchase_order(
        purchase_order_id=unconfirmed.purchase_order_id, reference="DN", quantities={unconfirmed.pk: 1}, by=None,
        now=MONDAY,
    )  # fmt: skip

    kept = viewer.get(supplier.get_absolute_url()).context["punctuality"]

    assert (kept.n, kept.on_time, kept.median_days) == (5, 0.6, 0)
    assert [times for _, times in kept.groups] == [1, 0, 2, 1, 0, 0, 1]


def test_of_two_middle_receipts_the_later_counts(viewer):
    supplier = SupplierFactory()
    receive(supplier, 0)
    receive(supplier, 4)

    assert viewer.get(supplier.get_absolute_url()).context["punctuality"].median_days == 4


def test_a_supplier_of_whom_nothing_came_has_no_rate(viewer):
    response = viewer.get(SupplierFactory().get_absolute_url())

    assert (response.context["punctuality"].on_time, response.context["chart"]) == (None, None)


def test_the_page_shows_open_orders_and_late_lines(viewer):
    supplier = SupplierFactory()
    late = PurchaseOrderLineFactory(purchase_order__supplier=supplier, requested_on=date(2025, 11, 2))
    PurchaseOrderFactory(supplier=supplier, status="closed")

    context = viewer.get(supplier.get_absolute_url()).context

    assert [order for order, _ in context["orders"]] == [late.purchase_order]
    assert (context["late"], context["outstanding"]) == ([late], 10)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_row_and_for_three(viewer, django_assert_num_queries, count):
    supplier = SupplierFactory()
    for _ in range(count):
        PurchaseOrderLineFactory(purchase_order__supplier=supplier, requested_on=date(2025, 11, 2))
        SupplierProductFactory(supplier=supplier)
    receive(supplier, 0, count)

    with django_assert_num_queries(13):
        viewer.get(supplier.get_absolute_url())


FORM = {
    "code": "NORD", "name": "Nordwerk", "email": "Orders@Nordwerk.example", "lead_time_days": "21",
    "time_zone": "Europe/Berlin", "language": "de", "over_receipt_percent": "5", "active": "on",
}  # fmt: skip


def test_a_supplier_is_added_and_edited(client):
    client.force_login(staff_with("inventory.add_supplier", "inventory.change_supplier", "inventory.view_supplier"))

    added = client.post(reverse("inventory:new-supplier"), FORM)
    supplier = Supplier.objects.get()
    edited = client.post(reverse("inventory:edit-supplier", args=[supplier.pk]), FORM | {"lead_time_days": "30"})

    supplier.refresh_from_db()
    assert (added.url, edited.url) == (supplier.get_absolute_url(), supplier.get_absolute_url())
    assert (supplier.email, supplier.lead_time_days) == ("orders@nordwerk.example", 30)


@pytest.mark.parametrize(
    ("field", "value"),
    [("code", "old"), ("email", "a@b.example, c@d.example"), ("time_zone", "Mars"), ("over_receipt_percent", "101")],
)
def test_a_supplier_that_cannot_be_is_refused(client, field, value):
    SupplierFactory(code="OLD")
    client.force_login(staff_with("inventory.add_supplier"))

    response = client.post(reverse("inventory:new-supplier"), FORM | {field: value})

    assert (response.status_code, bool(response.context["form"].errors)) == (200, True)


def test_the_page_says_how_long_deliveries_take_and_on_how_many_that_stands(viewer):
    supplier = SupplierFactory(lead_time_days=14)
    LeadTimeCurveFactory(supplier=supplier, still_open=5)
    LeadTimeCurveFactory(
        supplier=supplier, kind="word", past=[0, 1, 4] * 4, trusted=True, scored=12, learned_loss=1.2, stated_loss=0.9
    )

    page = viewer.get(supplier.get_absolute_url()).content.decode()

    assert "based on 8 deliveries since 3 Feb 2025, 5 still open" in page
    assert "based on 12 deliveries since 3 Feb 2025, 0 still open" in page
    assert "Its word is good: over 12 confirmed deliveries" in page
    assert '<td class="num" data-label="P80">21</td>' in page


def test_a_supplier_without_enough_deliveries_is_told_by_others_and_the_page_says_so(viewer):
    supplier = SupplierFactory(lead_time_days=14)
    LeadTimeCurveFactory(supplier=None, scope="all")

    assert "all suppliers" in viewer.get(supplier.get_absolute_url()).content.decode()


def test_too_little_history_is_said_and_no_lead_time_invented(viewer):
    supplier = SupplierFactory(lead_time_days=14)
    address = supplier.get_absolute_url()
    assert "Lead times are calculated every night" in viewer.get(address).content.decode()

    LeadTimeFitFactory(deliveries=3)

    assert "Too little history: fewer than 8 deliveries" in viewer.get(address).content.decode()
