"""Sentences in the customer's language, for emails and for the customer's page."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from backorders.enums import BackorderReason
from notifications.services.rendering import spoken_language
from notifications.services.speaker import amount_in_words, day_in_words
from notifications.services.wording.reasons import reason_in_words

REFUND = {
    "en": "We refund {amount} {currency} by {day}, the way you paid.",
    "de": "Wir erstatten {amount} {currency} bis {day} auf dem Weg, auf dem Sie bezahlt haben.",
}
# What happened at the supplier's or in the house is nobody else's business, unless the desk settings allow it.
NEUTRAL: Mapping[str, str] = {BackorderReason.SUPPLIER_DELAY: "delivery_delayed", BackorderReason.DATA_ERROR: ""}
OUT_OF_STOCK = {"en": "this item is out of stock", "de": "dieser Artikel ist zurzeit nicht auf Lager"}


def refund_sentence(language: str, amount: Decimal | int, currency: str, due_on: date) -> str:
    return REFUND[spoken_language(language)].format(
        amount=amount_in_words(amount, language), currency=currency, day=day_in_words(due_on, language)
    )


def shown_reason(reason: str, language: str, *, names_causes: bool) -> str:
    """Why an item waits, as its customer reads it; blank where there is nothing to say."""
    code = reason if names_causes else NEUTRAL.get(reason, reason)
    return reason_in_words(code, spoken_language(language))


def stated_reason(reason: str, language: str, *, names_causes: bool) -> str:
    """The same where the law asks for a reason."""
    return shown_reason(reason, language, names_causes=names_causes) or OUT_OF_STOCK[spoken_language(language)]
