"""Lines, dates and parcels in the customer's words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from backorders.decisions.calendars import local_day
from backorders.enums import Answer, PromiseSource, QuestionKind
from backorders.letters.wording import shown_reason
from backorders.models import Question
from backorders.tracking.queries import TrackedLine, TrackedParcel
from notifications.services.speaker import Speaker, amount_in_words

ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Choice:
    """One button; `sure` is what it says before it acts, blank where nothing is lost."""

    answer: Answer
    label: str
    sure: str = ""
    yes: str = ""
    units: int = 0  # to choose: so many at first, at most so many
    most: int = 0


@dataclass(frozen=True, slots=True)
class ToldQuestion:
    question: Question
    text: str
    answer_by: str
    silence: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class ToldLine:
    row: TrackedLine
    when: str
    reason: str
    history: list[str]
    questions: list[ToldQuestion]
    choices: list[Choice]


def told_line(row: TrackedLine, speaker: Speaker, *, zone: str, refund_on: date, names_causes: bool) -> ToldLine:
    line = row.line
    waits = line.is_open and line.missing > 0
    return ToldLine(
        row=row,
        when=_when(row, speaker) if waits else "",
        reason=shown_reason(line.reason, speaker.language, names_causes=names_causes) if waits else "",
        history=list(_history(row, speaker, zone)),
        questions=[_told_question(question, row, speaker, zone, refund_on) for question in row.questions],
        choices=[] if row.questions else list(_cancel_choice(row, speaker, refund_on)),
    )


def _told_question(question: Question, row: TrackedLine, speaker: Speaker, zone: str, refund_on: date) -> ToldQuestion:
    last_day = local_day(question.deadline_at - ONE_SECOND, zone)
    return ToldQuestion(
        question=question,
        text=_asked(question, row, speaker),
        answer_by=speaker.say("answer_by", day=last_day),
        silence=_silence(question, row, speaker),
        choices=[*_yes_choices(question, speaker), *_cancel_choice(row, speaker, refund_on)],
    )


def _silence(question: Question, row: TrackedLine, speaker: Speaker) -> str:
    """What happens without an answer, to the unit."""
    if question.default == Answer.CANCEL_UNITS:
        return speaker.say("silence_cancel_units", units=min(question.units, row.line.missing))
    if question.default == Answer.CANCEL_REST:
        return speaker["silence_cancel"]
    return speaker["silence_agree" if question.kind == QuestionKind.NOTICE else "silence_keep"]


def _asked(question: Question, row: TrackedLine, speaker: Speaker) -> str:
    if question.substitute and question.offered_price is not None:
        price = f"{amount_in_words(question.offered_price, speaker.language)} {row.line.order.currency}"
        return speaker.say("asked_substitute", offer=_offer(question), price=price)
    if question.kind == QuestionKind.WAIT:
        return speaker["asked_wait"]
    return _asked_by_notice(question.notice.revised_on, row, speaker)


def _asked_by_notice(noticed_on: date | None, row: TrackedLine, speaker: Speaker) -> str:
    """What the notice said, and where the date has changed since, what holds now: the page tells one date."""
    now_on = None if row.line.promise_source == PromiseSource.STOCK else row.line.promised_on
    if now_on == noticed_on:
        return speaker.say("asked_notice_date", day=now_on) if now_on else speaker["asked_notice_none"]
    if now_on is None:
        return speaker.say("asked_notice_lost", day=noticed_on)
    if noticed_on is None:
        return speaker.say("asked_notice_found", day=now_on)
    return speaker.say("asked_notice_moved", before=noticed_on, day=now_on)


def _offer(question: Question) -> str:
    product = question.substitute.substitute if question.substitute else None
    return f"{question.offered_units} × {product.name}" if product else ""


def _yes_choices(question: Question, speaker: Speaker) -> Iterator[Choice]:
    if question.substitute:
        yield Choice(Answer.SUBSTITUTE, speaker.say("take_substitute", offer=_offer(question)))
    label = speaker["agree" if question.kind == QuestionKind.NOTICE else "keep_waiting"]
    yield Choice(Answer.KEEP_WAITING, label)


def _cancel_choice(row: TrackedLine, speaker: Speaker, refund_on: date) -> Iterator[Choice]:
    """Cancelling is open to whoever waits, asked or not, as long as the goods are not being packed."""
    line = row.line
    if not line.is_open or not row.cancellable or not (line.missing or line.backordered_at):
        return
    said = {"units": row.cancellable, "name": line.product.name}
    if row.cancellable > 1:
        waits = min(line.missing, row.cancellable)
        label = speaker.say("cancel_waiting", units=waits) if 0 < waits < row.cancellable else speaker["cancel_some"]
        sure = speaker.say("sure_cancel_some", day=refund_on, name=line.product.name)
        yes = speaker["yes_cancel_some"]
        yield Choice(Answer.CANCEL_UNITS, label, sure, yes, units=waits or 1, most=row.cancellable)
    sure = speaker.say("sure_cancel_packed" if row.picked else "sure_cancel", day=refund_on, **said)
    yield Choice(Answer.CANCEL_REST, speaker.say("cancel_rest", **said), sure, speaker.say("yes_cancel", **said))


def told_parcel(parcel: TrackedParcel, speaker: Speaker, *, zone: str) -> dict[str, Any]:
    title = speaker.say("parcel", number=parcel.number, day=local_day(parcel.shipped_at, zone))
    return {"parcel": parcel, "title": title}


def _when(row: TrackedLine, speaker: Speaker) -> str:
    line = row.line
    if line.promised_on is None or line.promise_source == PromiseSource.STOCK:
        return speaker["no_date"]
    if row.promised_from:
        return speaker.say("between", first=row.promised_from, last=line.promised_on)
    return speaker.say("by", day=line.promised_on)


def _history(row: TrackedLine, speaker: Speaker, zone: str) -> Iterator[str]:
    before: date | None = None
    for entry in row.history:
        said_on = local_day(entry.told_at, zone)
        if entry.from_stock:
            yield speaker.say("told_stock", said_on=said_on)
        elif entry.on is None:
            yield speaker.say("told_none", said_on=said_on)
        else:
            key = "told_date" if before is None else "told_later" if entry.on > before else "told_earlier"
            yield speaker.say(key, said_on=said_on, day=entry.on)
        before = entry.on
