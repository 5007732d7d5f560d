"""From payload to words: subject, plain part and HTML part in the reader's language."""

import re
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

import css_inline
from django.conf import settings
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils import translation

from notifications.models import Message
from notifications.payloads import PAYLOADS, Payload
from notifications.services.links import preferences_url

# Language of the texts → locale for dates and numbers, and folder of the templates. "en" reads 3 October 2026.
LOCALES = {"en": "en-gb", "de": "de"}
FOLDERS = {"en": "notifications/email", "de": "notifications/email/de"}

_inliner = css_inline.CSSInliner(load_remote_stylesheets=False)


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str


def spoken_language(language: str) -> str:
    """The language we can write in for somebody who prefers `language`: "de-AT" → "de", all others English."""
    base = language.lower().partition("-")[0].partition("_")[0]
    return base if base in LOCALES else "en"


def render_payload(payload: Payload, *, language: str, preferences_url: str = "") -> Rendered:
    """Raises whatever a broken template or payload raises: the same at every try, so the caller gives up."""
    spoken = spoken_language(language)
    values = {
        "mail": payload,
        "language": spoken,
        "preferences_url": preferences_url,
        "site_url": settings.SITE_URL,
        "company_name": parseaddr(settings.DEFAULT_FROM_EMAIL)[0] or "Backorder Desk",
    }
    with translation.override(LOCALES[spoken]):
        stem = f"{FOLDERS[spoken]}/{payload.kind}"
        values["subject"] = " ".join(_plain(f"{stem}.subject.txt", values).split())
        return Rendered(
            subject=values["subject"],
            text=_tidy(_plain(f"{stem}.txt", values)),
            html=_inliner.inline(render_to_string(f"{stem}.html", values)),
        )


def render_message(message: Message) -> Rendered:
    """The same from an outbox row. Whoever may choose what they get finds the way to that page at its foot."""
    payload = PAYLOADS[message.kind].from_context(message.context)
    return render_payload(payload, language=message.language, preferences_url=preferences_url(message))


def _plain(name: str, values: dict[str, Any]) -> str:
    """A text template: nothing is escaped, whatever the template says or forgets to say."""
    return Engine.get_default().get_template(name).render(Context(values, autoescape=False))


def _tidy(text: str) -> str:
    """Template tags leave blank lines behind; one between paragraphs is enough."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n"
