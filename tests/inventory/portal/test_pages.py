"""The supplier's page: looking changes nothing, a form answers, and every wrong link is one and the same page."""

import re
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from inventory.models import Supplier, SupplierAnswer, SupplierAnswerLine, SupplierAnswerPart, SupplierLink
from inventory.portal.phrases import PHRASES
from inventory.purchasing.close import cancel_purchase_order
from inventory.purchasing.dates import change_confirmed_date
from inventory.purchasing.receive import receive_purchase_order
from inventory.suppliers.ask import SupplierWish, ask_supplier
from inventory.suppliers.links import revoke_link
from notifications.models import Message
from tests.factories.inventory import MONDAY
from tests.inventory.conversation import ASKED, DAY, LATER, answer, dates, lines_of, newest_token, says, sent_order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def place(token):
    return reverse("portal:purchase-order", args=[token])


def posted(client, order, *, token="", follow=False, **fields):
    """Answer with these fields, `__` standing for the line's key; the hidden version comes from the page."""
    address = place(token or newest_token(order))
    seen = re.search(r'name="version" value="(\w+)"', client.get(address).content.decode())
    line = lines_of(order)[0]
    values = {name.replace("__", f"-{line.pk}-").rstrip("-"): value for name, value in fields.items()}
    return client.post(address, {"version": seen[1] if seen else "", **values}, follow=follow)


def test_the_page_shows_the_order_and_changes_nothing(client):
    order = sent_order(1200, name="Nordwerk")
    before = SupplierLink.objects.values().get()

    for ask in (client.get, client.head, client.options):
        ask(place(newest_token(order)), headers={"purpose": "prefetch"})
    page = client.get(place(newest_token(order)))

    assert page.status_code == 200
    for words in (order.number, "For Nordwerk", "1,200", "wanted by 17 November 2025", "All of it by 17 November 2025"):
        assert words in page.content.decode()
    assert (SupplierLink.objects.values().get(), SupplierAnswer.objects.count()) == (before, 0)


def test_the_page_is_not_kept_not_found_and_hands_its_address_to_nobody(client):
    order = sent_order(10)

    for page in (client.get(place(newest_token(order))), client.get(place("unknown"))):
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in page.headers["Cache-Control"]
        assert "noindex" in page.headers["X-Robots-Tag"]


def test_the_page_speaks_the_suppliers_language(client):
    order = sent_order(1200, language="de")

    page = client.get(place(newest_token(order))).content.decode()

    assert '<html lang="de">' in page
    for words in ("Bestellung PO-", "1.200", "gewünscht bis 17. November 2025", "Antwort senden"):
        assert words in page
    for words in ("Deliver", "Answer", "Reason"):
        assert words not in page


def test_both_languages_have_every_phrase_with_the_same_places():
    english, german = PHRASES["en"], PHRASES["de"]

    assert english.keys() == german.keys()
    for key, words in english.items():
        assert sorted(re.findall(r"{\w+}", words)) == sorted(re.findall(r"{\w+}", german[key]))


def test_confirming_leads_to_a_page_that_thanks(client):
    order = sent_order(10)

    page = posted(client, order, choice__="as_asked", follow=True)

    assert page.redirect_chain[0][1] == 302
    assert "Thank you, your answer has arrived." in page.content.decode()
    assert dates(order) == [(10, ASKED, ASKED)]


def test_a_later_day_with_its_reason_goes_to_the_buyer(client):
    order = sent_order(10)

    page = posted(client, order, choice__="other_date", date__=LATER, reason__="Strike", comment="Sorry", follow=True)

    assert "Our buyer checks what differs" in page.content.decode()
    assert "Your answer is with our buyer: 10 on 27 November 2025" in page.content.decode()
    assert (SupplierAnswerLine.objects.get().reason, SupplierAnswer.objects.get().comment) == ("Strike", "Sorry")


def test_deliveries_that_leave_units_open_reject_the_rest(client):
    order = sent_order(10)

    posted(
        client, order, choice__="parts", quantity__0=6, day__0=ASKED, quantity__2=3, day__2=LATER, reason__="Sold out"
    )

    parts = SupplierAnswerPart.objects.order_by("pk").values_list("quantity", "available_on")
    assert list(parts) == [(6, ASKED), (3, LATER), (1, None)]


def test_rejecting_needs_a_reason(client):
    order = sent_order(10)

    refused = posted(client, order, choice__="reject")
    taken = posted(client, order, choice__="reject", reason__="No longer made")

    assert (refused.status_code, taken.status_code) == (422, 302)
    assert "Please give the reason" in refused.content.decode()
    assert SupplierAnswerPart.objects.get().available_on is None


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"choice__": "leave"}, "Please answer at least one line"),
        ({"choice__": "other_date"}, "Please name a day."),
        ({"choice__": "other_date", "date__": "soon"}, "such as 2026-12-24"),
        ({"choice__": "other_date", "date__": "2025-11-02", "reason__": "x"}, "This date has passed."),
        ({"choice__": "parts"}, "a quantity and a day for at least one"),
        ({"choice__": "parts", "quantity__0": "4"}, "both a quantity and a day"),
        ({"choice__": "parts", "quantity__0": "11", "day__0": "2025-11-20"}, "comes to 11, but 10 are outstanding"),
        ({"choice__": "parts", "quantity__0": "٣", "day__0": "2025-11-20"}, "whole number of units"),
        (
            {
                "choice__": "parts",
                "quantity__0": "4",
                "day__0": "2025-11-20",
                "quantity__1": "6",
                "day__1": "2025-11-20",
            },
            "each day once",
        ),
        ({"choice__": "other_date", "date__": "2025-11-27", "reason__": "a\u202eb"}, "plain text"),
        ({"choice__": "nonsense"}, "Select a valid choice"),
    ],
)
def test_an_impossible_answer_is_told_beside_the_field_and_changes_nothing(client, fields, told):
    order = sent_order(10)

    page = posted(client, order, **fields)

    assert page.status_code == 422
    assert told in page.content.decode()
    assert (SupplierAnswer.objects.count(), SupplierLink.objects.get().answered_at) == (0, None)


def test_errors_are_told_in_german_to_a_german(client):
    order = sent_order(10, language="de")

    page = posted(client, order, choice__="other_date", date__="bald")

    assert "Bitte nennen Sie einen Tag wie" in page.content.decode()


def wrong(case, order):
    token = newest_token(order)
    if case == "used":
        answer(order, comment="first", now=MONDAY)
    elif case == "revoked":
        revoke_link(link_id=SupplierLink.objects.get().pk, by=None, now=MONDAY)
    elif case == "old":
        SupplierLink.objects.get()
        return token
    return {"unknown": "x" * 43, "cut short": token[:-2], "very long": "y" * 3000, "odd": "ä%00"}.get(case, token)


@pytest.mark.parametrize("case", ["unknown", "used", "revoked", "old", "cut short", "very long", "odd"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_link_that_opens_nothing_is_the_same_page(client, case, method, django_assert_num_queries):
    order = sent_order(10)
    token = wrong(case, order)
    known = client.get(place("unknown"))

    with time_machine.travel(MONDAY + 46 * DAY if case == "old" else MONDAY, tick=False):
        page = getattr(client, method)(place(token), {"choice": "as_asked"})

    assert (page.status_code, page.content) == (404, known.content)
    assert dates(order) == [(10, None, None)]


def test_an_expired_link_costs_as_many_queries_as_an_unknown_one(client, django_assert_num_queries):
    order = sent_order(10)
    token = newest_token(order)
    revoke_link(link_id=SupplierLink.objects.get().pk, by=None, now=MONDAY)

    for address in (place(token), place("unknown")):
        with django_assert_num_queries(1):
            client.get(address)


def test_a_form_from_elsewhere_is_refused():
    order = sent_order(10)
    strict = Client(enforce_csrf_checks=True)

    page = strict.post(place(newest_token(order)), {"comment": "hello"}, headers={"origin": "null"})

    assert (page.status_code, SupplierAnswer.objects.count()) == (403, 0)


def test_our_own_form_is_taken_though_the_page_sends_no_referrer():
    order = sent_order(10)
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(place(newest_token(order))).content.decode()
    fields = dict(re.findall(r'name="(version|csrfmiddlewaretoken)" value="(\w+)"', page))

    answered = strict.post(
        place(newest_token(order)), fields | {"comment": "hello"} | leave(order), headers={"origin": "null"}
    )

    assert (answered.status_code, SupplierAnswer.objects.count()) == (302, 1)


def leave(order):
    return {f"choice-{line.pk}": "leave" for line in lines_of(order)}


def test_who_looked_at_an_older_state_is_told_and_shown_the_new_one(client):
    order = sent_order(10)
    answer(order, says(lines_of(order)[0], (10, ASKED)), now=MONDAY)
    line = lines_of(order)[0]
    address = place(newest_token(order))
    seen = re.search(r'name="version" value="(\w+)"', client.get(address).content.decode())[1]
    change_confirmed_date(line_id=line.pk, new_on=LATER, reason="by phone", by=None, now=MONDAY)

    page = client.post(address, {"version": seen, f"choice-{line.pk}": "as_asked"})

    assert page.status_code == 409
    assert "has changed since you opened this page" in page.content.decode()
    assert "27 November 2025" in page.content.decode()


def test_an_order_that_is_over_shows_what_came_and_asks_nothing(client):
    order = sent_order(10)
    token = newest_token(order)
    receive_purchase_order(
        purchase_order_id=order.pk, reference="DN", quantities={lines_of(order)[0].pk: 10}, by=None, now=MONDAY
    )

    page = client.get(place(token)).content.decode()

    assert "Nothing left to answer" in page
    assert "10 received, 0 outstanding" in page
    assert "<form" not in page


def test_a_cancelled_order_takes_no_form(client):
    order = sent_order(10)
    cancel_purchase_order(purchase_order_id=order.pk, by=None, now=MONDAY)

    page = client.post(place(newest_token(order)), {"version": "as seen before", "comment": "hello"})

    assert page.status_code == 409
    assert "could not be saved" in page.content.decode()


def test_a_question_is_shown_with_its_wish(client):
    order = sent_order(10)
    wish = SupplierWish(lines_of(order)[0].pk, date(2025, 11, 10), "urgent")
    ask_supplier(purchase_order_id=order.pk, wishes=[wish], by=None, now=MONDAY)

    assert "We ask for 10 November 2025." in client.get(place(newest_token(order))).content.decode()


def test_a_past_wish_cannot_be_confirmed(client):
    order = sent_order(10)

    with time_machine.travel(MONDAY + 20 * DAY, tick=False):
        page = client.get(place(newest_token(order))).content.decode()

    assert 'value="as_asked"' not in page
    assert 'value="leave"' in page


def test_names_are_text(client):
    order = sent_order(10)
    Supplier.objects.update(name="<b>Nord</b>")

    page = client.get(place(newest_token(order))).content.decode()

    assert "<b>Nord" not in page
    assert Message.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_line_and_for_three(client, count, django_assert_num_queries):
    order = sent_order(*[10] * count)

    with django_assert_num_queries(9):
        client.get(place(newest_token(order)))
