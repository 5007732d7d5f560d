from datetime import date

import pytest

from inventory.engine.deliveries import Scope
from inventory.enums import LeadTimeKind
from inventory.lead_times.learn import learn_lead_times
from inventory.lead_times.queries.deliveries import past_deliveries
from inventory.lead_times.queries.lead_times import lead_times_of
from inventory.models import LeadTimeCurve, LeadTimeFit, LeadTimeScore, PurchasingSettings
from inventory.purchasing.close import cancel_purchase_line
from inventory.purchasing.receive import receive_purchase_order
from inventory.tasks.lead_times import learn_lead_times_nightly
from tests.factories.inventory import ProductFactory, SupplierFactory
from tests.fixtures import EXAMPLES
from tests.inventory.lead_times.deliveries import DAY, at, purchase

pytestmark = pytest.mark.django_db
FIRST = date(2025, 1, 6)
TODAY = date(2025, 6, 2)
PAST = EXAMPLES["lead_time_quantiles"]["past"]


@pytest.fixture
def supplier():
    return SupplierFactory(lead_time_days=14)


def learned(now=TODAY):
    return learn_lead_times(now=at(now))


def lead_time_of(product, supplier, kind=LeadTimeKind.ORDER):
    pair = (product.pk, supplier.pk)
    return lead_times_of([pair], kind).get(pair)


def test_a_product_with_eight_deliveries_has_its_own_curve_and_says_on_what_it_stands(supplier):
    product = ProductFactory()
    for days in PAST:
        purchase(product, supplier, ordered_on=FIRST, took=days)
    for _ in range(5):
        purchase(product, supplier, ordered_on=TODAY - 3 * DAY, took=None)

    learned()

    found = lead_time_of(product, supplier)
    assert found.scope == Scope.ITEM
    assert found.basis == "based on 8 deliveries since 6 Jan 2025, 5 still open"
    assert (found.p50, found.p80, found.p90) == (14, 21, 30)


def test_a_product_with_less_is_told_by_its_supplier_and_a_new_supplier_by_similar_ones(supplier):
    for days in PAST:
        purchase(ProductFactory(), supplier, ordered_on=FIRST, took=days)
    similar, other = SupplierFactory(lead_time_days=10), SupplierFactory(lead_time_days=100)
    product = ProductFactory()

    learned()

    pairs = [(product.pk, s.pk) for s in (supplier, similar, other)]
    found = lead_times_of(pairs)
    assert [found[pair].scope for pair in pairs] == [Scope.SUPPLIER, Scope.SIMILAR, Scope.ALL]
    assert found[pairs[1]].whose == "suppliers that state 8 to 14 days"


def test_too_little_history_gives_no_lead_time_at_all(supplier):
    product = ProductFactory()
    for days in PAST[:7]:
        purchase(product, supplier, ordered_on=FIRST, took=days)

    fit = learned()

    assert (fit.deliveries, fit.still_open) == (7, 0)
    assert lead_time_of(product, supplier) is None
    assert not LeadTimeCurve.objects.exists()


def test_how_many_are_enough_is_a_setting(supplier):
    product = ProductFactory()
    for days in PAST[:5]:
        purchase(product, supplier, ordered_on=FIRST, took=days)
    PurchasingSettings.objects.update(enough_deliveries=5)
    learned()
    assert lead_time_of(product, supplier).n == 5

    PurchasingSettings.objects.update(enough_deliveries=6)

    assert lead_time_of(product, supplier) is None


def test_residuals_count_from_the_first_confirmed_date(supplier):
    product = ProductFactory()
    for late in (0, 1, 1, 2, 2, 3, 3, 9):
        purchase(product, supplier, ordered_on=FIRST, took=20 + late, word=20)

    learned()

    found = lead_time_of(product, supplier, LeadTimeKind.WORD)
    assert (found.p10, found.p50, found.p80, found.p90) == (0, 2, 3, 9)


def test_a_supplier_whose_word_is_good_is_trusted_and_the_record_says_why(supplier):
    product, late = ProductFactory(), SupplierFactory(lead_time_days=14)
    for week in range(20):
        purchase(product, supplier, ordered_on=FIRST + 7 * week * DAY, took=14, word=14)
        purchase(product, late, ordered_on=FIRST + 7 * week * DAY, took=20, word=14)

    learned(date(2025, 8, 1))

    good, bad = (lead_time_of(product, s, LeadTimeKind.WORD) for s in (supplier, late))
    assert (good.trusted, bad.trusted) == (True, False)
    assert good.stated_loss == 0 <= good.learned_loss
    assert bad.stated_loss > bad.learned_loss


def test_a_second_night_writes_only_what_it_says_anew(supplier):
    product = ProductFactory()
    for days in PAST:
        purchase(product, supplier, ordered_on=FIRST, took=days)
    learned()
    curves = LeadTimeCurve.objects.count()

    learned(TODAY + DAY)
    assert LeadTimeCurve.objects.count() == curves

    purchase(product, supplier, ordered_on=TODAY, took=40)
    learned(TODAY + 50 * DAY)

    assert LeadTimeFit.objects.count() == 3
    assert LeadTimeCurve.objects.count() == 2 * curves
    assert lead_time_of(product, supplier).n == 9


def test_what_came_is_scored_by_what_was_foretold_on_the_first_of_its_month(supplier):
    product = ProductFactory()
    for days in PAST:
        purchase(product, supplier, ordered_on=FIRST, took=days)
    purchase(product, supplier, ordered_on=date(2025, 3, 10), took=25)

    learned()
    learned(TODAY + DAY)

    score = LeadTimeScore.objects.get()
    assert (score.month, score.n) == (date(2025, 4, 1), 1)
    assert (score.within_p50, score.within_p80, score.within_p90) == (0, 0, 1)
    assert score.stated_loss > score.loss > 0


def test_a_line_that_was_cancelled_or_never_sent_teaches_nothing(supplier):
    product = ProductFactory()
    line = purchase(product, supplier, ordered_on=FIRST, took=None, units=5)
    cancel_purchase_line(line_id=line.pk, quantity=5, by=None, now=at(FIRST + DAY))

    assert past_deliveries() == []


def test_a_line_is_open_until_its_last_units_came(supplier):
    line = purchase(ProductFactory(), supplier, ordered_on=FIRST, took=None, units=5)
    for day, units in ((4, 2), (9, 3)):
        [delivery] = past_deliveries()
        assert delivery.received_on is None
        receive_purchase_order(
            purchase_order_id=line.purchase_order_id,
            reference=f"DN-{day}",
            quantities={line.pk: units},
            by=None,
            now=at(FIRST + day * DAY),
        )

    [delivery] = past_deliveries()
    assert delivery.received_on - delivery.counted_from == 9


def test_the_task_may_run_twice():
    learn_lead_times_nightly()
    learn_lead_times_nightly()

    assert LeadTimeFit.objects.count() == 2
