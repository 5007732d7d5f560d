from datetime import date

import pytest

from backorders.figures.promise_record import churn_by_month, last_months
from backorders.promising.promise_dates import promise_due
from config.lib.periods import Period
from inventory.lead_times.queries.calibration import Share
from inventory.purchasing.dates import change_confirmed_date
from notifications.services.delivery import deliver_due_messages
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, LeadTimeScoreFactory, ProductFactory, SupplierFactory
from tests.factories.staff import staff_with
from tests.inventory.lead_times.deliveries import DAY, purchase

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


@pytest.fixture
def viewer(client):
    client.force_login(staff_with("backorders.view_orderline"))
    return client


@pytest.mark.parametrize(("n", "tolerance"), [(200, 0.055), (50, 0.11)])
def test_the_tolerance_is_that_of_the_sample_s_size(n, tolerance):
    assert Share(80, 0, n).tolerance == pytest.approx(tolerance, abs=0.001)


@pytest.mark.parametrize(
    ("hits", "n", "verdict"), [(7, 7, "few"), (35, 50, "within"), (30, 50, "low"), (49, 50, "high"), (0, 0, "few")]
)
def test_a_share_is_judged_by_its_tolerance(hits, n, verdict):
    assert Share(80, hits, n).verdict == verdict


def test_receipts_are_shown_by_month_and_supplier_with_n_and_both_losses(viewer):
    good, bad = SupplierFactory(name="Gut GmbH"), SupplierFactory(name="Spät AG")
    for month in (date(2025, 9, 1), date(2025, 10, 1)):
        LeadTimeScoreFactory(supplier=good, month=month, n=50, within_p50=25, within_p80=40, within_p90=45)
        LeadTimeScoreFactory(supplier=bad, month=month, n=50, within_p50=10, within_p80=20, within_p90=25)
    LeadTimeScoreFactory(supplier=bad, month=date(2024, 10, 1), n=1000)

    response = viewer.get("/reports/calibration/?kind=order")

    overall = response.context["overall"]
    assert (overall.n, overall.p80.rate, overall.loss, overall.stated_loss) == (200, 0.6, 0.6, 0.88)
    assert [(row.month, row.n) for row in response.context["months"]] == [
        (date(2025, 9, 1), 100),
        (date(2025, 10, 1), 100),
    ]
    by_supplier = {row.supplier.name: row.p80.verdict for row in response.context["by_supplier"]}
    assert by_supplier == {"Gut GmbH": "within", "Spät AG": "low"}
    page = response.content.decode()
    assert "Gut GmbH" in page
    assert "should be 80 % ± 5.5" in page


def test_one_supplier_and_the_way_of_counting_can_be_chosen(viewer):
    good, bad = SupplierFactory(), SupplierFactory()
    LeadTimeScoreFactory(supplier=good, n=20)
    LeadTimeScoreFactory(supplier=bad, n=30)
    LeadTimeScoreFactory(supplier=bad, n=40, kind="word")

    chosen = viewer.get(f"/reports/calibration/?kind=order&supplier={good.code.lower()}")
    by_word = viewer.get("/reports/calibration/?kind=nonsense")

    assert chosen.context["overall"].n == 20
    assert by_word.context["overall"].n == 40


def test_too_little_history_says_so(viewer):
    assert "Too little history" in viewer.get("/reports/calibration/").content.decode()


def test_the_scores_are_exported(viewer):
    LeadTimeScoreFactory(supplier=SupplierFactory(code="NORD"))

    rows = b"".join(viewer.get("/reports/calibration/export.csv?kind=order").streaming_content).decode().splitlines()

    assert rows[1] == '"NORD","order","2025-10-01",20,11,16,18,1.5,2.2'


def test_the_page_is_for_those_who_may_see_lines(client):
    client.force_login(staff_with("backorders.view_salesorder"))

    assert client.get("/reports/calibration/").status_code == 403
    assert client.get("/reports/calibration/export.csv").status_code == 403


def test_more_suppliers_and_months_need_no_more_queries(viewer, django_assert_max_num_queries):
    for month in range(1, 10):
        LeadTimeScoreFactory(month=date(2025, month, 1))

    with django_assert_max_num_queries(40):
        viewer.get("/reports/calibration/?kind=order")


def test_moves_of_promises_are_counted_by_month_and_a_first_date_is_none():
    product = ProductFactory(backorder_policy="notify")
    supply = purchase(product, SupplierFactory(), ordered_on=MONDAY.date(), took=None, word=20)
    order_for({product: 5})
    for days in (40, 10):
        change_confirmed_date(
            line_id=supply.pk, new_on=MONDAY.date() + days * DAY, reason="strike", by=None, now=MONDAY
        )
        promise_due(now=MONDAY + DAY)
        deliver_due_messages(now=MONDAY + DAY)

    [churn] = churn_by_month(Period(date(2025, 11, 1), date(2025, 11, 30)))

    assert (churn.made, churn.later, churn.earlier, churn.told) == (1, 1, 1, 2)


def test_the_last_months_end_today():
    months = last_months(date(2025, 3, 12), 3)

    assert [(month.first, month.last) for month in months] == [
        (date(2025, 1, 1), date(2025, 1, 31)),
        (date(2025, 2, 1), date(2025, 2, 28)),
        (date(2025, 3, 1), date(2025, 3, 12)),
    ]
