"""The words of the customer's page, in every language that we write in. A test compares the keys."""

from datetime import date

from django.utils import translation
from django.utils.formats import date_format

from notifications.services.rendering import LOCALES, spoken_language

DAY = {"en": "j F Y", "de": "j. F Y"}

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "title": "Order {number}",
        "reference": "Your reference",
        "placed": "Ordered on {day}",
        "lines": "What you ordered",
        "ordered": "ordered",
        "shipped": "shipped",
        "ready": "set aside for you, ships next",
        "waiting": "waiting",
        "cancelled": "cancelled",
        "when": "When",
        "between": "expected between {first} and {last}",
        "by": "expected by {day}",
        "no_date": "no reliable date yet",
        "because": "because",
        "history": "What we told you so far",
        "told_date": "On {told} we said: by {day}.",
        "told_later": "On {told} it became later: by {day}.",
        "told_earlier": "On {told} it became earlier: by {day}.",
        "told_none": "On {told} we had no reliable date.",
        "told_stock": "On {told} the goods were in stock.",
        "complete": "Your order ships when all of it is here.",
        "parcels": "What has left",
        "parcel": "Parcel {number}, {day}",
        "tracking_number": "Tracking number",
        "done": "Everything of this order has left or is settled.",
        "unknown_title": "This link does not open an order",
        "unknown_text": "It may have expired, been replaced or been copied incompletely. Use the link in our latest "
        "email about the order, or answer that email and we send you a new one.",
        "private": "This page is for you alone: whoever has its address can see and decide what you can.",
        "high_demand": "demand is higher than usual",
        "seasonal": "it is high season for this article",
        "supplier_delay": "our supplier is late",
        "data_error": "there was a mistake in our records",
    },
    "de": {
        "title": "Auftrag {number}",
        "reference": "Ihr Zeichen",
        "placed": "Bestellt am {day}",
        "lines": "Ihre Bestellung",
        "ordered": "bestellt",
        "shipped": "versandt",
        "ready": "für Sie zurückgelegt, kommt als Nächstes",
        "waiting": "wartet",
        "cancelled": "storniert",
        "when": "Wann",
        "between": "voraussichtlich zwischen {first} und {last}",
        "by": "voraussichtlich bis {day}",
        "no_date": "noch kein verlässlicher Termin",
        "because": "weil",
        "history": "Was wir Ihnen bisher gesagt haben",
        "told_date": "Am {told} sagten wir: bis {day}.",
        "told_later": "Am {told} wurde es später: bis {day}.",
        "told_earlier": "Am {told} wurde es früher: bis {day}.",
        "told_none": "Am {told} hatten wir keinen verlässlichen Termin.",
        "told_stock": "Am {told} war die Ware auf Lager.",
        "complete": "Ihr Auftrag geht ab, sobald alles da ist.",
        "parcels": "Was schon unterwegs ist",
        "parcel": "Sendung {number}, {day}",
        "tracking_number": "Sendungsnummer",
        "done": "Alles aus diesem Auftrag ist versandt oder erledigt.",
        "unknown_title": "Dieser Link öffnet keinen Auftrag",
        "unknown_text": "Vielleicht ist er abgelaufen, ersetzt oder unvollständig kopiert. Nehmen Sie den Link aus "
        "unserer letzten E-Mail zum Auftrag, oder antworten Sie darauf, und wir senden Ihnen einen neuen.",
        "private": "Diese Seite ist nur für Sie: Wer ihre Adresse hat, sieht und entscheidet dasselbe wie Sie.",
        "high_demand": "die Nachfrage höher ist als sonst",
        "seasonal": "für diesen Artikel Hochsaison ist",
        "supplier_delay": "unser Lieferant sich verspätet",
        "data_error": "in unseren Unterlagen ein Fehler war",
    },
}


class Speaker:
    """Speaks one language: `t.waiting` in a template, `t.say("by", day=…)` in code."""

    def __init__(self, language: str) -> None:
        self.language = spoken_language(language)
        self.phrases = PHRASES[self.language]

    def __getitem__(self, key: str) -> str:
        return self.phrases[key]

    def say(self, key: str, **values: object) -> str:
        return self.phrases[key].format(**{name: self._shown(value) for name, value in values.items()})

    def day(self, day: date) -> str:
        with translation.override(LOCALES[self.language]):
            return date_format(day, DAY[self.language])

    def _shown(self, value: object) -> str:
        return self.day(value) if isinstance(value, date) else str(value)
