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
        "intro": "Please answer each line. What agrees with our dates is settled at once; a later day, a split or a "
        "rejection goes to our buyer, who writes back.",
        "thanks": "Thank you, your answer has arrived.",
        "thanks_proposed": "Thank you, your answer has arrived. Our buyer looks at what differs from the order and "
        "writes back. Until then nothing has changed.",
        "change_later": "If something changes, you can answer again below.",
        "units": "{units} {unit} outstanding",
        "asked": "wanted by {day}",
        "confirmed": "you confirmed {day}",
        "wish": "We ask for {day}.",
        "wish_any": "Please tell us the best day that you can name.",
        "you_said": "Your answer is with our buyer: {said}",
        "part": "{units} on {day}",
        "part_never": "{units} will not come",
        "choice": "Your answer for {sku}",
        "as_asked": "All of it by {day}",
        "other_date": "All of it on another day",
        "parts": "In several deliveries",
        "reject": "We cannot deliver it",
        "leave": "No answer for now",
        "date": "Day",
        "quantity": "Quantity",
        "delivery": "Delivery {n}",
        "rest": "What the deliveries leave open counts as not delivered.",
        "reason": "Reason",
        "reason_help": "Needed where it is not as we asked.",
        "comment": "Comment",
        "comment_help": "For our buyer, if you like.",
        "send": "Send the answer",
        "nothing_open": "There is nothing left to answer: everything has come or was given up.",
        "done": "What has come",
        "done_line": "{received} received, {outstanding} outstanding",
        "private": "This page is for you alone: whoever has its address can answer for you.",
        "unknown_title": "This link does not open an order",
        "unknown_text": "It works once and for a limited time, and may have been answered, replaced or copied "
        "incompletely. Nothing was changed. Use the link in our latest email about the order, or answer that email "
        "and we send you a new one.",
        "error_date": "Please name a day.",
        "error_day": "Please give a day such as 2026-12-24.",
        "error_past": "This day is over.",
        "error_parts": "Please name a quantity and a day for at least one delivery.",
        "error_pair": "A delivery needs both a quantity and a day.",
        "error_twice": "Please name each day once.",
        "error_sum": "That comes to {total}, but {units} are outstanding.",
        "error_quantity": "Please give a whole number of units.",
        "error_reason": "Please say why it is not as we asked.",
        "error_nothing": "Please answer at least one line, or write a comment.",
        "error_text": "Please use plain text without control characters.",
        "error_changed": "The order has changed since you opened this page. Please look again and answer once more; "
        "nothing of your answer was taken.",
        "error_refused": "Your answer could not be taken, and nothing was changed. Please look again.",
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
        "wish": "Unsere Bitte: {day}.",
        "wish_any": "Bitte nennen Sie uns den besten Termin, der möglich ist.",
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
        "rest": "Was die Lieferungen offen lassen, gilt als nicht lieferbar.",
        "reason": "Grund",
        "reason_help": "Nötig, wo es anders ist als gewünscht.",
        "comment": "Bemerkung",
        "comment_help": "Für unseren Einkauf, wenn Sie möchten.",
        "send": "Antwort senden",
        "nothing_open": "Es ist nichts mehr zu beantworten: Alles ist gekommen oder aufgegeben.",
        "done": "Was gekommen ist",
        "done_line": "{received} erhalten, {outstanding} offen",
        "private": "Diese Seite ist nur für Sie: Wer ihre Adresse hat, kann für Sie antworten.",
        "unknown_title": "Dieser Link öffnet keine Bestellung",
        "unknown_text": "Er gilt einmal und für begrenzte Zeit; vielleicht ist er beantwortet, ersetzt oder "
        "unvollständig kopiert. Es wurde nichts geändert. Nehmen Sie den Link aus unserer letzten E-Mail zur "
        "Bestellung, oder antworten Sie darauf, und wir senden Ihnen einen neuen.",
        "error_date": "Bitte nennen Sie einen Tag.",
        "error_day": "Bitte nennen Sie einen Tag wie 2026-12-24.",
        "error_past": "Dieser Tag ist vorbei.",
        "error_parts": "Bitte nennen Sie Menge und Tag für mindestens eine Lieferung.",
        "error_pair": "Eine Lieferung braucht Menge und Tag.",
        "error_twice": "Bitte nennen Sie jeden Tag nur einmal.",
        "error_sum": "Das ergibt {total}, offen sind aber {units}.",
        "error_quantity": "Bitte nennen Sie eine ganze Zahl.",
        "error_reason": "Bitte sagen Sie, warum es anders ist als gewünscht.",
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
