from datetime import UTC, datetime, timedelta

import pytest

from inventory.errors import (
    ConflictingRepeat,
    InvalidDate,
    InvalidQuantity,
    OverReceipt,
    PurchaseOrderMoveNotAllowed,
    WrongLine,
)
from inventory.models import Receipt, StockEntry, StockLevel
from inventory.purchasing.close import cancel_purchase_line
from inventory.purchasing.receive import GoodsArrival, receive_arrivals, receive_purchase_order
from tests.factories.inventory import MONDAY, PurchaseOrderFactory, PurchaseOrderLineFactory, StockLevelFactory
from tests.factories.staff import StaffFactory

pytestmark = pytest.mark.django_db


def receive(purchase_order, quantities, reference="DN-1", now=MONDAY, by=None):
    return receive_purchase_order(
        purchase_order_id=purchase_order.pk, reference=reference, quantities=quantities, by=by, now=now
    )


def received(line):
    line.refresh_from_db()
    line.purchase_order.refresh_from_db()
    return line.received, line.outstanding, line.purchase_order.status


def test_a_receipt_books_the_goods_into_the_orders_warehouse():
    line, clerk = PurchaseOrderLineFactory(purchase_order__number="PO-1", ordered=10), StaffFactory()

    receipt = receive(line.purchase_order, {line.pk: 10}, by=clerk)

    level = StockLevel.objects.get(product=line.product, warehouse=line.purchase_order.warehouse)
    entry = StockEntry.objects.get()
    line.product.refresh_from_db()
    assert (receipt.reference, receipt.received_by, receipt.received_at) == ("DN-1", clerk, MONDAY)
    assert (level.on_hand, entry.kind, entry.delta) == (10, "receipt", 10)
    assert (entry.reference, entry.reason) == ("DN-1", "PO-1")
    assert (*received(line), line.product.supply_version) == (10, 0, "received", 1)


def test_a_short_receipt_leaves_the_rest_open():
    line = PurchaseOrderLineFactory(ordered=10)

    receive(line.purchase_order, {line.pk: 9})

    assert received(line) == (9, 1, "partly_received")


def test_an_order_is_received_when_its_last_line_is():
    first = PurchaseOrderLineFactory(ordered=10)
    second = PurchaseOrderLineFactory(purchase_order=first.purchase_order, ordered=5)

    receive(first.purchase_order, {first.pk: 10, second.pk: 0})
    halfway = received(first)
    receive(first.purchase_order, {second.pk: 5}, reference="DN-2")

    assert (halfway, received(second)) == ((10, 0, "partly_received"), (5, 0, "received"))


def test_two_lines_of_one_product_fill_one_pool():
    first = PurchaseOrderLineFactory(ordered=10)
    second = PurchaseOrderLineFactory(purchase_order=first.purchase_order, product=first.product, ordered=5)
    level = StockLevelFactory(product=first.product, on_hand=1)

    receive(first.purchase_order, {first.pk: 10, second.pk: 5})

    level.refresh_from_db()
    assert level.on_hand == 16


def test_the_same_receipt_again_is_the_same_receipt():
    line = PurchaseOrderLineFactory(ordered=10)

    first = receive(line.purchase_order, {line.pk: 10})
    second = receive(line.purchase_order, {line.pk: 10}, reference=" dn-1 ")

    assert (first, StockEntry.objects.count()) == (second, 1)


def test_the_same_reference_with_other_quantities_is_refused():
    line = PurchaseOrderLineFactory(purchase_order__number="PO-1", ordered=10)
    receive(line.purchase_order, {line.pk: 4})

    with pytest.raises(ConflictingRepeat, match="Receipt DN-1 of PO-1 is already booked with other quantities"):
        receive(line.purchase_order, {line.pk: 5})

    assert received(line) == (4, 6, "partly_received")


def test_two_orders_may_share_a_delivery_note():
    first, second = PurchaseOrderLineFactory(ordered=10), PurchaseOrderLineFactory(ordered=10)

    receive(first.purchase_order, {first.pk: 10})
    receive(second.purchase_order, {second.pk: 10})

    assert Receipt.objects.count() == 2


def test_more_than_ordered_is_accepted_up_to_the_tolerance():
    line = PurchaseOrderLineFactory(ordered=10, tolerance=2)

    receive(line.purchase_order, {line.pk: 12})

    assert received(line) == (12, 0, "received")


def test_one_unit_beyond_the_tolerance_is_refused():
    line = PurchaseOrderLineFactory(purchase_order__number="PO-1", product__sku="SAW-1", ordered=10, tolerance=2)

    with pytest.raises(OverReceipt) as refusal:
        receive(line.purchase_order, {line.pk: 13})

    assert str(refusal.value) == (
        "PO-1/1 (SAW-1): 13 arrived, but only 10 are outstanding and at most 12 are accepted."
    )
    assert (*received(line), StockEntry.objects.count()) == (0, 10, "sent", 0)


def test_the_tolerance_is_for_the_whole_line_not_for_each_receipt():
    line = PurchaseOrderLineFactory(ordered=10, tolerance=2)
    receive(line.purchase_order, {line.pk: 11})

    receive(line.purchase_order, {line.pk: 1}, reference="DN-2")
    with pytest.raises(OverReceipt):
        receive(line.purchase_order, {line.pk: 1}, reference="DN-3")

    assert received(line) == (12, 0, "received")


def test_cancelled_units_are_not_received():
    line = PurchaseOrderLineFactory(ordered=10)
    cancel_purchase_line(line_id=line.pk, quantity=4, by=None, now=MONDAY)

    with pytest.raises(OverReceipt, match="only 6 are outstanding and at most 6 are accepted"):
        receive(line.purchase_order, {line.pk: 7})


def test_one_over_receipt_books_none_of_the_lines():
    good = PurchaseOrderLineFactory(ordered=10)
    bad = PurchaseOrderLineFactory(purchase_order=good.purchase_order, ordered=5)

    with pytest.raises(OverReceipt):
        receive(good.purchase_order, {good.pk: 10, bad.pk: 6})

    assert received(good) == (0, 10, "sent")


def test_goods_may_arrive_on_the_day_they_were_ordered():
    line = PurchaseOrderLineFactory(ordered=10)

    receive(line.purchase_order, {line.pk: 1}, now=datetime(2025, 11, 3, 0, 0, tzinfo=UTC))

    assert received(line) == (1, 9, "partly_received")


def test_goods_cannot_arrive_before_they_were_ordered():
    line = PurchaseOrderLineFactory(purchase_order__number="PO-1")

    with pytest.raises(InvalidDate, match="PO-1 was ordered on 3 Nov 2025"):
        receive(line.purchase_order, {line.pk: 1}, now=datetime(2025, 11, 2, 12, 0, tzinfo=UTC))


@pytest.mark.parametrize("status", ["draft", "closed", "cancelled"])
def test_an_order_that_is_not_on_its_way_receives_nothing(status):
    line = PurchaseOrderLineFactory(purchase_order__status=status)

    with pytest.raises(PurchaseOrderMoveNotAllowed, match="nothing can be received"):
        receive(line.purchase_order, {line.pk: 1})


def test_a_receipt_needs_a_reference():
    line = PurchaseOrderLineFactory()

    with pytest.raises(InvalidQuantity, match="needs a reference"):
        receive(line.purchase_order, {line.pk: 1}, reference="  ")


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_receipt_of_nothing_is_refused(quantity):
    line = PurchaseOrderLineFactory()

    with pytest.raises(InvalidQuantity):
        receive(line.purchase_order, {line.pk: quantity})


def test_a_line_of_another_order_is_refused():
    foreign = PurchaseOrderLineFactory()

    with pytest.raises(WrongLine, match=f"PO-1 has no line with id {foreign.pk}"):
        receive(PurchaseOrderFactory(number="PO-1"), {foreign.pk: 1})


def test_deliveries_of_several_orders_are_booked_together_each_at_its_time():
    first, second = PurchaseOrderLineFactory(ordered=10), PurchaseOrderLineFactory(ordered=5)
    later = MONDAY + timedelta(hours=2)
    arrivals = [
        GoodsArrival(first.purchase_order_id, "DN-1", {first.pk: 10}, MONDAY),
        GoodsArrival(second.purchase_order_id, "DN-2", {second.pk: 2}, later),
    ]

    receipts = receive_arrivals(arrivals=arrivals, by=None)
    again = receive_arrivals(arrivals=arrivals, by=None)

    assert [receipt.received_at for receipt in receipts] == [MONDAY, later]
    assert (received(first)[2], received(second)[2]) == ("received", "partly_received")
    assert list(StockEntry.objects.order_by("pk").values_list("delta", "made_at")) == [(10, MONDAY), (2, later)]
    assert again == receipts


def test_one_delivery_that_cannot_be_keeps_the_others_out():
    sound, short = PurchaseOrderLineFactory(ordered=10), PurchaseOrderLineFactory(ordered=5)

    with pytest.raises(OverReceipt):
        receive_arrivals(
            arrivals=[
                GoodsArrival(sound.purchase_order_id, "DN-1", {sound.pk: 10}, MONDAY),
                GoodsArrival(short.purchase_order_id, "DN-2", {short.pk: 50}, MONDAY),
            ],
            by=None,
        )

    assert (received(sound)[0], Receipt.objects.count(), StockEntry.objects.count()) == (0, 0, 0)


def test_two_deliveries_of_one_order_are_not_booked_in_one_call():
    line = PurchaseOrderLineFactory(ordered=10)
    arrival = GoodsArrival(line.purchase_order_id, "DN-1", {line.pk: 4}, MONDAY)

    with pytest.raises(ValueError, match="one purchase order"):
        receive_arrivals(arrivals=[arrival, arrival._replace(reference="DN-2")], by=None)
