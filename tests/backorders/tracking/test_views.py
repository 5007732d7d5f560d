"""The customer's page: what it shows to whom, and that looking changes nothing."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backorders.models import TrackingLink
from backorders.services.receiving import receive_goods
from backorders.services.sending_links import revoke_links, send_link
from backorders.services.shipping import pick_order, ship
from backorders.tracking.phrases import PHRASES
from config.lib.tokens import new_token, token_hash
from inventory.models import PurchaseOrder
from notifications.models import Message
from tests.backorders.tracking.pages import newest_address
from tests.backorders.views.desk import a_short_product
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
    for fact in (order.number, "Panel saw", "SAW-200", "set aside for you, ships next", "waiting"):
        assert fact in words(page)


def test_the_token_is_kept_as_a_hash_only(now):
    an_order(now)

    token = newest_address().split("/")[2]

    assert TrackingLink.objects.get().token_hash == token_hash(token)
    assert len(token) == 43


def test_the_page_tells_parcels_and_the_history_of_dates(client, now):
    order = an_order(now)
    purchase = PurchaseOrder.objects.get()
    receive_goods(
        purchase_order_id=purchase.pk, reference="DN-1", quantities={purchase.lines.get().pk: 1}, by=None, now=now
    )
    [shipment] = pick_order(order_id=order.pk, by=None, now=now)
    ship(shipment_id=shipment.pk, by=None, now=now, carrier="DHL", tracking_number="JD0042")

    page = words(client.get(newest_address()))

    for fact in (
        "<strong>4</strong> shipped",
        "<strong>4</strong> waiting",
        "JD0042",
        "DHL",
        "On 3 November 2025 we said: by 20 November 2025.",
    ):
        assert fact in page


def test_the_page_speaks_the_customers_language(client, now):
    an_order(now, language="de")

    page = words(client.get(newest_address()))

    assert 'lang="de"' in page
    assert "für Sie zurückgelegt" in page
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
    expired = new_token()
    TrackingLink.objects.create(
        order=order,
        token_hash=token_hash(expired),
        made_for="test",
        made_at=now - timedelta(days=9),
        expires_at=now - timedelta(days=1),
    )
    revoke_links(order_id=order.pk, by=None, now=now)

    answers = [client.get(path) for path in (address, f"/t/{expired}/", f"/t/{new_token()}/", "/t/%F0%9F%98%80/")]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert "Dieser Link öffnet keinen Auftrag" in words(answers[0])


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

    with django_assert_num_queries(7):
        client.get(address)


def test_a_link_opens_the_page_until_it_expires(client, now):
    an_order(now)

    with time_machine.travel(now + timedelta(days=179)):
        assert client.get(newest_address()).status_code == 200
    with time_machine.travel(now + timedelta(days=180, minutes=1)):
        assert client.get(newest_address()).status_code == 404
