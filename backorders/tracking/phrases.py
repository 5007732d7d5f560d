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
        "choices": "Your choice",
        "keep_waiting": "Keep waiting",
        "cancel_rest": "Cancel what is open of this",
        "cancel_all": "Cancel all that is open of this order",
        "ship_now": "Ship what is there now",
        "take_substitute": "Take {offer}",
        "sure_cancel": "{units} × {name} will not be delivered. What you paid for them is refunded by {day}.",
        "sure_cancel_packed": "{units} × {name} will not be delivered. What you paid for them is refunded by "
        "{day}. What is being packed still comes.",
        "sure_cancel_all": "Nothing more of this order is delivered, except what is being packed. What you paid "
        "for it is refunded by {day}.",
        "yes_cancel": "Yes, cancel {units} × {name}",
        "yes_cancel_all": "Yes, cancel all that is open",
        "sure_ship": "What is here leaves now; the rest follows when it comes.",
        "yes_ship": "Yes, ship what is there",
        "asked_wait": "Shall we keep this for you?",
        "asked_substitute": "We can send {offer} at once instead, {price} each. You pay no more than for what "
        "you ordered.",
        "asked_notice": "Do you agree to the delay?",
        "asked_notice_date": "We now expect to ship by {day}. Do you agree to this delay?",
        "asked_notice_none": "We cannot give a new date. Do you agree to wait without one?",
        "answer_by": "Please answer by {day}.",
        "silence_keep": "If we do not hear from you by then, it keeps waiting.",
        "silence_agree": "If we do not hear from you, you agree to the delay. You may still cancel at any time "
        "before we ship.",
        "silence_cancel": "If we do not hear from you by then, it is cancelled and refunded.",
        "agree": "I agree to the delay",
        "done_keep-waiting": "Thank you. It keeps waiting for you.",
        "done_cancel-rest": "It is cancelled. We confirm this by email.",
        "done_cancel-all": "All that was open is cancelled. We confirm this by email.",
        "done_ship-now": "What is here ships next; the rest follows.",
        "done_substitute": "Thank you. The new goods are on your order; we confirm this by email.",
        "refused_closed": "This was shipped or cancelled in the meantime. Nothing was changed.",
        "refused_packed": "The goods are being packed already and can no longer be cancelled here. Nothing was "
        "changed.",
        "refused_settled": "This question was answered already. Nothing was changed.",
        "refused_late": "The time to answer is over. Nothing was changed.",
        "refused_unasked": "This answer is not on offer. Nothing was changed.",
        "refused_changed": "Something changed since you opened this page. Nothing was done; please look again.",
        "refused_nothing_here": "Nothing of the order is here yet. Nothing was changed.",
        "refused_gone": "The offered goods are no longer there. Nothing was changed.",
        "refused_form": "The form was not complete. Nothing was changed; please try again.",
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
        "choices": "Ihre Wahl",
        "keep_waiting": "Weiter warten",
        "cancel_rest": "Offenes davon stornieren",
        "cancel_all": "Alles Offene dieses Auftrags stornieren",
        "ship_now": "Versenden, was jetzt da ist",
        "take_substitute": "{offer} nehmen",
        "sure_cancel": "{units} × {name} werden nicht geliefert. Was Sie dafür bezahlt haben, erstatten wir bis {day}.",
        "sure_cancel_packed": "{units} × {name} werden nicht geliefert. Was Sie dafür bezahlt haben, erstatten "
        "wir bis {day}. Was gerade gepackt wird, kommt noch.",
        "sure_cancel_all": "Von diesem Auftrag kommt nichts mehr, außer dem, was gerade gepackt wird. Was Sie "
        "dafür bezahlt haben, erstatten wir bis {day}.",
        "yes_cancel": "Ja, {units} × {name} stornieren",
        "yes_cancel_all": "Ja, alles Offene stornieren",
        "sure_ship": "Was da ist, geht jetzt ab; der Rest folgt, sobald er kommt.",
        "yes_ship": "Ja, versenden, was da ist",
        "asked_wait": "Sollen wir das weiter für Sie vormerken?",
        "asked_substitute": "Wir können stattdessen sofort {offer} senden, zu je {price}. Sie zahlen nicht mehr "
        "als für das Bestellte.",
        "asked_notice": "Stimmen Sie der Verzögerung zu?",
        "asked_notice_date": "Wir versenden nun voraussichtlich bis {day}. Stimmen Sie der Verzögerung zu?",
        "asked_notice_none": "Wir können keinen neuen Termin nennen. Möchten Sie ohne Termin warten?",
        "answer_by": "Bitte antworten Sie bis {day}.",
        "silence_keep": "Wenn wir bis dahin nichts von Ihnen hören, wartet es weiter.",
        "silence_agree": "Wenn wir nichts von Ihnen hören, sind Sie mit der Verzögerung einverstanden. "
        "Stornieren können Sie weiterhin jederzeit vor dem Versand.",
        "silence_cancel": "Wenn wir bis dahin nichts von Ihnen hören, wird es storniert und erstattet.",
        "agree": "Ich stimme der Verzögerung zu",
        "done_keep-waiting": "Danke. Es wartet weiter auf Sie.",
        "done_cancel-rest": "Es ist storniert. Wir bestätigen das per E-Mail.",
        "done_cancel-all": "Alles Offene ist storniert. Wir bestätigen das per E-Mail.",
        "done_ship-now": "Was da ist, geht als Nächstes ab; der Rest folgt.",
        "done_substitute": "Danke. Die neue Ware steht in Ihrem Auftrag; wir bestätigen das per E-Mail.",
        "refused_closed": "Das wurde inzwischen versandt oder storniert. Es wurde nichts geändert.",
        "refused_packed": "Die Ware wird schon gepackt und kann hier nicht mehr storniert werden. Es wurde "
        "nichts geändert.",
        "refused_settled": "Diese Frage ist schon beantwortet. Es wurde nichts geändert.",
        "refused_late": "Die Zeit zu antworten ist vorbei. Es wurde nichts geändert.",
        "refused_unasked": "Diese Antwort steht nicht zur Wahl. Es wurde nichts geändert.",
        "refused_changed": "Seit Sie die Seite geöffnet haben, hat sich etwas geändert. Es wurde nichts getan; "
        "bitte sehen Sie noch einmal nach.",
        "refused_nothing_here": "Von dem Auftrag ist noch nichts da. Es wurde nichts geändert.",
        "refused_gone": "Die angebotene Ware ist nicht mehr da. Es wurde nichts geändert.",
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
