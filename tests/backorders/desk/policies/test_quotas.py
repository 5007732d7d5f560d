import pytest
from django.utils import timezone

from backorders.models import Quota
from tests.backorders.desk.desk import signed_in, told
from tests.factories.customers import CustomerTierFactory
from tests.factories.inventory import ProductFactory

pytestmark = pytest.mark.django_db
LOOK, KEEP, END = "backorders.view_quota", "backorders.add_quota", "backorders.change_quota"


def form(**values):
    return {
        "tier": "", "customer": "", "channel": "", "product": "", "category": "", "units": "", "percent": "",
        "starts_on": "2026-11-01", "ends_on": "2026-12-31", "release_on": "", "reason": "Season", **values,
    }  # fmt: skip


def test_stock_is_kept_and_let_go(client):
    signed_in(client, LOOK, KEEP, END)
    gold, saw = CustomerTierFactory(code="gold", name="Gold"), ProductFactory(sku="SAW-200")

    response = client.post("/policies/quotas/", form(tier=gold.pk, product="saw-200", units="40"), follow=True)

    quota = Quota.objects.get()
    assert (quota.units, quota.tier, quota.product, str(quota.release_on)) == (40, gold, saw, "2027-01-01")
    assert told(response) == [f"40 units of {saw} for Gold is kept. The next run uses it."]

    client.post(f"/policies/quotas/{quota.pk}/end/")
    quota.refresh_from_db()
    assert quota.ended_at <= timezone.now()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"units": "-3"}, "units"),
        ({"percent": "101"}, "percent"),
        ({"percent": "0", "units": "0"}, "units"),
        ({"units": "5", "ends_on": "2026-10-01"}, "ends_on"),
        ({"units": "5", "product": "NONE-1"}, "product"),
        ({"units": "5", "channel": ""}, "tier"),
    ],
)
def test_a_quota_that_makes_no_sense_is_refused_beside_its_field(client, values, field):
    signed_in(client, LOOK, KEEP)

    response = client.post("/policies/quotas/", form(**{"channel": "web", **values}))

    assert (response.status_code, field in response.context["form"].errors) == (422, True)
    assert not Quota.objects.exists()


def test_the_list_asks_as_often_for_three_quotas_as_for_one(client, django_assert_num_queries):
    signed_in(client, LOOK, KEEP)
    for count in (1, 2):
        for _ in range(count):
            client.post("/policies/quotas/", form(channel="web", percent="10"))
        with django_assert_num_queries(7):
            client.get("/policies/quotas/")


def test_looking_is_not_keeping(client):
    signed_in(client, LOOK)

    assert client.get("/policies/quotas/").status_code == 200
    assert client.post("/policies/quotas/", form(channel="web", units="5")).status_code == 403
    assert client.post("/policies/quotas/1/end/").status_code == 403
    assert signed_in(client).get("/policies/quotas/").status_code == 403
