"""What a cell may hold: one parser per kind of value, the same for every file."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils import timezone

from config.lib.numbers import parse_price, parse_quantity
from config.lib.text import clean_email, clean_line

Parse = Callable[..., Any]

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_TRUE = {"true", "yes", "y", "1"}
_FALSE = {"false", "no", "n", "0"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind of file. A required cell must be filled; an empty cell of another says nothing.

    The times of a `zoned` column are those of the mapping's time zone, where it names one.
    """

    name: str
    parse: Parse
    required: bool = False
    zoned: bool = False

    def parser(self, zone: ZoneInfo | None) -> Parse:
        return remembered(partial(self.parse, zone=zone)) if self.zoned else self.parse


def line_of(longest: int) -> Parse:
    """One line of text with at most `longest` characters."""

    def parse(text: str) -> str:
        cleaned = clean_line(text)
        if len(cleaned) > longest:
            raise ValidationError(f"Must have at most {longest} characters.")
        return cleaned

    return parse


def one_of(values: Iterable[str]) -> Parse:
    """One of these words, whatever the case."""
    known = {str(value).casefold(): str(value) for value in values}

    def parse(text: str) -> str:
        if text.casefold() not in known:
            raise ValidationError(f"Must be one of {', '.join(value for value in known.values() if value)}.")
        return known[text.casefold()]

    return parse


def whole(least: int, most: int) -> Parse:
    """A whole number in plain digits."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValidationError(f"Must be a whole number from {least} to {most:,}.")
        return int(text)

    return parse


def yes_or_no(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValidationError("Must be true or false.")


def currency_code(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise ValidationError("Must be a currency code of three letters, such as EUR.")
    return text.upper()


def time_zone_name(text: str) -> str:
    if text not in available_timezones():
        raise ValidationError("Must be a time zone such as Europe/Berlin.")
    return text


def iso_date(text: str) -> date:
    """2024-05-31; a time of day behind it is dropped."""
    try:
        if _MOMENT.fullmatch(text):
            return _within_years(date.fromisoformat(text[:10]))
    except ValueError:
        pass
    raise ValidationError("Must be a date such as 2024-05-31.")


def iso_moment(text: str, zone: ZoneInfo | None = None) -> datetime:
    """2024-05-31T14:05:00+02:00; without an offset in the given or the desk's zone; a date alone is its midnight."""
    try:
        if _DATE.fullmatch(text) or _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text)
            _within_years(moment.date())
            here = zone or timezone.get_default_timezone()
            return moment if timezone.is_aware(moment) else moment.replace(tzinfo=here)
    except ValueError:
        pass
    raise ValidationError("Must be a date such as 2024-05-31 or a time such as 2024-05-31T14:05:00.")


def _within_years(day: date) -> date:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(day)
    return day


def remembered(parse: Parse) -> Parse:
    """The same parser with a memory: the cells of a column repeat themselves."""
    return lru_cache(maxsize=20_000)(parse)


def quantity(*, least: int = 1) -> Parse:
    return remembered(partial(parse_quantity, least=least))


price: Parse = remembered(parse_price)


def email(text: str) -> str:
    """One address; blanks around the @ are no part of it (RFC 5322)."""
    return clean_email(re.sub(r" *@ *", "@", text))


def price_text(value: Decimal) -> str:
    """A price in its shortest form, so that 6.95 and 6.9500 are told to be the same."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
