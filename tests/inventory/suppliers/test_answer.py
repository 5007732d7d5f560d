"""An answer by a link: what is taken at once, what waits for the buyer, and what is refused without a trace."""

import pytest
from django.db import DatabaseError, connection, transaction

from config.lib.tokens import stand_in
from inventory.enums import AnswerState
from inventory.errors import (
    InvalidAnswer,
    InvalidDate,
    OrderChanged,
    PurchaseOrderMoveNotAllowed,
    SupplierLinkNotValid,
    WrongLine,
)
from inventory.models import (
    PurchaseDateChange,
    SupplierAnswer,
    SupplierAnswerLine,
    SupplierAnswerPart,
    SupplierLink,
)
from inventory.purchasing.close import cancel_purchase_order
from inventory.purchasing.dates import change_confirmed_date
from inventory.suppliers.answer import answer_purchase_order
from inventory.suppliers.ask import SupplierWish, ask_supplier
from inventory.suppliers.links import revoke_link
from tests.factories.inventory import MONDAY, PurchaseOrderLineFactory
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

pytestmark = pytest.mark.django_db


def states(order):
    rows = SupplierAnswerLine.objects.filter(answer__purchase_order=order).order_by("pk")
    return list(rows.values_list("state", flat=True))


def test_a_confirmation_as_asked_is_taken_at_once():
    order = sent_order(10, 5)

    taken = answer(order, *(says(line, (line.ordered, ASKED)) for line in lines_of(order)))

    order.refresh_from_db()
    assert (order.status, order.confirmed_at, order.acknowledged_at) == ("confirmed", MONDAY + HOUR, MONDAY + HOUR)
    assert dates(order) == [(10, ASKED, ASKED), (5, ASKED, ASKED)]
    assert (taken.proposed, states(order)) == (0, [AnswerState.TAKEN, AnswerState.TAKEN])
    assert letters(order) == ["purchase_order", "purchase_reply"]


def test_an_earlier_day_is_taken_at_once():
    order = sent_order(10)

    answer(order, says(lines_of(order)[0], (10, ASKED - 3 * DAY)))

    assert dates(order) == [(10, ASKED - 3 * DAY, ASKED - 3 * DAY)]


@pytest.mark.parametrize(
    "parts",
    [((10, LATER),), ((6, ASKED), (4, LATER)), ((10, None),), ((6, ASKED), (4, None))],
    ids=["later", "split", "rejected", "part rejected"],
)
def test_what_differs_from_the_order_is_a_proposal_and_changes_nothing(parts):
    order = sent_order(10)

    taken = answer(order, says(lines_of(order)[0], *parts, reason="Strike"))

    order.refresh_from_db()
    assert dates(order) == [(10, None, None)]
    assert (taken.proposed, states(order)) == (1, [AnswerState.OPEN])
    assert (order.status, order.acknowledged_at, order.confirmed_at) == ("sent", MONDAY + HOUR, None)
    assert sorted(SupplierAnswerPart.objects.values_list("quantity", "available_on")) == sorted(parts)
    assert letters(order) == ["purchase_order"]


def test_one_answer_may_confirm_one_line_and_propose_another():
    order = sent_order(10, 5)
    first, second = lines_of(order)

    taken = answer(order, says(first, (10, ASKED)), says(second, (5, LATER), reason="Raw material"))

    assert dates(order) == [(10, ASKED, ASKED), (5, None, None)]
    assert (taken.proposed, states(order)) == (1, [AnswerState.TAKEN, AnswerState.OPEN])


def test_without_a_requested_day_the_suppliers_lead_time_is_what_counts():
    order = sent_order(10, asked_on=None, lead_time_days=7)
    expected = MONDAY.date() + 7 * DAY

    assert answer(order, says(lines_of(order)[0], (10, expected + DAY), reason="Late")).proposed == 1
    token = newest_token(sent_order(10, asked_on=None, lead_time_days=7))
    other = SupplierLink.objects.latest("pk").purchase_order
    assert answer(other, says(lines_of(other)[0], (10, expected)), token=token).proposed == 0


def test_a_confirmed_line_is_announced_late_by_the_link_of_the_thanks():
    order = sent_order(10)
    answer(order, says(lines_of(order)[0], (10, ASKED)))

    taken = answer(order, says(lines_of(order)[0], (10, LATER), reason="Container late"), now=MONDAY + DAY)

    assert (taken.proposed, dates(order)) == (1, [(10, ASKED, ASKED)])


def test_a_day_that_we_asked_for_is_agreed_even_where_it_is_later_than_confirmed():
    order = sent_order(10)
    answer(order, says(lines_of(order)[0], (10, ASKED)))
    line = lines_of(order)[0]
    wish = SupplierWish(line.pk, ASKED + 2 * DAY)
    ask_supplier(purchase_order_id=order.pk, wishes=[wish], by=None, now=MONDAY + DAY)

    taken = answer(order, says(line, (10, ASKED + 2 * DAY)), now=MONDAY + DAY + HOUR)

    assert (taken.proposed, dates(order)) == (0, [(10, ASKED, ASKED + 2 * DAY)])


def test_a_newer_answer_replaces_a_proposal_that_nobody_decided_on():
    order = sent_order(10)
    first = answer(order, says(lines_of(order)[0], (10, LATER), reason="Strike"))

    answer(order, says(lines_of(order)[0], (10, ASKED)), token=first.token, now=MONDAY + 2 * HOUR)

    assert states(order) == [AnswerState.REPLACED, AnswerState.TAKEN]
    assert dates(order) == [(10, ASKED, ASKED)]


def test_a_comment_alone_is_an_answer():
    order = sent_order(10)

    taken = answer(order, comment="We call you tomorrow.\nKind regards")

    order.refresh_from_db()
    assert (taken.answer.comment, order.acknowledged_at) == ("We call you tomorrow.\nKind regards", MONDAY + HOUR)


def test_a_confirmation_once_more_changes_nothing():
    order = sent_order(10)
    taken = answer(order, says(lines_of(order)[0], (10, ASKED)))

    answer(order, says(lines_of(order)[0], (10, ASKED)), token=taken.token, now=MONDAY + DAY)

    assert (PurchaseDateChange.objects.count(), dates(order)) == (1, [(10, ASKED, ASKED)])


def wrong_link(case, order):
    token = newest_token(order)
    if case == "used":
        answer(order, comment="first")
    elif case == "revoked":
        revoke_link(link_id=SupplierLink.objects.get().pk, by=None, now=MONDAY)
    elif case == "cut short":
        return token[:-1]
    elif case == "not ASCII":
        return token + "\udcff"
    elif case == "its stand-in":
        return stand_in(SupplierLink.objects.get().reference)
    return token


@pytest.mark.parametrize("case", ["used", "revoked", "expired", "cut short", "not ASCII", "its stand-in"])
def test_a_link_that_is_not_valid_changes_nothing(case):
    order = sent_order(10)
    token = wrong_link(case, order)
    before, seen = SupplierAnswer.objects.count(), version(order)

    with pytest.raises(SupplierLinkNotValid):
        answer_purchase_order(
            token=token,
            answers=[says(lines_of(order)[0], (10, ASKED))],
            version=seen,
            now=MONDAY + (46 * DAY if case == "expired" else 2 * HOUR),
        )

    assert (SupplierAnswer.objects.count(), dates(order)) == (before, [(10, None, None)])


def test_one_answer_uses_up_every_link_given_out_before():
    order = sent_order(10)
    first = newest_token(order)
    line = lines_of(order)[0]
    ask_supplier(purchase_order_id=order.pk, wishes=[SupplierWish(line.pk)], by=None, now=MONDAY)
    answer(order, says(line, (10, ASKED)))

    with pytest.raises(SupplierLinkNotValid):
        answer(order, says(line, (10, ASKED)), token=first)


@pytest.mark.parametrize(
    ("parts", "reason", "refusal", "message"),
    [
        (((9, ASKED),), "", InvalidAnswer, "the parts come to 9 units, but 10 are outstanding"),
        (((11, ASKED),), "", InvalidAnswer, "the parts come to 11 units"),
        ((), "", InvalidAnswer, "at least one unit|come to 0"),
        (((10, ASKED), (0, LATER)), "x", InvalidAnswer, "at least one unit each"),
        (((5, LATER), (5, LATER)), "x", InvalidAnswer, "a day is named twice"),
        (((10, MONDAY.date() - DAY),), "x", InvalidDate, "2 Nov 2025 is in the past"),
        (((10, LATER),), "", InvalidAnswer, "please say why"),
        (((10, LATER),), "  ", InvalidAnswer, "please say why"),
        (((10, LATER),), "line\nbreak", InvalidAnswer, "plain text"),
        (((10, LATER),), "x" * 201, InvalidAnswer, "at most 200"),
    ],
)
def test_an_impossible_answer_changes_nothing(parts, reason, refusal, message):
    order = sent_order(10)

    with pytest.raises(refusal, match=message):
        answer(order, says(lines_of(order)[0], *parts, reason=reason))

    link = SupplierLink.objects.get()
    assert (SupplierAnswer.objects.count(), link.answered_at, dates(order)) == (0, None, [(10, None, None)])


def test_an_answer_must_say_something():
    with pytest.raises(InvalidAnswer, match="says nothing"):
        answer(sent_order(10), comment="  ")


def test_a_line_is_answered_once():
    order = sent_order(10)
    line = says(lines_of(order)[0], (10, ASKED))

    with pytest.raises(InvalidAnswer, match="answered twice"):
        answer(order, line, line)


def test_the_link_of_one_order_does_not_answer_another():
    order, foreign = sent_order(10), PurchaseOrderLineFactory(ordered=10)

    with pytest.raises(WrongLine, match="has no line with id"):
        answer(order, says(foreign, (10, ASKED)))


def test_who_answers_to_an_older_state_of_the_order_is_told():
    order = sent_order(10)
    answer(order, says(lines_of(order)[0], (10, ASKED)))
    token, seen, line = newest_token(order), version(order), lines_of(order)[0]
    change_confirmed_date(line_id=line.pk, new_on=LATER, reason="by phone", by=None, now=MONDAY + DAY)

    with pytest.raises(OrderChanged, match="has changed since"):
        answer_purchase_order(token=token, answers=[says(line, (10, ASKED))], version=seen, now=MONDAY + DAY)

    assert dates(order) == [(10, ASKED, LATER)]


def test_a_cancelled_order_takes_no_answer():
    order = sent_order(10)
    cancel_purchase_order(purchase_order_id=order.pk, by=None, now=MONDAY)

    with pytest.raises(PurchaseOrderMoveNotAllowed, match="is cancelled: there is nothing to answer"):
        answer(order, comment="hello")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inventory_supplieranswer SET comment = 'another'",
        "UPDATE inventory_supplieranswerpart SET quantity = 1",
        "UPDATE inventory_supplieranswerline SET state = 'accepted', decided_at = now()",
        "UPDATE inventory_supplierlink SET reference = gen_random_uuid()",
        "UPDATE inventory_supplierlink SET expires_at = expires_at + interval '1 year'",
        "DELETE FROM inventory_supplierlink",
        "DELETE FROM inventory_supplieranswerline",
    ],
)
def test_what_was_said_stays_said_in_the_database(statement):
    order = sent_order(10)
    answer(order, says(lines_of(order)[0], (10, ASKED)))

    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement)
