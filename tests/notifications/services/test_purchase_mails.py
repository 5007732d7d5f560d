"""The emails to suppliers, in every language: what must be in them, and that both parts say the same."""

import re
from datetime import date
from html import unescape

import pytest

from notifications.payloads import PAYLOADS, PurchaseMail, PurchaseMailLine
from notifications.services.rendering import render_payload
from tests.factories.notifications import purchase_mail

LANGUAGES = ["en", "de"]
PURCHASE_KINDS = [kind for kind, payload in PAYLOADS.items() if issubclass(payload, PurchaseMail)]
FIGURE = re.compile(r"\d[\d.,]*")


def reply(*lines: PurchaseMailLine, language: str = "en"):
    return render_payload(purchase_mail("purchase_reply", lines=lines), language=language)


def answered(outcome: str, **values) -> PurchaseMailLine:
    return PurchaseMailLine(sku="LAMP-1", name="Lamp", quantity=7, outcome=outcome, **values)


def figures(text: str) -> list[str]:
    return sorted(FIGURE.findall(re.sub(r"https?://\S+", "", text)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PURCHASE_KINDS)
def test_every_letter_names_the_order_and_has_the_link_in_both_parts(kind, language):
    letter = render_payload(purchase_mail(kind), language=language)

    assert "PO-512" in letter.subject
    for part in (letter.text, letter.html):
        assert "https://desk.example/s/a-token/" in part
        assert "Nordwerk &" in unescape(part)
        assert "{%" not in part
        assert "{{" not in part
        assert "None" not in part
    body = re.sub(r'<div class="preheader".*?</div>', " ", letter.html.partition("<body")[2].partition(">")[2])
    assert figures(unescape(re.sub(r"<[^>]+>", " ", body))) == figures(f"{letter.subject}\n{letter.text}")


@pytest.mark.parametrize("kind", PURCHASE_KINDS)
def test_german_letters_are_german(kind):
    german, english = (render_payload(purchase_mail(kind), language=language) for language in ("de", "en"))

    assert "Guten Tag Nordwerk & Söhne" in german.text
    assert german.subject != english.subject
    for words in ("Hello", "Kind regards", "link works", "Purchase order", "Please"):
        assert words not in german.text


def test_the_order_lists_what_is_wanted_by_when():
    letter = render_payload(purchase_mail(), language="en")

    assert "- 3 × Desk lamp “Ada” (LAMP-1)\n  required by 3 October 2026\n" in letter.text
    assert "- 1,200 m Cable 3 × 1.5 mm² (CAB-9)\n  no date requested\n" in letter.text
    assert "The link works once, until 16 October 2026." in letter.text


def test_a_reply_tells_apart_what_is_agreed_asked_again_and_declined():
    letter = reply(
        answered("accepted", promised_on=date(2026, 12, 1)),
        answered("countered", promised_on=date(2026, 12, 8), previous_promised_on=date(2026, 12, 20), note="Urgent"),
        answered("declined", previous_promised_on=None),
    )

    assert "Agreed:\n- 7 × Lamp (LAMP-1)\n  1 December 2026\n" in letter.text
    assert "  your date: 20 December 2026\n  our request: 8 December 2026\n  Urgent\n" in letter.text
    refused = "We cannot agree, the order is unchanged:\n- 7 × Lamp (LAMP-1)\n  your date: not delivered\n"
    assert refused in letter.text


def test_a_reply_that_only_agrees_asks_for_nothing():
    letter = reply(answered("accepted", promised_on=date(2026, 12, 1)))

    assert "Thank you. We have noted the dates below." in letter.text
    assert "We ask for another date" not in letter.text + letter.html
