"""What the desk promises when an order comes in."""

from contextlib import nullcontext
from datetime import date, timedelta
from decimal import Decimal

import pytest

from backorders.enums import BackorderReason, OrderStatus, PromiseSource
from backorders.errors import BackorderRefused, ConflictingOrder, OrderRefused
from backorders.models import Allocation, LineEvent, OrderLine, Promise, SalesOrder
from backorders.orders.intake import NewLine, NewOrder, place_order, place_orders
from inventory.enums import BackorderPolicy
from notifications.models import Message
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import (
    MONDAY,
    ProductFactory,
    StockEntryFactory,
    StockLevelFactory,
    SupplierProductFactory,
    WarehouseFactory,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def only_line(order: SalesOrder) -> OrderLine:
    return OrderLine.objects.get(order=order)


def an_order(product, *, quantity=5, number="PO-77", customer=None, **values) -> NewOrder:
    line = NewLine(product_id=product.pk, quantity=quantity, **values)
    return NewOrder(
        source="shop",
        external_number=number,
        customer_id=(customer or CustomerFactory()).pk,
        lines=(line,),
        placed_at=MONDAY,
    )


def test_an_order_that_stock_covers_is_allocated_at_once_and_is_no_backorder():
    level = StockLevelFactory(on_hand=10)

    line = only_line(order_for({level.product: 4}))

    level.refresh_from_db()
    assert (line.allocated, line.first_filled, line.backordered_at, line.reason) == (4, 4, None, "")
    assert (level.reserved, level.available) == (4, 6)
    assert (line.promise_source, line.promised_on) == (PromiseSource.STOCK, MONDAY.date())


def test_what_is_missing_becomes_a_backorder_with_a_reason_and_a_lead_time_date():
    level = StockLevelFactory(on_hand=3)
    SupplierProductFactory(product=level.product, lead_time_days=10)

    line = only_line(order_for({level.product: 4}))

    assert (line.allocated, line.missing, line.first_filled) == (3, 1, 3)
    assert (line.backordered_at, line.reason) == (MONDAY, BackorderReason.UNKNOWN)
    # Monday + 5 days order cycle + 10 days lead time + 1 day handling, all working days
    assert (line.promise_source, line.promised_on) == (PromiseSource.LEAD_TIME, date(2025, 11, 25))


def test_a_product_that_nobody_supplies_gets_no_date_instead_of_an_invented_one():
    line = only_line(order_for({ProductFactory(): 1}))

    assert (line.promise_source, line.promised_on) == (PromiseSource.UNKNOWN, None)


def test_a_new_order_does_not_overtake_older_waiting_lines_of_its_product():
    level = StockLevelFactory()
    older = only_line(order_for({level.product: 5}))
    StockEntryFactory(stock_level=level, delta=6)

    newer = only_line(order_for({level.product: 3}, now=MONDAY + DAY))

    older.refresh_from_db()
    assert (older.allocated, newer.allocated) == (0, 1)


def test_a_product_that_takes_no_backorders_refuses_the_whole_order():
    level, other = StockLevelFactory(on_hand=2), StockLevelFactory(on_hand=9)
    level.product.backorder_policy = BackorderPolicy.DENY
    level.product.save()

    with pytest.raises(BackorderRefused, match=r"2 of 3 × .* cannot be backordered"):
        order_for({other.product: 1, level.product: 3})

    assert (SalesOrder.objects.count(), OrderLine.objects.count(), Message.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(("second", "taken"), [(4, True), (5, False)])
def test_the_limit_bounds_the_units_that_wait(second, taken):
    product = ProductFactory(backorder_limit=10)
    order_for({product: 6})

    refusal = pytest.raises(BackorderRefused, match="6 units are already on backorder, and the limit is 10")
    with nullcontext() if taken else refusal:
        order_for({product: second})

    assert OrderLine.objects.count() == (2 if taken else 1)


def test_backorders_end_on_their_last_day():
    product = ProductFactory(backorder_until=MONDAY.date())
    order_for({product: 1})

    with pytest.raises(BackorderRefused, match="cannot be backordered after 2025-11-03"):
        order_for({product: 1}, now=MONDAY + DAY)


def test_the_same_order_twice_is_one_order_and_one_email():
    order = an_order(ProductFactory())

    first = place_order(order=order, by=None, now=MONDAY)
    again = place_order(order=order, by=None, now=MONDAY + DAY)

    assert first == again
    assert (OrderLine.objects.count(), Message.objects.count()) == (1, 1)


def test_the_same_number_with_other_content_is_refused_and_named():
    product, customer = ProductFactory(), CustomerFactory()
    known = place_order(order=an_order(product, customer=customer), by=None, now=MONDAY)

    with pytest.raises(
        ConflictingOrder, match=f"Order po-77 of shop is known as {known.number} with different content"
    ):
        place_order(order=an_order(product, customer=customer, quantity=6, number="po-77"), by=None, now=MONDAY)

    assert OrderLine.objects.get().ordered == 5


def test_two_sources_may_use_the_same_number():
    product = ProductFactory()
    order_for({product: 1}, source="shop", external_number="1")
    order_for({product: 2}, source="phone", external_number="1")

    assert SalesOrder.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"quantity": 0}, "whole number from 1 to 100,000"),
        ({"quantity": 100_001}, "whole number from 1 to 100,000"),
        ({"unit_price": Decimal("-1")}, "the price must be between"),
        ({"requested_on": date(2026, 1, 5), "latest_on": date(2026, 1, 4)}, "the latest acceptable date is before"),
    ],
)
def test_what_is_wrong_with_a_line_is_named_and_nothing_is_written(values, told):
    with pytest.raises(OrderRefused, match=told):
        place_order(order=an_order(ProductFactory(), **values), by=None, now=MONDAY)

    assert SalesOrder.objects.count() == 0


def test_an_order_without_lines_or_from_the_future_is_refused():
    with pytest.raises(OrderRefused, match="no lines"):
        order_for({})
    with pytest.raises(OrderRefused, match="is in the future"):
        order_for({ProductFactory(): 1}, placed_at=MONDAY + DAY)


def test_a_discontinued_product_is_not_sold():
    product = ProductFactory(active=False)

    with pytest.raises(OrderRefused, match="is no longer sold"):
        order_for({product: 1})


def test_the_warehouse_that_covers_the_line_serves_it_else_the_preferred_one():
    near, far = WarehouseFactory(), WarehouseFactory(code="FAR", preference=2)
    product = ProductFactory()
    StockLevelFactory(product=product, warehouse=near, on_hand=2)
    StockLevelFactory(product=product, warehouse=far, on_hand=9)

    covered = only_line(order_for({product: 5}))
    short = only_line(order_for({product: 50}))

    assert (covered.warehouse, covered.allocated) == (far, 5)
    assert (short.warehouse, short.allocated) == (near, 2)


def test_the_acknowledgement_says_what_ships_and_what_waits():
    level = StockLevelFactory(on_hand=2)
    customer = CustomerFactory(email="anna@example.com", language="de")

    order = order_for({level.product: 5}, customer=customer)

    message = Message.objects.get()
    [line] = message.context["lines"]
    assert (message.kind, message.recipient, message.language) == ("order_received", "anna@example.com", "de")
    assert (line["ordered"], line["allocated"], line["open"]) == (5, 2, 5)
    assert message.aggregate == f"order:{order.pk}"
    assert Promise.objects.get().message_key == message.dedupe_key


def test_a_customer_without_an_address_is_not_written_to():
    order_for({ProductFactory(): 5}, customer=CustomerFactory(email=""))

    assert Message.objects.count() == 0
    assert set(LineEvent.objects.values_list("message_key", flat=True)) == {""}


def test_history_comes_in_as_shipped_and_touches_no_stock():
    level = StockLevelFactory(on_hand=5)
    order = an_order(level.product, quantity=4, shipped=4)

    [outcome] = place_orders(orders=[order], by=None, now=MONDAY, acknowledge=False)

    level.refresh_from_db()
    known = SalesOrder.objects.get(pk=outcome.order_id)
    assert (known.status, level.on_hand, level.reserved) == (OrderStatus.SHIPPED, 5, 0)
    assert (Allocation.objects.count(), LineEvent.objects.count(), Message.objects.count()) == (0, 0, 0)


def test_a_known_order_takes_on_new_lines_keeps_equal_ones_and_reports_changed_ones():
    a, b = ProductFactory(), ProductFactory()
    customer = CustomerFactory()
    first = NewLine(product_id=a.pk, quantity=5, external_line="1")
    more = NewLine(product_id=b.pk, quantity=2, external_line="2")
    changed = NewLine(product_id=a.pk, quantity=6, external_line="1")
    base = an_order(a, customer=customer)

    def take(*lines):
        orders = [NewOrder(**{f: getattr(base, f) for f in base.__slots__} | {"lines": lines})]
        return place_orders(orders=orders, by=None, now=MONDAY, acknowledge=False)[0]

    assert take(first).added == {"1"}
    extended = take(first, more)
    assert (extended.unchanged, extended.added) == ({"1"}, {"2"})
    conflicting = take(changed, more)
    assert conflicting.conflicts == {"1": "Already known with different content: the quantity is 5, not 6."}
    assert conflicting.unchanged == {"2"}
    assert list(OrderLine.objects.order_by("number").values_list("ordered", flat=True)) == [5, 2]


def test_one_bad_line_of_a_batch_leaves_the_others_in():
    good, bad = ProductFactory(), ProductFactory(active=False)
    orders = [an_order(good, number="1"), an_order(bad, number="2")]

    taken, refused = place_orders(orders=orders, by=None, now=MONDAY, acknowledge=False)

    assert (taken.added, refused.added) == ({"1"}, set())
    assert list(refused.refused) == ["1"]
    assert SalesOrder.objects.count() == 1


def test_a_product_with_a_price_in_another_currency_needs_a_price_by_name():
    euro, dollar = ProductFactory(currency="EUR"), ProductFactory(currency="USD")

    with pytest.raises(OrderRefused, match="has a price in USD, but the order is in EUR"):
        order_for({euro: 1, dollar: 1})


def test_a_customer_who_is_no_longer_served_orders_nothing():
    customer = CustomerFactory(active=False)

    with pytest.raises(OrderRefused, match=f"{customer.code} is no longer active"):
        order_for({ProductFactory(): 1}, customer=customer)


def test_a_cancelled_order_takes_on_no_shipped_line():
    product, customer = ProductFactory(), CustomerFactory()
    gone = an_order(product, customer=customer, cancelled=5, external_line="1")
    more = an_order(product, customer=customer, shipped=5, external_line="2")
    place_orders(orders=[gone], by=None, now=MONDAY, acknowledge=False)

    [outcome] = place_orders(orders=[more], by=None, now=MONDAY, acknowledge=False)

    assert "is cancelled already" in outcome.refused["2"]
