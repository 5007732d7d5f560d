import pytest
import time_machine
from django.urls import reverse

from inventory.purchasing.receive import receive_purchase_order
from tests.factories.inventory import MONDAY, PurchaseOrderLineFactory, SupplierFactory
from tests.factories.staff import staff_with
from tests.inventory.conversation import ASKED, DAY

pytestmark = pytest.mark.django_db
NOW = MONDAY + 30 * DAY


@pytest.fixture(autouse=True)
def december():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def viewer(client):
    client.force_login(staff_with("inventory.view_supplier", "inventory.view_receiptline"))
    return client


def delivered(supplier, *delays):
    for late in delays:
        line = PurchaseOrderLineFactory(purchase_order__supplier=supplier, confirmed_on=ASKED)
        receive_purchase_order(
            purchase_order_id=line.purchase_order_id,
            reference="DN",
            quantities={line.pk: 10},
            by=None,
            now=MONDAY + 14 * DAY + late * DAY,
        )


def test_the_scorecard_shows_each_figure_with_its_n(viewer):
    supplier = SupplierFactory()
    delivered(supplier, 0, 2, 4, -1)

    page = viewer.get(reverse("inventory:scorecard", args=[supplier.pk]))

    card = page.context["card"]
    assert (card.n, card.on_time, card.due, card.in_full, card.bias, card.spread) == (4, 0.5, 4, 0.5, 2, 3)
    assert "n = 4 lines due" in page.content.decode()
    assert len(page.context["months"]) == 12


def test_a_supplier_without_deliveries_has_blanks(viewer):
    page = viewer.get(reverse("inventory:scorecard", args=[SupplierFactory().pk])).content.decode()

    assert "No trend yet" in page
    assert "0 %" not in page


def test_the_receipts_behind_the_figures_are_listed_and_exported(viewer):
    supplier = SupplierFactory(code="NORD")
    delivered(supplier, 0, 2, -1)
    delivered(SupplierFactory(), 5)
    address = reverse("inventory:supplier-receipts", args=[supplier.pk])
    export = reverse("inventory:export-supplier-receipts", args=[supplier.pk])

    shown = {
        query: [row.late_by.days for row in viewer.get(address + query).context["page"].rows]
        for query in ("", "?which=late", "?which=on_time", "?month=2025-11", "?month=2025-10", "?month=nonsense")
    }
    rows = b"".join(viewer.get(export + "?which=late")).decode().splitlines()

    assert list(shown.values()) == [[-1, 2, 0], [2], [-1, 0], [-1, 2, 0], [], [-1, 2, 0]]
    assert len(rows) == 2
    assert rows[1].startswith('"NORD",')
    assert rows[1].endswith(",2")


def test_the_figures_of_all_suppliers_are_exported(viewer):
    supplier = SupplierFactory(code="=NORD")
    delivered(supplier, 0, 2)

    header, row = b"".join(viewer.get(reverse("inventory:export-scorecards"))).decode().splitlines()

    assert header.startswith('"supplier","name","receipt_lines","on_time"')
    assert row.startswith('"\'=NORD",')


@pytest.mark.parametrize("name", ["scorecard", "supplier-receipts", "export-supplier-receipts"])
def test_without_the_permission_there_are_no_figures(client, name):
    client.force_login(staff_with("inventory.view_product"))

    assert client.get(reverse(f"inventory:{name}", args=[SupplierFactory().pk])).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_scorecard_costs_the_same_for_one_receipt_and_for_three(viewer, django_assert_num_queries, count):
    supplier = SupplierFactory()
    delivered(supplier, *range(count))

    with django_assert_num_queries(13):
        viewer.get(reverse("inventory:scorecard", args=[supplier.pk]))
