"""Each role walks the pages that its work needs, and meets a closed door where the work is another's."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from tests.factories.inventory import PurchaseOrderLineFactory
from tests.factories.staff import StaffFactory

WALKS = {
    "order desk": (["/", "/orders/new/", "/customers/", "/customers/new/", "/imports/"], "/purchasing/new/"),
    "warehouse": (
        ["/shipments/", "{receive}", "/inventory/stock/transfer/", "{queue}", "/imports/"],
        "/orders/new/",
    ),
    "buyer": (["/purchasing/", "/purchasing/new/", "/purchasing/suppliers/", "/imports/"], "{receive}"),
    "planner": (["/runs/", "/runs/new/", "/policies/", "/inventory/stock/transfer/"], "/orders/new/"),
    "approver": (["/", "/runs/", "/runs/new/", "/backorders/"], "/orders/new/"),
    "viewer": (["/", "/backorders/", "/orders/", "/shipments/"], "/orders/new/"),
}
FILES = {
    "order desk": {"customers", "orders"},
    "warehouse": {"stock-counts", "receipts"},
    "buyer": {"products", "suppliers", "supplier-products", "purchase-orders"},
}

pytestmark = pytest.mark.django_db


def somebody(client: Client, role: str) -> Client:
    person = StaffFactory()
    person.groups.add(Group.objects.get(name=role))
    client.force_login(person)
    return client


@pytest.mark.parametrize("role", WALKS)
def test_a_role_walks_its_pages_and_no_others(client, role):
    pages, closed = WALKS[role]
    line = PurchaseOrderLineFactory()
    places = {
        "receive": f"/purchasing/{line.purchase_order_id}/receive/",
        "queue": f"/inventory/products/{line.product_id}/queue/",
    }
    somebody(client, role)

    answers = {page: client.get(page.format(**places)).status_code for page in pages}

    assert answers == dict.fromkeys(pages, 200)
    assert client.get(closed.format(**places)).status_code == 403


@pytest.mark.parametrize("role", FILES)
def test_a_role_imports_the_files_of_its_own_work(client, role):
    offered = somebody(client, role).get("/imports/").context["form"].fields["kind"].choices

    assert {kind for kind, _ in offered} == FILES[role]
