from datetime import date, datetime
from decimal import Decimal

import pytest

from backorders.enums import BackorderReason, RunKind
from backorders.models import OrderLine
from backorders.orders.cancel import cancel_line
from backorders.orders.queries.backlog import (
    Totals,
    backlog_row,
    named,
    quick_totals,
    state_condition,
    totals,
    totals_of,
)
from backorders.orders.queries.filters import BacklogFilters
from backorders.planning.reasons import correct_reason
from backorders.runs.allocate_stock import allocate_stock
from tests.backorders.waiting import DAY, arrives, ordered_line
from tests.factories.customers import CustomerFactory, CustomerTierFactory
from tests.factories.inventory import (
    MONDAY,
    ProductFactory,
    PurchaseOrderLineFactory,
    SupplierFactory,
    SupplierProductFactory,
    WarehouseFactory,
)
from tests.factories.staff import StaffFactory

pytestmark = pytest.mark.django_db
TODAY = MONDAY.date()


def found(*, now=MONDAY, today=None, **wanted):
    moment = now if today is None else datetime.combine(today, now.timetz())
    return sorted(BacklogFilters(wanted, OrderLine.objects.backordered(), now=moment).qs.values_list("pk", flat=True))


def test_only_open_lines_that_could_not_be_filled_at_once_are_backorders():
    waiting = ordered_line(5)
    ordered_line(5, at_hand=5)
    gone = ordered_line(5)
    cancel_line(line_id=gone.pk, quantity=5, by=None, now=MONDAY)

    assert found() == [waiting.pk]


def test_the_state_says_how_much_of_the_open_units_is_allocated():
    waiting, partly, allocated = ordered_line(5), ordered_line(5, at_hand=2), ordered_line(5)
    arrives(allocated.product, 5)
    allocate_stock(kind=RunKind.MANUAL, now=MONDAY)

    assert found(state="waiting") == [waiting.pk]
    assert found(state="partly_allocated") == [partly.pk]
    assert found(state="allocated") == [allocated.pk]


def promised_line(day, **values):
    """A line whose goods come with a purchase order on that day."""
    product = ProductFactory()
    PurchaseOrderLineFactory(product=product, requested_on=day)
    return ordered_line(5, product=product, **values)


def test_late_is_a_promised_day_that_has_passed_or_no_reliable_date():
    promised = promised_line(date(2025, 11, 20))
    without_date = ordered_line(5)

    assert found(state="late", today=date(2025, 11, 20)) == [without_date.pk]
    assert found(state="late", today=date(2025, 11, 21)) == [promised.pk, without_date.pk]


def test_at_risk_is_promised_after_the_requested_day_or_with_nothing_on_order():
    after = promised_line(date(2025, 11, 20), requested_on=date(2025, 11, 19))
    promised_line(date(2025, 11, 20), requested_on=date(2025, 11, 20))
    nothing_ordered = ordered_line(5, product=SupplierProductFactory().product)
    ordered_line(5)  # late

    assert found(state="at_risk") == [after.pk, nothing_ordered.pk]
    assert found(state="at_risk", today=date(2025, 11, 21)) == [nothing_ordered.pk]


@pytest.mark.parametrize("today", [TODAY, date(2025, 11, 20), date(2025, 11, 21), date(2026, 3, 1)])
def test_a_row_says_the_same_as_the_filter(today):
    promised_line(date(2025, 11, 20), requested_on=date(2025, 11, 19))
    promised_line(date(2025, 11, 20), requested_on=date(2025, 11, 20))
    ordered_line(5, product=SupplierProductFactory().product)
    ordered_line(5)

    lines = list(OrderLine.objects.backordered())
    rows = [backlog_row(line, now=MONDAY, today=today) for line in lines]

    assert sorted(row.line.pk for row in rows if row.is_late) == found(state="late", today=today)
    assert sorted(row.line.pk for row in rows if row.is_at_risk) == found(state="at_risk", today=today)


def test_a_state_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="'lost' is no state"):
        state_condition("lost", today=TODAY)


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        *((0, "0-7"), (7, "0-7"), (8, "8-14"), (14, "8-14"), (15, "15-30"), (30, "15-30")),
        *((31, "31-60"), (60, "31-60"), (61, "61-90"), (90, "61-90"), (91, "over-90"), (400, "over-90")),
    ],
)
def test_each_whole_day_of_age_lies_in_one_bucket(days, bucket):
    line = ordered_line(5)
    later = MONDAY + days * DAY + DAY / 2

    keys = [key for key in ("0-7", "8-14", "15-30", "31-60", "61-90", "over-90") if found(age=key, now=later)]

    assert keys == [bucket]
    assert backlog_row(line, now=later, today=later.date()).age == days


def test_a_product_is_found_by_parts_of_its_sku_or_name_and_alone_by_its_whole_sku():
    saw = ordered_line(5, product=ProductFactory(sku="SAW-1", name="Panel saw"))
    longer = ordered_line(5, product=ProductFactory(sku="SAW-12", name="Hacksaw"))
    ordered_line(5, product=ProductFactory(sku="DRILL-1", name="Drill"))

    assert found(product="saw") == [saw.pk, longer.pk]
    assert found(product="hack") == [longer.pk]
    assert found(product="saw-1") == [saw.pk]


def test_a_customer_is_found_by_parts_of_its_code_or_name_and_alone_by_its_whole_code():
    vogel = ordered_line(5, customer=CustomerFactory(code="K1", name="Vogel"))
    brandt = ordered_line(5, customer=CustomerFactory(code="K12", name="Brandt"))

    assert found(customer="k1") == [vogel.pk]
    assert found(customer="ran") == [brandt.pk]
    assert found(customer="K") == [vogel.pk, brandt.pk]


def test_tier_warehouse_reason_and_currency_are_matched_as_they_are():
    gold = ordered_line(5, customer=CustomerFactory(tier=CustomerTierFactory(code="gold")))
    north = ordered_line(5, warehouse_id=WarehouseFactory(code="NORTH").pk)
    pounds = ordered_line(5, currency="GBP")
    correct_reason(line_id=pounds.pk, reason=BackorderReason.SEASONAL, by=StaffFactory(), now=MONDAY)

    assert found(tier="gold") == [gold.pk]
    assert found(warehouse="NORTH") == [north.pk]
    assert found(reason="seasonal") == [pounds.pk]
    assert found(currency="GBP") == [pounds.pk]


def test_the_supplier_is_the_preferred_one_of_the_product():
    nordwerk, other, closed = SupplierFactory(code="NW"), SupplierFactory(), SupplierFactory(active=False)
    mine, theirs = ordered_line(5), ordered_line(5)
    SupplierProductFactory(supplier=nordwerk, product=mine.product, rank=2)
    SupplierProductFactory(supplier=other, product=mine.product, rank=3)
    SupplierProductFactory(supplier=closed, product=mine.product, rank=1)
    SupplierProductFactory(supplier=nordwerk, product=theirs.product, rank=2)
    SupplierProductFactory(supplier=other, product=theirs.product, rank=1)

    assert found(supplier="NW") == [mine.pk]


def test_promises_are_told_apart_by_what_they_rest_on():
    supply = promised_line(date(2025, 11, 20))
    lead_time = ordered_line(5, product=SupplierProductFactory().product)
    nothing = ordered_line(5)

    assert found(dated="supply") == [supply.pk]
    assert found(dated="lead_time") == [lead_time.pk]
    assert found(dated="nothing") == [nothing.pk]


def test_a_search_finds_order_numbers_products_and_customers():
    by_number = ordered_line(5, external_number="WEB-4711")
    by_product = ordered_line(5, product=ProductFactory(sku="X-4711"))
    by_customer = ordered_line(5, customer=CustomerFactory(name="4711 Parfum"))
    ordered_line(5)

    assert found(q="4711") == [by_number.pk, by_product.pk, by_customer.pk]
    assert found(q="b-471") == [by_number.pk]
    assert found(q="nothing like this") == []


def test_our_own_number_is_found_with_or_without_its_letters():
    line = ordered_line(5)
    number = line.order.number

    assert found(q=number.lower()) == [line.pk]
    assert found(q=number.removeprefix("SO-")) == [line.pk]


def test_filters_narrow_each_other_down():
    customer = CustomerFactory()
    saw = ProductFactory(sku="SAW-1")
    both = ordered_line(5, product=saw, customer=customer)
    ordered_line(5, product=saw)
    ordered_line(5, customer=customer)

    assert found(customer=customer.code, product="saw-1", age="0-7") == [both.pk]


def test_values_of_different_currencies_are_never_added():
    ordered_line(3, product=ProductFactory(price=Decimal("0.3333")))
    ordered_line(2, product=ProductFactory(price=Decimal("19.90")))
    ordered_line(5, product=ProductFactory(price=Decimal("10.00")), currency="GBP")

    lines = OrderLine.objects.backordered()

    assert totals(lines) == Totals(3, 10, (("GBP", Decimal("50.00")), ("EUR", Decimal("40.80"))))
    assert quick_totals(lines) == totals(lines)


def test_many_lines_are_not_counted_at_once(monkeypatch):
    monkeypatch.setattr("backorders.orders.queries.backlog.COUNTED_AT_ONCE", 1)
    ordered_line(5)
    lines = OrderLine.objects.backordered()
    assert quick_totals(lines) == totals(lines)

    ordered_line(5)

    assert quick_totals(lines) is None


def test_lines_that_were_read_add_up_to_the_same_totals():
    ordered_line(3, product=ProductFactory(price=Decimal("0.3333")))
    ordered_line(5, product=ProductFactory(price=Decimal("10.00")), currency="GBP")

    lines = OrderLine.objects.backordered()

    assert totals_of(named(lines)) == totals(lines)


@pytest.mark.parametrize("limit", [0, 50])
def test_a_search_that_names_much_finds_the_same(limit, monkeypatch):
    monkeypatch.setattr("backorders.queue.queries.search.LITTLE", limit)
    monkeypatch.setattr("backorders.queue.queries.search.FEW", limit)
    lines = [
        ordered_line(5, external_number="WEB-4711"),
        ordered_line(5, product=ProductFactory(sku="X-4711")),
        ordered_line(5, customer=CustomerFactory(name="4711 Parfum")),
    ]
    ordered_line(5)

    assert found(q="4711") == [line.pk for line in lines]
    assert found(customer="parfum") == [lines[2].pk]


def test_the_totals_of_nothing_are_zero():
    assert totals(OrderLine.objects.backordered()) == Totals(0, 0, ())
