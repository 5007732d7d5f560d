from datetime import timedelta

import pytest
import time_machine

from backorders.enums import OverrideKind
from backorders.models import LineOverride
from backorders.runs.overrides.outcomes import Wish
from backorders.runs.overrides.override import override_line
from tests.backorders.desk.desk import signed_in, told
from tests.backorders.guarded import a_contested_pool
from tests.factories.inventory import MONDAY

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=3)
LOOK, OVERRIDE = "backorders.view_salesorder", "backorders.override_allocation"


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def test_an_override_is_looked_at_before_it_is_confirmed(client):
    _, basic, platinum = a_contested_pool()
    signed_in(client, LOOK, OVERRIDE)
    address = f"/orders/lines/{platinum.pk}/override/"
    form = {"kind": "move", "units": 2, "from_line_id": basic.pk, "reason": "Promised by phone"}

    looked = client.post(address, form)
    assert [(effect.line, effect.gain) for effect in looked.context["effects"]] == [(basic, -2), (platinum, 2)]
    assert not LineOverride.objects.exists()

    done = client.post(address, form | {"confirm": "yes"}, follow=True)
    assert told(done) == ["Done: move units from another line. Runs respect it."]
    assert "Promised by phone" in done.content.decode()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "pin", "units": ""}, "units"),
        ({"kind": "pin", "units": "-1"}, "units"),
        ({"kind": "move", "units": 1}, "from_line_id"),
        ({"kind": "hold"}, "until"),
        ({"kind": "pin", "units": 1, "reason": ""}, "reason"),
        ({"kind": "pin", "units": 99}, "__all__"),
        ({"kind": "steal", "units": 1}, "kind"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(client, values, field):
    _, basic, _ = a_contested_pool()
    signed_in(client, LOOK, OVERRIDE)

    page = client.post(f"/orders/lines/{basic.pk}/override/", {"reason": "Why not", "confirm": "yes", **values})

    assert list(page.context["form"].errors) == [field]
    assert not LineOverride.objects.exists()


def test_an_override_is_undone_with_a_reason(client):
    _, basic, _ = a_contested_pool()
    pin = override_line(wish=Wish(basic.pk, OverrideKind.PIN, "By phone", units=2), by=None, now=NOON)
    signed_in(client, LOOK, OVERRIDE)

    without = client.post(f"/runs/overrides/{pin.pk}/undo/", {"reason": ""}, follow=True)
    undone = client.post(f"/runs/overrides/{pin.pk}/undo/", {"reason": "Settled"}, follow=True)

    assert told(without) == ["Why: This field is required."]
    assert told(undone) == ["Undone. The next run decides again."]


def test_all_that_is_fixed_stands_in_a_list_with_a_constant_number_of_queries(client, django_assert_num_queries):
    _, basic, platinum = a_contested_pool()
    signed_in(client, "backorders.view_lineoverride")
    for count, line in ((1, basic), (2, platinum)):
        wish = Wish(line.pk, OverrideKind.HOLD, "Credit", until=MONDAY.date() + timedelta(days=3))
        override_line(wish=wish, by=None, now=NOON)
        with django_assert_num_queries(5):
            page = client.get("/runs/overrides/")
        assert len(page.context["page"].rows) == count


def test_nobody_overrides_without_the_permission(client):
    _, basic, _ = a_contested_pool()
    pin = override_line(wish=Wish(basic.pk, OverrideKind.PIN, "By phone", units=2), by=None, now=NOON)
    signed_in(client, LOOK)

    assert client.get(f"/orders/lines/{basic.pk}/override/").status_code == 403
    assert client.post(f"/runs/overrides/{pin.pk}/undo/", {"reason": "x"}).status_code == 403
    assert client.get("/runs/overrides/").status_code == 403
