"""Sentences in the customer's language that services put into emails."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils import translation
from django.utils.formats import date_format, number_format

from notifications.services.rendering import LOCALES, spoken_language

DAY = {"en": "j F Y", "de": "j. F Y"}
REFUND = {
    "en": "We refund {amount} {currency} by {day}, the way you paid.",
    "de": "Wir erstatten {amount} {currency} bis {day} auf dem Weg, auf dem Sie bezahlt haben.",
}
REASONS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "high_demand": "demand is higher than usual",
        "seasonal": "it is high season for this article",
        "supplier_delay": "our supplier is late",
        "data_error": "there was a mistake in our records",
        "": "our stock of this article is exhausted",
    },
    "de": {
        "high_demand": "die Nachfrage ist höher als sonst",
        "seasonal": "für diesen Artikel ist Hochsaison",
        "supplier_delay": "unser Lieferant verspätet sich",
        "data_error": "in unseren Unterlagen war ein Fehler",
        "": "unser Vorrat dieses Artikels ist erschöpft",
    },
}


def day_in_words(day: date, language: str) -> str:
    spoken = spoken_language(language)
    with translation.override(LOCALES[spoken]):
        return date_format(day, DAY[spoken])


def amount_in_words(amount: Decimal, language: str) -> str:
    with translation.override(LOCALES[spoken_language(language)]):
        return number_format(amount, 2, use_l10n=True, force_grouping=True)


def refund_sentence(language: str, amount: Decimal | int, currency: str, due_on: date) -> str:
    return REFUND[spoken_language(language)].format(
        amount=amount_in_words(Decimal(amount), language), currency=currency, day=day_in_words(due_on, language)
    )


def reason_in_words(reason: str, language: str) -> str:
    words = REASONS[spoken_language(language)]
    return words.get(reason, words[""])
