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
    keeps = question.default == Answer.KEEP_WAITING
    legal = question.kind == QuestionKind.NOTICE
    return ToldQuestion(
        question=question,
        text=_asked(question, row, speaker),
        answer_by=speaker.say("answer_by", day=last_day),
        silence=speaker["silence_cancel" if not keeps else "silence_agree" if legal else "silence_keep"],
        choices=[*_yes_choices(question, speaker), *_cancel_choice(row, speaker, refund_on)],
    )


def _asked(question: Question, row: TrackedLine, speaker: Speaker) -> str:
    if question.substitute and question.offered_price is not None:
        price = f"{amount_in_words(question.offered_price, speaker.language)} {row.line.order.currency}"
        return speaker.say("asked_substitute", offer=_offer(question), price=price)
    if question.kind == QuestionKind.WAIT:
        return speaker["asked_wait"]
    revised_on = row.line.promised_on
    notice = getattr(question, "notice", None)
    revised_on = notice.revised_on if notice else revised_on
    return speaker.say("asked_notice_date", day=revised_on) if revised_on else speaker["asked_notice_none"]


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
        told = local_day(entry.told_at, zone)
        if entry.from_stock:
            yield speaker.say("told_stock", said_on=told)
        elif entry.on is None:
            yield speaker.say("told_none", said_on=told)
        else:
            key = "told_date" if before is None else "told_later" if entry.on > before else "told_earlier"
            yield speaker.say(key, said_on=told, day=entry.on)
        before = entry.on
