"""What accepting a supplier's proposal would do, seen without doing it; and what goods on their way are for."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from backorders.models import OrderLine, Promise
from backorders.promising.promise_dates import promise_due
from backorders.supply.delay_impact import impact_of
from backorders.supply.expedite import expedite_list, unblocked_by
from backorders.supply.mitigations import ways_out
from inventory.models import PurchaseOrderLine, PurchasingSettings, Substitute, SupplierAnswerLine, SupplierLink
from inventory.suppliers.decide import AnswerDecision, AnswerVerdict, decide_on_answer
from notifications.models import Message
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import (
    MONDAY,
    PurchaseOrderLineFactory,
    StockLevelFactory,
    SupplierProductFactory,
    WarehouseFactory,
)
from tests.inventory.conversation import ASKED, DAY, HOUR, LATER, answer, lines_of, says, sent_order

pytestmark = pytest.mark.django_db
NOW = MONDAY + 2 * HOUR


def ordered(product, units, **values):
    return OrderLine.objects.get(order=order_for({product: units}, now=MONDAY + HOUR, **values))


def confirmed_order(units=10):
    order = sent_order(units)
    answer(order, says(lines_of(order)[0], (units, ASKED)))
    return order, lines_of(order)[0].product


def proposal(order, *parts):
    given = answer(order, says(lines_of(order)[0], *parts, reason="Strike")).answer
    proposals = SupplierAnswerLine.objects.filter(answer=given).select_related("purchase_order_line__product")
    return given, list(proposals)


def test_a_later_day_hits_the_lines_that_were_promised_the_old_one():
    order, product = confirmed_order(10)
    lines = [ordered(product, 4, customer=CustomerFactory(name=name)) for name in ("Anna", "Berta", "Carl")]
    given, proposals = proposal(order, (10, LATER))

    impact = impact_of(given, proposals, now=NOW)

    assert [(hit.line, hit.now_on, hit.then_on, hit.told_on) for hit in impact.later] == [
        (line, ASKED, LATER, ASKED) for line in lines[:2]
    ]
    assert (impact.customers, impact.broken, impact.deadlines) == (2, 2, 0)
    assert impact.value == 8 * product.price


def test_looking_at_the_impact_writes_nothing():
    order, product = confirmed_order(10)
    ordered(product, 4)
    given, proposals = proposal(order, (6, ASKED), (4, LATER))
    before = (PurchaseOrderLine.objects.count(), Promise.objects.count(), Message.objects.count())

    impact_of(given, proposals, now=NOW)

    after = (PurchaseOrderLine.objects.count(), Promise.objects.count(), Message.objects.count())
    assert (after, given.lines.get().state, lines_of(order)[0].confirmed_on) == (before, "proposed", ASKED)
    assert SupplierLink.objects.filter(purpose="reply").count() == 1


def test_a_split_hits_only_who_is_behind_the_first_part():
    order, product = confirmed_order(10)
    first, second = ordered(product, 5), ordered(product, 5)

    impact = impact_of(*proposal(order, (5, ASKED), (5, LATER)), now=NOW)

    assert [hit.line for hit in impact.later] == [second]
    assert first not in [hit.line for hit in impact.hits]


def test_latest_days_that_would_be_missed_are_counted():
    order, product = confirmed_order(10)
    line = ordered(product, 4)
    OrderLine.objects.filter(pk=line.pk).update(latest_on=ASKED + DAY)

    impact = impact_of(*proposal(order, (10, LATER)), now=NOW)

    assert (impact.deadlines, impact.later[0].misses_the_latest_day) == (1, True)


def test_what_cannot_be_accepted_any_more_says_why():
    order, product = confirmed_order(10)
    ordered(product, 4)
    given, proposals = proposal(order, (10, LATER))

    assert "is in the past" in impact_of(given, proposals, now=MONDAY + 40 * DAY).refused


def test_the_ways_out_are_ranked_by_cost():
    order, product = confirmed_order(10)
    line = lines_of(order)[0]
    PurchaseOrderLine.objects.filter(pk=line.pk).update(cost=Decimal("10"))
    SupplierProductFactory(product=product, supplier__name="Sud", cost=Decimal("13"), lead_time_days=5, pack_size=3)
    StockLevelFactory(product=product, warehouse=WarehouseFactory(code="NORTH"), on_hand=2)
    PurchasingSettings.objects.update(transfer_cost=Decimal("0.50"), express_percent=20)
    ordered(product, 4, customer=CustomerFactory())
    OrderLine.objects.update(warehouse=order.warehouse)
    given, proposals = proposal(order, (10, LATER))

    ways = ways_out(given, proposals, impact_of(given, proposals, now=NOW), now=NOW)

    assert [(way.key, way.units, way.needed, way.cost, way.available_on) for way in ways] == [
        ("transfer", 2, 4, Decimal("1.00"), MONDAY.date()),
        ("counter", 4, 4, Decimal("8.00"), ASKED),
        ("order", 6, 4, Decimal("18.00"), MONDAY.date() + 5 * DAY),
    ]


def test_where_nobody_waits_longer_no_way_out_is_needed():
    order, _ = confirmed_order(10)
    given, proposals = proposal(order, (10, LATER))
    impact = impact_of(given, proposals, now=NOW)

    assert (list(impact.hits), ways_out(given, proposals, impact, now=NOW)) == ([], [])


def test_a_receipt_unblocks_the_queue_in_its_order():
    order, product = confirmed_order(10)
    lines = [ordered(product, units) for units in (4, 4, 4)]

    rows = unblocked_by(order, now=NOW)

    assert [(row.line, row.place, row.units, row.value) for row in rows] == [
        (lines[0], 1, 4, 4 * product.price),
        (lines[1], 2, 4, 4 * product.price),
        (lines[2], 3, 2, 2 * product.price),
    ]


def test_earlier_supply_is_given_out_first():
    order, product = confirmed_order(10)
    earlier = PurchaseOrderLineFactory(product=product, ordered=3, confirmed_on=ASKED - DAY)
    line = ordered(product, 5)

    assert [(row.line, row.units) for row in unblocked_by(earlier.purchase_order, now=NOW)] == [(line, 3)]
    assert [(row.line, row.units) for row in unblocked_by(order, now=NOW)] == [(line, 2)]


def test_the_expedite_list_ranks_by_the_value_that_waits():
    cheap, dear = confirmed_order(10)[1], confirmed_order(10)[1]
    ordered(cheap, 2)
    for _ in range(2):
        ordered(dear, 4)
    OrderLine.objects.filter(product=dear).update(latest_on=ASKED)

    rows = expedite_list(now=NOW)

    assert [row.supply.product for row in rows] == [dear, cheap]
    assert [(row.units, row.lines, row.customers, row.deadlines) for row in rows] == [(8, 2, 2, 2), (2, 1, 1, 0)]
    assert rows[0].value == 8 * dear.price
    assert rows[0].earliest_deadline == ASKED


def test_what_nobody_waits_for_is_not_hastened():
    confirmed_order(10)

    assert expedite_list(now=NOW) == []


def test_the_expedite_list_of_one_supplier():
    _, product = confirmed_order(10)
    ordered(product, 2)
    other, its_product = confirmed_order(10)
    ordered(its_product, 2)

    [row] = expedite_list(now=NOW, supplier_id=other.supplier_id)

    assert row.supply.purchase_order == other


def test_accepting_does_what_was_foreseen():
    order, product = confirmed_order(10)
    line = ordered(product, 4)
    given, proposals = proposal(order, (10, LATER))
    foreseen = {hit.line.pk: hit.then_on for hit in impact_of(given, proposals, now=NOW).later}

    decide_on_answer(
        answer_id=given.pk, decisions=[AnswerDecision(proposals[0].pk, AnswerVerdict.ACCEPT)], by=None, now=NOW
    )
    promise_due(now=NOW + timedelta(minutes=1))

    line.refresh_from_db()
    assert {line.pk: line.promised_on} == foreseen == {line.pk: date(2025, 11, 27)}


def test_a_free_substitute_is_a_way_out_that_customers_are_asked_about():
    order, product = confirmed_order(10)
    line = ordered(product, 4)
    level = StockLevelFactory(product__cost=Decimal("12"), on_hand=50)
    Substitute.objects.create(product=product, substitute=level.product, units=2, per=1, approved_at=MONDAY)
    PurchaseOrderLine.objects.update(cost=Decimal("10"))
    given, proposals = proposal(order, (10, LATER))

    [way] = [
        way
        for way in ways_out(given, proposals, impact_of(given, proposals, now=NOW), now=NOW)
        if way.key == "substitute"
    ]

    assert (way.units, way.needed, way.cost, way.target) == (4, 4, Decimal("56.00"), f"line={line.pk}")
