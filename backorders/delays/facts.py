"""From the rows of a line to the facts that the rule on delayed orders looks at."""

from datetime import date

from backorders.decisions.calendars import local_day, public_holidays
from backorders.engine.delays import DelayStanding, Facts, Notice, Rule, Silence, standing
from backorders.enums import Answer, DecidedBy, EventKind, PromiseCause, PromiseSource, QuestionKind
from backorders.models import Decision, DelayCase, DelayNotice, LineEvent, OrderLine, Promise, RefundTask, Shipment
from customers.models import JurisdictionProfile
from notifications.enums import MessageStatus
from notifications.models import Message

UNDELIVERED = (MessageStatus.DEAD, MessageStatus.SUPERSEDED, MessageStatus.REJECTED, MessageStatus.UNWANTED)


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


def standing_of(case: DelayCase, *, today: date, expected_on: date | None) -> DelayStanding:
    """Where the line stands under its profile, on the buyer's calendar."""
    facts = facts_of(case, expected_on=expected_on)
    return standing(facts, rule_of(case.profile), today=today, holidays=holidays_of(case.profile, today))


def facts_of(case: DelayCase, *, expected_on: date | None) -> Facts:
    line = case.line
    zone = line.order.customer.time_zone
    cancelled_on = _cancelled_on(line, zone) if not line.is_open and line.cancelled else None
    refunds = list(RefundTask.objects.filter(line=line))
    by_buyer = cancelled_on and _was_asked_for(line)
    return Facts(
        completed_on=case.completed_on,
        stated_on=case.stated_on,
        credit_application=case.credit_application,
        expected_on=expected_on,
        notices=valid_notices(case),
        agreed_on=_agreed_on(line, zone),
        shipped_on=_shipped_on(line, zone) if not line.is_open and not line.cancelled else None,
        cancel_asked_on=cancelled_on if by_buyer else None,
        cannot_ship_on=case.cannot_ship_on or (None if by_buyer else _given_up_on(line, cancelled_on)),
        cancelled_on=cancelled_on,
        nothing_to_refund=not refunds,
        refund_sent_on=max((r.done_on for r in refunds if r.done_on), default=None)
        if refunds and all(r.done_on for r in refunds)
        else None,
    )


def valid_notices(case: DelayCase) -> list[Notice]:
    """The notices that reached the buyer, or may still: one whose email was given up counts as none."""
    notices = list(DelayNotice.objects.filter(case=case).order_by("number"))
    keys = [notice.message_key for notice in notices if notice.message_key]
    lost = set(Message.objects.filter(dedupe_key__in=keys, status__in=UNDELIVERED).values_list("dedupe_key", flat=True))
    return [Notice(n.sent_on, n.revised_on) for n in notices if n.message_key not in lost]


def expected_day(line: OrderLine, today: date) -> date | None:
    """Our date for the last unit: today where all of it is here, None where there is no reliable one."""
    if not line.missing:
        return today
    if line.promise_source == PromiseSource.STOCK or line.promised_on is None or line.promised_on < today:
        return None
    return line.promised_on


def stated_day(line: OrderLine) -> date | None:
    """The shipping date that the buyer was told when ordering: the later end of a range."""
    first = Promise.objects.filter(line=line, cause=PromiseCause.PLACED).exclude(message_key="").order_by("pk").first()
    if first is None or first.source not in (PromiseSource.PURCHASE_ORDER, PromiseSource.LEAD_TIME):
        return None
    return first.promised_on


def _agreed_on(line: OrderLine, zone: str) -> list[date]:
    decisions = Decision.objects.filter(
        line=line,
        question__kind=QuestionKind.NOTICE,
        answer=Answer.KEEP_WAITING,
        decided_by__in=[DecidedBy.CUSTOMER, DecidedBy.STAFF],
    )
    return [local_day(at, zone) for at in decisions.values_list("made_at", flat=True)]


def _was_asked_for(line: OrderLine) -> bool:
    """The customer cancelled the order, themselves or through the desk."""
    return Decision.objects.filter(
        line__order=line.order_id,
        answer__in=[Answer.CANCEL_REST, Answer.CANCEL_ALL, Answer.SUBSTITUTE],
        decided_by__in=[DecidedBy.CUSTOMER, DecidedBy.STAFF],
    ).exists()


def _given_up_on(line: OrderLine, cancelled_on: date | None) -> date | None:
    """A cancellation that neither the buyer nor a deadline brought is our own."""
    by_deadline = Decision.objects.filter(line=line, decided_by__in=[DecidedBy.SILENCE, DecidedBy.LAW], units__gt=0)
    return None if by_deadline.exists() else cancelled_on


def _cancelled_on(line: OrderLine, zone: str) -> date | None:
    last = LineEvent.objects.filter(line=line, kind=EventKind.CANCELLED).order_by("-pk").first()
    return local_day(last.made_at, zone) if last else None


def _shipped_on(line: OrderLine, zone: str) -> date | None:
    last = Shipment.objects.filter(allocations__line=line, shipped_at__isnull=False).order_by("-shipped_at").first()
    return local_day(last.shipped_at, zone) if last and last.shipped_at else None
