"""Two answers to one order, or an answer and a decision, at the same moment: one wins, the other is told."""

import pytest

from inventory.errors import AnswerAlreadyDecided, SupplierLinkNotValid
from inventory.models import PurchaseDateChange, SupplierAnswer
from inventory.suppliers.answer import answer_purchase_order
from inventory.suppliers.ask import resend_purchase_order
from inventory.suppliers.decide import AnswerDecision, AnswerVerdict, decide_on_answer
from inventory.suppliers.remind import remind_suppliers
from tests.factories.inventory import MONDAY
from tests.inventory.conversation import (
    ASKED,
    DAY,
    HOUR,
    LATER,
    answer,
    dates,
    letters,
    lines_of,
    newest_token,
    says,
    sent_order,
    version,
)
from tests.kit.threads import at_the_same_time

pytestmark = pytest.mark.django_db(transaction=True)


def answering(order, token, line, day):
    seen = version(order)
    said = says(line, (10, day), reason="" if day == ASKED else "Strike")
    return lambda: answer_purchase_order(token=token, answers=[said], version=seen, now=MONDAY + HOUR)


def test_one_link_posted_many_times_at_once_is_answered_once():
    order = sent_order(10)
    token, line = newest_token(order), lines_of(order)[0]

    outcomes = at_the_same_time(*(answering(order, token, line, ASKED) for _ in range(6)))

    assert sum(isinstance(outcome, SupplierLinkNotValid) for outcome in outcomes) == 5
    assert (SupplierAnswer.objects.count(), PurchaseDateChange.objects.count()) == (1, 1)
    assert letters(order) == ["purchase_order", "purchase_reply"]


def test_two_links_answered_at_once_give_one_answer():
    order = sent_order(10)
    first, line = newest_token(order), lines_of(order)[0]
    resend_purchase_order(purchase_order_id=order.pk, by=None, now=MONDAY)
    second = newest_token(order)

    outcomes = at_the_same_time(answering(order, first, line, ASKED), answering(order, second, line, LATER))

    assert sum(isinstance(outcome, SupplierLinkNotValid) for outcome in outcomes) == 1
    assert SupplierAnswer.objects.count() == 1


def test_two_buyers_decide_once():
    order = sent_order(10)
    given = answer(order, says(lines_of(order)[0], (10, LATER), reason="Strike")).answer
    proposal = given.lines.get()

    def deciding(verdict):
        decision = AnswerDecision(proposal.pk, verdict)
        return lambda: decide_on_answer(answer_id=given.pk, decisions=[decision], by=None, now=MONDAY + 2 * HOUR)

    outcomes = at_the_same_time(deciding(AnswerVerdict.ACCEPT), deciding(AnswerVerdict.DECLINE))

    assert sum(isinstance(outcome, AnswerAlreadyDecided) for outcome in outcomes) == 1
    proposal.refresh_from_db()
    assert dates(order) == [(10, LATER, LATER) if proposal.state == "accepted" else (10, None, None)]


def test_two_workers_remind_once():
    order = sent_order(10)

    at_the_same_time(*(lambda: remind_suppliers(now=MONDAY + 3 * DAY) for _ in range(3)))

    assert letters(order) == ["purchase_order", "purchase_reminder"]
