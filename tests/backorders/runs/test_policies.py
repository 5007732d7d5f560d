from datetime import timedelta

import pytest

from backorders.engine.policy.definition import as_json
from backorders.enums import RunKind
from backorders.errors import PolicyRefused, PolicyUnknown, StaleForm
from backorders.models import AllocationPolicy, OrderLine, PolicyVersion, QueueState, RunException
from backorders.runs.allocate_stock import allocate_stock
from backorders.runs.policies import change_policy, choose_default_policy, use_policy, write_policy
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory, CustomerTierFactory
from tests.factories.inventory import MONDAY, StockEntryFactory, StockLevelFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def policy(code):
    return AllocationPolicy.objects.get(code=code)


def test_one_policy_is_the_default_and_the_next_run_goes_by_it():
    level = StockLevelFactory(on_hand=4)
    basic, platinum = (CustomerFactory(tier=CustomerTierFactory(code=code)) for code in ("basic", "platinum"))
    first = order_for({level.product: 4}, customer=basic).lines.get()
    second = order_for({level.product: 4}, customer=platinum, now=MONDAY + HOUR).lines.get()

    choose_default_policy(policy_id=policy("customer-importance").pk, by=None, now=MONDAY + 2 * HOUR)
    allocate_stock(kind=RunKind.MANUAL, now=MONDAY + 2 * HOUR)

    assert list(AllocationPolicy.objects.filter(is_default=True).values_list("code", flat=True)) == [
        "customer-importance"
    ]
    held = dict(OrderLine.objects.values_list("pk", "allocated"))
    assert held == {first.pk: 0, second.pk: 4}


def test_the_dates_of_waiting_lines_are_due_again():
    level = StockLevelFactory()
    order_for({level.product: 4})
    before = QueueState.objects.get(product=level.product).demand_version

    choose_default_policy(policy_id=policy("order-size").pk, by=None, now=MONDAY)
    choose_default_policy(policy_id=policy("order-size").pk, by=None, now=MONDAY)

    assert QueueState.objects.get(product=level.product).demand_version == before + 1


def test_a_policy_out_of_use_cannot_become_the_default():
    AllocationPolicy.objects.filter(code="order-size").update(active=False)

    with pytest.raises(PolicyUnknown, match="inactive"):
        choose_default_policy(policy_id=policy("order-size").pk, by=None, now=MONDAY)

    assert policy("order-date").is_default


REST = {"name": "", "strategy": "REDISTRIBUTE", "keys": [{"field": "placed_at"}]}
WIN_PLATINUM = {
    "name": "Platinum",
    "strategy": "WIN",
    "keys": [{"field": "placed_at"}],
    "filters": [{"field": "tier", "operator": "in", "values": ["platinum"]}],
}


def written(code="mine", **rules):
    said = {"definition": {"rest": REST, **rules}, "comment": "", "description": ""}
    return write_policy(code=code, name=code.title(), by=None, now=MONDAY, **said)


def changed(policy, *, based_on=1, **rules):
    return change_policy(
        policy_id=policy.pk, based_on=based_on, name=policy.name, description="", definition={"rest": REST, **rules},
        comment="Tried", by=None, now=MONDAY + HOUR,
    )  # fmt: skip


def refusals(write, *args, **rules):
    with pytest.raises(PolicyRefused) as refused:
        write(*args, **rules)
    return dict(refused.value.problems) or str(refused.value)


def test_a_change_is_a_new_version_and_runs_keep_the_one_that_they_used():
    mine = written()
    level = StockLevelFactory()
    order_for({level.product: 4})
    run = allocate_stock(kind=RunKind.MANUAL, policy_code="mine", now=MONDAY)

    changed(mine, age_boost_days=7)

    run.refresh_from_db()
    assert [(v.number, v.parsed.age_boost_days) for v in mine.versions.order_by("number")] == [(1, 0), (2, 7)]
    assert (run.policy_version.number, run.policy_snapshot["age_boost_days"]) == (1, 0)


def test_the_same_words_make_no_version():
    mine = written()

    assert changed(mine).number == 1
    assert mine.versions.count() == 1


def test_a_save_behind_a_newer_version_is_refused():
    mine = written()
    changed(mine, age_boost_days=7)

    with pytest.raises(StaleForm, match="saved version 2 of “Mine” since you opened version 1"):
        changed(mine, age_boost_days=9)

    assert mine.versions.count() == 2


def test_a_fallback_on_itself_or_in_a_circle_is_refused_beside_the_field():
    first = written("first")
    second = written("second", fallback="first")

    assert refusals(changed, first, fallback="FIRST") == {
        "fallback": "a policy cannot be its own fallback, directly or through others"
    }
    assert "fallback" in refusals(changed, first, fallback="second")
    assert refusals(written, "third", fallback="nobody") == {"fallback": "there is no policy “nobody” in use"}
    assert (first.versions.count(), second.versions.count()) == (1, 1)


def test_codes_that_nobody_has_are_refused_beside_their_filter():
    stranger = {**WIN_PLATINUM, "filters": [{"field": "tier", "operator": "in", "values": ["platinum", "tin"]}]}
    ordered = {**REST, "keys": [{"field": "tier_rank", "order": ["zinc"]}]}

    assert refusals(written, segments=[stranger], rest=ordered) == {
        "segments.0.filters.0.values": "there is no tier “tin”",
        "rest.keys.0.order": "there is no tier “zinc”",
    }


def test_an_empty_policy_and_a_code_that_is_taken_are_refused():
    assert refusals(written, rest=None) == {"rest": "the policy is empty: it needs at least one sort key"}
    assert "code" in refusals(written, "Order-Date")


def test_a_policy_that_something_leans_on_stays_in_use():
    first = written("first")
    written("second", fallback="first")

    with pytest.raises(PolicyRefused, match="is the fallback of Second"):
        use_policy(policy_id=first.pk, active=False)
    with pytest.raises(PolicyRefused, match="cannot be deactivated"):
        use_policy(policy_id=policy("order-date").pk, active=False)


def test_a_new_version_of_the_default_policy_moves_the_dates():
    level = StockLevelFactory()
    order_for({level.product: 4})
    before = QueueState.objects.get(product=level.product).demand_version

    changed(policy("order-date"), age_boost_days=5)

    assert QueueState.objects.get(product=level.product).demand_version == before + 1


def short_pool():
    """Six units: a basic line holds four of them, a platinum line that wants eight came later."""
    level = StockLevelFactory(on_hand=4)
    basic, platinum = (CustomerFactory(tier=CustomerTierFactory(code=code)) for code in ("basic", "platinum"))
    first = order_for({level.product: 4}, customer=basic).lines.get()
    second = order_for({level.product: 8}, customer=platinum, now=MONDAY + HOUR).lines.get()
    StockEntryFactory(stock_level=level, delta=2)
    return first, second


def held(*lines):
    return [OrderLine.objects.get(pk=line.pk).allocated for line in lines]


def test_a_guarantee_that_cannot_be_met_leaves_its_pool_as_it_is_and_is_listed():
    lines = short_pool()
    written(segments=[WIN_PLATINUM])

    run = allocate_stock(kind=RunKind.MANUAL, policy_code="mine", now=MONDAY + 2 * HOUR)

    assert held(*lines) == [4, 0]
    assert run.exceptions == 1
    listed = RunException.objects.get(run=run)
    assert (listed.line_id, listed.strategy, listed.missing, listed.served_by) == (lines[1].pk, "WIN", 2, "")


def test_the_fallback_policy_serves_the_pool_that_was_stopped():
    lines = short_pool()
    written(segments=[WIN_PLATINUM], fallback="customer-importance")

    run = allocate_stock(kind=RunKind.MANUAL, policy_code="mine", now=MONDAY + 2 * HOUR)

    assert held(*lines) == [0, 6]
    assert RunException.objects.get(run=run).served_by == "customer-importance"


def test_segments_serve_in_the_order_of_their_classes():
    lines = short_pool()
    written(segments=[{**WIN_PLATINUM, "strategy": "FILL"}])

    allocate_stock(kind=RunKind.MANUAL, policy_code="mine", now=MONDAY + 2 * HOUR)

    assert held(*lines) == [4, 0]


def test_a_first_delivery_below_the_minimum_waits():
    lines = short_pool()
    written(rest={**REST, "keys": [{"field": "placed_at", "descending": True}]}, minimum_percent=80)

    allocate_stock(kind=RunKind.MANUAL, policy_code="mine", now=MONDAY + 2 * HOUR)

    assert held(*lines) == [4, 0]


def test_every_shipped_policy_can_be_used():
    for version in PolicyVersion.objects.select_related("policy").current():
        assert as_json(version.parsed)
        assert allocate_stock(kind=RunKind.SIMULATION, policy_code=version.policy.code, now=MONDAY).status == "finished"
