import pytest

from backorders.models import AllocationPolicy, DeskSettings
from tests.backorders.desk.desk import signed_in, told

pytestmark = pytest.mark.django_db
LOOK = "backorders.view_allocationpolicy"
CHOOSE, SET = "backorders.change_allocationpolicy", "backorders.change_desksettings"


def policy(code):
    return AllocationPolicy.objects.get(code=code)


def test_the_page_tells_each_policy_in_words_the_default_one_first(client):
    rows = signed_in(client, LOOK).get("/policies/").context["rows"]

    assert [(row.policy.code, row.words) for row in rows][:2] == [
        ("order-date", "Oldest order line first."),
        ("customer-importance", "Most important tier first, then the oldest order line."),
    ]


def test_another_policy_becomes_the_default(client):
    signed_in(client, LOOK, CHOOSE)

    response = client.post(f"/policies/{policy('fair-share').pk}/default/", follow=True)

    assert policy("fair-share").is_default
    assert told(response) == ["“Fair share” is the default now. The next run uses it."]


def test_a_policy_out_of_use_is_refused(client):
    signed_in(client, LOOK, CHOOSE)
    AllocationPolicy.objects.filter(code="fair-share").update(active=False)

    response = client.post(f"/policies/{policy('fair-share').pk}/default/", follow=True)

    assert told(response) == ["This policy is inactive. Activate it first."]


def test_the_settings_are_saved(client):
    signed_in(client, LOOK, SET)
    form = {
        "company_name": "Vogel", "date_change_threshold_days": "7", "order_cycle_days": "5", "handling_days": "2",
        "nightly_hour": "3",
    }  # fmt: skip

    response = client.post("/policies/settings/", form, follow=True)

    desk = DeskSettings.objects.get()
    assert (desk.company_name, desk.date_change_threshold_days, desk.handling_days, desk.nightly_hour) == (
        "Vogel", 7, 2, 3,
    )  # fmt: skip
    assert told(response) == ["Settings saved."]


def test_an_hour_that_no_clock_shows_is_refused(client):
    signed_in(client, LOOK, SET)
    form = {
        "company_name": "Vogel", "date_change_threshold_days": "7", "order_cycle_days": "5", "handling_days": "2",
        "nightly_hour": "24",
    }  # fmt: skip

    response = client.post("/policies/settings/", form)

    assert list(response.context["form"].errors) == ["nightly_hour"]
    assert DeskSettings.objects.get().nightly_hour == 4


def test_page_and_actions_need_their_permission(client):
    assert signed_in(client).get("/policies/").status_code == 403
    signed_in(client, LOOK)
    assert client.post(f"/policies/{policy('fair-share').pk}/default/").status_code == 403
    assert client.post("/policies/settings/").status_code == 403
