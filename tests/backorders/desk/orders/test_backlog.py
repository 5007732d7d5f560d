"""The worklist page: filters, sorting, paging, fragments, export."""

import csv
import io

import pytest
from django.urls import reverse

from backorders.models import OrderLine
from tests.backorders.waiting import DAY, ordered_line
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY, ProductFactory
from tests.factories.staff import staff_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
BACKLOG = "/backorders/"
PAGE_QUERIES = 9  # session, person, permissions of person and groups, three offers, page, names


@pytest.fixture
def viewer(client):
    client.force_login(staff_with("backorders.view_orderline"))
    return client


def shown(response):
    return [row.line.pk for row in response.context["rows"]]


@pytest.mark.parametrize(
    "name", ["dashboard", "backlog", "backlog-totals", "export-backlog", "reports", "correct-reasons", "cancel-lines"]
)
def test_without_the_permission_there_is_no_page(client, name):
    address = reverse(f"backorders:{name}")
    assert client.get(address).status_code == 302

    client.force_login(staff_with("backorders.view_salesorder"))

    assert client.get(address).status_code == 403


def test_the_oldest_backorder_stands_first(viewer):
    new, old = ordered_line(5), ordered_line(5, now=MONDAY - 9 * DAY)

    response = viewer.get(BACKLOG)

    assert shown(response) == [old.pk, new.pk]
    assert (response.context["totals"].lines, response.context["totals"].units) == (2, 10)


@pytest.mark.parametrize("lines", [1, 3])
def test_the_page_asks_the_database_as_often_for_three_lines_as_for_one(viewer, lines, django_assert_num_queries):
    for _ in range(lines):
        ordered_line(5)

    with django_assert_num_queries(PAGE_QUERIES):
        assert len(shown(viewer.get(BACKLOG))) == lines


def test_a_filter_shows_as_a_chip_that_removes_it(viewer):
    customer = CustomerFactory(code="K1")
    mine = ordered_line(5, customer=customer)
    ordered_line(5)

    response = viewer.get(BACKLOG, {"customer": "K1", "state": "late", "sort": "-value", "after": "[1]"})

    assert shown(response) == [mine.pk]
    [(chip, address)] = response.context["chips"]
    assert (chip.label, chip.value, address) == ("Customer", "K1", "?state=late&sort=-value")


def test_a_value_that_makes_no_sense_is_told_and_filters_nothing(viewer):
    line = ordered_line(5)

    response = viewer.get(BACKLOG, {"tier": "none-such", "state": "lost", "sort": "sideways", "after": "garbage"})

    assert shown(response) == [line.pk]
    assert "Select a valid choice" in response.content.decode()


def test_nothing_found_offers_the_way_back(viewer):
    assert "Nothing is on backorder" in viewer.get(BACKLOG).content.decode()
    assert "No backorder matches" in viewer.get(BACKLOG, {"q": "x"}).content.decode()


def test_htmx_gets_the_list_alone_and_a_restored_history_the_page(viewer):
    ordered_line(5)

    fragment = viewer.get(BACKLOG, headers={"HX-Request": "true"})
    restored = viewer.get(BACKLOG, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})

    assert "<html" not in fragment.content.decode()
    assert "<html" in restored.content.decode()
    assert "HX-Request" in fragment.headers["Vary"]


@pytest.mark.parametrize(
    "sort",
    ["age", "-age", "value", "-value", "promised", "-promised", "customer", "-customer", "product", "-product"],
)
def test_pages_follow_each_other_without_gaps_or_repeats_over_equal_keys(viewer, sort, monkeypatch):
    monkeypatch.setattr("backorders.desk.orders.backlog.PAGE_SIZE", 3)
    saw, drill = ProductFactory(sku="SAW"), ProductFactory(sku="drill")
    vogel, brandt = CustomerFactory(name="Vogel"), CustomerFactory(name="Brandt")
    for number in range(8):
        product, customer = (saw, vogel) if number % 2 else (drill, brandt)
        ordered_line(5, product=product, customer=customer, now=MONDAY - (number // 4) * DAY)

    seen, address = [], f"?sort={sort}"
    while address:
        page = viewer.get(BACKLOG + address)
        seen.append(shown(page))
        address = page.context["page"].older
    back = viewer.get(BACKLOG + page.context["page"].newer)

    assert [len(rows) for rows in seen] == [3, 3, 2]
    assert sorted(pk for rows in seen for pk in rows) == sorted(OrderLine.objects.values_list("pk", flat=True))
    assert shown(back) == seen[1]


def test_many_lines_get_their_totals_later(viewer, monkeypatch):
    monkeypatch.setattr("backorders.orders.queries.backlog.COUNTED_AT_ONCE", 1)
    monkeypatch.setattr("backorders.desk.orders.backlog.PAGE_SIZE", 1)
    ordered_line(5)
    ordered_line(5)

    assert 'hx-get="/backorders/totals/?state=late"' in viewer.get(BACKLOG, {"state": "late"}).content.decode()
    later = viewer.get("/backorders/totals/?state=late", headers={"HX-Request": "true"}).content.decode()
    assert "<strong>10</strong> open units" in later
    assert "<html" in viewer.get("/backorders/totals/").content.decode()


def test_the_export_has_all_lines_of_the_filter_in_the_order_of_the_page(viewer, monkeypatch):
    monkeypatch.setattr("backorders.desk.orders.backlog.PAGE_SIZE", 1)
    cheap = ordered_line(1, customer=CustomerFactory(code="ZZ1", name="=cmd()"), product=ProductFactory(price=2))
    dear = ordered_line(2, customer=CustomerFactory(code="ZZ1x"), product=ProductFactory(price=900))
    ordered_line(5)

    response = viewer.get("/backorders/export.csv", {"customer": "ZZ1", "sort": "-value"})
    everything = viewer.get("/backorders/export.csv", {"customer": "ZZ", "sort": "-value", "product": ""})

    [row] = csv.DictReader(io.StringIO(response.getvalue().decode()))
    assert (row["order"], row["customer_name"], row["open"], row["open_value"]) == (
        cheap.order.number,
        "'=cmd()",
        "1",
        "2.00",
    )
    assert (row["late"], row["age_days"], row["reason"], row["state"]) == ("true", "0", "unknown", "waiting")
    orders = [row["order"] for row in csv.DictReader(io.StringIO(everything.getvalue().decode()))]
    assert orders == [dear.order.number, cheap.order.number]
    assert response.headers["Content-Disposition"] == 'attachment; filename="backorders-2025-11-03.csv"'


def test_only_who_may_act_sees_the_actions(client):
    ordered_line(5)
    client.force_login(staff_with("backorders.view_orderline", "backorders.cancel_line"))

    page = client.get(BACKLOG).content.decode()

    assert "Cancel lines" in page
    assert "Correct reason" not in page
