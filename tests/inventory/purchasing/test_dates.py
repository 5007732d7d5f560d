from datetime import date

import pytest

from inventory.enums import PurchaseOrderStatus
from inventory.errors import InvalidDate, PurchaseOrderMoveNotAllowed, WrongLine
from inventory.models import PurchaseDateChange
from inventory.purchasing.dates import NewDate, change_confirmed_date, change_confirmed_dates, confirm_purchase_order
from tests.factories.inventory import MONDAY, PurchaseOrderFactory, PurchaseOrderLineFactory
from tests.factories.staff import StaffFactory

pytestmark = pytest.mark.django_db
TODAY, YESTERDAY, LATER, LATEST = MONDAY.date(), date(2025, 11, 2), date(2025, 11, 20), date(2025, 12, 1)


def confirm(purchase_order, dates, by=None):
    return confirm_purchase_order(purchase_order_id=purchase_order.pk, dates=dates, by=by, now=MONDAY)


def change(line, new_on, reason="", by=None):
    return change_confirmed_date(line_id=line.pk, new_on=new_on, reason=reason, by=by, now=MONDAY)


def test_a_confirmation_writes_the_first_date_and_its_history():
    line, buyer = PurchaseOrderLineFactory(), StaffFactory()

    confirmed = confirm(line.purchase_order, {line.pk: LATER}, by=buyer)

    line.refresh_from_db()
    change = PurchaseDateChange.objects.get()
    assert (confirmed.status, confirmed.confirmed_at) == ("confirmed", MONDAY)
    assert (line.first_confirmed_on, line.confirmed_on, line.requested_on) == (LATER, LATER, date(2025, 11, 17))
    assert (change.line, change.previous_on, change.new_on, change.made_by) == (line, None, LATER, buyer)


def test_the_order_is_confirmed_once_every_line_to_come_is():
    first = PurchaseOrderLineFactory()
    second = PurchaseOrderLineFactory(purchase_order=first.purchase_order)
    PurchaseOrderLineFactory(purchase_order=first.purchase_order, ordered=5, cancelled=5)

    partly = confirm(first.purchase_order, {first.pk: LATER})
    wholly = confirm(first.purchase_order, {second.pk: LATER})

    assert (partly.status, partly.confirmed_at, wholly.status) == ("sent", None, "confirmed")


def test_a_confirmation_told_twice_changes_nothing():
    line = PurchaseOrderLineFactory()

    confirm(line.purchase_order, {line.pk: LATER})
    confirm(line.purchase_order, {line.pk: LATER})

    line.product.refresh_from_db()
    assert (PurchaseDateChange.objects.count(), line.product.supply_version) == (1, 1)


def test_another_date_for_a_confirmed_line_is_no_confirmation():
    line = PurchaseOrderLineFactory(confirmed_on=LATER)

    with pytest.raises(PurchaseOrderMoveNotAllowed, match="is already confirmed for 20 Nov 2025"):
        confirm(line.purchase_order, {line.pk: LATEST})


def test_today_can_be_confirmed():
    line = PurchaseOrderLineFactory()

    confirm(line.purchase_order, {line.pk: TODAY})

    line.refresh_from_db()
    assert line.confirmed_on == TODAY


def test_yesterday_cannot_be_confirmed():
    line = PurchaseOrderLineFactory(purchase_order__number="PO-1", product__sku="SAW-1")

    with pytest.raises(InvalidDate, match=r"PO-1/1 \(SAW-1\): 2 Nov 2025 is in the past"):
        confirm(line.purchase_order, {line.pk: YESTERDAY})


def test_one_impossible_date_confirms_no_line():
    good = PurchaseOrderLineFactory()
    bad = PurchaseOrderLineFactory(purchase_order=good.purchase_order)

    with pytest.raises(InvalidDate):
        confirm(good.purchase_order, {good.pk: LATER, bad.pk: YESTERDAY})

    good.refresh_from_db()
    assert good.confirmed_on is None


def test_a_confirmation_without_dates_is_refused():
    with pytest.raises(InvalidDate, match="at least one line of PO-1"):
        confirm(PurchaseOrderFactory(number="PO-1"), {})


def test_a_line_of_another_order_is_refused():
    foreign = PurchaseOrderLineFactory()

    with pytest.raises(WrongLine, match=f"PO-1 has no line with id {foreign.pk}"):
        confirm(PurchaseOrderFactory(number="PO-1"), {foreign.pk: LATER})


def test_a_line_with_nothing_to_come_is_refused():
    line = PurchaseOrderLineFactory(ordered=5, cancelled=5)

    with pytest.raises(PurchaseOrderMoveNotAllowed, match="has nothing outstanding"):
        confirm(line.purchase_order, {line.pk: LATER})


@pytest.mark.parametrize("status", ["draft", "received", "closed", "cancelled"])
def test_only_an_order_on_its_way_is_confirmed(status):
    line = PurchaseOrderLineFactory(purchase_order__status=status)

    with pytest.raises(PurchaseOrderMoveNotAllowed, match="only a sent order can be confirmed"):
        confirm(line.purchase_order, {line.pk: LATER})


def test_a_partly_received_order_stays_partly_received():
    line = PurchaseOrderLineFactory(purchase_order__status=PurchaseOrderStatus.PARTLY_RECEIVED)

    confirmed = confirm(line.purchase_order, {line.pk: LATER})

    assert (confirmed.status, confirmed.confirmed_at) == ("partly_received", MONDAY)


def test_a_changed_date_leaves_the_first_one_standing():
    line = PurchaseOrderLineFactory(confirmed_on=LATER)

    row = change(line, LATEST, "Strike at the port")

    line.refresh_from_db()
    line.product.refresh_from_db()
    assert (line.first_confirmed_on, line.confirmed_on) == (LATER, LATEST)
    assert (row.previous_on, row.new_on, row.reason, row.made_at) == (LATER, LATEST, "Strike at the port", MONDAY)
    assert line.product.supply_version == 1


def test_a_change_told_twice_is_one_change():
    line = PurchaseOrderLineFactory(confirmed_on=LATER)

    first, second = change(line, LATEST), change(line, LATEST)

    assert (first, PurchaseDateChange.objects.count()) == (second, 1)


def test_a_date_may_change_to_today_but_not_to_yesterday():
    line = PurchaseOrderLineFactory(confirmed_on=LATER)

    change(line, TODAY)
    with pytest.raises(InvalidDate, match="2 Nov 2025 is in the past"):
        change(line, YESTERDAY)


def test_an_unconfirmed_line_has_no_date_to_change():
    with pytest.raises(PurchaseOrderMoveNotAllowed, match="has no confirmed date yet"):
        change(PurchaseOrderLineFactory(), LATER)


def test_a_line_with_nothing_to_come_keeps_its_date():
    line = PurchaseOrderLineFactory(ordered=5, cancelled=5, confirmed_on=LATER)

    with pytest.raises(PurchaseOrderMoveNotAllowed, match="has nothing outstanding"):
        change(line, LATEST)


@pytest.mark.parametrize("status", ["draft", "received", "closed", "cancelled"])
def test_the_dates_of_an_order_that_is_not_on_its_way_stand(status):
    line = PurchaseOrderLineFactory(purchase_order__status=status, confirmed_on=LATER)

    with pytest.raises(PurchaseOrderMoveNotAllowed, match="its dates stand"):
        change(line, LATEST)


def test_several_dates_are_written_in_the_order_in_which_they_were_said():
    one, other = PurchaseOrderLineFactory(), PurchaseOrderLineFactory()
    for line in (one, other):
        confirm(line.purchase_order, {line.pk: LATER})
    said = [NewDate(other.pk, LATEST, "Strike"), NewDate(one.pk, LATEST, ""), NewDate(other.pk, TODAY, "It is over")]

    changes = change_confirmed_dates(changes=said, by=None, now=MONDAY)

    other.refresh_from_db()
    assert [(c.line_id, c.previous_on, c.new_on, c.reason) for c in changes] == [
        (other.pk, LATER, LATEST, "Strike"),
        (one.pk, LATER, LATEST, ""),
        (other.pk, LATEST, TODAY, "It is over"),
    ]
    assert (other.confirmed_on, other.first_confirmed_on) == (TODAY, LATER)
