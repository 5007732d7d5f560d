"""What is decided about what waits: by the customer on their page, by staff for them, by silence or by law.

One transaction under the order's lock: whoever comes second sees what the first decided. What an answer frees goes to
the next in the queue at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction

from backorders.decisions.calendars import local_day
from backorders.decisions.refunds import RefundTerms, open_refunds, profile_of, refund_terms, value_of
from backorders.decisions.substitutes import place_substitute
from backorders.enums import Answer, DecidedBy, EventKind, LineStatus, QuestionState, RunKind
from backorders.errors import DecisionRefused, StaleForm
from backorders.letters.timeline import Event, record_events
from backorders.letters.wording import refund_sentence
from backorders.models import Allocation, Decision, OrderLine, Question, SalesOrder
from backorders.orders.cancel import cancel_units
from backorders.queue.queues import mark_queues_changed
from backorders.runs.allocate_stock import allocate_afterwards
from config.lib.text import counted

SETTLED_BY = {
    DecidedBy.CUSTOMER: QuestionState.ANSWERED,
    DecidedBy.STAFF: QuestionState.ANSWERED,
    DecidedBy.SILENCE: QuestionState.DEFAULTED,
    DecidedBy.LAW: QuestionState.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides: the customer through a link, a person at the desk with a note, silence, or the law."""

    kind: DecidedBy
    user: User | None = None
    link_id: int | None = None
    note: str = ""


SILENCE = Decider(DecidedBy.SILENCE)


@dataclass
class _Outcome:
    """What carrying an answer out changed."""

    cancelled: Mapping[OrderLine, int] = field(default_factory=dict)
    freed: set[int] = field(default_factory=set)
    note: str = ""


def decide(
    *,
    line_id: int,
    answer: Answer,
    decider: Decider,
    key: str,
    now: datetime,
    question_id: int | None = None,
    units: int | None = None,
    seen_open: int | None = None,
    vested_on: date | None = None,
) -> Decision:
    """Carry out an answer about a line; the same `key` again is the decision that it made.

    `units` is how many to cancel where some are to be: those first that nothing is allocated to. Without it all that
    wait are meant, and silence never ends more than the question named.
    Raises DecisionRefused for a line that is shipped or cancelled, a question that is settled or too old, an answer
    that is not offered; StaleForm when other than `seen_open` units are open by now. Nothing changes then.
    """
    with transaction.atomic():
        order_id = OrderLine.objects.values_list("order_id", flat=True).get(pk=line_id)
        order = SalesOrder.objects.select_related("customer").locked().get(pk=order_id)
        lines = {line.pk: line for line in OrderLine.objects.filter(order=order).select_related("product").locked()}
        for each in lines.values():
            each.order = order
        line = lines[line_id]
        if known := Decision.objects.filter(key=key).first():
            return _same(known, line, answer)
        questions = list(Question.objects.open().filter(line__in=lines).locked())
        question = _question(question_id, line, questions, decider, now=now)
        _refuse_unfit(answer, line, question, seen_open)
        terms = refund_terms(profile_of(order), vested_on=vested_on or local_day(now, order.customer.time_zone))
        outcome = _carry_out(answer, line, list(lines.values()), question, units, terms, decider, now=now)
        decision = Decision.objects.create(
            line=line,
            question=question,
            answer=answer,
            decided_by=decider.kind,
            link_id=decider.link_id,
            made_by=decider.user,
            note=decider.note,
            units=sum(outcome.cancelled.values()),
            key=key,
            made_at=now,
        )
        _record(decision, outcome, decider, now=now)
        open_refunds(outcome.cancelled, terms, decision=decision, by=decider.user, now=now)
        _settle(questions, question, outcome, SETTLED_BY[decider.kind], now=now)
    if outcome.freed:
        cause = f"{line}: {answer.label.lower()}"
        allocate_afterwards(kind=RunKind.FREED, product_ids=outcome.freed, cause=cause, by=decider.user, now=now)
    return decision


def _same(known: Decision, line: OrderLine, answer: Answer) -> Decision:
    if (known.line_id, known.answer) != (line.pk, answer):
        raise DecisionRefused("This form was already used for another decision. Open the page again.", "changed")
    return known


def _question(
    question_id: int | None, line: OrderLine, open_questions: Sequence[Question], decider: Decider, *, now: datetime
) -> Question | None:
    """The open question that is answered, if one is named; silence needs no time left, everybody else does."""
    if question_id is None:
        return None
    question = next((q for q in open_questions if q.pk == question_id and q.line_id == line.pk), None)
    if question is None:
        settled = Question.objects.filter(pk=question_id, line=line).first()
        when = f" on {settled.settled_at:%-d %b %Y}" if settled and settled.settled_at else ""
        raise DecisionRefused(f"This question was already answered{when}. Nothing was changed.", "settled")
    if decider.kind in (DecidedBy.CUSTOMER, DecidedBy.STAFF) and question.deadline_at <= now:
        raise DecisionRefused("The deadline for this answer has passed. Nothing was changed.", "late")
    return question


def _refuse_unfit(answer: Answer, line: OrderLine, question: Question | None, seen_open: int | None) -> None:
    if not line.is_open:
        raise DecisionRefused(f"{line} has no open units: it is {LineStatus(line.status).label.lower()}.", "closed")
    if seen_open not in (None, line.open):
        raise StaleForm(
            f"{line}: {counted(line.open, 'unit is,units are')} open by now, not {seen_open}. Nothing was changed."
        )
    free = {Answer.CANCEL_UNITS, Answer.CANCEL_REST, Answer.CANCEL_ALL, Answer.SHIP_NOW}
    if answer not in free and (question is None or answer not in question.answers):
        raise DecisionRefused("This question was not asked. Nothing was changed.", "unasked")


def _carry_out(
    answer: Answer,
    line: OrderLine,
    lines: Sequence[OrderLine],
    question: Question | None,
    units: int | None,
    terms: RefundTerms,
    decider: Decider,
    *,
    now: datetime,
) -> _Outcome:
    if answer == Answer.CANCEL_UNITS:
        return _cancel({line: _units_meant(line, question, units, decider)}, terms, decider, now=now)
    if answer == Answer.CANCEL_REST:
        return _cancel(_unpacked([line]), terms, decider, now=now)
    if answer == Answer.CANCEL_ALL:
        return _cancel(_unpacked([each for each in lines if each.is_open]), terms, decider, now=now)
    if answer == Answer.SHIP_NOW:
        return _ship_in_parts(line.order, lines)
    if answer == Answer.SUBSTITUTE and question:
        note = place_substitute(question, line, by=decider.user, now=now)
        taken = _cancel(_unpacked([line]), terms, decider, now=now, refunds=False)
        return _Outcome(freed=taken.freed, note=note)
    return _Outcome()


def _units_meant(line: OrderLine, question: Question | None, units: int | None, decider: Decider) -> int:
    """How many units to cancel: those that the person named, else those that wait."""
    if decider.kind == DecidedBy.SILENCE and question:
        units = min(question.units, line.missing)
    units = line.missing if units is None else units
    if not units:
        raise DecisionRefused(f"{line}: nothing waits any more. Nothing was cancelled.", "changed")
    if units > sum(_unpacked([line]).values()):
        raise DecisionRefused(f"{line}: {units} units cannot be cancelled, so many are not open any more.", "changed")
    return units


def _unpacked(lines: Sequence[OrderLine]) -> dict[OrderLine, int]:
    """All open units but those that are being packed. Raises DecisionRefused when no others are left."""
    picked = _picked(lines)
    units = {line: line.open - picked.get(line.pk, 0) for line in lines}
    units = {line: open_units for line, open_units in units.items() if open_units}
    if not units:
        raise DecisionRefused(f"{lines[0]}: the goods are on a pick list. Cancel the pick list first.", "packed")
    return units


def _cancel(
    units: Mapping[OrderLine, int], terms: RefundTerms, decider: Decider, *, now: datetime, refunds: bool = True
) -> _Outcome:
    amount = value_of(units) if refunds else 0
    order = next(iter(units)).order
    sentence = refund_sentence(order.customer.language, amount, order.currency, terms.due_on) if amount else ""
    note = decider.note or decider.kind.label
    freed = cancel_units(units, by=decider.user, now=now, note=note, told=sentence)
    return _Outcome(units if refunds else {}, freed)


def _picked(lines: Sequence[OrderLine]) -> dict[int, int]:
    picked: dict[int, int] = {}
    rows = Allocation.objects.active().filter(line__in=lines, shipment__isnull=False)
    for line_id, quantity in rows.values_list("line_id", "quantity"):
        picked[line_id] = picked.get(line_id, 0) + quantity
    return picked


def _ship_in_parts(order: SalesOrder, lines: Sequence[OrderLine]) -> _Outcome:
    """What is here leaves now, the rest follows: the order no longer waits to be complete."""
    if not any(line.allocated for line in lines):
        raise DecisionRefused(f"Nothing on {order} is in stock yet.", "nothing_here")
    if order.ship_complete:
        order.ship_complete = False
        order.save(update_fields=["ship_complete"])
    waiting = {line.product_id for line in lines if line.is_open}
    mark_queues_changed(waiting)
    return _Outcome(freed=waiting)


def _record(decision: Decision, outcome: _Outcome, decider: Decider, *, now: datetime) -> None:
    parts = [decision.get_answer_display(), outcome.note, decision.get_decided_by_display().lower(), decider.note]
    note = " · ".join(part for part in parts if part)[:300]
    record_events([Event(decision.line_id, EventKind.ANSWERED, 0, note)], now=now, by=decider.user)


def _settle(
    questions: Sequence[Question],
    answered: Question | None,
    outcome: _Outcome,
    state: QuestionState,
    *,
    now: datetime,
) -> None:
    """Close the answered question; those about lines that are closed now are withdrawn."""
    if answered:
        Question.objects.filter(pk=answered.pk).update(state=state, settled_at=now)
    closed = set(
        OrderLine.objects.filter(pk__in={q.line_id for q in questions}, is_open=False).values_list("pk", flat=True)
    )
    moot = [q.pk for q in questions if q.line_id in closed and q is not answered]
    Question.objects.filter(pk__in=moot).update(state=QuestionState.WITHDRAWN, settled_at=now)
