"""A night looks only at products to which something happened, and the others would have come out the same."""

import random
from datetime import timedelta

import pytest

from backorders.enums import RunKind
from backorders.fulfilment.ship import pick_order
from backorders.models import Allocation, AllocationPolicy, AllocationRun, OrderLine
from backorders.orders.cancel import cancel_line
from backorders.runs.allocate_stock import allocate_stock
from backorders.runs.policies import choose_default_policy
from backorders.runs.queries.run_results import last_results
from customers.models import Customer, CustomerTier
from inventory.models import Product, StockLevel
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory, CustomerTierFactory
from tests.factories.inventory import MONDAY, StockEntryFactory, StockLevelFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
EVENING = MONDAY + 5 * DAY


@pytest.fixture
def pool() -> StockLevel:
    """Three lines want 15 units of a product; ten are there, and a night has shared them out."""
    level = StockLevelFactory()
    for units, tier in ((6, "basic"), (4, "gold"), (5, "platinum")):
        order_for({level.product: units}, customer=CustomerFactory(tier=CustomerTierFactory(code=tier)))
    StockEntryFactory(stock_level=level, delta=10)
    night(0)
    return level


def night(number: int) -> AllocationRun:
    return allocate_stock(kind=RunKind.NIGHTLY, now=EVENING + number * DAY)


def looked_at(run: AllocationRun) -> set[int]:
    return {product_id for shard in run.shards.all() for product_id in shard.product_ids}


def lines_of(level: StockLevel) -> list[OrderLine]:
    return list(OrderLine.objects.filter(product=level.product_id).order_by("pk"))


def test_a_queue_to_which_nothing_happened_is_left_alone(pool):
    run = night(1)

    assert (looked_at(run), run.products_unchanged, run.lines) == (set(), 1, 0)


def test_who_asks_for_a_run_gets_a_whole_one(pool):
    run = allocate_stock(kind=RunKind.MANUAL, now=EVENING + DAY)

    assert (run.lines, run.products_unchanged) == (3, 0)


def _more_stock(level):
    StockEntryFactory(stock_level=level, delta=1)


def _one_more_line(level):
    order_for({level.product: 1}, now=EVENING)


def _a_line_less(level):
    line = lines_of(level)[2]
    cancel_line(line_id=line.pk, quantity=5, by=None, note="", now=EVENING)


def _another_pack(level):
    Product.objects.filter(pk=level.product_id).update(pack_size=4)


def _another_tier(level):
    highest = CustomerTier.objects.order_by("rank")[0]
    Customer.objects.filter(pk=lines_of(level)[0].order.customer_id).update(tier=highest)


def _a_pick_list(level):
    pick_order(order_id=lines_of(level)[0].order_id, by=None, now=EVENING)


@pytest.mark.parametrize(
    "happen", [_more_stock, _one_more_line, _a_line_less, _another_pack, _another_tier, _a_pick_list]
)
def test_what_happens_to_a_queue_brings_it_back(pool, happen):
    happen(pool)

    assert looked_at(night(1)) == {pool.product_id}


def test_another_policy_looks_at_everything(pool):
    other = choose_default_policy(policy_id=_policy("customer-importance"), by=None, now=EVENING)

    run = night(1)

    assert (run.policy_version.policy, looked_at(run)) == (other, {pool.product_id})


def test_a_policy_that_counts_days_looks_at_everything_each_night(pool):
    choose_default_policy(policy_id=_policy("value"), by=None, now=EVENING)
    night(1)

    assert looked_at(night(2)) == {pool.product_id}


def test_the_order_page_still_explains_a_line_that_was_left_alone(pool):
    served = AllocationRun.objects.get()
    for number in range(1, 6):
        night(number)

    told = last_results([line.pk for line in lines_of(pool)])

    assert {run for run, _ in told.values()} == {served}
    assert len(told) == 3


def test_what_is_left_alone_would_have_come_out_the_same():
    """Twenty products, three nights of things that happen to some of them: a whole run afterwards finds no difference
    in any product that the night left alone."""
    chance = random.Random(7)
    levels = [StockLevelFactory() for _ in range(20)]
    customers = [CustomerFactory(tier=CustomerTierFactory(code=tier)) for tier in ("basic", "gold", "platinum")]
    choose_default_policy(policy_id=_policy("customer-importance"), by=None, now=MONDAY)
    for level in levels:
        for _ in range(3):
            order_for({level.product: chance.randint(1, 9)}, customer=chance.choice(customers))
        StockEntryFactory(stock_level=level, delta=chance.randint(1, 12))
    night(0)
    left_alone = 0
    for number in range(1, 4):
        for level in chance.sample(levels, 6):
            chance.choice([_more_stock, _one_more_line, _another_pack])(level)
        run = night(number)
        left_alone += run.products_unchanged
        before = _holdings()

        allocate_stock(kind=RunKind.MANUAL, now=EVENING + number * DAY)

        assert _holdings() == before
    assert left_alone > 10


def _holdings() -> list[tuple[int, int]]:
    return sorted(Allocation.objects.active().values_list("line_id", "quantity"))


def _policy(code: str) -> int:
    return AllocationPolicy.objects.get(code=code).pk
