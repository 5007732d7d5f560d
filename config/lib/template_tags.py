"""Tags and filters that every template may use without `{% load %}`: the settings name this module as a builtin."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django.template import Context, Library
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify

from config.lib.badges import look_of
from config.lib.charts import Figure
from config.lib.glossary import explanation_of
from config.lib.text import counted

register = Library()
register.simple_tag(static, name="static")

BLANK = "–"
CURRENCY_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}
Number = int | float | Decimal


# --- Numbers ----------------------------------------------------------------------------------------------------------


@register.filter
def quantity(value: Number | None) -> str:
    """1234 → 1,234; 12.500 → 12.5; None → –."""
    if value is None or value == "":
        return BLANK
    exact = Decimal(str(value))
    places = max(0, -int(exact.normalize().as_tuple().exponent))
    return _minus(formats.number_format(exact, decimal_pos=places, force_grouping=True))


@register.filter
def money(amount: Number | None, currency: str = "") -> str:
    """An amount with two decimals and the sign or code of its currency."""
    if amount is None or amount == "":
        return BLANK
    number = formats.number_format(abs(Decimal(str(amount))), decimal_pos=2, force_grouping=True)
    minus = "−" if amount < 0 else ""
    if currency in CURRENCY_SIGNS:
        return f"{minus}{CURRENCY_SIGNS[currency]}{number}"
    return f"{minus}{number} {currency}".rstrip()


@register.filter
def percent(ratio: Number | None, places: int = 0) -> str:
    """0.722 → 72 %. A ratio of nothing is blank, never 0 %."""
    if ratio is None or ratio == "":
        return BLANK
    return _minus(formats.number_format(Decimal(str(ratio)) * 100, decimal_pos=places)) + "\u202f%"


@register.filter
def days(value: int | timedelta | None) -> str:
    """3 → 3 days, 1 → 1 day; a timedelta counts its whole days."""
    if value is None or value == "":
        return BLANK
    count = value.days if isinstance(value, timedelta) else int(value)
    return f"{_minus(formats.number_format(count, force_grouping=True))} {'day' if abs(count) == 1 else 'days'}"


@register.filter(name="counted")
def counted_nouns(value: int | str | None, noun: str) -> str:
    """1 → 1 line, 1204 → 1,204 lines; None → –."""
    return BLANK if value is None or value == "" else counted(int(value), noun)


@register.filter
def unlocalize(value: object) -> str:
    """A primary key or number for machines: ids, values and addresses must not read 1,234."""
    return str(value)


def _minus(text: str) -> str:
    return text.replace("-", "−", 1) if text.startswith("-") else text


# --- Dates and names --------------------------------------------------------------------------------------------------


@register.filter
def day(value: date | None) -> str:
    """A date as people write it, inside <time> for machines; None → –."""
    if not value:
        return BLANK
    local = timezone.localtime(value).date() if isinstance(value, datetime) and timezone.is_aware(value) else value
    return format_html('<time datetime="{}">{}</time>', local.isoformat()[:10], formats.date_format(local, "j M Y"))


@register.filter
def moment(value: datetime | None) -> str:
    """A date with its time of day, in the local time zone."""
    if not value:
        return BLANK
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    shown = formats.date_format(local, "j M Y, H:i")
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), shown)


@register.filter
def initials(name: object) -> str:
    """Hannah Vogel → HV; a user name gives its first two letters."""
    words = str(name or "").replace(".", " ").replace("_", " ").split()
    if len(words) > 1:
        return (words[0][0] + words[-1][0]).upper()
    return words[0][:2].upper() if words else "?"


# --- Components -------------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A symbol of static/icons.svg; decorative unless it gets a label."""
    return _symbol(f"{static('icons.svg')}#{name}", label)


@lru_cache(maxsize=1000)
def _symbol(address: str, label: str) -> SafeString:
    """The same few on every page, some hundred times."""
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, address)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', address)


@register.simple_tag
def once() -> str:
    """A new key for a form: sent twice, it is one fact."""
    return uuid4().hex


@register.simple_tag
def badge(state: object, label: object = "") -> SafeString:
    """A state as icon and word. Enum members bring their own label; plain values are spelled out."""
    value = str(getattr(state, "value", state) or "")
    if not value and not label:
        return SafeString(BLANK)
    look = look_of(value)
    word = str(label or getattr(state, "label", "") or value.replace("_", " ").capitalize())
    title = format_html(' title="{}"', sentence) if (sentence := explanation_of(word)) else ""
    return format_html('<span class="badge badge-{}"{}>{}{}</span>', look.tone, title, icon(look.icon), word)


@register.simple_tag
def term(word: str, *, linked: bool = True) -> SafeString:
    """A word of the trade with its explanation as a tooltip; a link leads to the glossary. Other words stay plain."""
    sentence = explanation_of(word)
    if not sentence:
        return format_html("{}", word)
    if not linked:
        return format_html('<span title="{}">{}</span>', sentence, word)
    address = f"{reverse('words')}#{slugify(word)}"
    return format_html('<a class="term" href="{}" title="{}">{}</a>', address, sentence, word)


@register.simple_tag
def chart(figure: Figure | None) -> str:
    """A figure computed by config.lib.charts, with its numbers as a table behind it."""
    if figure is None:
        return ""
    return render_to_string(figure.template, {"figure": figure})


@register.inclusion_tag("_components/_nav_item.html", takes_context=True)
def nav_item(
    context: Context, url_name: str, label: str, symbol: str, permission: str, beside: str = ""
) -> dict[str, Any]:
    """One entry of the navigation, shown only to people who may go there.

    `beside` names the pages that lie below this address but have entries of their own.
    """
    request, user = context.get("request"), context.get("user")
    address = _address_of(url_name)
    if not address or user is None or not user.has_perm(permission):
        return {"address": ""}
    path = request.path if request else ""
    siblings = [sibling for name in beside.split() if (sibling := _address_of(name))]
    inside = path.startswith(address) and address != "/" and not path.startswith(tuple(siblings))
    current = "page" if path == address else "true" if inside else ""
    return {"address": address, "label": label, "symbol": symbol, "current": current}


def _address_of(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
