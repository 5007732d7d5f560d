"""From payload to words: subject, plain part and HTML part in the reader's language."""

import re
from dataclasses import dataclass
from email.utils import parseaddr
from html import unescape

import css_inline
from django.conf import settings
from django.template import Context
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import strip_tags

from config.lib.logs import redact
from notifications.models import Message, TemplateVersion
from notifications.payloads import PAYLOADS, Payload
from notifications.services.links import preferences_url
from notifications.services.wording.html import html_of
from notifications.services.wording.language import compiled
from notifications.services.wording.shipped import shipped_wording

# Language of the texts → locale for dates and numbers. "en" reads 3 October 2026.
LOCALES = {"en": "en-gb", "de": "de"}

_inliner = css_inline.CSSInliner(load_remote_stylesheets=False)


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str

    def without_links(self) -> "Rendered":
        """For the eyes of staff: whoever has a private link acts as the person that it was sent to."""
        return Rendered(redact(self.subject), redact(self.text), redact(self.html))


def spoken_language(language: str) -> str:
    """The language we can write in for somebody who prefers `language`: "de-AT" → "de", all others English."""
    base = language.lower().partition("-")[0].partition("_")[0]
    return base if base in LOCALES else "en"


def render_payload(
    payload: Payload, *, language: str, preferences_url: str = "", version: TemplateVersion | None = None
) -> Rendered:
    """In the words of `version`, or of the shipped files.

    Raises whatever a broken payload raises, and TemplateRefused where it has lost a field since the text was written:
    the same at every try, so the caller gives up.
    """
    spoken = spoken_language(language)
    values = {
        "mail": payload,
        "language": spoken,
        "preferences_url": preferences_url,
        "site_url": settings.SITE_URL,
        "company_name": company_name(),
    }
    source = shipped_wording(payload.kind, spoken)
    if version is not None and not version.is_shipped:
        source = version.subject, version.body
    with translation.override(LOCALES[spoken]):
        written = [compiled(words, payload.kind).render(Context(values, autoescape=False)) for words in source]
    # Subjects stand in lists and on locked screens: no private link comes to life there.
    subject, text = redact(" ".join(written[0].split())), _tidy(written[1])
    return Rendered(subject, text, html_page(subject, text, spoken))


def left_out(payload: Payload, rendered: Rendered) -> list[str]:
    """The names of required texts that do not stand in both parts of the email: with one missing it may not leave."""
    text, html = _letters_of(rendered.text), _letters_of(unescape(strip_tags(rendered.html)) + _links_in(rendered.html))
    required = {name: _letters_of(words) for name, words in payload.must_say().items()}
    return [name for name, words in required.items() if words not in text or words not in html]


def _links_in(html: str) -> str:
    return " ".join(unescape(link) for link in re.findall(r'href="([^"]*)"', html))


def _letters_of(words: str) -> str:
    """Without white space: a link or a table in the HTML may put some between words."""
    return "".join(words.split())


def render_message(message: Message, version: TemplateVersion | None = None) -> Rendered:
    """The same from an outbox row. Whoever may choose what they get finds the way to that page at its foot."""
    payload = PAYLOADS[message.kind].from_context(message.context)
    return render_payload(payload, language=message.language, preferences_url=preferences_url(message), version=version)


def html_page(subject: str, text: str, language: str) -> str:
    """The HTML part of a text, with the styles in the elements, as mail programs need them."""
    values = {
        "subject": subject,
        "language": language,
        "parts": html_of(text, site_url=settings.SITE_URL),
        "site_url": settings.SITE_URL,
        "company_name": company_name(),
    }
    return _inliner.inline(render_to_string("notifications/email/layout.html", values))


def company_name() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[0] or "Backorder Desk"


def _tidy(text: str) -> str:
    """Template tags leave blank lines behind; one between paragraphs is enough."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n"
