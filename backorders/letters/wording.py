"""Sentences in the customer's language, for emails and for the customer's page."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils import translation
from django.utils.formats import date_format, number_format

from backorders.enums import BackorderReason
from notifications.services.rendering import LOCALES, spoken_language

DAY = {"en": "j F Y", "de": "j. F Y"}
REFUND = {
    "en": "We refund {amount} {currency} by {day}, the way you paid.",
    "de": "Wir erstatten {amount} {currency} bis {day} auf dem Weg, auf dem Sie bezahlt haben.",
}
NAMED: Mapping[str, Mapping[str, str]] = {
    "en": {
        BackorderReason.HIGH_DEMAND: "demand is higher than usual",
        BackorderReason.SEASONAL: "this item is in high season",
        BackorderReason.SUPPLIER_DELAY: "our supplier is late",
        BackorderReason.DATA_ERROR: "there was a mistake in our records",
    },
    "de": {
        BackorderReason.HIGH_DEMAND: "die Nachfrage ist höher als sonst",
        BackorderReason.SEASONAL: "für diesen Artikel ist gerade Hochsaison",
        BackorderReason.SUPPLIER_DELAY: "unser Lieferant ist in Verzug",
        BackorderReason.DATA_ERROR: "in unseren Unterlagen war ein Fehler",
    },
}
# What happened at the supplier's or in the house is nobody else's business, unless the desk settings allow it.
NEUTRAL: Mapping[str, Mapping[str, str]] = {
    "en": {BackorderReason.SUPPLIER_DELAY: "delivery to us is delayed", BackorderReason.DATA_ERROR: ""},
    "de": {BackorderReason.SUPPLIER_DELAY: "die Lieferung an uns verzögert sich", BackorderReason.DATA_ERROR: ""},
}
OUT_OF_STOCK = {"en": "this item is out of stock", "de": "dieser Artikel ist zurzeit nicht auf Lager"}


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


def reason_in_words(reason: str, language: str, *, names_causes: bool) -> str:
    """Why an item waits, as its customer reads it; blank where there is nothing to say."""
    spoken = spoken_language(language)
    words = NAMED[spoken] if names_causes else {**NAMED[spoken], **NEUTRAL[spoken]}
    return words.get(reason, "")


def stated_reason(reason: str, language: str, *, names_causes: bool) -> str:
    """The same where the law asks for a reason."""
    return reason_in_words(reason, language, names_causes=names_causes) or OUT_OF_STOCK[spoken_language(language)]
