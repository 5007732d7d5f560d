"""Promises where the desk knows how its suppliers keep their word."""

from datetime import date, timedelta

import pytest

from backorders.enums import PromiseCause, PromiseSource
from backorders.models import OrderLine, Promise
from backorders.promising.promise_dates import promise_dates, promise_due
from backorders.promising.queue_dates import date_moves
from backorders.queue.compiled_policy import default_policy
from backorders.queue.queues import read_queues
from inventory.enums import BackorderPolicy, LeadTimeKind
from inventory.purchasing.dates import change_confirmed_date
from notifications.models import Message
from tests.factories.backorders import order_for
from tests.factories.inventory import (
    MONDAY,
    LeadTimeCurveFactory,
    ProductFactory,
    SupplierFactory,
    SupplierProductFactory,
)
from tests.inventory.lead_times.deliveries import purchase

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = MONDAY.date()


@pytest.fixture
def supplier():
    return SupplierFactory(lead_time_days=14)


@pytest.fixture
def product():
    return ProductFactory(backorder_policy=BackorderPolicy.NOTIFY)


def promised(line: OrderLine) -> tuple[date | None, date | None, str]:
    line.refresh_from_db()
    return line.p50_on, line.promised_on, line.promise_source


def waiting(product, units: int = 5) -> OrderLine:
    return OrderLine.objects.get(order=order_for({product: units}))


def test_an_unconfirmed_order_is_foretold_from_its_order_date(product, supplier):
    LeadTimeCurveFactory(supplier=supplier)
    purchase(product, supplier, ordered_on=TODAY, took=None)

    assert promised(waiting(product)) == (TODAY + 14 * DAY, TODAY + 21 * DAY, PromiseSource.PURCHASE_ORDER)


def test_an_order_that_is_already_old_can_only_take_longer(product, supplier):
    LeadTimeCurveFactory(supplier=supplier)
    ordered_on = TODAY - 16 * DAY
    purchase(product, supplier, ordered_on=ordered_on, took=None)

    assert promised(waiting(product))[:2] == (ordered_on + 21 * DAY, ordered_on + 30 * DAY)


def test_nothing_ever_took_so_long_so_there_is_no_reliable_date(product, supplier):
    LeadTimeCurveFactory(supplier=supplier)
    purchase(product, supplier, ordered_on=TODAY - 30 * DAY, took=None)

    assert promised(waiting(product)) == (None, None, PromiseSource.OVERDUE)


def test_a_confirmed_date_is_moved_by_how_the_supplier_kept_the_first_ones(product, supplier):
    LeadTimeCurveFactory(supplier=supplier, kind=LeadTimeKind.WORD, past=[-1, 0, 0, 1, 1, 2, 5, 9])
    purchase(product, supplier, ordered_on=TODAY, took=None, word=20)

    assert promised(waiting(product))[:2] == (TODAY + 21 * DAY, TODAY + 25 * DAY)


def test_a_word_that_is_good_is_taken_as_it_is_until_its_day_has_passed(product, supplier):
    LeadTimeCurveFactory(supplier=supplier, kind=LeadTimeKind.WORD, past=[0, 0, 0, 0, 0, 0, 2, 6], trusted=True)
    purchase(product, supplier, ordered_on=TODAY, took=None, word=20)
    line = waiting(product)
    assert promised(line)[:2] == (TODAY + 20 * DAY, TODAY + 20 * DAY)

    promise_dates(now=MONDAY + 21 * DAY, cause=PromiseCause.CALENDAR)

    assert promised(line)[:2] == (TODAY + 22 * DAY, TODAY + 26 * DAY)


def test_on_the_confirmed_day_itself_the_goods_may_still_come(product, supplier):
    LeadTimeCurveFactory(supplier=supplier, kind=LeadTimeKind.WORD, past=[0] * 8)
    purchase(product, supplier, ordered_on=TODAY - 20 * DAY, took=None, word=20)

    assert promised(waiting(product))[:2] == (TODAY, TODAY)


def test_too_little_history_leaves_the_supplier_s_date_as_it_is(product, supplier):
    purchase(product, supplier, ordered_on=TODAY, took=None, word=20)

    assert promised(waiting(product))[:2] == (TODAY + 20 * DAY, TODAY + 20 * DAY)


def test_what_could_be_bought_takes_the_measured_lead_time_once_it_is_measured(product, supplier):
    SupplierProductFactory(product=product, supplier=supplier, lead_time_days=3)
    line = waiting(product)
    stated = promised(line)
    LeadTimeCurveFactory(supplier=supplier)

    promise_dates(now=MONDAY, cause=PromiseCause.SUPPLY)

    measured = promised(line)
    assert stated[0] == stated[1]
    assert measured[2] == PromiseSource.LEAD_TIME
    assert stated[1] < measured[0] < measured[1]


def test_the_lead_times_of_others_do_not_overrule_the_stated_one(product, supplier):
    SupplierProductFactory(product=product, supplier=supplier, lead_time_days=3)
    LeadTimeCurveFactory(supplier=None, scope="all", past=[90] * 10)

    line = waiting(product)

    assert promised(line)[1] < TODAY + 30 * DAY


def test_the_customer_hears_the_range_and_the_ledger_keeps_both_dates(product, supplier):
    LeadTimeCurveFactory(supplier=supplier)
    purchase(product, supplier, ordered_on=TODAY, took=None)
    line = waiting(product)

    told = Message.objects.get(kind="order_received").context["lines"][0]
    promise = Promise.objects.get(line=line)

    assert (told["promised_from"], told["promised_on"]) == (str(TODAY + 14 * DAY), str(TODAY + 21 * DAY))
    assert (promise.p50_on, promise.promised_on, promise.cause) == (
        TODAY + 14 * DAY,
        TODAY + 21 * DAY,
        PromiseCause.PLACED,
    )
    assert promise.message_key


def test_a_later_word_moves_both_dates_and_the_same_day_again_writes_nothing(product, supplier):
    LeadTimeCurveFactory(supplier=supplier, kind=LeadTimeKind.WORD, past=[0, 0, 0, 1, 1, 2, 5, 9])
    supply = purchase(product, supplier, ordered_on=TODAY, took=None, word=20)
    line = waiting(product)
    before = promised(line)

    change_confirmed_date(line_id=supply.pk, new_on=TODAY + 30 * DAY, reason="strike", by=None, now=MONDAY)
    first, second = promise_due(now=MONDAY), promise_due(now=MONDAY)

    assert (first.changed, first.later, second.changed) == (1, 1, 0)
    assert promised(line)[:2] == tuple(day + 10 * DAY for day in before[:2])
    assert [p.promised_on for p in Promise.objects.filter(line=line).order_by("pk")] == [before[1], line.promised_on]
    assert Message.objects.filter(kind="date_changed").count() == 1


def test_the_first_confirmed_date_and_what_was_promised_before_stay_as_they_were(product, supplier):
    supply = purchase(product, supplier, ordered_on=TODAY, took=None, word=20)
    line = waiting(product)
    earlier = list(Promise.objects.filter(line=line).values())

    change_confirmed_date(line_id=supply.pk, new_on=TODAY + 30 * DAY, reason="strike", by=None, now=MONDAY)
    promise_due(now=MONDAY)

    supply.refresh_from_db()
    assert supply.first_confirmed_on == TODAY + 20 * DAY
    assert list(Promise.objects.filter(line=line).order_by("pk").values())[: len(earlier)] == earlier


def test_dates_in_columns_are_those_that_are_made_line_by_line(product, supplier):
    LeadTimeCurveFactory(supplier=supplier)
    SupplierProductFactory(product=product, supplier=supplier, lead_time_days=30)
    for age, units in ((0, 7), (16, 5), (40, 2), (5, 9)):
        purchase(product, supplier, ordered_on=TODAY - age * DAY, took=None, units=units)
    for units in (3, 8, 1, 6, 5):
        waiting(product, units)

    later = MONDAY + 2 * DAY
    summary = promise_dates(now=later, cause=PromiseCause.CALENDAR)

    assert (summary.lines, summary.changed > 0) == (5, True)
    queues = read_queues([product.pk], reads=default_policy().reads)
    assert list(date_moves(queues, default_policy(), now=later)) == []
    promised = OrderLine.objects.values_list("pk", "p50_on", "promised_on", "promise_source")
    by_columns = list(promised.order_by("pk"))
    line_by_line = [
        (row.line.id, row.p50_on, row.promised_on, row.source)
        for row in date_moves(
            {
                pool: [line._replace(promise_source="", promised_on=None, p50_on=None) for line in lines]
                for pool, lines in queues.items()
            },
            default_policy(),
            now=later,
        )
    ]
    assert sorted(line_by_line) == by_columns
