"""The customer's page: what it shows to whom, and that looking changes nothing."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backorders.decisions.questions import ask
from backorders.enums import QuestionKind
from backorders.fulfilment.receive import receive_goods
from backorders.fulfilment.ship import pick_order, ship
from backorders.letters.send_tracking_link import revoke_links, send_link
from backorders.models import OrderLine, RefundTask, TrackingLink
from backorders.tracking.phrases import PHRASES
from backorders.tracking.queries import TrackedLine
from backorders.tracking.telling import _asked_by_notice
from config.lib.tokens import LinkKind, token_of
from inventory.models import PurchaseOrder
from notifications.models import Message
from notifications.services.delivery import deliver_due_messages
from notifications.services.speaker import Speaker
from tests.backorders.desk.desk import a_short_product, signed_in
from tests.backorders.tracking.pages import newest_address
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(MONDAY, tick=False):
        yield MONDAY


def an_order(now, *, units=8, language="en", **customer):
    product = a_short_product().product
    return order_for({product: units}, customer=CustomerFactory(language=language, **customer), now=now)


def words(response) -> str:
    return " ".join(response.content.decode().split())


def test_every_email_about_an_order_opens_its_page(client, now):
    order = an_order(now)

    page = client.get(newest_address())

    assert page.status_code == 200
    for fact in (order.number, "Panel saw", "SAW-200", "reserved for you, ships next", "waiting"):
        assert fact in words(page)


def test_the_page_tells_parcels_and_the_history_of_dates(client, now):
    order = an_order(now)
    purchase = PurchaseOrder.objects.get()
    receive_goods(
        purchase_order_id=purchase.pk, reference="DN-1", quantities={purchase.lines.get().pk: 1}, by=None, now=now
    )
    [shipment] = pick_order(order_id=order.pk, by=None, now=now)
    ship(shipment_id=shipment.pk, by=None, now=now, carrier="DHL", tracking_number="JD0042")
    address = newest_address()
    unsent = words(client.get(address))
    deliver_due_messages(now=now)

    page = words(client.get(newest_address()))

    for fact in (
        "<strong>4</strong> shipped",
        "<strong>4</strong> waiting",
        "JD0042",
        "DHL",
        "3 November 2025: expected by 20 November 2025.",
    ):
        assert fact in page
    assert "3 November 2025: expected by" not in unsent


def test_the_page_speaks_the_customers_language(client, now):
    an_order(now, language="de")

    page = words(client.get(newest_address()))

    assert 'lang="de"' in page
    assert "für Sie reserviert" in page
    assert "waiting" not in page


def test_both_languages_have_the_same_phrases_with_the_same_gaps():
    english, german = PHRASES["en"], PHRASES["de"]

    assert english.keys() == german.keys()
    for key, phrase in english.items():
        gaps = {part.split("}")[0] for part in phrase.split("{")[1:]}
        assert {part.split("}")[0] for part in german[key].split("{")[1:]} == gaps


def test_the_page_is_neither_kept_nor_indexed_and_sends_no_referrer(client, now):
    an_order(now)

    for address in (newest_address(), "/t/unknown/"):
        page = client.get(address)
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store, private"
        assert "noindex" in page.headers["X-Robots-Tag"]


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_writes_nothing(client, now, method):
    an_order(now)
    address = newest_address()

    with CaptureQueriesContext(connection) as queries:
        getattr(client, method)(address, headers={"Sec-Purpose": "prefetch"})

    assert [query["sql"] for query in queries if not query["sql"].lstrip().upper().startswith("SELECT")] == []


def test_nothing_of_other_customers_or_of_the_address_is_shown(client, now):
    stranger = CustomerFactory(name="Fremde Firma", email="stranger@example.com")
    product = a_short_product("SAW-900").product
    other = order_for({product: 2}, customer=stranger, now=now)
    an_order(now, email="anna@example.com")

    page = words(client.get(newest_address()))

    for secret in ("Fremde", other.number, "SAW-900", "stranger@", "anna@example.com", "PO-512"):
        assert secret not in page


def test_unknown_expired_revoked_and_foreign_tokens_open_the_same_page(client, now):
    order = an_order(now)
    address = newest_address()
    expired, unknown = (token_of(LinkKind.ORDER, uuid4()) for _ in range(2))
    TrackingLink.objects.create(
        order=order,
        reference=expired.partition(".")[0],
        made_for="test",
        made_at=now - timedelta(days=9),
        expires_at=now - timedelta(days=1),
    )
    revoke_links(order_id=order.pk, by=None, now=now)

    tokens = (expired, unknown, f"x{expired}", "%F0%9F%98%80")
    answers = [client.get(path) for path in (address, *(f"/t/{token}/" for token in tokens))]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert "Dieser Link ist nicht gültig" in words(answers[0])


def test_a_revoked_link_stays_closed_and_a_fresh_one_opens_the_page(client, now):
    order = an_order(now)
    old = newest_address()

    revoke_links(order_id=order.pk, by=None, now=now)
    send_link(order_id=order.pk, by=None, now=now)

    assert client.get(old).status_code == 404
    assert client.get(newest_address()).status_code == 200
    assert Message.objects.order_by("-pk")[0].kind == "tracking_link"


def test_the_page_takes_the_same_queries_however_many_lines_wait(client, now, django_assert_num_queries):
    an_order(now)
    address = newest_address()

    with django_assert_num_queries(11):
        client.get(address)


# --- Decisions ------------------------------------------------------------------------------------------------------


def decision(line, answer="cancel-rest", **values):
    return {"key": uuid4().hex, "line": line.pk, "answer": answer, "open": line.open} | values


def the_line():
    return OrderLine.objects.get()


def test_the_customer_cancels_the_rest(client, now):
    an_order(now)
    address = newest_address()

    answer = client.post(f"{address}decide/", decision(the_line()), follow=True)

    assert answer.redirect_chain == [(f"{address}?done=cancel-rest", 303)]
    assert "Cancelled. You will receive an email to confirm." in words(answer)
    assert (the_line().cancelled, RefundTask.objects.count()) == (8, 1)


def test_a_question_is_answered_on_the_page(client, now):
    an_order(now, language="de")
    question = ask(line_id=the_line().pk, kind=QuestionKind.WAIT, by=None, now=now)
    address = newest_address()

    page = words(client.get(address))
    answer = client.post(f"{address}decide/", decision(the_line(), "keep-waiting", question=question.pk), follow=True)

    assert "Möchten Sie weiter warten?" in page
    assert "Bitte antworten Sie bis 10. November 2025." in page
    assert "Vielen Dank. Ihre Bestellung bleibt bestehen." in words(answer)
    question.refresh_from_db()
    assert question.state == "answered"


def test_the_customer_chooses_how_many_to_cancel(client, now):
    an_order(now)
    address = newest_address()

    page = words(client.get(address))
    answer = client.post(f"{address}decide/", decision(the_line(), "cancel-units", units=1), follow=True)

    assert "How many?" in page
    assert answer.redirect_chain == [(f"{address}?done=cancel-units", 303)]
    assert the_line().cancelled == 1


@pytest.mark.parametrize(
    ("noticed", "now_on", "told"),
    [
        (None, None, "We cannot give a new date."),
        (None, date(2026, 12, 7), "We now expect to ship by 7 December 2026."),
        (date(2026, 12, 7), date(2026, 12, 7), "We now expect to ship by 7 December 2026."),
        (date(2026, 12, 7), date(2026, 12, 20), "We wrote that we expect to ship by 7 December 2026. We now expect"),
        (date(2026, 12, 7), None, "That date no longer holds"),
    ],
)
def test_a_notice_and_the_line_above_it_tell_one_date(noticed, now_on, told):
    line = OrderLine(promised_on=now_on, promise_source="purchase_order")
    row = TrackedLine(line, [], 0, [])

    text = _asked_by_notice(noticed, row, Speaker(PHRASES, "en"))

    assert told in text
    assert now_on is None or "cannot give" not in text


def test_the_form_needs_its_cookie(now):
    an_order(now)
    strict = Client(enforce_csrf_checks=True)
    address = newest_address()

    without = strict.post(f"{address}decide/", decision(the_line()), headers={"Origin": "null"})
    page = strict.get(address)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[1]
    form = decision(the_line()) | {"csrfmiddlewaretoken": token}
    with_it = strict.post(f"{address}decide/", form, headers={"Origin": "null"})

    assert (without.status_code, with_it.status_code) == (403, 303)


@pytest.mark.parametrize(
    ("change", "status"),
    [({"answer": "give-me-all"}, 400), ({"line": 999_999}, 400), ({"key": "x"}, 400), ({"open": 3}, 409)],
)
def test_what_does_not_fit_changes_nothing_and_says_so(client, now, change, status):
    an_order(now)

    answer = client.post(f"{newest_address()}decide/", decision(the_line()) | change)

    assert answer.status_code == status
    assert "Nothing" in words(answer)
    assert the_line().open == 8


def test_a_line_of_another_order_cannot_be_decided(client, now):
    an_order(now)
    address = newest_address()
    other = order_for({a_short_product("SAW-900").product: 4}, now=now).lines.get()

    answer = client.post(f"{address}decide/", decision(other))

    other.refresh_from_db()
    assert (answer.status_code, other.open) == (400, 4)


def test_two_answers_one_after_the_other(client, now):
    an_order(now)
    form = decision(the_line())
    address = newest_address()

    first, again = client.post(f"{address}decide/", form), client.post(f"{address}decide/", form)
    late = client.post(f"{address}decide/", decision(the_line()))

    assert (first.status_code, again.status_code, late.status_code) == (303, 303, 409)
    assert "shipped or cancelled in the meantime" in words(late)
    assert RefundTask.objects.count() == 1


def test_old_tokens_decide_nothing(client, now):
    order = an_order(now)
    address = newest_address()
    revoke_links(order_id=order.pk, by=None, now=now)

    assert client.post(f"{address}decide/", decision(the_line())).status_code == 404
    assert client.get(f"{address}decide/").status_code == 405
    assert the_line().open == 8


def test_a_link_opens_the_page_until_it_expires(client, now):
    an_order(now)

    with time_machine.travel(now + timedelta(days=179)):
        assert client.get(newest_address()).status_code == 200
    with time_machine.travel(now + timedelta(days=180, minutes=1)):
        assert client.get(newest_address()).status_code == 404


def test_staff_read_the_email_without_the_token(client, now):
    """Whoever has the link decides as the customer."""
    an_order(now)
    token = newest_address().split("/")[2]
    message = Message.objects.get(kind="order_received")
    signed_in(client, "notifications.view_message")

    page = client.get(f"/messages/{message.pk}/")

    assert page.status_code == 200
    assert token not in page.content.decode()
