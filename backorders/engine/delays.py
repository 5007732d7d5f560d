"""What the law on delayed orders asks for one order line: dates in, state and deadlines out.

The rule is that of 16 CFR 435 as a profile of figures, so that another country's rule is another profile. Days are the
buyer's calendar days. A deadline is the last day on which the thing may be done; a right vests on the day after.
No legal advice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from backorders.engine.working_days import NO_HOLIDAYS, add_working_days

ONE_DAY = timedelta(days=1)


class NoticeState(StrEnum):
    ON_TIME = "on_time"
    NOTICE_DUE = "notice_due"
    NOTICED_DEFINITE_SHORT = "noticed_definite_short"
    NOTICED_LONG_OR_INDEFINITE = "noticed_long_or_indefinite"
    CONSENTED_UNTIL = "consented_until"
    CONSENTED_INDEFINITE = "consented_indefinite"
    RENEWED_NOTICE_DUE = "renewed_notice_due"
    RENEWED_NOTICED = "renewed_noticed"
    CANCEL_BY_CUSTOMER = "cancel_by_customer"
    AUTO_CANCEL_DUE = "auto_cancel_due"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    REFUND_DUE = "refund_due"
    REFUND_SENT = "refund_sent"


class Silence(StrEnum):
    """What it means when the buyer does not answer a notice."""

    CONSENT = "consent"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Rule:
    """The figures of a jurisdiction profile."""

    applicable_days: int = 30
    credit_days: int = 50
    consent_days: int = 30
    refund_working_days: int = 7
    short_silence: Silence = Silence.CONSENT
    long_silence: Silence = Silence.CANCEL
    renewed_silence: Silence = Silence.CANCEL


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice sent on `sent_on`; `revised_on` is the new date, None the statement that there is none."""

    sent_on: date
    revised_on: date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What happened to one order line. `completed_on`: the order was complete and paid or authorised.

    `agreed_on` are the days on which the buyer expressly agreed to the notice before. `expected_on` is our present
    date, None when there is no reliable one. `cancel_asked_on`: the buyer cancelled; `cannot_ship_on`: we gave up.
    """

    completed_on: date
    stated_on: date | None = None
    credit_application: bool = False
    expected_on: date | None = None
    notices: Sequence[Notice] = ()
    agreed_on: Sequence[date] = ()
    shipped_on: date | None = None
    cancel_asked_on: date | None = None
    cannot_ship_on: date | None = None
    cancelled_on: date | None = None
    nothing_to_refund: bool = False
    refund_sent_on: date | None = None


@dataclass(frozen=True, slots=True)
class DelayStanding:
    """Where a line stands on a day. `deadline_on` is the last day for what is due next: a notice, consent, a refund.

    `silence_until` and `silence` say what an unanswered notice comes to after which day. `why` names the rule.
    """

    state: NoticeState
    applicable_on: date
    deadline_on: date | None = None
    silence: Silence | None = None
    silence_until: date | None = None
    vested_on: date | None = None
    refund_due_on: date | None = None
    why: str = ""


def applicable_date(facts: Facts, rule: Rule) -> date:
    """T: the time that was stated, else so many days after the complete order."""
    if facts.stated_on:
        return facts.stated_on
    return facts.completed_on + timedelta(days=rule.credit_days if facts.credit_application else rule.applicable_days)


def refund_due(vested_on: date, rule: Rule, holidays: frozenset[date] = NO_HOLIDAYS) -> date:
    """The last day to send the refund: working days counted from the day after the right vested."""
    return add_working_days(vested_on, rule.refund_working_days, holidays)


def is_short(revised_on: date | None, applicable_on: date, rule: Rule) -> bool:
    """A definite date so near that silence may count as consent."""
    return revised_on is not None and revised_on <= applicable_on + timedelta(days=rule.consent_days)


def standing(facts: Facts, rule: Rule, *, today: date, holidays: frozenset[date] = NO_HOLIDAYS) -> DelayStanding:
    """Where the line stands on `today`."""
    so_far = _until(facts, rule, today)
    vested = so_far.vested_on
    if facts.shipped_on and (vested is None or facts.shipped_on < vested):
        return replace(so_far, state=NoticeState.SHIPPED, deadline_on=None, silence=None, silence_until=None)
    if vested is None:
        return so_far
    due = refund_due(vested, rule, holidays)
    settled = replace(so_far, deadline_on=due, silence=None, silence_until=None, refund_due_on=due)
    if facts.refund_sent_on:
        return replace(settled, state=NoticeState.REFUND_SENT, deadline_on=None)
    if facts.cancelled_on is None:
        return settled
    if facts.nothing_to_refund:
        return replace(settled, state=NoticeState.CANCELLED, deadline_on=None, refund_due_on=None)
    return replace(settled, state=NoticeState.REFUND_DUE)


def _until(facts: Facts, rule: Rule, today: date) -> DelayStanding:
    """The state from notices, consent and silence alone; `vested_on` is set once the buyer's money is due back."""
    applicable_on = applicable_date(facts, rule)
    lapse = _lapse(facts, rule, applicable_on)
    given_up = _first_day(facts.cancel_asked_on, facts.cannot_ship_on)
    if given_up and given_up <= today and (lapse.vested_on is None or given_up < lapse.vested_on):
        by_customer = given_up == facts.cancel_asked_on
        return DelayStanding(
            NoticeState.CANCEL_BY_CUSTOMER if by_customer else NoticeState.AUTO_CANCEL_DUE,
            applicable_on,
            vested_on=given_up,
            why="The buyer cancelled before shipment." if by_customer else "We cannot ship.",
        )
    if lapse.vested_on and lapse.vested_on <= today:
        return lapse
    return _before_the_lapse(facts, rule, applicable_on, lapse, today)


@dataclass(frozen=True, slots=True)
class _Stage:
    """A stretch that a notice opened: until when it carries, and what the buyer's silence means."""

    notice: Notice
    renewed: bool
    limit: date
    silence: Silence
    agreed: bool


def _stages(facts: Facts, rule: Rule, applicable_on: date) -> Iterable[_Stage]:
    """The valid notices one after the other, each with its answer."""
    carries_until, renewed = applicable_on, False
    for notice in sorted(facts.notices, key=lambda n: n.sent_on):
        in_time = notice.sent_on < carries_until if renewed else notice.sent_on <= carries_until
        if not in_time:
            return
        short = not renewed and is_short(notice.revised_on, applicable_on, rule)
        if renewed:
            limit, silence = carries_until, rule.renewed_silence
        elif short:
            limit, silence = applicable_on, rule.short_silence
        else:
            limit, silence = applicable_on + timedelta(days=rule.consent_days), rule.long_silence
        agreed = any(notice.sent_on <= day <= limit for day in facts.agreed_on)
        yield _Stage(notice, renewed, limit, silence, agreed)
        if (not agreed and silence == Silence.CANCEL) or notice.revised_on is None:
            return
        carries_until, renewed = notice.revised_on, True


def _lapse(facts: Facts, rule: Rule, applicable_on: date) -> DelayStanding:
    """When the buyer's right vests if nothing more happens: the day after the last thing that still carries."""
    stages = list(_stages(facts, rule, applicable_on))
    if not stages:
        return DelayStanding(
            NoticeState.AUTO_CANCEL_DUE,
            applicable_on,
            vested_on=applicable_on + ONE_DAY,
            why="No valid notice was given in time.",
        )
    last = stages[-1]
    if not last.agreed and last.silence == Silence.CANCEL:
        return DelayStanding(
            NoticeState.AUTO_CANCEL_DUE,
            applicable_on,
            vested_on=last.limit + ONE_DAY,
            why="The buyer did not agree to the delay." if not last.renewed else "The buyer did not agree again.",
        )
    if last.notice.revised_on is None:
        return DelayStanding(NoticeState.CONSENTED_INDEFINITE, applicable_on)
    return DelayStanding(
        NoticeState.AUTO_CANCEL_DUE,
        applicable_on,
        vested_on=last.notice.revised_on + ONE_DAY,
        why="The revised date passed without a renewed notice.",
    )


def _before_the_lapse(
    facts: Facts, rule: Rule, applicable_on: date, lapse: DelayStanding, today: date
) -> DelayStanding:
    stages = [s for s in _stages(facts, rule, applicable_on) if s.notice.sent_on <= today]
    if not stages:
        late = facts.expected_on is None or facts.expected_on > applicable_on
        state = NoticeState.NOTICE_DUE if late else NoticeState.ON_TIME
        why = "Our date lies behind the applicable time." if late else ""
        return DelayStanding(state, applicable_on, deadline_on=applicable_on, why=why)
    last = stages[-1]
    if not last.agreed and last.silence == Silence.CANCEL:
        state = NoticeState.RENEWED_NOTICED if last.renewed else NoticeState.NOTICED_LONG_OR_INDEFINITE
        return DelayStanding(state, applicable_on, last.limit, last.silence, last.limit)
    revised_on = last.notice.revised_on
    if revised_on is None:
        return DelayStanding(NoticeState.CONSENTED_INDEFINITE, applicable_on)
    if facts.expected_on is None or facts.expected_on > revised_on:
        why = "Our date lies behind the revised date."
        return DelayStanding(NoticeState.RENEWED_NOTICE_DUE, applicable_on, deadline_on=revised_on - ONE_DAY, why=why)
    if not last.agreed and today <= applicable_on:
        return DelayStanding(NoticeState.NOTICED_DEFINITE_SHORT, applicable_on, revised_on, last.silence, last.limit)
    return DelayStanding(NoticeState.CONSENTED_UNTIL, applicable_on, deadline_on=revised_on)


def _first_day(*days: date | None) -> date | None:
    return min((day for day in days if day), default=None)
