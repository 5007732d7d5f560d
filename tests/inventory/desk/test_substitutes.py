"""Approving on a product's page what may be offered in its place."""

import pytest

from inventory.models import Substitute
from tests.factories.inventory import ProductFactory
from tests.factories.staff import staff_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
MAY = ("inventory.view_product", "inventory.view_substitute", "inventory.add_substitute", "inventory.change_substitute")


@pytest.fixture
def planner(client):
    client.force_login(staff_with(*MAY))
    return client


def address(product):
    return f"/inventory/products/{product.pk}/substitutes/"


def said(sku, **changes):
    return {"substitute": sku, "units": "2", "per": "1", "rank": "1"} | changes


def test_a_pair_is_approved_shown_changed_and_withdrawn(planner):
    saw, other = ProductFactory(sku="SAW-1"), ProductFactory(sku="SAW-2")

    planner.post(address(saw), said("saw-2"))
    planner.post(address(saw), said("SAW-2", units="3"))
    pair = Substitute.objects.get()
    shown = planner.get(saw.get_absolute_url()).content.decode()
    planner.post(f"/inventory/substitutes/{pair.pk}/withdraw/")

    assert (pair.product, pair.substitute, pair.units, pair.approved_by_id is not None) == (saw, other, 3, True)
    assert "3 for 1" in shown
    assert "3 for 1" not in planner.get(saw.get_absolute_url()).content.decode()
    assert not Substitute.objects.offered().exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"substitute": "SAW-1"}, "SAW-1 cannot replace itself."),
        ({"substitute": "GONE"}, "There is no active product with the SKU “GONE”."),
        ({"substitute": "NONE"}, "There is no active product with the SKU “NONE”."),
        ({"units": "0"}, "Must be a whole number from 1 to 100,000."),
        ({"per": "1_000"}, "Must be a whole number from 1 to 100,000."),
        ({"rank": "100000"}, "less than or equal to 99"),
        ({"rank": "0"}, "Must be a whole number from 1 to 100,000."),
    ],
)
def test_what_cannot_stand_in_is_refused_and_changes_nothing(planner, changes, told):
    saw = ProductFactory(sku="SAW-1")
    ProductFactory(sku="SAW-2")
    ProductFactory(sku="GONE", active=False)

    response = planner.post(address(saw), said("SAW-2", **changes))

    assert response.status_code == 422
    assert told in str(response.context["form"].errors)
    assert not Substitute.objects.exists()


def test_who_may_only_look_sees_the_pairs_but_approves_none(client):
    saw = ProductFactory(sku="SAW-1")
    client.force_login(staff_with("inventory.view_product", "inventory.view_substitute"))

    assert "No approved substitutes" in client.get(saw.get_absolute_url()).content.decode()
    assert client.post(address(saw), said("SAW-2")).status_code == 403
    assert client.post("/inventory/substitutes/1/withdraw/").status_code == 403
