from datetime import date
from decimal import Decimal

import pytest

from backorders.enums import BackorderReason
from backorders.figures.promise_record import last_months
from backorders.figures.reasons import REASONS, reasons_over_time
from backorders.planning.reasons import correct_reason
from tests.backorders.waiting import DAY, ordered_line
from tests.factories.inventory import MONDAY
from tests.factories.staff import StaffFactory, staff_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


@pytest.fixture
def viewer(client):
    client.force_login(staff_with("backorders.view_orderline"))
    return client


def corrected(line, reason):
    correct_reason(line_id=line.pk, reason=reason, by=StaffFactory(), now=MONDAY)


def test_each_month_has_the_lines_and_the_value_of_each_reason_as_corrected():
    line = ordered_line(5, at_hand=2)
    corrected(line, BackorderReason.HIGH_DEMAND)
    ordered_line(1, now=MONDAY - 40 * DAY)

    found = reasons_over_time(last_months(MONDAY.date(), 3))

    at = {reason: place for place, reason in enumerate(REASONS)}
    assert [month.month for month in found.months] == [date(2025, 9, 1), date(2025, 10, 1), date(2025, 11, 1)]
    assert found.months[2].parts[at[BackorderReason.HIGH_DEMAND]] == (1, 3 * line.unit_price)
    assert sum(month.lines for month in found.months) == 2
    assert found.totals[0][:2] == (BackorderReason.HIGH_DEMAND, 1)


def test_the_page_shows_months_and_pareto_and_leads_to_the_lines(viewer):
    corrected(ordered_line(5), BackorderReason.SUPPLIER_DELAY)

    page = viewer.get("/reports/reasons/").content.decode()

    assert "/backorders/?reason=supplier_delay" in page
    assert "Backordered value by month and reason" in page


def test_without_backorders_the_page_says_so(viewer):
    assert "No backorders in this period" in viewer.get("/reports/reasons/").content.decode()


@pytest.mark.parametrize("currency", ["", "GBP", "x;", "<b>"])
def test_a_currency_that_nobody_ordered_in_is_passed_over(viewer, currency):
    ordered_line(5)

    assert viewer.get("/reports/reasons/", {"currency": currency}).context["found"].currency == "EUR"


def test_the_months_are_exported(viewer):
    line = ordered_line(5)
    corrected(line, BackorderReason.SEASONAL)

    rows = b"".join(viewer.get("/reports/reasons/export.csv").streaming_content).decode().splitlines()

    assert rows[1] == f'"2025-11-01","seasonal",1,{Decimal(5) * line.unit_price},"EUR"'


def test_the_page_is_for_those_who_may_see_lines(client):
    client.force_login(staff_with("backorders.view_salesorder"))

    assert client.get("/reports/reasons/").status_code == 403
