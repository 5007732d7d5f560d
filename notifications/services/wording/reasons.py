"""Why an item waits, in the reader's words. A code without words, such as "unknown", is not spoken of."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "high_demand": "demand is higher than usual",
        "seasonal": "this item is in high season",
        "delivery_delayed": "delivery to us is delayed",
        "supplier_delay": "our supplier is late",
        "data_error": "there was a mistake in our records",
    },
    "de": {
        "high_demand": "die Nachfrage ist höher als sonst",
        "seasonal": "für diesen Artikel ist gerade Hochsaison",
        "delivery_delayed": "die Lieferung an uns verzögert sich",
        "supplier_delay": "unser Lieferant ist in Verzug",
        "data_error": "in unseren Unterlagen war ein Fehler",
    },
}


def reason_in_words(code: str, language: str) -> str:
    return WORDS[language].get(code, "")
