"""Decisions and refunds as staff see them."""

from decimal import Decimal

import pytest

from backorders.decisions.decide import SILENCE, decide
from backorders.decisions.questions import ask
from backorders.enums import Answer, QuestionKind
from backorders.models import CustomerSettings, Decision, Question, RefundTask
from inventory.models import Substitute
from tests.backorders.desk.desk import signed_in, told
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, ProductFactory, StockLevelFactory
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
LOOK = ("backorders.view_salesorder", "backorders.view_question", "backorders.view_refundtask")
KEY = "9f0c5d5e1c7f4a6f9a0b7c7d4e5f6a7b"


@pytest.fixture
def line():
    return order_for({StockLevelFactory(product__price="10", on_hand=3).product: 5}).lines.get()


def cancelled(line) -> RefundTask:
    decide(line_id=line.pk, answer=Answer.CANCEL_REST, decider=SILENCE, key="k", now=MONDAY)
    return RefundTask.objects.get()


def test_staff_ask_from_the_line(client, line):
    signed_in(client, "backorders.ask_customer", *LOOK)

    form = {"kind": "wait", "default": "cancel-units", "answer_by": "2099-01-31", "substitute": ""}
    page = client.post(f"/orders/lines/{line.pk}/ask/", form, follow=True)

    question = Question.objects.get()
    assert told(page) == ["The question will be emailed to the customer."]
    assert (question.default, question.deadline_at.date().isoformat()) == ("cancel-units", "2099-02-01")
    assert "Waiting for the customer" in page.content.decode()


def test_the_page_offers_what_is_approved_only(client, line):
    other = StockLevelFactory(on_hand=9).product
    signed_in(client, "backorders.ask_customer", *LOOK)
    form = {"kind": "substitute", "default": "keep-waiting", "substitute": "999"}

    refused = client.post(f"/orders/lines/{line.pk}/ask/", form)
    Substitute.objects.create(product=line.product, substitute=other, approved_at=MONDAY)
    page = client.get(f"/orders/lines/{line.pk}/ask/").content.decode()

    assert refused.context["form"].errors["substitute"]
    assert f"5 × {other.sku}" in page


def test_staff_answer_for_the_customer_with_a_note(client, line):
    signed_in(client, "backorders.ask_customer", *LOOK)
    question = ask(line_id=line.pk, kind=QuestionKind.WAIT, by=None, now=MONDAY)
    Question.objects.filter(pk=question.pk)
    form = {"key": KEY, "line": line.pk, "answer": "cancel-rest", "open": 5, "note": "By phone"}

    page = client.post(f"/orders/lines/{line.pk}/answer/", form, follow=True)
    again = client.post(f"/orders/lines/{line.pk}/answer/", form | {"note": ""}, follow=True)

    assert told(page) == [f"{line}: cancel the rest of the line."]
    assert "How did the customer answer?" in told(again)[0]
    assert Decision.objects.get().note == "By phone"


def test_the_list_shows_the_next_deadline_first_and_what_answers_may_free(client, line):
    signed_in(client, *LOOK)
    ask(line_id=line.pk, kind=QuestionKind.WAIT, by=None, now=MONDAY)

    page = client.get("/decisions/")
    settled = client.get("/decisions/?show=settled")

    assert (page.context["freeable"].units, page.context["freeable"].allocated) == (5, 3)
    assert len(page.context["page"].rows) == 1
    assert settled.context["page"].rows == []


def test_the_list_asks_as_often_for_three_questions_as_for_one(client, django_assert_num_queries):
    signed_in(client, *LOOK)
    counts = []
    for _ in range(2):
        for _ in range(1 if not counts else 2):
            waiting = order_for({ProductFactory(): 5}).lines.get()
            ask(line_id=waiting.pk, kind=QuestionKind.WAIT, by=None, now=MONDAY)
        with django_assert_num_queries(counts[0] if counts else 6) as queries:
            client.get("/decisions/")
        counts.append(len(queries))


def test_a_question_is_taken_back(client, line):
    signed_in(client, "backorders.ask_customer", *LOOK)
    question = ask(line_id=line.pk, kind=QuestionKind.WAIT, by=None, now=MONDAY)

    page = client.post(f"/decisions/{question.pk}/withdraw/", follow=True)

    assert told(page) == ["The question was withdrawn."]


def test_several_lines_are_asked_from_the_worklist(client, line):
    signed_in(client, "backorders.ask_customer", *LOOK)

    page = client.post("/backorders/ask/", {"line": line.pk, "default": "keep-waiting"})

    assert [outcome.done for outcome in page.context["outcomes"]] == ["Asked by email."]


def test_a_refund_is_recorded_once(client, line):
    task = cancelled(line)
    signed_in(client, "backorders.refund_customer", *LOOK)
    form = {"method": "as_paid", "amount": "50.00", "sent_on": "2025-11-05", "note": "Bank"}

    page = client.post(f"/refunds/{task.pk}/", form, follow=True)
    again = client.post(f"/refunds/{task.pk}/", form, follow=True)

    task.refresh_from_db()
    assert (task.done_amount, task.method, str(task.done_on)) == (Decimal("50.00"), "as_paid", "2025-11-05")
    assert told(page) == [f"The refund for {task.order} is recorded."]
    assert "was recorded on 5 Nov 2025" in told(again)[0]


def test_refunds_are_listed_and_exported(client, line):
    task = cancelled(line)
    signed_in(client, *LOOK)

    page, sent = client.get("/refunds/"), client.get("/refunds/?show=sent")
    export = b"".join(client.get("/refunds/export.csv")).decode()

    assert page.context["page"].rows == [task]
    assert (page.context["count"], page.context["late"], sent.context["page"].rows) == (1, 1, [])
    assert task.order.number in export


@pytest.mark.parametrize(
    "address", ["orders/lines/{line}/ask/", "orders/lines/{line}/answer/", "refunds/{refund}/", "backorders/ask/"]
)
def test_others_may_not(client, line, address):
    refund = cancelled(line)
    signed_in(client, *LOOK)

    assert client.post(f"/{address.format(line=line.pk, refund=refund.pk)}").status_code == 403


def test_without_permission_no_list_is_shown(client):
    signed_in(client)

    assert [client.get(path).status_code for path in ("/decisions/", "/refunds/", "/reports/compliance/")] == [403] * 3


def test_the_planner_sets_how_long_customers_have_to_answer(client):
    values = {"tracking_link_days": 90, "answer_days": 5, "refund_working_days": 7, "alternatives": "warehouse-first"}
    values |= {"notice_margin_days": 7, "notice_after_days": 2}
    client.force_login(staff_with("backorders.view_customersettings"))
    looked, refused = client.get("/decisions/settings/"), client.post("/decisions/settings/", values)
    client.force_login(staff_with("backorders.view_customersettings", "backorders.change_customersettings"))

    client.post("/decisions/settings/", values)
    too_short = client.post("/decisions/settings/", values | {"answer_days": 0})

    assert (looked.status_code, refused.status_code, too_short.status_code) == (200, 403, 422)
    assert CustomerSettings.objects.get().answer_days == 5
