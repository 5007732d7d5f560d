"""Writing a new version of an email's text, and going back to the shipped one."""

from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Max

from config.lib.text import clean_line
from notifications.errors import TemplateRefused, UnknownKind
from notifications.models import Message, TemplateVersion
from notifications.payloads import PAYLOADS, Payload
from notifications.services.rendering import LOCALES, Rendered, left_out, render_payload
from notifications.services.wording.language import compiled


class Wordings:
    """The versions in force, read once: (kind, language) → version; nothing where the shipped text is."""

    def __init__(self) -> None:
        newest = TemplateVersion.objects.order_by("kind", "language", "-number").distinct("kind", "language")
        self._versions = {(v.kind, v.language): v for v in newest if not v.is_shipped}

    def of(self, kind: str, spoken: str) -> TemplateVersion | None:
        return self._versions.get((kind, spoken))


class WordingDraft(NamedTuple):
    """A text that is not saved yet."""

    kind: str
    language: str
    subject: str
    body: str


def check_wording(draft: WordingDraft) -> None:
    """Raises UnknownKind or TemplateRefused, which names the line."""
    if draft.kind not in PAYLOADS or draft.language not in LOCALES:
        raise UnknownKind(f"There is no email “{draft.kind}” in “{draft.language}”.")
    if "\n" in draft.subject.strip() or not draft.subject.strip() or not draft.body.strip():
        raise TemplateRefused("Enter a one-line subject and a body.")
    for name, source in (("Subject", draft.subject), ("Body", draft.body)):
        try:
            compiled(source, draft.kind)
        except TemplateRefused as error:
            raise TemplateRefused(f"{name}, {str(error)[0].lower()}{str(error)[1:]}") from None
    _check_what_it_must_say(draft)


def _check_what_it_must_say(draft: WordingDraft) -> None:
    version = TemplateVersion(kind=draft.kind, language=draft.language, subject=draft.subject, body=draft.body)
    for example in PAYLOADS[draft.kind].examples():
        if missing := left_out(example, render_payload(example, language=draft.language, version=version)):
            raise TemplateRefused(f"Body, it leaves out what this email has to say: {', '.join(missing)}.")


@transaction.atomic
def add_version(*, draft: WordingDraft, note: str, by: User | None, now: datetime) -> TemplateVersion:
    """Put a new text in force. Raises UnknownKind or TemplateRefused and changes nothing."""
    check_wording(draft)
    subject = clean_line(draft.subject)
    body = draft.body.replace("\r\n", "\n")
    return _next(draft.kind, draft.language, note=note, by=by, now=now, subject=subject, body=body)


@transaction.atomic
def restore_shipped(*, kind: str, language: str, note: str, by: User | None, now: datetime) -> TemplateVersion:
    """Put the shipped text in force again, as a version of its own."""
    if kind not in PAYLOADS or language not in LOCALES:
        raise UnknownKind(f"There is no email “{kind}” in “{language}”.")
    return _next(kind, language, note=note, by=by, now=now, is_shipped=True)


def try_wording(draft: WordingDraft, message: Message) -> Rendered:
    """How the text would read with the data of a real message, without its links. Raises as `check_wording`."""
    check_wording(draft)
    payload: Payload = PAYLOADS[message.kind].from_context(message.context)
    version = TemplateVersion(kind=draft.kind, language=draft.language, subject=draft.subject, body=draft.body)
    return render_payload(payload, language=draft.language, version=version).without_links()


def _next(kind: str, language: str, *, by: User | None, now: datetime, **values: object) -> TemplateVersion:
    last = TemplateVersion.objects.filter(kind=kind, language=language).aggregate(last=Max("number"))["last"] or 0
    version = TemplateVersion(kind=kind, language=language, number=last + 1, made_by=by, made_at=now, **values)
    try:
        with transaction.atomic():
            version.save(force_insert=True)
    except IntegrityError:
        raise TemplateRefused("Somebody else has just saved a version. Check it first.") from None
    return version
