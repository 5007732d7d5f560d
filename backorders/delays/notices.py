"""Giving the notice that the rule on delayed orders asks for: its form, its statements, its proof."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User

from backorders.decisions.calendars import end_of_day
from backorders.delays.facts import rule_of
from backorders.engine.delays import DelayStanding, NoticeState, Silence, is_short
from backorders.enums import Answer, EventKind, QuestionKind, QuestionState
from backorders.errors import NobodyToTell, NoticeIncomplete
from backorders.letters.letters import News, tell_all
from backorders.letters.timeline import Event, record_events
from backorders.letters.wording import stated_reason
from backorders.models import DelayCase, DelayNotice, OrderLine, Promise, Question
from config.lib.bulk import any_of
from customers.enums import NoticeForm
from customers.models import JurisdictionProfile
from notifications.payloads import DelayNoticeGiven, MailLine, Statement
from notifications.services.rendering import left_out, render_payload, spoken_language
from notifications.services.speaker import day_in_words
from notifications.services.wording.versions import Wordings

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


def plan_notice(case: DelayCase, standing: DelayStanding, revised_on: date | None) -> NoticePlan:
    """What a notice given now would be, from where the line stands."""
    rule = rule_of(case.profile)
    if standing.state == NoticeState.RENEWED_NOTICE_DUE and standing.deadline_on:
        form = NoticeForm.RENEWED if revised_on else NoticeForm.RENEWED_INDEFINITE
        return NoticePlan(form, revised_on, rule.renewed_silence, standing.deadline_on + timedelta(days=1))
    if is_short(revised_on, standing.applicable_on, rule):
        return NoticePlan(NoticeForm.SHORT, revised_on, rule.short_silence, standing.applicable_on)
    form = NoticeForm.LONG if revised_on else NoticeForm.INDEFINITE
    until = standing.applicable_on + timedelta(days=rule.consent_days)
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


def check_wording_in_force(
    statements: Sequence[Statement], *, language: str, renewed: bool, wordings: Wordings
) -> None:
    """Whether the email says every statement and has the link, in the wording that would be sent now.

    Raises NoticeIncomplete with what is missing: a wording that leaves something out sends nothing. The same is asked
    again when it is sent, since the wording may have changed by then.
    """
    payload = DelayNoticeGiven(
        customer_name="Example",
        order_number="SO-1",
        tracking_url=EXAMPLE_URL,
        lines=(MailLine(sku="SKU", name="Example", quantity=1, ordered=1, open=1),),
        renewed=renewed,
        statements=tuple(statements),
    )
    version = wordings.of(payload.kind, spoken_language(language))
    if missing := left_out(payload, render_payload(payload, language=language, version=version)):
        raise NoticeIncomplete(f"The text of the delay notice leaves out: {', '.join(missing)}.")


@dataclass(frozen=True, slots=True)
class DrawnUpNotice:
    """A notice with all that is needed to give it: by email, or `how` a person gave it by other means."""

    case: DelayCase
    plan: NoticePlan
    number: int
    sent_on: date
    deadline_on: date | None = None
    statements: tuple[Statement, ...] = ()
    how: str = ""

    @property
    def zone(self) -> str:
        return self.case.line.order.customer.time_zone


def draw_up_notice(
    case: DelayCase,
    plan: NoticePlan,
    *,
    number: int,
    sent_on: date,
    deadline_on: date,
    names_causes: bool,
    wordings: Wordings,
) -> DrawnUpNotice:
    """A notice that may leave by email.

    Raises NobodyToTell without an address, NoticeIncomplete when a required statement would be missing.
    """
    line, customer = case.line, case.line.order.customer
    if not customer.email:
        raise NobodyToTell(f"{customer} has no email address: give the notice by other means and record it here.")
    statements = statements_of(
        case.profile, plan, language=customer.language, reason=line.reason, names_causes=names_causes
    )
    check_wording_in_force(statements, language=customer.language, renewed=plan.is_renewed, wordings=wordings)
    return DrawnUpNotice(case, plan, number, sent_on, deadline_on, statements)


def give_notices(notices: Sequence[DrawnUpNotice], *, now: datetime) -> None:
    """Send them by email, each with the question that answers it. A step of the transaction that locks the cases."""
    keys = tell_all([_news(notice) for notice in notices], now=now)
    message_keys = [of_notice[notice.case.pk] for notice, of_notice in zip(notices, keys, strict=True)]
    keep_notices(notices, message_keys, by=None, now=now)


def _news(notice: DrawnUpNotice) -> News:
    line, plan = notice.case.line, notice.plan
    return News(
        DelayNoticeGiven,
        {line.pk: line.open},
        f"notice:{line.pk}:{notice.number}",
        f"Delay notice: {plan.form.label.lower()}",
        {"renewed": plan.is_renewed, "statements": notice.statements},
        deadline_at=end_of_day(notice.deadline_on, notice.zone) if notice.deadline_on else None,
    )


def keep_notices(notices: Sequence[DrawnUpNotice], keys: Sequence[str], *, by: User | None, now: datetime) -> None:
    """Write down notices that were given, with their questions, and withdraw what earlier ones asked. One that a person
    gave by letter or telephone has an empty key; it counts like one by email, from its day on."""
    lines = [notice.case.line for notice in notices]
    earlier = Question.objects.open().filter(any_of("line", [line.pk for line in lines]), kind=QuestionKind.NOTICE)
    earlier.update(state=QuestionState.WITHDRAWN, settled_at=now)
    questions = Question.objects.bulk_create(
        _question(notice, key, by=by, now=now) for notice, key in zip(notices, keys, strict=True)
    )
    bases = bases_of(lines)
    DelayNotice.objects.bulk_create(
        _kept(notice, question, bases[notice.case.pk], by=by, now=now)
        for notice, question in zip(notices, questions, strict=True)
    )
    events = [
        Event(notice.case.pk, EventKind.NOTICED, notice.case.line.open, _in_words(notice), key)
        for notice, key in zip(notices, keys, strict=True)
    ]
    record_events(events, now=now, by=by)


def _question(notice: DrawnUpNotice, key: str, *, by: User | None, now: datetime) -> Question:
    plan = notice.plan
    return Question(
        line=notice.case.line,
        kind=QuestionKind.NOTICE,
        units=notice.case.line.open,
        default=Answer.KEEP_WAITING if plan.silence == Silence.CONSENT else Answer.CANCEL_REST,
        asked_at=now,
        asked_by=by,
        deadline_at=end_of_day(plan.silence_until, notice.zone),
        message_key=key,
    )


def _kept(
    notice: DrawnUpNotice, question: Question, basis: Mapping[str, Any], *, by: User | None, now: datetime
) -> DelayNotice:
    plan = notice.plan
    return DelayNotice(
        case=notice.case,
        number=notice.number,
        renewed=plan.is_renewed,
        sent_on=notice.sent_on,
        revised_on=plan.revised_on,
        silence=plan.silence.value,
        silence_until=plan.silence_until,
        basis=dict(basis),
        statements=[{"key": statement.key, "text": statement.text} for statement in notice.statements],
        question=question,
        message_key=question.message_key,
        by_other_means=notice.how,
        made_by=by,
        made_at=now,
    )


def _in_words(notice: DrawnUpNotice) -> str:
    plan = notice.plan
    revised = f"{plan.revised_on:%-d %b %Y}" if plan.revised_on else "no date"
    return f"Notice {notice.number}: {revised}; silence until {plan.silence_until:%-d %b %Y}: {plan.silence.value}"


def bases_of(lines: Sequence[OrderLine]) -> dict[int, dict[str, Any]]:
    """What our dates rest on at this moment: of each line the latest row of the promise ledger."""
    promises = Promise.objects.filter(any_of("line", [line.pk for line in lines]))
    latest = {promise.line_id: promise for promise in promises.order_by("line", "-pk").distinct("line")}
    return {line.pk: _basis(latest.get(line.pk)) for line in lines}


def _basis(promise: Promise | None) -> dict[str, Any]:
    if promise is None:
        return {"source": "none"}
    return {
        "promise": promise.pk,
        "made_at": promise.made_at.isoformat(),
        "date": _iso(promise.promised_on),
        "quantile": "P80",
        "p50": _iso(promise.p50_on),
        "source": promise.get_source_display(),
        "reference": promise.source_reference,
        "cause": promise.get_cause_display(),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
