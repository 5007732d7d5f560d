"""The buyer's decision: what accepting makes true, and that countering and declining move no date."""

from datetime import date

import pytest

from inventory.enums import AnswerState
from inventory.errors import (
    AnswerAlreadyDecided,
    InvalidAnswer,
    InvalidDate,
    InvalidQuantity,
    NoAddress,
    OrderChanged,
    PurchaseOrderMoveNotAllowed,
    WrongLine,
)
from inventory.models import PurchaseDateChange, PurchaseOrderLine, Supplier, SupplierAnswerLine, SupplierQuestion
from inventory.purchasing.close import close_purchase_order
from inventory.purchasing.receive import receive_purchase_order
from inventory.purchasing.split import split_purchase_line
from inventory.suppliers.decide import AnswerDecision, AnswerVerdict, decide_on_answer
from notifications.models import Message
from tests.factories.inventory import MONDAY, PurchaseOrderLineFactory
from tests.inventory.conversation import ASKED, DAY, HOUR, LATER, answer, dates, letters, lines_of, says, sent_order

pytestmark = pytest.mark.django_db
NOW = MONDAY + 2 * HOUR


def proposed(order, *parts, reason="Strike"):
    return answer(order, says(lines_of(order)[0], *parts, reason=reason)).answer


def decide(given, verdict, *, now=NOW, **more):
    [proposal] = SupplierAnswerLine.objects.filter(answer=given)
    return decide_on_answer(
        answer_id=given.pk, decisions=[AnswerDecision(proposal.pk, verdict, **more)], by=None, now=now
    )


def state():
    return SupplierAnswerLine.objects.latest("pk").state


def test_an_accepted_later_day_is_the_first_confirmation_of_an_unconfirmed_line():
    order = sent_order(10)

    decide(proposed(order, (10, LATER)), AnswerVerdict.ACCEPT)

    order.refresh_from_db()
    assert (dates(order), order.status, state()) == ([(10, LATER, LATER)], "confirmed", AnswerState.ACCEPTED)
    assert letters(order) == ["purchase_order", "purchase_reply"]
    [line] = Message.objects.latest("pk").context["lines"]
    assert (line["outcome"], line["quantity"], line["promised_on"]) == ("accepted", 10, "2025-11-27")


def test_an_accepted_delay_moves_the_date_and_leaves_the_first_one():
    order = sent_order(10)
    answer(order, says(lines_of(order)[0], (10, ASKED)))

    decide(proposed(order, (10, LATER), reason="Container late"), AnswerVerdict.ACCEPT)

    assert dates(order) == [(10, ASKED, LATER)]
    changes = PurchaseDateChange.objects.order_by("pk").values_list("previous_on", "new_on", "reason")
    assert list(changes) == [(None, ASKED, ""), (ASKED, LATER, "Container late")]


def test_an_accepted_split_of_a_confirmed_line_is_measured_by_its_first_date():
    order = sent_order(10)
    answer(order, says(lines_of(order)[0], (10, ASKED)))

    decide(proposed(order, (6, ASKED), (4, LATER)), AnswerVerdict.ACCEPT)

    assert dates(order) == [(6, ASKED, ASKED), (4, ASKED, LATER)]
    first, second = lines_of(order)
    assert (second.number, second.split_from, second.cost, second.tolerance) == (901, first, first.cost, 0)


def test_an_accepted_split_of_an_unconfirmed_line_confirms_both():
    order = sent_order(10)

    decide(proposed(order, (3, LATER), (5, ASKED), (2, LATER + DAY)), AnswerVerdict.ACCEPT)

    order.refresh_from_db()
    assert dates(order) == [(5, ASKED, ASKED), (3, LATER, LATER), (2, LATER + DAY, LATER + DAY)]
    assert order.status == "confirmed"
    assert PurchaseOrderLine.objects.inbound().with_expected_on().count() == 3


def test_what_was_split_is_received_line_by_line():
    order = sent_order(10)
    decide(proposed(order, (6, ASKED), (4, LATER)), AnswerVerdict.ACCEPT)
    first, second = lines_of(order)

    receive_purchase_order(
        purchase_order_id=order.pk, reference="DN", quantities={first.pk: 6, second.pk: 4}, by=None, now=NOW
    )

    order.refresh_from_db()
    assert order.status == "received"


def test_an_accepted_rejection_gives_the_units_up_as_refused():
    order = sent_order(10)

    decide(proposed(order, (10, None)), AnswerVerdict.ACCEPT)

    order.refresh_from_db()
    line = lines_of(order)[0]
    assert (line.cancelled, line.rejected, line.confirmed_on, order.status) == (10, 10, None, "cancelled")


def test_a_part_that_will_not_come_leaves_the_rest_with_its_day():
    order = sent_order(10, 5)
    first, second = lines_of(order)
    given = answer(order, says(second, (5, ASKED)), says(first, (6, LATER), (4, None), reason="Sold out")).answer

    [proposal] = SupplierAnswerLine.objects.filter(answer=given, state=AnswerState.OPEN)
    decide_on_answer(
        answer_id=given.pk, decisions=[AnswerDecision(proposal.pk, AnswerVerdict.ACCEPT)], by=None, now=NOW
    )

    order.refresh_from_db()
    first.refresh_from_db()
    assert (first.confirmed_on, first.cancelled, first.rejected, order.status) == (LATER, 4, 4, "confirmed")


def test_the_last_undated_line_rejected_leaves_a_confirmed_order():
    order = sent_order(10, 5)
    first, second = lines_of(order)
    given = answer(order, says(second, (5, ASKED)), says(first, (10, None), reason="Sold out")).answer

    [proposal] = SupplierAnswerLine.objects.filter(answer=given, state=AnswerState.OPEN)
    decide_on_answer(
        answer_id=given.pk, decisions=[AnswerDecision(proposal.pk, AnswerVerdict.ACCEPT)], by=None, now=NOW
    )

    order.refresh_from_db()
    assert (order.status, order.confirmed_at) == ("confirmed", NOW)


def test_a_counter_moves_nothing_and_asks_again_with_a_link():
    order = sent_order(10)

    decide(proposed(order, (10, LATER)), AnswerVerdict.COUNTER, counter_on=ASKED + 2 * DAY, note="Customers wait")

    question = SupplierQuestion.objects.get()
    assert (dates(order), state()) == ([(10, None, None)], AnswerState.COUNTERED)
    assert (question.wished_on, question.note) == (ASKED + 2 * DAY, "Customers wait")
    assert question.counters.state == AnswerState.COUNTERED
    assert answer(order, says(lines_of(order)[0], (10, ASKED + 2 * DAY)), now=NOW + HOUR).proposed == 0
    assert dates(order) == [(10, ASKED + 2 * DAY, ASKED + 2 * DAY)]


def test_declining_moves_nothing_and_tells_the_supplier():
    order = sent_order(10)

    decide(proposed(order, (10, None)), AnswerVerdict.DECLINE, note="You confirmed by telephone")

    letter = Message.objects.latest("pk")
    assert (dates(order), state()) == ([(10, None, None)], AnswerState.DECLINED)
    assert (letter.context["lines"][0]["outcome"], letter.context["lines"][0]["note"]) == (
        "declined",
        "You confirmed by telephone",
    )


def test_a_proposal_is_decided_once():
    given = proposed(sent_order(10), (10, LATER))
    decide(given, AnswerVerdict.DECLINE)

    with pytest.raises(AnswerAlreadyDecided, match="is declined already"):
        decide(given, AnswerVerdict.ACCEPT)


def test_a_replaced_proposal_is_not_decided_any_more():
    order = sent_order(10)
    first = answer(order, says(lines_of(order)[0], (10, LATER), reason="Strike"))
    answer(order, says(lines_of(order)[0], (10, ASKED)), token=first.token, now=MONDAY + 90 * (HOUR / 60))

    with pytest.raises(AnswerAlreadyDecided, match="replaced by a newer answer"):
        decide(first.answer, AnswerVerdict.ACCEPT)


def test_goods_that_came_meanwhile_make_the_proposal_stale():
    order = sent_order(10)
    given = proposed(order, (10, LATER))
    line = lines_of(order)[0]
    receive_purchase_order(purchase_order_id=order.pk, reference="DN", quantities={line.pk: 4}, by=None, now=MONDAY)

    with pytest.raises(OrderChanged, match="answered for 10 units, but 6 are outstanding"):
        decide(given, AnswerVerdict.ACCEPT)

    assert state() == AnswerState.OPEN


def test_a_day_that_passed_meanwhile_is_not_accepted():
    given = proposed(sent_order(10), (10, LATER))

    with pytest.raises(InvalidDate, match="is in the past"):
        decide(given, AnswerVerdict.ACCEPT, now=MONDAY + 30 * DAY)


@pytest.mark.parametrize(
    ("more", "refusal", "message"),
    [
        ({}, InvalidAnswer, "name the day"),
        ({"counter_on": date(2025, 11, 2)}, InvalidDate, "is in the past"),
    ],
)
def test_a_counter_names_a_day_to_come(more, refusal, message):
    given = proposed(sent_order(10), (10, LATER))

    with pytest.raises(refusal, match=message):
        decide(given, AnswerVerdict.COUNTER, **more)

    assert (state(), SupplierQuestion.objects.count()) == (AnswerState.OPEN, 0)


def test_a_counter_needs_somebody_to_write_to():
    order = sent_order(10)
    given = proposed(order, (10, LATER))
    Supplier.objects.update(email="")

    with pytest.raises(NoAddress, match="no e-mail address"):
        decide(given, AnswerVerdict.COUNTER, counter_on=ASKED)


def test_no_decision_is_refused():
    given = proposed(sent_order(10), (10, LATER))

    with pytest.raises(InvalidAnswer, match="at least one line"):
        decide_on_answer(answer_id=given.pk, decisions=[], by=None, now=NOW)


def test_a_line_of_another_answer_is_refused():
    given, other = proposed(sent_order(10), (10, LATER)), proposed(sent_order(10), (10, LATER))

    with pytest.raises(WrongLine):
        decide_on_answer(
            answer_id=given.pk, decisions=[AnswerDecision(other.lines.get().pk, AnswerVerdict.ACCEPT)], by=None, now=NOW
        )


def test_a_closed_order_has_nothing_to_decide():
    order = sent_order(10)
    given = proposed(order, (10, LATER))
    close_purchase_order(purchase_order_id=order.pk, by=None, now=NOW)

    with pytest.raises(PurchaseOrderMoveNotAllowed, match="nothing left to decide"):
        decide(given, AnswerVerdict.ACCEPT)


def test_a_split_leaves_units_on_both_lines():
    line = PurchaseOrderLineFactory(ordered=10)

    for quantity in (0, 10, 11):
        with pytest.raises(InvalidQuantity, match="can be split off"):
            split_purchase_line(line_id=line.pk, quantity=quantity, new_on=LATER, reason="", by=None, now=NOW)
