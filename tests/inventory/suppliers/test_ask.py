"""Letters to a supplier: the order, once more, questions, reminders; and links that are called back."""

import pytest

from inventory.errors import (
    InvalidDate,
    InvalidQuantity,
    NoAddress,
    PurchaseOrderMoveNotAllowed,
    SupplierLinkNotValid,
    WrongLine,
)
from inventory.models import PurchasingSettings, SupplierLink, SupplierQuestion
from inventory.purchasing.close import cancel_purchase_order
from inventory.purchasing.dates import confirm_purchase_order
from inventory.purchasing.receive import receive_purchase_order
from inventory.suppliers.ask import SupplierWish, ask_supplier, resend_purchase_order
from inventory.suppliers.links import revoke_link
from inventory.suppliers.remind import remind_suppliers
from notifications.models import Message
from tests.factories.inventory import MONDAY, PurchaseOrderFactory, PurchaseOrderLineFactory
from tests.factories.staff import StaffFactory
from tests.inventory.conversation import ASKED, DAY, HOUR, answer, letters, lines_of, says, sent_order

pytestmark = pytest.mark.django_db


def ask(order, *wishes, now=MONDAY + DAY):
    return ask_supplier(purchase_order_id=order.pk, wishes=wishes, by=None, now=now)


def test_sending_an_order_writes_to_the_supplier_in_their_language():
    order = sent_order(10, email="vertrieb@nordwerk.example", language="de")

    letter = Message.objects.get()
    assert (letter.kind, letter.recipient, letter.language) == ("purchase_order", "vertrieb@nordwerk.example", "de")
    assert letter.context["answer_url"].startswith("http://127.0.0.1:8000/s/")
    assert letter.context["lines"][0]["promised_on"] == "2025-11-17"
    link = SupplierLink.objects.get()
    assert (link.message_key, link.purchase_order) == (letter.dedupe_key, order)


def test_a_supplier_without_an_address_is_sent_the_order_by_other_means():
    order = sent_order(10, email="")

    assert (order.status, Message.objects.count(), SupplierLink.objects.count()) == ("sent", 0, 0)


def test_an_order_is_written_once_more_on_demand():
    order = sent_order(10)

    resend_purchase_order(purchase_order_id=order.pk, by=None, now=MONDAY + DAY)

    assert letters(order) == ["purchase_order", "purchase_order"]
    assert SupplierLink.objects.live(now=MONDAY + DAY).count() == 2


@pytest.mark.parametrize("status", ["draft", "received", "closed", "cancelled"])
def test_only_an_order_on_its_way_is_written_again(status):
    order = PurchaseOrderFactory(status=status)

    with pytest.raises(PurchaseOrderMoveNotAllowed, match="nothing to write"):
        resend_purchase_order(purchase_order_id=order.pk, by=None, now=MONDAY)


def test_writing_again_needs_an_address():
    with pytest.raises(NoAddress, match="has no e-mail address"):
        resend_purchase_order(purchase_order_id=sent_order(10, email="").pk, by=None, now=MONDAY)


def test_a_question_names_the_wish_and_leaves_the_dates():
    order = sent_order(10)
    line = lines_of(order)[0]

    link = ask(order, SupplierWish(line.pk, ASKED - 5 * DAY, "Ten customers wait"))

    question = SupplierQuestion.objects.get()
    letter = Message.objects.latest("pk")
    assert (question.link, question.wished_on, lines_of(order)[0].confirmed_on) == (link, ASKED - 5 * DAY, None)
    assert (letter.kind, letter.context["note"]) == ("purchase_question", "Ten customers wait")
    assert letter.context["lines"][0]["promised_on"] == "2025-11-12"


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [(lambda line: SupplierWish(line.pk, MONDAY.date()), InvalidDate), (lambda line: SupplierWish(0), WrongLine)],
)
def test_a_senseless_question_is_not_asked(wish, refusal):
    order = sent_order(10)

    with pytest.raises(refusal):
        ask(order, wish(lines_of(order)[0]))

    assert letters(order) == ["purchase_order"]


def test_nothing_is_asked_for_no_line_or_one_that_has_come():
    order = sent_order(10, 5)
    line = lines_of(order)[0]
    receive_purchase_order(purchase_order_id=order.pk, reference="DN", quantities={line.pk: 10}, by=None, now=MONDAY)

    with pytest.raises(PurchaseOrderMoveNotAllowed, match="nothing to come"):
        ask(order, SupplierWish(line.pk))
    with pytest.raises(InvalidQuantity, match="at least one line"):
        ask(order)


def test_a_revoked_link_opens_nothing_and_is_revoked_once():
    order, person = sent_order(10), StaffFactory()
    link = SupplierLink.objects.get()

    revoke_link(link_id=link.pk, by=person, now=MONDAY + HOUR)

    link.refresh_from_db()
    assert (link.revoked_at, link.revoked_by) == (MONDAY + HOUR, person)
    with pytest.raises(SupplierLinkNotValid):
        answer(order, comment="hello", now=MONDAY + 2 * HOUR)
    with pytest.raises(SupplierLinkNotValid, match="opens nothing any more"):
        revoke_link(link_id=link.pk, by=person, now=MONDAY + 3 * HOUR)


def test_a_silent_supplier_is_reminded_after_three_working_days_and_at_most_twice():
    order = sent_order(10)  # on a Monday
    reminded = [remind_suppliers(now=MONDAY + day * DAY) for day in range(15)]

    assert [day for day, count in enumerate(reminded) if count] == [3, 8]  # Thursday, and the Tuesday after
    assert letters(order) == ["purchase_order", "purchase_reminder", "purchase_reminder"]


def test_reminding_twice_on_a_day_reminds_once():
    sent_order(10)

    assert [remind_suppliers(now=MONDAY + 3 * DAY) for _ in range(2)] == [1, 0]


def test_who_has_answered_is_not_reminded():
    order = sent_order(10)
    answer(order, says(lines_of(order)[0], (10, ASKED)))

    assert remind_suppliers(now=MONDAY + 10 * DAY) == 0


def test_dates_that_came_by_telephone_are_an_answer():
    order = sent_order(10)
    confirm_purchase_order(purchase_order_id=order.pk, dates={lines_of(order)[0].pk: ASKED}, by=None, now=MONDAY + HOUR)

    order.refresh_from_db()
    assert (order.acknowledged_at, remind_suppliers(now=MONDAY + 10 * DAY)) == (MONDAY + HOUR, 0)


def test_a_question_starts_the_reminders_anew():
    order = sent_order(10)
    answer(order, says(lines_of(order)[0], (10, ASKED)))
    ask(order, SupplierWish(lines_of(order)[0].pk, ASKED - DAY))

    assert [remind_suppliers(now=MONDAY + day * DAY) for day in (3, 4)] == [0, 1]


@pytest.mark.parametrize("end", ["cancelled", "no address", "revoked", "switched off"])
def test_nobody_is_reminded_in_vain(end):
    order = sent_order(10)
    if end == "cancelled":
        cancel_purchase_order(purchase_order_id=order.pk, by=None, now=MONDAY)
    elif end == "no address":
        order.supplier.email = ""
        order.supplier.save(update_fields=["email"])
    elif end == "revoked":
        revoke_link(link_id=SupplierLink.objects.get().pk, by=None, now=MONDAY)
    else:
        PurchasingSettings.objects.update(most_reminders=0)

    assert remind_suppliers(now=MONDAY + 5 * DAY) == 0


def test_an_order_that_came_from_elsewhere_is_not_reminded_of():
    PurchaseOrderLineFactory()

    assert remind_suppliers(now=MONDAY + 30 * DAY) == 0
