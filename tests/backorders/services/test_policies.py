from datetime import timedelta

import pytest

from backorders.enums import RunKind
from backorders.errors import PolicyUnknown
from backorders.models import AllocationPolicy, OrderLine, QueueState
from backorders.services.allocation import allocate_stock
from backorders.services.policies import choose_default_policy
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory, CustomerTierFactory
from tests.factories.inventory import MONDAY, StockLevelFactory

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

    with pytest.raises(PolicyUnknown, match="not in use"):
        choose_default_policy(policy_id=policy("order-size").pk, by=None, now=MONDAY)

    assert policy("order-date").is_default
