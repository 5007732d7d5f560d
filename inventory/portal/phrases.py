"""The words of the supplier's page, in every language that we write in. A test compares the keys."""

from datetime import date

from django.utils import translation
from django.utils.formats import date_format, number_format

from notifications.services.rendering import LOCALES, spoken_language

DAY = {"en": "j F Y", "de": "j. F Y"}

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "title": "Purchase order {number}",
        "for": "For {supplier}",
        "deliver_to": "Deliver to",
        "ordered_on": "Ordered on",
        "answer_until": "This link works once, until {day}.",
        "intro": "Please answer each line. Dates that match ours are accepted at once. Later dates, split deliveries "
        "and rejections go to our buyer, who will reply.",
        "thanks": "Thank you, your answer has arrived.",
        "thanks_proposed": "Thank you, your answer has arrived. Our buyer checks what differs from the order and "
        "replies. Until then nothing changes.",
        "change_later": "If something changes, you can answer again below.",
        "units": "{units} {unit} outstanding",
        "asked": "wanted by {day}",
        "confirmed": "you confirmed {day}",
        "wish": "We ask for {day}.",
        "wish_any": "Please give us your earliest date.",
        "you_said": "Your answer is with our buyer: {said}",
        "part": "{units} on {day}",
        "part_never": "{units} will not come",
        "choice": "Your answer for {sku}",
        "as_asked": "All of it by {day}",
        "other_date": "All of it on another date",
        "parts": "In several deliveries",
        "reject": "We cannot deliver it",
        "leave": "No answer for now",
        "date": "Day",
        "quantity": "Quantity",
        "delivery": "Delivery {n}",
        "rest": "Units not in a delivery count as not deliverable.",
        "reason": "Reason",
        "reason_help": "Needed if your answer differs from our request.",
        "comment": "Comment",
        "comment_help": "For our buyer, if you like.",
        "send": "Send the answer",
        "nothing_open": "Nothing left to answer: everything has arrived or was cancelled.",
        "done": "Received",
        "done_line": "{received} received, {outstanding} outstanding",
        "private": "Keep this link private: anyone with it can answer for you.",
        "unknown_title": "This link is not valid",
        "unknown_text": "It works once and for a limited time, and may have been answered, replaced or copied "
        "incompletely. Nothing was changed. Use the link in our latest email about the order, or answer that email "
        "and we send you a new one.",
        "error_date": "Please name a day.",
        "error_day": "Please give a day such as 2026-12-24.",
        "error_past": "This date has passed.",
        "error_parts": "Please name a quantity and a day for at least one delivery.",
        "error_pair": "A delivery needs both a quantity and a day.",
        "error_twice": "Please name each day once.",
        "error_sum": "That comes to {total}, but {units} are outstanding.",
        "error_quantity": "Please give a whole number of units.",
        "error_reason": "Please give the reason for the difference.",
        "error_nothing": "Please answer at least one line, or write a comment.",
        "error_text": "Please use plain text without control characters.",
        "error_changed": "The order has changed since you opened this page. Please check it and answer again. "
        "Nothing was saved.",
        "error_refused": "Your answer could not be saved. Nothing was changed. Please check again.",
    },
    "de": {
        "title": "Bestellung {number}",
        "for": "Für {supplier}",
        "deliver_to": "Lieferung an",
        "ordered_on": "Bestellt am",
        "answer_until": "Dieser Link gilt einmal, bis {day}.",
        "intro": "Bitte antworten Sie zu jeder Position. Was zu unseren Terminen passt, gilt sofort; ein späterer "
        "Termin, eine Teilung oder eine Absage geht an unseren Einkauf, der Ihnen antwortet.",
        "thanks": "Vielen Dank, Ihre Antwort ist angekommen.",
        "thanks_proposed": "Vielen Dank, Ihre Antwort ist angekommen. Unser Einkauf prüft, was von der Bestellung "
        "abweicht, und antwortet Ihnen. Bis dahin ist nichts geändert.",
        "change_later": "Ändert sich etwas, können Sie unten noch einmal antworten.",
        "units": "{units} {unit} offen",
        "asked": "gewünscht bis {day}",
        "confirmed": "von Ihnen bestätigt: {day}",
        "wish": "Unser Wunschtermin: {day}.",
        "wish_any": "Bitte nennen Sie uns Ihren frühestmöglichen Termin.",
        "you_said": "Ihre Antwort liegt bei unserem Einkauf: {said}",
        "part": "{units} am {day}",
        "part_never": "{units} kommen nicht",
        "choice": "Ihre Antwort zu {sku}",
        "as_asked": "Alles bis {day}",
        "other_date": "Alles an einem anderen Tag",
        "parts": "In mehreren Lieferungen",
        "reject": "Wir können nicht liefern",
        "leave": "Vorerst keine Antwort",
        "date": "Tag",
        "quantity": "Menge",
        "delivery": "Lieferung {n}",
        "rest": "Nicht aufgeteilte Mengen gelten als nicht lieferbar.",
        "reason": "Grund",
        "reason_help": "Erforderlich bei Abweichung vom Wunschtermin.",
        "comment": "Bemerkung",
        "comment_help": "Optional, für unseren Einkauf.",
        "send": "Antwort senden",
        "nothing_open": "Keine offenen Positionen: Alles ist eingetroffen oder storniert.",
        "done": "Wareneingang",
        "done_line": "{received} erhalten, {outstanding} offen",
        "private": "Geben Sie diesen Link nicht weiter: Wer ihn hat, kann für Sie antworten.",
        "unknown_title": "Dieser Link öffnet keine Bestellung",
        "unknown_text": "Er gilt einmal und für begrenzte Zeit; vielleicht ist er beantwortet, ersetzt oder "
        "unvollständig kopiert. Es wurde nichts geändert. Nehmen Sie den Link aus unserer letzten E-Mail zur "
        "Bestellung, oder antworten Sie darauf, und wir senden Ihnen einen neuen.",
        "error_date": "Bitte nennen Sie einen Tag.",
        "error_day": "Bitte nennen Sie einen Tag wie 2026-12-24.",
        "error_past": "Dieser Termin ist vergangen.",
        "error_parts": "Bitte nennen Sie Menge und Tag für mindestens eine Lieferung.",
        "error_pair": "Eine Lieferung braucht Menge und Tag.",
        "error_twice": "Bitte nennen Sie jeden Tag nur einmal.",
        "error_sum": "Das ergibt {total}, offen sind aber {units}.",
        "error_quantity": "Bitte nennen Sie eine ganze Zahl.",
        "error_reason": "Bitte nennen Sie den Grund der Abweichung.",
        "error_nothing": "Bitte antworten Sie zu mindestens einer Position, oder schreiben Sie eine Bemerkung.",
        "error_text": "Bitte schreiben Sie einfachen Text ohne Steuerzeichen.",
        "error_changed": "Die Bestellung hat sich geändert, seit Sie diese Seite geöffnet haben. Bitte sehen Sie noch "
        "einmal nach und antworten Sie erneut; von Ihrer Antwort wurde nichts übernommen.",
        "error_refused": "Ihre Antwort konnte nicht übernommen werden, und nichts wurde geändert. Bitte sehen Sie noch "
        "einmal nach.",
    },
}


class Speaker:
    """Speaks one language: `t.send` in a template, `t.say("asked", day=…)` in code."""

    def __init__(self, language: str) -> None:
        self.language = spoken_language(language)
        self.locale = LOCALES[self.language]
        self.phrases = PHRASES[self.language]

    def __getitem__(self, key: str) -> str:
        return self.phrases[key]

    def say(self, key: str, **values: object) -> str:
        return self.phrases[key].format(**{name: self._shown(value) for name, value in values.items()})

    def _shown(self, value: object) -> str:
        with translation.override(self.locale):
            if isinstance(value, date):
                return date_format(value, DAY[self.language])
            return number_format(value, force_grouping=True) if isinstance(value, int) else str(value)
