import pytest

from inventory.errors import InvalidQuantity, PurchaseOrderMoveNotAllowed
from inventory.purchasing.close import (
    cancel_purchase_line,
    cancel_purchase_order,
    close_purchase_order,
    close_purchase_orders,
)
from inventory.purchasing.receive import receive_purchase_order
from tests.factories.inventory import MONDAY, PurchaseOrderFactory, PurchaseOrderLineFactory

pytestmark = pytest.mark.django_db


def cancel_line(line, quantity=None):
    return cancel_purchase_line(line_id=line.pk, quantity=quantity, by=None, now=MONDAY)


def receive(line, quantity):
    receive_purchase_order(
        purchase_order_id=line.purchase_order_id, reference="DN-1", quantities={line.pk: quantity}, by=None, now=MONDAY
    )


def state(line):
    line.refresh_from_db()
    line.purchase_order.refresh_from_db()
    line.product.refresh_from_db()
    return line.cancelled, line.outstanding, line.purchase_order.status


def test_a_part_of_a_line_is_given_up():
    line = PurchaseOrderLineFactory(ordered=10)

    cancel_line(line, 9)

    assert (*state(line), line.product.supply_version) == (9, 1, "sent", 1)


def test_the_last_unit_given_up_cancels_an_order_of_which_nothing_came():
    line = PurchaseOrderLineFactory(ordered=10)

    cancel_line(line, 10)

    assert state(line) == (10, 0, "cancelled")


def test_the_last_unit_given_up_completes_an_order_of_which_something_came():
    line = PurchaseOrderLineFactory(ordered=10)
    receive(line, 7)

    cancel_line(line)

    assert state(line) == (3, 0, "received")


def test_other_lines_keep_the_order_alive():
    line = PurchaseOrderLineFactory(ordered=10)
    PurchaseOrderLineFactory(purchase_order=line.purchase_order)

    cancel_line(line)

    assert state(line) == (10, 0, "sent")


def test_a_line_of_a_draft_can_be_given_up():
    line = PurchaseOrderLineFactory(ordered=10, purchase_order__status="draft")

    cancel_line(line, 4)

    assert state(line) == (4, 6, "draft")


@pytest.mark.parametrize("quantity", [0, -1, 4])
def test_only_outstanding_units_are_given_up(quantity):
    line = PurchaseOrderLineFactory(purchase_order__number="PO-1", product__sku="SAW-1", ordered=10)
    receive(line, 7)

    with pytest.raises(InvalidQuantity, match=r"PO-1/1 \(SAW-1\): .* only 3 are outstanding"):
        cancel_line(line, quantity)


def test_a_line_with_nothing_outstanding_is_refused():
    line = PurchaseOrderLineFactory(ordered=10, cancelled=10)

    with pytest.raises(InvalidQuantity, match="only 0 are outstanding"):
        cancel_line(line)


@pytest.mark.parametrize("status", ["received", "closed", "cancelled"])
def test_a_finished_order_loses_no_line(status):
    line = PurchaseOrderLineFactory(purchase_order__status=status)

    with pytest.raises(PurchaseOrderMoveNotAllowed, match="no line can be cancelled"):
        cancel_line(line)


def close(purchase_order):
    return close_purchase_order(purchase_order_id=purchase_order.pk, by=None, now=MONDAY)


def test_closing_gives_up_what_is_outstanding():
    line = PurchaseOrderLineFactory(ordered=10)
    receive(line, 7)

    close(line.purchase_order)

    assert (*state(line), line.product.supply_version) == (3, 0, "closed", 2)


def test_closing_a_received_order_gives_up_nothing():
    line = PurchaseOrderLineFactory(ordered=10, tolerance=1)
    receive(line, 11)

    close(line.purchase_order)

    assert state(line) == (0, 0, "closed")


@pytest.mark.parametrize("status", ["draft", "closed", "cancelled"])
def test_only_a_sent_order_is_closed(status):
    with pytest.raises(PurchaseOrderMoveNotAllowed, match="it cannot be closed"):
        close(PurchaseOrderFactory(status=status))


def cancel(purchase_order):
    return cancel_purchase_order(purchase_order_id=purchase_order.pk, by=None, now=MONDAY)


@pytest.mark.parametrize("status", ["draft", "sent", "confirmed"])
def test_an_order_of_which_nothing_came_is_cancelled(status):
    line = PurchaseOrderLineFactory(ordered=10, purchase_order__status=status)

    cancel(line.purchase_order)

    assert (*state(line), line.product.supply_version) == (10, 0, "cancelled", 1)


@pytest.mark.parametrize("status", ["partly_received", "received", "closed", "cancelled"])
def test_an_order_of_which_something_came_is_not_cancelled(status):
    with pytest.raises(PurchaseOrderMoveNotAllowed, match="it cannot be cancelled"):
        cancel(PurchaseOrderFactory(status=status))


def test_of_several_orders_all_are_closed_or_none():
    sent, other = PurchaseOrderLineFactory(ordered=10), PurchaseOrderLineFactory(ordered=4)
    draft = PurchaseOrderLineFactory(purchase_order__status="draft", purchase_order__ordered_on=None)
    both = [other.purchase_order_id, sent.purchase_order_id]

    with pytest.raises(PurchaseOrderMoveNotAllowed):
        close_purchase_orders(purchase_order_ids=[*both, draft.purchase_order_id], by=None, now=MONDAY)
    before = state(sent), state(other)
    close_purchase_orders(purchase_order_ids=both, by=None, now=MONDAY)

    assert before == ((0, 10, "sent"), (0, 4, "sent"))
    assert (state(sent), state(other)) == ((10, 0, "closed"), (4, 0, "closed"))
