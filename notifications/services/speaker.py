"""A reader's language: its dates, its numbers, and the phrases of a page in it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils import translation
from django.utils.formats import date_format, number_format

from notifications.services.rendering import LOCALES, spoken_language

DAY = {"en": "j F Y", "de": "j. F Y"}


def day_in_words(day: date, language: str) -> str:
    spoken = spoken_language(language)
    with translation.override(LOCALES[spoken]):
        return date_format(day, DAY[spoken])


def amount_in_words(amount: Decimal | int, language: str, *, decimals: int = 2) -> str:
    with translation.override(LOCALES[spoken_language(language)]):
        return number_format(amount, decimals, use_l10n=True, force_grouping=True)


class Speaker:
    """Says the phrases of one page in one language: `t.waiting` in a template, `t.say("by", day=…)` in code."""

    def __init__(self, phrases: Mapping[str, Mapping[str, str]], language: str) -> None:
        self.language = spoken_language(language)
        self.locale = LOCALES[self.language]
        self.phrases = phrases[self.language]

    def __getitem__(self, key: str) -> str:
        return self.phrases[key]

    def say(self, key: str, **values: object) -> str:
        return self.phrases[key].format(**{name: self._shown(value) for name, value in values.items()})

    def _shown(self, value: object) -> str:
        if isinstance(value, date):
            return day_in_words(value, self.language)
        return amount_in_words(value, self.language, decimals=0) if isinstance(value, int) else str(value)
