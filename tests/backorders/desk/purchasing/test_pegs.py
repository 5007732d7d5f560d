import pytest

from backorders.models import Peg
from inventory.models import PurchaseOrderLine
from tests.backorders.desk.desk import a_short_product, signed_in, told
from tests.factories.backorders import order_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def line():
    return order_for({a_short_product(here=0).product: 5}).lines.get()


def form(**values):
    return {"purchase_line": PurchaseOrderLine.objects.get().pk, "units": "3", "reason": "Promised", **values}


def test_goods_are_pegged_and_let_go(client, line):
    signed_in(client, "backorders.peg_supply")

    response = client.post(f"/orders/lines/{line.pk}/peg/", form(), follow=True)

    peg = Peg.objects.get()
    assert told(response) == [f"{line} gets 3 units from PO-512-SAW-200."]
    client.post(f"/pegs/{peg.pk}/end/")
    peg.refresh_from_db()
    assert peg.ended_at


@pytest.mark.parametrize(
    ("values", "field"), [({"units": "9"}, "__all__"), ({"units": "x"}, "units"), ({"reason": ""}, "reason")]
)
def test_what_cannot_be_pegged_is_refused(client, line, values, field):
    signed_in(client, "backorders.peg_supply")

    response = client.post(f"/orders/lines/{line.pk}/peg/", form(**values))

    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert not Peg.objects.exists()


def test_pegging_needs_its_permission(client, line):
    signed_in(client, "backorders.view_salesorder")

    assert client.get(f"/orders/lines/{line.pk}/peg/").status_code == 403
    assert client.post("/pegs/1/end/").status_code == 403
