"""The dates: where they come from, when they move, and when the customer hears of it."""

from datetime import date, timedelta

import pytest

from backorders.enums import PromiseCause, PromiseSource
from backorders.models import DeskSettings, OrderLine, Promise
from backorders.orders.cancel import cancel_line
from backorders.promising.promise_dates import promise_dates, promise_due
from inventory.enums import BackorderPolicy
from inventory.models import PurchaseOrderLine
from inventory.purchasing.dates import change_confirmed_date, confirm_purchase_order
from inventory.purchasing.order import NewPurchaseLine, create_purchase_order
from inventory.suppliers.send import send_purchase_order
from notifications.models import Message
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, ProductFactory, SupplierFactory, SupplierProductFactory, WarehouseFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TWENTIETH = date(2025, 11, 20)


def ordered_from_supplier(product, units: int, *, expected: date = TWENTIETH) -> PurchaseOrderLine:
    order = create_purchase_order(
        supplier_id=SupplierFactory().pk,
        warehouse_id=WarehouseFactory().pk,
        lines=[NewPurchaseLine(product_id=product.pk, quantity=units, requested_on=expected)],
        by=None,
        now=MONDAY,
    )
    send_purchase_order(purchase_order_id=order.pk, by=None, now=MONDAY)
    line = order.lines.get()
    confirm_purchase_order(purchase_order_id=order.pk, dates={line.pk: expected}, by=None, now=MONDAY)
    return line


def waiting(product, units: int, **values) -> OrderLine:
    return OrderLine.objects.get(order=order_for({product: units}, **values))


def promise(line: OrderLine) -> tuple[date | None, str]:
    line.refresh_from_db()
    return line.promised_on, line.promise_source


def test_each_line_is_promised_the_day_on_which_supply_reaches_it():
    product = ProductFactory()
    first, second = ordered_from_supplier(product, 5), ordered_from_supplier(product, 5, expected=TWENTIETH + 7 * DAY)
    SupplierProductFactory(product=product, lead_time_days=20)

    lines = [waiting(product, units) for units in (4, 4, 4)]

    assert promise(lines[0]) == (TWENTIETH, PromiseSource.PURCHASE_ORDER)
    assert promise(lines[1]) == (TWENTIETH + 7 * DAY, PromiseSource.PURCHASE_ORDER)
    assert promise(lines[2])[1] == PromiseSource.LEAD_TIME
    references = list(Promise.objects.order_by("line_id").values_list("source_reference", flat=True))
    assert references == [first.purchase_order.number, second.purchase_order.number, ""]


def test_a_later_purchase_order_moves_the_promise_and_the_customer_hears_it_once():
    product = ProductFactory()
    supply = ordered_from_supplier(product, 5)
    line = waiting(product, 4)

    change_confirmed_date(line_id=supply.pk, new_on=TWENTIETH + 10 * DAY, reason="strike", by=None, now=MONDAY + DAY)
    summary = promise_due(now=MONDAY + DAY)
    promise_due(now=MONDAY + DAY)

    assert (summary.changed, summary.later) == (1, 1)
    assert promise(line) == (TWENTIETH + 10 * DAY, PromiseSource.PURCHASE_ORDER)
    assert list(Promise.objects.order_by("pk").values_list("promised_on", "cause")) == [
        (TWENTIETH, PromiseCause.PLACED),
        (TWENTIETH + 10 * DAY, PromiseCause.SUPPLY),
    ]
    told = Message.objects.get(kind="date_changed")
    assert told.context["lines"][0]["previous_promised_on"] == "2025-11-20"
    assert told.context["lines"][0]["promised_on"] == "2025-11-30"
    assert line.times_slipped == 1


@pytest.mark.parametrize(("days", "emails"), [(3, 0), (4, 1), (-3, 0), (-4, 1)])
def test_the_customer_hears_only_of_moves_beyond_the_threshold(days, emails):
    DeskSettings.objects.update(date_change_threshold_days=3)
    product = ProductFactory()
    supply = ordered_from_supplier(product, 5)
    waiting(product, 4)

    change_confirmed_date(line_id=supply.pk, new_on=TWENTIETH + days * DAY, reason="", by=None, now=MONDAY + DAY)
    promise_due(now=MONDAY + DAY)

    assert Message.objects.filter(kind="date_changed").count() == emails


def test_small_moves_add_up_against_what_the_customer_was_told():
    product = ProductFactory()
    supply = ordered_from_supplier(product, 5)
    waiting(product, 4)

    for day in (2, 4):
        change_confirmed_date(line_id=supply.pk, new_on=TWENTIETH + day * DAY, reason="", by=None, now=MONDAY + DAY)
        promise_due(now=MONDAY + DAY)

    [told] = Message.objects.filter(kind="date_changed")
    assert told.context["lines"][0]["previous_promised_on"] == "2025-11-20"


def test_a_product_that_waits_quietly_tells_no_dates():
    product = ProductFactory(backorder_policy=BackorderPolicy.ALLOW)
    supply = ordered_from_supplier(product, 5)
    waiting(product, 4)

    change_confirmed_date(line_id=supply.pk, new_on=TWENTIETH + 30 * DAY, reason="", by=None, now=MONDAY + DAY)
    promise_due(now=MONDAY + DAY)

    told = Message.objects.exclude(kind="purchase_order")
    assert list(told.values_list("kind", flat=True)) == ["order_received"]


def test_an_overdue_purchase_order_gives_no_reliable_date():
    product = ProductFactory()
    ordered_from_supplier(product, 5)
    line = waiting(product, 4)

    promise_dates(now=MONDAY + 30 * DAY, cause=PromiseCause.CALENDAR)

    assert promise(line) == (None, PromiseSource.OVERDUE)


def test_a_cancellation_ahead_brings_the_next_one_forward():
    product = ProductFactory()
    ordered_from_supplier(product, 4)
    ordered_from_supplier(product, 4, expected=TWENTIETH + 14 * DAY)
    ahead, behind = waiting(product, 4), waiting(product, 4)
    assert promise(behind)[0] == TWENTIETH + 14 * DAY

    cancel_line(line_id=ahead.pk, quantity=4, by=None, now=MONDAY + DAY)
    promise_due(now=MONDAY + DAY)

    assert promise(behind)[0] == TWENTIETH
    assert Message.objects.filter(kind="date_changed").count() == 1


def test_a_lead_time_promise_does_not_slide_day_by_day_within_the_order_cycle():
    product = ProductFactory()
    SupplierProductFactory(product=product, lead_time_days=10)
    line = waiting(product, 4)
    before = promise(line)

    promise_dates(now=MONDAY + 2 * DAY, cause=PromiseCause.CALENDAR)
    assert promise(line) == before

    promise_dates(now=MONDAY + 10 * DAY, cause=PromiseCause.CALENDAR)
    assert (before[0], promise(line)[0]) == (date(2025, 11, 25), date(2025, 12, 5))


def test_no_promise_lies_in_the_past_when_it_is_made():
    product = ProductFactory()
    ordered_from_supplier(product, 3)
    SupplierProductFactory(product=product, lead_time_days=1)
    for units in (2, 2, 2):
        waiting(product, units)

    for days in (0, 10, 17, 18, 40):
        promise_dates(now=MONDAY + days * DAY, cause=PromiseCause.CALENDAR)

    assert all(p.promised_on is None or p.promised_on >= p.made_at.date() for p in Promise.objects.all())
