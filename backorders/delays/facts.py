"""From the rows of order lines to the facts that the rule on delayed orders looks at, read for many lines at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from backorders.decisions.calendars import local_day, public_holidays
from backorders.engine.delays import DelayStanding, Facts, Notice, Rule, Silence, standing
from backorders.enums import Answer, DecidedBy, EventKind, PromiseCause, PromiseSource, QuestionKind
from backorders.letters.sendings import Sending, sendings_of
from backorders.models import Allocation, Decision, DelayCase, DelayNotice, LineEvent, OrderLine, Promise, RefundTask
from config.lib.bulk import any_of
from customers.models import JurisdictionProfile

BY_PEOPLE = (DecidedBy.CUSTOMER, DecidedBy.STAFF)
ENDS_IT = (Answer.CANCEL_REST, Answer.CANCEL_ALL, Answer.SUBSTITUTE)


@dataclass(frozen=True, slots=True)
class LineRecords:
    """What the books say of some lines. `emails` are those of the notices by key; the decisions are those of whole
    orders; the last cancellation and the last shipment are read of lines that are closed."""

    notices: Mapping[int, Sequence[DelayNotice]]
    emails: Mapping[str, Sending]
    decisions: Mapping[int, Sequence[Decision]]  # by order
    refunds: Mapping[int, Sequence[RefundTask]]
    cancelled_at: Mapping[int, datetime]
    shipped_at: Mapping[int, datetime]


def read_records(lines: Collection[OrderLine]) -> LineRecords:
    """The same few queries, however many lines."""
    line_ids = [line.pk for line in lines]
    closed = [line.pk for line in lines if not line.is_open]
    notices: dict[int, list[DelayNotice]] = defaultdict(list)
    for notice in DelayNotice.objects.filter(any_of("case", line_ids)).order_by("case", "number"):
        notices[notice.case_id].append(notice)
    emails = sendings_of(notice.message_key for of_case in notices.values() for notice in of_case)
    decisions: dict[int, list[Decision]] = defaultdict(list)
    orders = Decision.objects.filter(any_of("line__order", {line.order_id for line in lines}))
    for decision in orders.select_related("line", "question").order_by("pk"):
        decisions[decision.line.order_id].append(decision)
    refunds: dict[int, list[RefundTask]] = defaultdict(list)
    for task in RefundTask.objects.filter(any_of("line", line_ids)):
        refunds[task.line_id].append(task)
    return LineRecords(notices, emails, decisions, refunds, _last_cancellations(closed), _last_shipments(closed))


def _last_cancellations(line_ids: Collection[int]) -> dict[int, datetime]:
    if not line_ids:
        return {}
    events = LineEvent.objects.filter(any_of("line", line_ids), kind=EventKind.CANCELLED)
    return dict(events.order_by("pk").values_list("line_id", "made_at"))


def _last_shipments(line_ids: Collection[int]) -> dict[int, datetime]:
    if not line_ids:
        return {}
    left = Allocation.objects.filter(any_of("line", line_ids), shipment__shipped_at__isnull=False)
    return dict(left.values_list("line_id").annotate(Max("shipment__shipped_at")))


def rule_of(profile: JurisdictionProfile) -> Rule:
    return Rule(
        applicable_days=profile.applicable_days,
        credit_days=profile.credit_days,
        consent_days=profile.consent_days,
        refund_working_days=profile.refund_working_days,
        short_silence=Silence(profile.short_silence),
        long_silence=Silence(profile.long_silence),
        renewed_silence=Silence(profile.renewed_silence),
    )


def holidays_of(profile: JurisdictionProfile, today: date) -> frozenset[date]:
    """Those of last year, this and the next: no deadline lies further away."""
    years = (public_holidays(profile.holiday_country, profile.holiday_subdivision, today.year + n) for n in (-1, 0, 1))
    return frozenset().union(*years)


def standing_of(case: DelayCase, records: LineRecords, *, today: date, expected_on: date | None) -> DelayStanding:
    """Where the line stands under its profile, on the buyer's calendar."""
    facts = _facts_of(case, records, today=today, expected_on=expected_on)
    return standing(facts, rule_of(case.profile), today=today, holidays=holidays_of(case.profile, today))


def _facts_of(case: DelayCase, records: LineRecords, *, today: date, expected_on: date | None) -> Facts:
    line = case.line
    zone = line.order.customer.time_zone
    cancelled_on = shipped_on = None
    if not line.is_open and line.cancelled:
        cancelled_on = _day(records.cancelled_at.get(line.pk), zone)
    elif not line.is_open:
        shipped_on = _day(records.shipped_at.get(line.pk), zone)
    refunds = records.refunds.get(line.pk, [])
    sent = [task.done_on for task in refunds if task.done_on]
    decisions = records.decisions.get(line.order_id, [])
    by_buyer = cancelled_on and _was_asked_for(decisions)
    return Facts(
        completed_on=case.completed_on,
        stated_on=case.stated_on,
        credit_application=case.credit_application,
        expected_on=expected_on,
        notices=_notices_given(case, records, today),
        agreed_on=_agreed_on(line, decisions),
        shipped_on=shipped_on,
        cancel_asked_on=cancelled_on if by_buyer else None,
        cannot_ship_on=case.cannot_ship_on or (None if by_buyer else _given_up_on(line, decisions, cancelled_on)),
        cancelled_on=cancelled_on,
        nothing_to_refund=not refunds,
        refund_sent_on=max(sent) if sent and len(sent) == len(refunds) else None,
    )


def _day(at: datetime | None, zone: str) -> date | None:
    return local_day(at, zone) if at else None


def _notices_given(case: DelayCase, records: LineRecords, today: date) -> list[Notice]:
    """The notices, each on the day on which the mail server took it. One that still waits may leave today at the
    earliest; one whose email was given up counts as none."""
    notices = []
    for notice in records.notices.get(case.pk, []):
        email = records.emails.get(notice.message_key)
        if email is None:  # by letter or telephone
            notices.append(Notice(notice.sent_on, notice.revised_on))
        elif not email.is_lost:
            left_on = _day(email.sent_at, case.line.order.customer.time_zone)
            notices.append(Notice(left_on or max(notice.sent_on, today), notice.revised_on))
    return notices


def _agreed_on(line: OrderLine, decisions: Iterable[Decision]) -> list[date]:
    return [
        local_day(decision.made_at, line.order.customer.time_zone)
        for decision in decisions
        if decision.line_id == line.pk
        and decision.question
        and decision.question.kind == QuestionKind.NOTICE
        and decision.answer == Answer.KEEP_WAITING
        and decision.decided_by in BY_PEOPLE
    ]


def _was_asked_for(decisions: Iterable[Decision]) -> bool:
    """The customer cancelled the order, themselves or through the desk."""
    return any(decision.answer in ENDS_IT and decision.decided_by in BY_PEOPLE for decision in decisions)


def _given_up_on(line: OrderLine, decisions: Iterable[Decision], cancelled_on: date | None) -> date | None:
    """A cancellation that neither the buyer nor a deadline brought is our own."""
    by_deadline = any(
        decision.line_id == line.pk and decision.units and decision.decided_by not in BY_PEOPLE
        for decision in decisions
    )
    return None if by_deadline else cancelled_on


def expected_day(line: OrderLine, today: date) -> date | None:
    """Our date for the last unit: today where all of it is here, None where there is no reliable one."""
    if not line.missing:
        return today
    if line.promise_source == PromiseSource.STOCK or line.promised_on is None or line.promised_on < today:
        return None
    return line.promised_on


def stated_days(lines: Iterable[OrderLine]) -> dict[int, date | None]:
    """The shipping dates that the buyers were told when ordering: the later end of a range."""
    promises = Promise.objects.filter(any_of("line", [line.pk for line in lines]), cause=PromiseCause.PLACED)
    first = promises.announced().order_by("line", "pk").distinct("line")
    said = (PromiseSource.PURCHASE_ORDER, PromiseSource.LEAD_TIME)
    return {promise.line_id: promise.promised_on for promise in first if promise.source in said}
