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
        "lines": "Your items",
        "ordered": "ordered",
        "shipped": "shipped",
        "ready": "reserved for you, ships next",
        "waiting": "waiting",
        "cancelled": "cancelled",
        "when": "When",
        "between": "expected between {first} and {last}",
        "by": "expected by {day}",
        "no_date": "no reliable date yet",
        "history": "Dates so far",
        "told_date": "{said_on}: expected by {day}.",
        "told_later": "{said_on}: moved back to {day}.",
        "told_earlier": "{said_on}: moved forward to {day}.",
        "told_none": "{said_on}: no reliable date.",
        "told_stock": "{said_on}: in stock.",
        "complete": "Your order ships when all of it is here.",
        "parcels": "Shipped",
        "parcel": "Parcel {number}, {day}",
        "tracking_number": "Tracking number",
        "done": "This order is complete.",
        "unknown_title": "This link is not valid",
        "unknown_text": "It may have expired, been replaced or been copied incompletely. Use the link in our latest "
        "email about the order, or answer that email and we send you a new one.",
        "private": "Keep this link private: anyone with it can act on this order.",
        "choices": "Your choice",
        "keep_waiting": "Keep waiting",
        "cancel_rest": "Cancel the remaining {units}",
        "cancel_all": "Cancel everything still open",
        "ship_now": "Ship what is in stock now",
        "take_substitute": "Take {offer}",
        "sure_cancel": "{units} × {name} will not be delivered. What you paid for them is refunded by {day}.",
        "sure_cancel_packed": "{units} × {name} will not be delivered. What you paid for them is refunded by "
        "{day}. Items already being packed will still be sent.",
        "sure_cancel_all": "No more items will be sent, except those being packed. What you paid "
        "for it is refunded by {day}.",
        "yes_cancel": "Yes, cancel {units} × {name}",
        "yes_cancel_all": "Yes, cancel everything open",
        "sure_ship": "We ship what is in stock now. The rest follows when it arrives.",
        "yes_ship": "Yes, ship now",
        "asked_wait": "Do you want to keep waiting?",
        "asked_substitute": "We can send {offer} at once instead, {price} each. You pay no more than for what "
        "you ordered.",
        "asked_notice": "Do you agree to the delay?",
        "asked_notice_date": "We now expect to ship by {day}. Do you agree to this delay?",
        "asked_notice_none": "We cannot give a new date. Do you agree to wait without one?",
        "answer_by": "Please answer by {day}.",
        "silence_keep": "If we do not hear from you, your order stays open.",
        "silence_agree": "If we do not hear from you, you agree to the delay. You may still cancel at any time "
        "before we ship.",
        "silence_cancel": "If we do not hear from you by then, we cancel the item and refund you.",
        "agree": "I agree to the delay",
        "done_keep-waiting": "Thank you. Your order stays open.",
        "done_cancel-rest": "Cancelled. You will receive an email to confirm.",
        "done_cancel-all": "Everything open was cancelled. You will receive an email to confirm.",
        "done_ship-now": "We ship what is in stock next. The rest follows.",
        "done_substitute": "Thank you. The substitute is on your order. You will receive an email to confirm.",
        "refused_closed": "This item was shipped or cancelled in the meantime. Nothing was changed.",
        "refused_packed": "The items are already being packed and can no longer be cancelled here. Nothing was "
        "changed.",
        "refused_settled": "This question was already answered. Nothing was changed.",
        "refused_late": "The deadline has passed. Nothing was changed.",
        "refused_unasked": "This choice is not available. Nothing was changed.",
        "refused_changed": "Something changed since you opened this page. Nothing was changed. Please check again.",
        "refused_nothing_here": "Nothing is in stock yet. Nothing was changed.",
        "refused_gone": "The substitute is no longer available. Nothing was changed.",
        "refused_form": "The form was not complete. Nothing was changed; please try again.",
    },
    "de": {
        "title": "Bestellung {number}",
        "reference": "Ihre Referenz",
        "placed": "Bestellt am {day}",
        "lines": "Ihre Bestellung",
        "ordered": "bestellt",
        "shipped": "versandt",
        "ready": "für Sie reserviert, Versand folgt",
        "waiting": "wartet",
        "cancelled": "storniert",
        "when": "Wann",
        "between": "voraussichtlich zwischen {first} und {last}",
        "by": "voraussichtlich bis {day}",
        "no_date": "noch kein verbindlicher Termin",
        "history": "Bisherige Termine",
        "told_date": "{said_on}: voraussichtlich bis {day}.",
        "told_later": "{said_on}: verschoben auf {day}.",
        "told_earlier": "{said_on}: vorgezogen auf {day}.",
        "told_none": "{said_on}: noch kein verbindlicher Termin.",
        "told_stock": "{said_on}: auf Lager.",
        "complete": "Wir versenden Ihre Bestellung, sobald sie vollständig ist.",
        "parcels": "Versandt",
        "parcel": "Sendung {number}, {day}",
        "tracking_number": "Sendungsnummer",
        "done": "Diese Bestellung ist abgeschlossen.",
        "unknown_title": "Dieser Link ist nicht gültig",
        "unknown_text": "Er ist abgelaufen, wurde ersetzt oder unvollständig kopiert. Nutzen Sie den Link aus "
        "unserer letzten E-Mail zur Bestellung, oder antworten Sie darauf. Wir senden Ihnen einen neuen Link.",
        "private": "Geben Sie diesen Link nicht weiter: Wer ihn hat, kann diese Bestellung ändern.",
        "choices": "Ihre Wahl",
        "keep_waiting": "Weiter warten",
        "cancel_rest": "Restliche {units} stornieren",
        "cancel_all": "Alle offenen Positionen stornieren",
        "ship_now": "Vorhandene Ware jetzt versenden",
        "take_substitute": "{offer} nehmen",
        "sure_cancel": "{units} × {name} werden nicht geliefert. Was Sie dafür bezahlt haben, erstatten wir bis {day}.",
        "sure_cancel_packed": "{units} × {name} werden nicht geliefert. Was Sie dafür bezahlt haben, erstatten "
        "wir bis {day}. Bereits gepackte Ware wird noch versandt.",
        "sure_cancel_all": "Aus dieser Bestellung wird nur noch bereits gepackte Ware versandt. Was Sie "
        "dafür bezahlt haben, erstatten wir bis {day}.",
        "yes_cancel": "Ja, {units} × {name} stornieren",
        "yes_cancel_all": "Ja, alle offenen Positionen stornieren",
        "sure_ship": "Wir versenden jetzt die vorhandene Ware. Der Rest folgt, sobald er eintrifft.",
        "yes_ship": "Ja, jetzt versenden",
        "asked_wait": "Möchten Sie weiter warten?",
        "asked_substitute": "Wir können stattdessen sofort {offer} senden, zu je {price}. Sie zahlen nicht mehr "
        "als für das Bestellte.",
        "asked_notice": "Stimmen Sie der Verzögerung zu?",
        "asked_notice_date": "Wir versenden nun voraussichtlich bis {day}. Stimmen Sie der Verzögerung zu?",
        "asked_notice_none": "Wir können keinen neuen Termin nennen. Möchten Sie ohne Termin warten?",
        "answer_by": "Bitte antworten Sie bis {day}.",
        "silence_keep": "Ohne Ihre Antwort bleibt Ihre Bestellung bestehen.",
        "silence_agree": "Wenn wir nichts von Ihnen hören, sind Sie mit der Verzögerung einverstanden. "
        "Stornieren können Sie weiterhin jederzeit vor dem Versand.",
        "silence_cancel": "Ohne Ihre Antwort stornieren wir die Position und erstatten Ihnen den Betrag.",
        "agree": "Ich stimme der Verzögerung zu",
        "done_keep-waiting": "Vielen Dank. Ihre Bestellung bleibt bestehen.",
        "done_cancel-rest": "Storniert. Sie erhalten eine Bestätigung per E-Mail.",
        "done_cancel-all": "Alle offenen Positionen wurden storniert. Sie erhalten eine Bestätigung per E-Mail.",
        "done_ship-now": "Wir versenden als Nächstes die vorhandene Ware. Der Rest folgt.",
        "done_substitute": "Vielen Dank. Der Ersatzartikel steht in Ihrer Bestellung. "
        "Sie erhalten eine Bestätigung per E-Mail.",
        "refused_closed": "Die Position wurde inzwischen versandt oder storniert. Es wurde nichts geändert.",
        "refused_packed": "Die Ware wird schon gepackt und kann hier nicht mehr storniert werden. Es wurde "
        "nichts geändert.",
        "refused_settled": "Diese Frage ist schon beantwortet. Es wurde nichts geändert.",
        "refused_late": "Die Antwortfrist ist abgelaufen. Es wurde nichts geändert.",
        "refused_unasked": "Diese Auswahl ist nicht möglich. Es wurde nichts geändert.",
        "refused_changed": "Seit Sie die Seite geöffnet haben, hat sich etwas geändert. Es wurde nichts übernommen, "
        "bitte sehen Sie noch einmal nach.",
        "refused_nothing_here": "Es ist noch nichts auf Lager. Es wurde nichts geändert.",
        "refused_gone": "Der Ersatzartikel ist nicht mehr verfügbar. Es wurde nichts geändert.",
        "refused_form": "Das Formular war nicht vollständig. Es wurde nichts geändert; bitte versuchen Sie es "
        "noch einmal.",
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
