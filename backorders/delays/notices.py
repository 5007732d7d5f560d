"""Giving the notice that the rule on delayed orders asks for: its form, its statements, its proof."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

from django.contrib.auth.models import User
from django.utils.html import strip_tags

from backorders.decisions.calendars import end_of_day
from backorders.delays.facts import rule_of
from backorders.engine.delays import DelayStanding, NoticeState, Silence, is_short
from backorders.enums import Answer, DelayStepKind, EventKind, QuestionKind, QuestionState
from backorders.errors import NobodyToTell, NoticeIncomplete
from backorders.letters.letters import tell_customers
from backorders.letters.timeline import Event, record_events
from backorders.letters.wording import day_in_words, stated_reason
from backorders.models import DelayCase, DelayNotice, DelayStep, DeskSettings, OrderLine, Promise, Question
from customers.enums import NoticeForm
from customers.models import JurisdictionProfile
from notifications.payloads import DelayNoticeGiven, MailLine, Statement
from notifications.services.rendering import Rendered, render_payload, spoken_language

EXAMPLE_URL = "https://desk.example/t/example/"


@dataclass(frozen=True, slots=True)
class NoticePlan:
    """A notice before it is given: which form, what silence means and until when."""

    form: NoticeForm
    revised_on: date | None
    silence: Silence
    silence_until: date

    @property
    def is_renewed(self) -> bool:
        return self.form in (NoticeForm.RENEWED, NoticeForm.RENEWED_INDEFINITE)


def plan_notice(case: DelayCase, found: DelayStanding, revised_on: date | None) -> NoticePlan:
    """What a notice given now would be, from where the line stands."""
    rule = rule_of(case.profile)
    if found.state == NoticeState.RENEWED_NOTICE_DUE and found.deadline_on:
        form = NoticeForm.RENEWED if revised_on else NoticeForm.RENEWED_INDEFINITE
        return NoticePlan(form, revised_on, rule.renewed_silence, found.deadline_on + timedelta(days=1))
    if is_short(revised_on, found.applicable_on, rule):
        return NoticePlan(NoticeForm.SHORT, revised_on, rule.short_silence, found.applicable_on)
    form = NoticeForm.LONG if revised_on else NoticeForm.INDEFINITE
    until = found.applicable_on + timedelta(days=rule.consent_days)
    return NoticePlan(form, revised_on, rule.long_silence, until)


def statements_of(
    profile: JurisdictionProfile, plan: NoticePlan, *, language: str, reason: str, names_causes: bool = False
) -> tuple[Statement, ...]:
    """The required statements, filled in. Raises NoticeIncomplete where the profile lacks one."""
    required = profile.required.get(plan.form.value)
    if not required:
        raise NoticeIncomplete(f"{profile}: the form “{plan.form.label}” requires no statements. Complete the profile.")
    spoken = spoken_language(language)
    values = {
        "revised": day_in_words(plan.revised_on, language) if plan.revised_on else "",
        "until": day_in_words(plan.silence_until, language),
        "reason": stated_reason(reason, language, names_causes=names_causes),
    }
    texts = {key: (profile.statements.get(key) or {}).get(spoken, "") for key in required}
    if missing := [key for key, text in texts.items() if not text]:
        raise NoticeIncomplete(f"{profile}: no text for {', '.join(missing)} in “{spoken}”. Complete the profile.")
    return tuple(Statement(key=key, text=text.format_map(values)) for key, text in texts.items())


def lint(statements: Sequence[Statement], *, language: str, renewed: bool) -> None:
    """Whether the email as it would be written now says every statement and has the link, in both of its parts.

    Raises NoticeIncomplete with what is missing: a template that leaves something out sends nothing.
    """
    payload = DelayNoticeGiven(
        customer_name="Example",
        order_number="SO-1",
        tracking_url=EXAMPLE_URL,
        lines=(MailLine(sku="SKU", name="Example", quantity=1, ordered=1, open=1),),
        renewed=renewed,
        statements=tuple(statements),
    )
    if missing := missing_statements(render_payload(payload, language=language), statements):
        raise NoticeIncomplete(f"The template of the delay notice leaves out: {', '.join(missing)}.")


def missing_statements(rendered: Rendered, statements: Sequence[Statement]) -> list[str]:
    """The keys of the statements, and the link, that do not stand in both parts of the email."""
    text, html = _letters_of(rendered.text), _letters_of(unescape(strip_tags(rendered.html)))
    missing = [s.key for s in statements if _letters_of(s.text) not in text or _letters_of(s.text) not in html]
    return missing + ([] if EXAMPLE_URL in rendered.text and EXAMPLE_URL in rendered.html else ["link"])


def _letters_of(words: str) -> str:
    """Without white space: a link or a table in the HTML may put some between words."""
    return "".join(words.split())


def give_notice(case: DelayCase, plan: NoticePlan, *, today: date, deadline_on: date, now: datetime) -> DelayNotice:
    """Send the notice by email, with the question that answers it. A step of the transaction that locks the case.

    Raises NobodyToTell without an address, NoticeIncomplete when a required statement would be missing.
    """
    line, customer = case.line, case.line.order.customer
    if not customer.email:
        raise NobodyToTell(f"{customer} has no email address: give the notice by other means and record it here.")
    names_causes = DeskSettings.objects.get().names_causes
    statements = statements_of(
        case.profile, plan, language=customer.language, reason=line.reason, names_causes=names_causes
    )
    lint(statements, language=customer.language, renewed=plan.is_renewed)
    number = DelayNotice.objects.filter(case=case).count() + 1
    keys = tell_customers(
        DelayNoticeGiven,
        news={line.pk: line.open},
        fact=f"notice:{line.pk}:{number}",
        cause=f"Delay notice: {plan.form.label.lower()}",
        now=now,
        deadline_at=end_of_day(deadline_on, customer.time_zone),
        renewed=plan.is_renewed,
        statements=statements,
    )
    texts = [{"key": s.key, "text": s.text} for s in statements]
    return _keep(case, plan, number, texts, today=today, key=keys[line.pk], by=None, now=now)


def keep_notice_by_other_means(
    case: DelayCase, plan: NoticePlan, *, sent_on: date, how: str, by: User, now: datetime
) -> DelayNotice:
    """A notice that a person gave by letter or telephone counts like one by email, from its day on."""
    number = DelayNotice.objects.filter(case=case).count() + 1
    return _keep(case, plan, number, [], today=sent_on, key="", by=by, now=now, how=how)


def _keep(
    case: DelayCase,
    plan: NoticePlan,
    number: int,
    statements: list[dict[str, str]],
    *,
    today: date,
    key: str,
    by: User | None,
    now: datetime,
    how: str = "",
) -> DelayNotice:
    line = case.line
    earlier = Question.objects.open().filter(line=line, kind=QuestionKind.NOTICE)
    earlier.update(state=QuestionState.WITHDRAWN, settled_at=now)
    question = Question.objects.create(
        line=line,
        kind=QuestionKind.NOTICE,
        default=Answer.KEEP_WAITING if plan.silence == Silence.CONSENT else Answer.CANCEL_REST,
        asked_at=now,
        asked_by=by,
        deadline_at=end_of_day(plan.silence_until, line.order.customer.time_zone),
        message_key=key,
    )
    notice = DelayNotice.objects.create(
        case=case,
        number=number,
        renewed=plan.is_renewed,
        sent_on=today,
        revised_on=plan.revised_on,
        silence=plan.silence.value,
        silence_until=plan.silence_until,
        basis=basis_of(line),
        statements=statements,
        question=question,
        message_key=key,
        by_other_means=how,
        made_by=by,
        made_at=now,
    )
    revised = f"{plan.revised_on:%-d %b %Y}" if plan.revised_on else "no date"
    note = f"Notice {number}: {revised}; silence until {plan.silence_until:%-d %b %Y}: {plan.silence.value}"
    record_events([Event(line.pk, EventKind.NOTICED, line.open, note, key)], now=now, by=by)
    return notice


def basis_of(line: OrderLine) -> dict[str, Any]:
    """What our date rests on at this moment: the latest row of the promise ledger."""
    promise = Promise.objects.filter(line=line).order_by("-pk").first()
    if promise is None:
        return {"source": "none"}
    return {
        "promise": promise.pk,
        "made_at": promise.made_at.isoformat(),
        "date": promise.promised_on.isoformat() if promise.promised_on else None,
        "quantile": "P80",
        "p50": _iso(getattr(promise, "p50_on", None)),
        "source": promise.get_source_display(),
        "reference": promise.source_reference,
        "cause": promise.get_cause_display(),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def record_step(
    case: DelayCase,
    kind: DelayStepKind,
    *,
    on: date,
    now: datetime,
    note: str = "",
    detail: Mapping[str, Any] | None = None,
    by: User | None = None,
) -> None:
    DelayStep.objects.create(
        case=case, kind=kind, on=on, note=note[:300], detail=dict(detail or {}), made_by=by, made_at=now
    )
