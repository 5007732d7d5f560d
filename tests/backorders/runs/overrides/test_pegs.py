from datetime import timedelta

import pytest

from backorders.enums import PromiseSource
from backorders.errors import PegRefused
from backorders.fulfilment.receive import receive_goods
from backorders.models import LineOverride, OrderLine, Peg
from backorders.promising.promise_dates import promise_due
from backorders.runs.overrides.pegs import end_peg, honour_pegs, peg_supply
from backorders.supply.expedite import unblocked_by
from inventory.errors import ReasonMissing
from inventory.models import PurchaseOrderLine
from inventory.purchasing.dates import change_confirmed_date
from tests.backorders.waiting import DAY, ordered_line
from tests.factories.inventory import MONDAY, PurchaseOrderLineFactory, StockLevelFactory

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=2)


@pytest.fixture
def coming():
    """Ten units on their way for two lines that wait: six units of the first, six of the second."""
    level = StockLevelFactory()
    line = PurchaseOrderLineFactory(
        product=level.product, ordered=10, confirmed_on=(MONDAY + 4 * DAY).date(), purchase_order__number="PO-55"
    )
    lines = [ordered_line(6, product=level.product, now=MONDAY + timedelta(minutes=n)) for n in range(2)]
    return line, lines


def pegged(line, coming, units=6, reason="Promised by phone"):
    return peg_supply(line_id=line.pk, purchase_line_id=coming.pk, units=units, reason=reason, by=None, now=MONDAY)


def arrives(coming, units, reference="D-1", now=LATER):
    return receive_goods(
        purchase_order_id=coming.purchase_order_id, reference=reference, quantities={coming.pk: units}, by=None, now=now
    )


def held(*lines):
    return [OrderLine.objects.get(pk=line.pk).allocated for line in lines]


def test_pegged_goods_are_given_to_their_line_first(coming):
    goods, (first, second) = coming
    peg = pegged(second, goods)

    arrives(goods, 10)

    peg.refresh_from_db()
    assert held(first, second) == [4, 6]
    assert (peg.honoured, peg.ended_at) == (6, LATER)
    assert LineOverride.objects.get(line=second).reason == "Reserved from PO-55: Promised by phone"


def test_a_peg_survives_a_new_date_and_a_delivery_in_parts(coming):
    goods, (first, second) = coming
    peg = pegged(second, goods)
    PurchaseOrderLine.objects.filter(pk=goods.pk).update(confirmed_on=(MONDAY + 40 * DAY).date())

    arrives(goods, 4)
    assert held(first, second) == [0, 4]
    arrives(goods, 6, "D-2", LATER + DAY)

    peg.refresh_from_db()
    assert (held(first, second), peg.left) == ([4, 6], 0)


def test_the_same_delivery_twice_honours_a_peg_once(coming):
    goods, (_, second) = coming
    peg = pegged(second, goods)
    arrives(goods, 4)

    arrives(goods, 4)
    honour_pegs(purchase_line_ids=[goods.pk], now=LATER)

    peg.refresh_from_db()
    assert (held(second), peg.honoured) == ([4], 4)


def test_a_peg_has_no_part_in_goods_that_came_before_it(coming):
    goods, (first, _) = coming
    ended = pegged(first, goods, units=1)
    end_peg(peg_id=ended.pk, by=None, now=MONDAY)
    arrives(goods, 4)
    lacking = {"line_id": first.pk, "purchase_line_id": goods.pk, "units": 2}
    peg = peg_supply(**lacking, reason="By phone", by=None, now=LATER + timedelta(hours=1))

    arrives(goods, 1, "D-2", LATER + DAY)
    honour_pegs(purchase_line_ids=[goods.pk], now=LATER + DAY)

    peg.refresh_from_db()
    assert (held(first), peg.honoured, peg.ended_at) == ([5], 1, None)


def test_a_peg_that_is_ended_is_not_honoured(coming):
    goods, (first, second) = coming
    peg = pegged(second, goods)

    end_peg(peg_id=peg.pk, by=None, now=MONDAY + timedelta(hours=1))
    end_peg(peg_id=peg.pk, by=None, now=LATER)
    arrives(goods, 10)

    peg.refresh_from_db()
    assert (held(first, second), peg.ended_at) == ([6, 4], MONDAY + timedelta(hours=1))


def test_goods_of_another_product_cannot_be_pegged(coming):
    other = PurchaseOrderLineFactory(ordered=10)

    with pytest.raises(PegRefused, match="brings none of this product"):
        pegged(coming[1][0], other)


@pytest.mark.parametrize("units", [0, -1, 7])
def test_no_more_than_the_line_lacks_can_be_pegged(coming, units):
    with pytest.raises(PegRefused, match="the line is short by 6 more"):
        pegged(coming[1][0], coming[0], units)


def test_no_unit_is_pegged_twice(coming):
    goods, (first, second) = coming
    pegged(first, goods)

    with pytest.raises(PegRefused, match="4 of PO-55"):
        pegged(second, goods)
    with pytest.raises(PegRefused, match="End that reservation first"):
        pegged(first, goods, 1)


def test_a_peg_needs_a_reason(coming):
    with pytest.raises(ReasonMissing):
        pegged(coming[1][0], coming[0], reason=" ")

    assert not Peg.objects.exists()


def promised(*lines):
    promise_due(now=LATER)
    return [OrderLine.objects.get(pk=line.pk).promised_on for line in lines]


def test_a_peg_dates_its_line_and_goes_with_its_goods(coming):
    goods, (first, second) = coming
    later = PurchaseOrderLineFactory(
        product=goods.product, ordered=10, confirmed_on=(MONDAY + 20 * DAY).date(), purchase_order__number="PO-66"
    )
    soon, late = goods.confirmed_on, later.confirmed_on
    assert promised(first, second) == [soon, late]

    pegged(second, goods)
    assert promised(first, second) == [late, soon]

    slipped = (MONDAY + 40 * DAY).date()
    change_confirmed_date(line_id=goods.pk, new_on=slipped, reason="Strike", by=None, now=MONDAY)
    assert promised(first, second) == [late, slipped]
    told = second.promises.order_by("pk").last()
    assert (told.source, told.source_reference) == (PromiseSource.PURCHASE_ORDER, "PO-55")
    assert Peg.objects.active().exists()


def test_what_a_receipt_unblocks_knows_the_pegs(coming):
    goods, (first, second) = coming
    pegged(second, goods)

    rows = unblocked_by(goods.purchase_order, now=MONDAY)

    assert {row.line: row.units for row in rows} == {first: 4, second: 6}
