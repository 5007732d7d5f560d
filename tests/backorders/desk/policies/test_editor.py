from typing import Any

import pytest

from backorders.models import AllocationPolicy, PolicyVersion
from tests.backorders.desk.desk import signed_in, told
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory, CustomerTierFactory
from tests.factories.inventory import ProductFactory

pytestmark = pytest.mark.django_db
LOOK = "backorders.view_allocationpolicy"
WRITE, ADD = "backorders.change_allocationpolicy", "backorders.add_allocationpolicy"


def policy(code="order-date"):
    return AllocationPolicy.objects.get(code=code)


def form(**values: Any) -> dict[str, Any]:
    """What the page posts for one segment and the rest."""
    return {
        "based_on": "1", "code": "mine", "name": "Mine", "description": "", "method": "sequence", "age_boost_days": "0",
        "minimum_units": "0", "minimum_percent": "0", "exceptions": "stop_pools", "fallback": "", "comment": "Tried",
        "warehouses": "own",
        "segments": "1", "s0-name": "Key accounts", "s0-strategy": "WIN",
        "s0-filter": ["tier", "order_size"], "s0-operator": ["in", "at_most"], "s0-values": ["platinum, gold", "50"],
        "s0-key": ["requested_on", "placed_at"], "s0-direction": ["", "down"], "s0-order": ["", ""],
        "rest-strategy": "REDISTRIBUTE", "rest-key": ["placed_at"], "rest-direction": [""], "rest-order": [""],
        **values,
    }  # fmt: skip


def save(client, **values):
    return client.post(f"/policies/{policy().pk}/edit/", form(act="save", **values), follow=True)


def test_segments_with_their_filters_and_keys_become_a_new_version(client):
    signed_in(client, LOOK, WRITE)

    response = save(client)

    definition = PolicyVersion.objects.get(policy=policy(), number=2).definition
    [segment] = definition["segments"]
    assert (segment["name"], segment["strategy"]) == ("Key accounts", "WIN")
    assert segment["filters"] == [
        {"field": "tier", "operator": "in", "values": ["platinum", "gold"]},
        {"field": "order_size", "operator": "at_most", "values": [50]},
    ]
    assert [(key["field"], key["descending"]) for key in segment["keys"]] == [
        ("requested_on", False),
        ("placed_at", True),
    ]
    assert told(response) == ["“Mine” is saved as version 2."]


def test_a_policy_says_which_warehouses_serve_and_the_page_says_it_in_words(client):
    signed_in(client, LOOK, WRITE)

    save(client, warehouses="split")

    assert PolicyVersion.objects.get(policy=policy(), number=2).definition["warehouses"] == "split"
    page = client.get(f"/policies/{policy().pk}/edit/").content.decode()
    assert "A line gets from other warehouses what its own lacks" in page


def test_the_page_shows_what_it_saved(client):
    signed_in(client, LOOK, WRITE)
    save(client)

    draft = client.get(f"/policies/{policy().pk}/edit/").context["draft"]

    assert [row.name for row in draft.segments] == ["Key accounts"]
    assert [row.values for row in draft.segments[0].filters] == ["platinum, gold", "50"]


@pytest.mark.parametrize(
    ("values", "where", "reason"),
    [
        ({"s0-values": ["tin", "50"]}, ("filters", 0), "there is no tier “tin”"),
        ({"s0-values": ["gold", "few"]}, ("filters", 1), "must be a whole number from 0 to 2000000000"),
        ({"s0-values": ["", "50"]}, ("filters", 0), "name at least one value"),
        ({"s0-filter": ["shoe_size", "order_size"]}, ("filters", 0), "there is no filter field “shoe_size”"),
    ],
)
def test_what_is_wrong_with_a_segment_stands_beside_it(client, values, where, reason):
    signed_in(client, LOOK, WRITE)

    response = save(client, **values)

    part, number = where
    assert response.status_code == 422
    [error] = getattr(response.context["draft"].segments[0], part)[number].errors
    assert error.startswith(reason)
    assert reason.split("“")[0] in response.content.decode().lower() or reason in response.content.decode()
    assert policy().versions.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"hold_days": "-1"}, "hold_days"),
        ({"minimum_percent": "101"}, "minimum_percent"),
        ({"age_boost_days": "１２"}, "age_boost_days"),
        ({"fallback": "order-date"}, "fallback"),
        ({"churn_budget": "-5"}, "churn_budget"),
        ({"name": ""}, "name"),
    ],
)
def test_what_is_wrong_with_a_rule_stands_beside_it(client, values, field):
    signed_in(client, LOOK, WRITE)

    response = save(client, **values)

    assert list(response.context["form"].errors) == [field]
    assert policy().versions.count() == 1


def test_a_policy_without_a_key_is_refused(client):
    signed_in(client, LOOK, WRITE)

    response = save(client, **{"rest-key": [], "rest-direction": [], "rest-order": []})

    assert response.context["draft"].rest.errors == ["name at least one sort key"]


def test_a_save_on_top_of_a_newer_version_is_refused(client):
    signed_in(client, LOOK, WRITE)
    save(client)

    response = save(client, comment="Later")

    assert "saved version 2 of “Mine” since you opened version 1" in str(response.context["form"].errors)
    assert policy().versions.count() == 2


@pytest.mark.parametrize(
    ("action", "names"),
    [
        ("add", ["A", "B", "Segment 3"]),
        ("s1.up", ["B", "A"]),
        ("s0.down", ["B", "A"]),
        ("s0.remove", ["B"]),
        ("s1.to.0", ["B", "A"]),
        ("rest.remove", ["A", "B"]),
        ("s9.up", ["A", "B"]),
    ],
)
def test_buttons_move_segments_without_saving_anything(client, action, names):
    signed_in(client, LOOK, WRITE)
    two = form(segments="2", **{"s0-name": "A", "s1-name": "B", "s1-strategy": "FILL"})

    response = client.post(f"/policies/{policy().pk}/edit/", two | {"act": action})

    assert [row.name for row in response.context["draft"].segments] == names
    assert policy().versions.count() == 1


def test_buttons_add_move_and_remove_filters_and_keys(client):
    signed_in(client, LOOK, WRITE)

    def after(action):
        response = client.post(f"/policies/{policy().pk}/edit/", form(act=action))
        [row] = response.context["draft"].segments
        return [each.field for each in row.filters], [each.field for each in row.keys]

    assert after("s0.add-filter") == (["tier", "order_size", "tier"], ["requested_on", "placed_at"])
    assert after("s0.filter.0.remove") == (["order_size"], ["requested_on", "placed_at"])
    assert after("s0.key.1.up") == (["tier", "order_size"], ["placed_at", "requested_on"])
    assert after("s0.add-key") == (["tier", "order_size"], ["requested_on", "placed_at", "tier_rank"])


def test_another_field_gets_a_comparison_that_goes_with_it(client):
    signed_in(client, LOOK, WRITE)
    chosen = form(act="s0.look", **{"s0-filter": ["is_told", "order_size"]})

    response = client.post(f"/policies/{policy().pk}/edit/", chosen)

    filters = response.context["draft"].segments[0].filters
    assert (filters[0].operator, filters[0].values) == ("is", "yes")


def test_the_counts_while_writing_are_disjoint_and_nothing_is_stored(client):
    signed_in(client, LOOK)
    saw = ProductFactory()
    gold, basic = (CustomerFactory(tier=CustomerTierFactory(code=code)) for code in ("gold", "basic"))
    for customer, units in ((gold, 5), (gold, 60), (basic, 5)):
        order_for({saw: units}, customer=customer)

    response = client.post("/policies/preview/", form())

    assert [catch.lines for _, catch in response.context["rows"]] == [1, 2]
    assert 'hx-swap-oob="true"' in response.content.decode()
    assert PolicyVersion.objects.filter(number=2).count() == 0


def test_a_form_that_makes_no_sense_yet_says_what_is_missing(client):
    signed_in(client, LOOK)

    response = client.post("/policies/preview/", form(**{"s0-values": ["", ""]}))

    assert response.context["unclear"] == "name at least one value"


def test_a_new_policy_is_a_copy_until_it_is_saved(client):
    signed_in(client, LOOK, WRITE, ADD)

    page = client.get("/policies/new/?from=configured-classes")
    response = client.post("/policies/new/", form(act="save"), follow=True)

    assert page.context["draft"].segments[0].name == "Promised to platinum"
    assert told(response) == ["“Mine” was saved. Simulate it, then make it the default."]
    assert not policy("mine").is_default


def test_a_code_that_is_taken_is_refused_beside_it(client):
    signed_in(client, LOOK, WRITE, ADD)

    response = client.post("/policies/new/", form(act="save", code="Order-Date"))

    assert list(response.context["form"].errors) == ["code"]


def test_the_page_of_a_policy_tells_its_history(client):
    signed_in(client, LOOK, WRITE)
    save(client)

    response = client.get(f"/policies/{policy().pk}/")

    newest, first = response.context["history"]
    assert newest[1].gone == ["Oldest order line first."]
    assert newest[1].new[0].startswith("1. Key accounts: Lines with tier platinum or gold and with open quantity")
    assert first[1].new == ["Oldest order line first."]


def test_a_policy_goes_out_of_use_and_comes_back(client):
    signed_in(client, LOOK, WRITE)
    other = policy("value")

    client.post(f"/policies/{other.pk}/use/", {"active": "no"})
    assert not policy("value").active
    client.post(f"/policies/{other.pk}/use/", {"active": "yes"})
    assert policy("value").active

    refused = client.post(f"/policies/{policy().pk}/use/", {"active": "no"}, follow=True)
    assert told(refused)[-1:] == ["The default policy cannot be deactivated. Choose another default first."]


def test_looking_is_not_writing(client):
    signed_in(client, LOOK)

    assert client.get(f"/policies/{policy().pk}/").status_code == 200
    assert client.get(f"/policies/{policy().pk}/edit/").status_code == 403
    assert client.get("/policies/new/").status_code == 403
    assert client.post(f"/policies/{policy().pk}/use/").status_code == 403
    assert signed_in(client).get(f"/policies/{policy().pk}/").status_code == 403
    assert client.post("/policies/preview/", form()).status_code == 403
