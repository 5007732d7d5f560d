"""Every kind in every language: what must be in it, and that both parts say the same."""

import json
import re
from dataclasses import asdict
from datetime import date
from html import unescape

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from notifications.models import Message
from notifications.payloads import PAYLOADS, Digest, MailLine, OrderMail
from notifications.services.rendering import Rendered, render_message, render_payload, spoken_language
from tests.factories.notifications import CABLE, LAMP, order_mail, some_mail

LANGUAGES = ["en", "de"]
ORDER_KINDS = [kind for kind, payload in PAYLOADS.items() if issubclass(payload, OrderMail)]
FIGURE = re.compile(r"\d[\d.,]*")


def rendered(kind: str, language: str = "en", **values) -> Rendered:
    return render_payload(order_mail(kind, **values) if values else some_mail(kind), language=language)


def visible(html: str) -> str:
    """The words of the HTML part that a reader sees."""
    body = html.partition("<body")[2].partition(">")[2]
    body = re.sub(r'<div class="preheader".*?</div>', " ", body, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ORDER_KINDS)
def test_every_email_names_order_reference_articles_and_quantities_in_both_parts(kind, language):
    email = rendered(kind, language, lines=(LAMP, CABLE) if kind != "date_changed" else (LAMP,))

    thousand = {"en": "1,200", "de": "1.200"}[language]
    facts = ["SO-1042", "PO 4711", "LAMP-1", "Desk lamp “Ada”", "Vogel & Söhne", "3 ×"]
    facts += ["CAB-9", f"{thousand} m"] if kind != "date_changed" else []
    for fact in facts:
        assert fact in email.text
    assert "SO-1042" in email.subject
    assert FIGURE.findall(visible(email.html)) == FIGURE.findall(f"{email.subject}\n{without_addresses(email.text)}")


def without_addresses(text: str) -> str:
    """HTML shows those of the desk as links."""
    return re.sub(r"https?://\S+", "", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PAYLOADS)
def test_no_email_shows_traces_of_its_templates(kind, language):
    email = rendered(kind, language)

    for part in (email.subject, email.text, email.html):
        assert "{{" not in part
        assert "{%" not in part
        assert "None" not in part
    assert "\n\n\n" not in email.text
    assert "&amp;" not in email.text
    assert "\n" not in email.subject
    assert f'lang="{language}"' in email.html
    assert 'style="' in email.html


@pytest.mark.parametrize("kind", ORDER_KINDS)
def test_german_is_german(kind):
    english, german = rendered(kind, "en"), rendered(kind, "de")

    assert "Guten Tag Vogel & Söhne" in german.text
    assert "Mit freundlichen Grüßen" in german.text
    for words in ("Hello", "Order:", "Still", "Kind regards", "expected", "your order", "Items", "Auftrag"):
        assert words not in german.text
    assert german.subject != english.subject


def test_the_acknowledgement_tells_what_ships_now_and_what_waits_until_when():
    email = rendered("order_received")

    assert email.subject == "Order SO-1042 received: part is in stock, the rest will follow"
    assert "Ships next:\n- 2 × Desk lamp “Ada” (LAMP-1)\n" in email.text
    assert "- 3 × Desk lamp “Ada” (LAMP-1)\n  expected by 3 October 2026: delivery to us is delayed\n" in email.text
    assert "- 1,200 m Cable 3 × 1.5 mm² (CAB-9)\n  no reliable date yet (We asked the maker.)\n" in email.text


def test_the_acknowledgement_in_german():
    email = rendered("order_received", "de")

    assert email.subject == "Ihre Bestellung SO-1042: ein Teil ist auf Lager, der Rest folgt"
    assert (
        "- 3 × Desk lamp “Ada” (LAMP-1)\n  voraussichtlich bis 3. Oktober 2026: die Lieferung an uns verzögert sich"
        in email.text
    )
    assert "- 1.200 m Cable 3 × 1.5 mm² (CAB-9)\n  noch kein verbindlicher Termin" in email.text


@pytest.mark.parametrize(
    ("allocated", "subject"),
    [
        (5, "Order SO-1042 received: everything is in stock"),
        (2, "Order SO-1042 received: part is in stock, the rest will follow"),
        (0, "Order SO-1042 received: your items will follow"),
    ],
)
def test_the_acknowledgement_has_a_subject_for_each_case(allocated, subject):
    line = MailLine(sku="A", name="Lamp", ordered=5, open=5, allocated=allocated)

    assert rendered("order_received", lines=(line,)).subject == subject


def test_a_range_of_dates_is_told_as_a_range():
    line = MailLine(
        sku="A", name="Lamp", ordered=1, open=1, promised_from=date(2026, 9, 28), promised_on=date(2026, 10, 3)
    )

    assert "expected between 28 September 2026 and 3 October 2026" in rendered("order_received", lines=(line,)).text
    german = rendered("order_received", "de", lines=(line,)).text
    assert "voraussichtlich zwischen dem 28. September 2026 und dem 3. Oktober 2026" in german


@pytest.mark.parametrize(
    ("before", "after", "subject", "told"),
    [
        (date(2026, 9, 1), date(2026, 9, 9), "later delivery date", "previously: 1 September 2026"),
        (date(2026, 9, 9), date(2026, 9, 1), "good news about your delivery date", "now: expected by 1 September 2026"),
        (None, date(2026, 9, 1), "good news about your delivery date", "previously: no reliable date"),
        (date(2026, 9, 1), None, "later delivery date", "now: no reliable date yet"),
    ],
)
def test_a_changed_date_tells_old_and_new(before, after, subject, told):
    line = MailLine(sku="A", name="Lamp", quantity=4, open=4, previous_promised_on=before, promised_on=after)

    email = rendered("date_changed", lines=(line,))

    assert email.subject == f"Order SO-1042: {subject}"
    assert told in email.text
    assert told in visible(email.html)


def test_dates_that_move_both_ways_are_told_apart():
    later = MailLine(sku="A", name="Lamp", quantity=1, previous_promised_on=date(2026, 9, 1), promised_on=None)
    sooner = MailLine(sku="B", name="Bulb", quantity=1, promised_on=date(2026, 9, 1))
    unmoved = MailLine(sku="C", name="Cord", promised_on=date(2026, 9, 1))

    email = rendered("date_changed", lines=(later, sooner, unmoved))

    assert email.subject == "Order SO-1042: new delivery dates"
    places = [email.text.index(words) for words in ("Later than planned:", "Lamp", "Earlier than planned:", "Bulb")]
    assert places == sorted(places)
    assert "Cord" not in email.text


def test_partly_shipped_tells_the_shipment_and_what_is_still_open():
    here = MailLine(sku="B", name="Bulb", ordered=2, open=2, allocated=2)

    email = rendered("partly_shipped", lines=(LAMP, here))

    assert "Shipment: SH-77\nCarrier: Blue Vans\nTracking number: BV-0034-X" in email.text
    assert "In this shipment:\n- 3 × Desk lamp “Ada” (LAMP-1)\n" in email.text
    assert "Still to come:\n- 5 × Desk lamp “Ada” (LAMP-1)\n  expected by 3 October 2026" in email.text
    assert "- 2 × Bulb (B)\n  reserved for you, ships next\n" in email.text


@pytest.mark.parametrize(
    ("still_open", "shipped", "subject"),
    [
        (2, 0, "Order SO-1042: some items cancelled"),
        (0, 3, "Order SO-1042: remaining items cancelled"),
        (0, 0, "Order SO-1042 cancelled"),
    ],
)
def test_a_cancellation_tells_what_is_left(still_open, shipped, subject):
    line = MailLine(sku="A", name="Lamp", quantity=1, ordered=9, open=still_open, shipped=shipped)

    assert rendered("cancelled", lines=(line,)).subject == subject


def test_goods_for_a_complete_delivery_are_kept_until_the_rest_is_here():
    waits = rendered("goods_allocated", ship_complete=True)
    goes = rendered("goods_allocated", ship_complete=False)

    assert "We keep these items for you until the rest arrives" in waits.text
    assert "We now pack these items" in goes.text


def test_patience_is_thanked_where_it_was_needed():
    assert "patience" in rendered("shipped", had_to_wait=True).text
    assert "patience" not in rendered("shipped", had_to_wait=False).text


def test_nothing_is_escaped_outside_of_html():
    email = rendered("shipped", order_number="A&B", customer_name="<Bolt> & Nut")

    assert email.subject == "Order A&B is on its way"
    assert "Hello <Bolt> & Nut," in email.text
    assert "Hello &lt;Bolt&gt; &amp; Nut," in email.html


def test_the_tracking_link_appears_where_there_is_one(settings):
    address = f"{settings.SITE_URL}/t/abc?x=1&y=2"

    linked, plain = rendered("shipped", tracking_url=address), rendered("shipped")

    assert f"Track your order: {address}" in linked.text
    assert f'href="{settings.SITE_URL}/t/abc?x=1&amp;y=2"' in linked.html
    assert "Track your order" not in plain.text + plain.html


def test_names_are_text_in_the_html_part():
    line = MailLine(sku="<b>", name="<script>alert(1)</script>", quantity=1, open=1)

    email = rendered("backorder_opened", lines=(line,), customer_name='"><img src=x>')

    assert "<script>" not in email.html
    assert "<img" not in email.html
    assert "- 1 × <script>alert(1)</script> (<b>)" in email.text


@pytest.mark.parametrize(
    ("preferred", "spoken"), [("de", "de"), ("de-AT", "de"), ("DE_ch", "de"), ("en", "en"), ("fr", "en"), ("", "en")]
)
def test_a_language_without_texts_falls_back_to_english(preferred, spoken):
    assert spoken_language(preferred) == spoken


@pytest.mark.parametrize("kind", PAYLOADS)
def test_a_payload_survives_its_way_through_json(kind):
    mail = some_mail(kind)

    context = json.loads(DjangoJSONEncoder().encode(mail.to_context() if isinstance(mail, Digest) else asdict(mail)))

    assert PAYLOADS[kind].from_context(context) == mail
    assert render_message(Message(kind=kind, context=context, language="de")) == render_payload(mail, language="de")
