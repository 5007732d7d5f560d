from datetime import timedelta

import pytest

from backorders.enums import RunKind
from backorders.errors import QuotaRefused
from backorders.models import OrderLine, QueueState, Quota, RunResult
from backorders.runs.allocate_stock import allocate_stock
from backorders.runs.quotas import NewQuota, end_quota, keep_stock
from tests.backorders.waiting import DAY, ordered_line, ships
from tests.factories.customers import CustomerFactory, CustomerTierFactory
from tests.factories.inventory import MONDAY, StockEntryFactory, StockLevelFactory

pytestmark = pytest.mark.django_db
TODAY = MONDAY.date()
HOUR = timedelta(hours=1)


@pytest.fixture
def gold():
    return CustomerFactory(tier=CustomerTierFactory(code="gold"))


@pytest.fixture
def basic():
    return CustomerFactory(tier=CustomerTierFactory(code="basic"))


def kept(*, now=MONDAY, **values):
    days = {"starts_on": TODAY, "ends_on": TODAY + 30 * DAY, "release_on": TODAY + 20 * DAY}
    return keep_stock(quota=NewQuota(**{"reason": "Fair season", **days, **values}), by=None, now=now)


def run(now=MONDAY + 2 * HOUR):
    return allocate_stock(kind=RunKind.MANUAL, now=now)


def held(*lines):
    return [OrderLine.objects.get(pk=line.pk).allocated for line in lines]


def waiting_lines(basic, gold, units=10):
    """A basic line that came first, then a gold one; ten units arrive."""
    level = StockLevelFactory()
    lines = [ordered_line(units, product=level.product, customer=customer) for customer in (basic, gold)]
    StockEntryFactory(stock_level=level, delta=10)
    return level, lines


def test_what_is_kept_goes_to_its_group_and_the_reason_is_told(basic, gold):
    level, lines = waiting_lines(basic, gold)
    kept(units=6, tier_id=gold.tier_id, product_id=level.product_id)

    done = run()

    assert held(*lines) == [4, 6]
    assert RunResult.objects.get(run_id=done.pk, line_id=lines[0].pk).after == 4


def test_unused_stock_stays_kept_until_its_release(basic, gold):
    level, lines = waiting_lines(basic, gold)
    kept(percent=50, channel="fair")

    assert (run().units_allocated, held(*lines)) == (5, [5, 0])
    result = RunResult.objects.latest("run_id", "line_id")
    assert (result.reason, result.segment) == ("kept_for_a_quota", 0)
    assert run(MONDAY + 20 * DAY).units_allocated == 10
    level.refresh_from_db()
    assert level.available == 0


def test_a_newcomer_gets_nothing_of_what_is_kept_for_others(basic, gold):
    level = StockLevelFactory(on_hand=10)
    kept(units=8, customer_id=gold.pk)

    assert held(
        ordered_line(5, product=level.product, customer=basic),
        ordered_line(9, product=level.product, customer=gold),
    ) == [2, 8]


def test_what_the_group_has_had_counts(basic, gold):
    level = StockLevelFactory(on_hand=5)
    kept(units=8, tier_id=gold.tier_id)
    ships(ordered_line(5, product=level.product, customer=gold), at=MONDAY + HOUR)
    later = [ordered_line(9, product=level.product, customer=each, now=MONDAY + HOUR) for each in (basic, gold)]
    StockEntryFactory(stock_level=level, delta=10)

    run()

    assert held(*later) == [7, 3]


def test_a_quota_that_is_ended_keeps_nothing(basic, gold):
    level, lines = waiting_lines(basic, gold)
    quota = kept(units=6, category_id=level.product.category_id, tier_id=gold.tier_id)

    end_quota(quota_id=quota.pk, by=None, now=MONDAY + HOUR)
    again = end_quota(quota_id=quota.pk, by=None, now=MONDAY + 2 * HOUR)
    run()

    assert held(*lines) == [10, 0]
    assert again.ended_at == MONDAY + HOUR


def test_the_dates_of_its_products_are_due_again(basic, gold):
    level, _ = waiting_lines(basic, gold)
    before = QueueState.objects.get(product=level.product).demand_version

    kept(units=6, tier_id=gold.tier_id)

    assert QueueState.objects.get(product=level.product).demand_version == before + 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"units": -1}, "units"),
        ({"percent": -1}, "percent"),
        ({"percent": 101}, "percent"),
        ({}, "units"),
        ({"units": 5, "percent": 5}, "units"),
        ({"units": 5, "channel": ""}, "tier"),
        ({"units": 5, "tier_id": 1}, "tier"),
        ({"units": 5, "product_id": 1, "category_id": 1}, "category"),
        ({"units": 5, "ends_on": TODAY - DAY}, "ends_on"),
        ({"units": 5, "release_on": TODAY - DAY}, "release_on"),
        ({"units": 5, "reason": " "}, "reason"),
    ],
)
def test_a_quota_that_makes_no_sense_is_refused_beside_its_field(values, field):
    with pytest.raises(QuotaRefused) as refused:
        kept(**{"channel": "web", **values})

    assert field in refused.value.by_field
    assert not Quota.objects.exists()


def test_a_line_that_is_overtaken_because_of_a_quota_says_so(basic, gold):
    level, lines = waiting_lines(basic, gold)
    kept(units=6, tier_id=gold.tier_id, product_id=level.product_id)

    done = run()

    result = RunResult.objects.get(run_id=done.pk, line_id=lines[0].pk)
    assert (result.after, result.reason) == (4, "kept_for_a_quota")
