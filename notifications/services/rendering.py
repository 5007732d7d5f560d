"""From payload to words: subject, plain part and HTML part in the reader's language."""

import re
from dataclasses import dataclass
from email.utils import parseaddr
from functools import cache
from typing import Any

import css_inline
from django.conf import settings
from django.template import Context, Engine, Template
from django.template.loader import render_to_string
from django.utils import translation

from config.lib.logs import redact
from notifications.models import Message, TemplateVersion
from notifications.payloads import PAYLOADS, Payload
from notifications.services.links import preferences_url
from notifications.services.wording.html import html_of
from notifications.services.wording.language import compiled
from notifications.services.wording.shipped import FOLDERS, in_one_piece

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

    Raises whatever a broken template or payload raises: the same at every try, so the caller gives up.
    """
    spoken = spoken_language(language)
    values = {
        "mail": payload,
        "language": spoken,
        "preferences_url": preferences_url,
        "site_url": settings.SITE_URL,
        "company_name": parseaddr(settings.DEFAULT_FROM_EMAIL)[0] or "Backorder Desk",
    }
    with translation.override(LOCALES[spoken]):
        return _shipped(payload.kind, values) if version is None or version.is_shipped else _own(version, values)


def render_message(message: Message, version: TemplateVersion | None = None) -> Rendered:
    """The same from an outbox row. Whoever may choose what they get finds the way to that page at its foot."""
    payload = PAYLOADS[message.kind].from_context(message.context)
    return render_payload(payload, language=message.language, preferences_url=preferences_url(message), version=version)


def inlined(html: str) -> str:
    """With its styles in the elements, as mail programs need them."""
    return _inliner.inline(html)


def _shipped(kind: str, values: dict[str, Any]) -> Rendered:
    stem = f"{FOLDERS[values['language']]}/{kind}"
    values["subject"] = " ".join(_plain(f"{stem}.subject.txt", values).split())
    return Rendered(
        subject=values["subject"],
        text=_tidy(_plain(f"{stem}.txt", values)),
        html=inlined(_template(f"{stem}.html").render(Context(values))),
    )


def _own(version: TemplateVersion, values: dict[str, Any]) -> Rendered:
    """Raises TemplateRefused where the payload has lost a field since the text was written."""
    context = Context(values, autoescape=False)
    subject = " ".join(compiled(version.subject, version.kind).render(context).split())
    text = _tidy(compiled(version.body, version.kind).render(context))
    body, footer = html_of(text)
    words = {**values, "subject": subject, "body_html": body, "footer_html": footer}
    html = inlined(render_to_string("notifications/email/_plain.html", words))
    return Rendered(subject=subject, text=text, html=html)


def _plain(name: str, values: dict[str, Any]) -> str:
    """A text template: nothing is escaped, whatever the template says or forgets to say."""
    return _template(name).render(Context(values, autoescape=False))


@cache
def _template(name: str) -> Template:
    """Compiled once and in one piece: parents and includes looked up for every email cost a third of its rendering."""
    return Template(in_one_piece(name), engine=Engine.get_default())


def _tidy(text: str) -> str:
    """Template tags leave blank lines behind; one between paragraphs is enough."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n"
