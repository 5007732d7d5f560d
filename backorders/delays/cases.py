"""Lines under a rule on delayed orders: opened when ordered, watched every few minutes, settled when all is sent."""

import logging
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q

from backorders.decisions.calendars import local_day
from backorders.decisions.decide import Decider, decide
from backorders.decisions.refunds import open_refunds, profile_of, refund_terms
from backorders.delays.facts import expected_day, holidays_of, standing_of, stated_day
from backorders.delays.notices import (
    basis_of,
    give_notice,
    keep_notice_by_other_means,
    plan_notice,
    record_step,
)
from backorders.engine.delays import DelayStanding, NoticeState
from backorders.engine.working_days import add_working_days
from backorders.enums import Answer, DecidedBy, DelayStepKind, QuestionKind
from backorders.errors import DecisionRefused, NobodyToTell, NoticeIncomplete
from backorders.models import CustomerSettings, DelayCase, DeskSettings, OrderLine, Question, RefundTask, SalesOrder
from backorders.models.notices import SETTLED
from config.lib.sweep_each import each_by_itself
from customers.models import JurisdictionProfile

logger = logging.getLogger(__name__)

DUE = (NoticeState.NOTICE_DUE, NoticeState.RENEWED_NOTICE_DUE)
QUIET = (NoticeState.ON_TIME, NoticeState.CONSENTED_UNTIL, NoticeState.NOTICED_DEFINITE_SHORT)
ONE_DAY = timedelta(days=1)
LAPSED_UNSEEN = (
    "The deadline passed before this desk watched the line: cancel it, or correct the facts if more was agreed then."
)


def watch_delays(*, now: datetime) -> int:
    """Open a case for each new line of a protected order, and do what is due; returns how many cases were looked at."""
    open_cases(now=now)
    watched = DelayCase.objects.unsettled().exclude(_nothing_can_be_due(local_day(now, "UTC")))
    cases = list(watched.order_by("pk").values_list("pk", flat=True))

    def review(line_id: int) -> None:
        review_case(line_id=line_id, now=now)

    return each_by_itself(cases, review)


def _nothing_can_be_due(today: date) -> Q:
    """Open lines whose date holds well before a deadline that is days away, and those that wait without a date by
    consent: looking at them again would change nothing."""
    calm = Q(
        state__in=[NoticeState.ON_TIME, NoticeState.CONSENTED_UNTIL],
        line__is_open=True,
        cannot_ship_on__isnull=True,
        deadline_on__gt=today + 3 * ONE_DAY,
        line__promised_on__gt=today + ONE_DAY,
        line__promised_on__lte=F("deadline_on"),
    )
    return calm | Q(state=NoticeState.CONSENTED_INDEFINITE, line__is_open=True)


def open_cases(*, now: datetime) -> int:
    """Put the open lines of protected orders that are not yet watched under their profile."""
    profiles = list(JurisdictionProfile.objects.filter(active=True))
    channels = [channel for profile in profiles for channel in profile.channels]
    protected = Q(order__customer__jurisdiction__in=[p.code for p in profiles]) | Q(order__channel__in=channels)
    lines = OrderLine.objects.open().filter(protected, delay_case__isnull=True).order_by("pk")

    def open_case(line_id: int) -> None:
        _open_case(line_id, now=now)

    return each_by_itself(list(lines.values_list("pk", flat=True)), open_case)


@transaction.atomic
def _open_case(line_id: int, *, now: datetime) -> None:
    line = _locked_line(line_id)
    profile = profile_of(line.order)
    if profile is None or DelayCase.objects.filter(pk=line_id).exists():
        return
    completed_on = local_day(line.order.placed_at, line.order.customer.time_zone)
    case = DelayCase(line=line, profile=profile, completed_on=completed_on, stated_on=stated_day(line), opened_at=now)
    today = local_day(now, line.order.customer.time_zone)
    found = standing_of(case, today=today, expected_on=expected_day(line, today))
    case.applicable_on, case.deadline_on, case.why = found.applicable_on, found.deadline_on, found.why
    case.save(force_insert=True)
    detail = {"completed": str(completed_on), "stated": str(case.stated_on or ""), "profile": profile.code}
    note = f"Applicable time until {case.applicable_on:%-d %b %Y}"
    record_step(case, DelayStepKind.OPENED, on=completed_on, note=note, detail=detail | basis_of(line), now=now)


def review_case(*, line_id: int, now: datetime) -> None:
    """Bring one case up to date: learn of the delay, give the notice in time, cancel and refund when a right vests."""
    with transaction.atomic():
        case, today = _locked_case(line_id, now)
        found = _stand(case, today)
        if found.state in DUE:
            _give_if_it_is_time(case, found, today=today, now=now)
            found = _stand(case, today)
        _remember(case, found, today=today, now=now)
    if found.vested_on is None:
        return
    if case.line.is_open and found.state == NoticeState.AUTO_CANCEL_DUE:
        if not _lapsed_unseen(case, found):
            _cancel(case, found, now=now)
    elif case.line.cancelled:
        _refund_what_nobody_did(line_id, found.vested_on, now=now)
    with transaction.atomic():
        case, today = _locked_case(line_id, now)
        _remember(case, _stand(case, today), today=today, now=now)


def _lapsed_unseen(case: DelayCase, found: DelayStanding) -> bool:
    """The deadline had passed before this desk watched the line: what was told then is not in our records."""
    opened_on = local_day(case.opened_at, case.line.order.customer.time_zone)
    return found.vested_on is not None and found.vested_on <= opened_on


def _stand(case: DelayCase, today: date) -> DelayStanding:
    """Where the case stands. Goods that did not leave by the eve of a deadline are late, whatever our date says."""
    found = standing_of(case, today=today, expected_on=expected_day(case.line, today))
    if case.line.is_open and found.state in QUIET and found.deadline_on and found.deadline_on - today <= ONE_DAY:
        days = DeskSettings.objects.get().handling_days + 2
        soon = add_working_days(found.deadline_on, days, holidays_of(case.profile, today))
        found = standing_of(case, today=today, expected_on=soon)
    return found


def _give_if_it_is_time(case: DelayCase, found: DelayStanding, *, today: date, now: datetime) -> None:
    """A notice leaves some days after the delay is known, or some days before its deadline: whichever comes first."""
    if case.learned_on is None:
        case.learned_on = today
        record_step(case, DelayStepKind.LEARNED, on=today, note=found.why, detail=basis_of(case.line), now=now)
    desk = CustomerSettings.objects.get()
    deadline_on = found.deadline_on or today
    early = deadline_on - timedelta(days=desk.notice_margin_days)
    if today < min(early, case.learned_on + timedelta(days=desk.notice_after_days)):
        return
    revised_on = _revised_day(case, found, today)
    try:
        notice = plan_notice(case, found, revised_on)
        give_notice(case, notice, today=today, deadline_on=deadline_on, now=now)
    except (NoticeIncomplete, NobodyToTell) as refusal:
        if case.blocked != str(refusal):
            case.blocked = str(refusal)[:300]
            record_step(case, DelayStepKind.BLOCKED, on=today, note=str(refusal), now=now)
        return
    case.blocked, case.learned_on = "", None


def _revised_day(case: DelayCase, found: DelayStanding, today: date) -> date | None:
    """The date to be told: our own, or a few working days past the deadline where the goods are here but did not go."""
    expected_on = expected_day(case.line, today)
    if expected_on is None or expected_on > (found.deadline_on or today):
        return expected_on
    days = DeskSettings.objects.get().handling_days + 2
    return add_working_days(found.deadline_on or today, days, holidays_of(case.profile, today))


def _remember(case: DelayCase, found: DelayStanding, *, today: date, now: datetime) -> None:
    state = found.state
    if not case.line.is_open and not case.line.cancelled:
        state = NoticeState.SHIPPED
    if found.vested_on and case.vested_on is None and state != NoticeState.SHIPPED:
        note = f"{found.why} Refund by {found.refund_due_on:%-d %b %Y}." if found.refund_due_on else found.why
        record_step(case, DelayStepKind.VESTED, on=found.vested_on, note=note, now=now)
    if state in SETTLED and case.state != state:
        record_step(case, DelayStepKind.SETTLED, on=today, note=state.value.replace("_", " "), now=now)
    case.state, case.why = state.value, found.why
    case.applicable_on, case.deadline_on = found.applicable_on, found.deadline_on
    case.vested_on, case.refund_due_on = found.vested_on, found.refund_due_on
    if state not in DUE:
        unseen = state == NoticeState.AUTO_CANCEL_DUE and case.line.is_open and _lapsed_unseen(case, found)
        case.learned_on, case.blocked = None, LAPSED_UNSEEN if unseen else ""
    case.save(
        update_fields=[
            *("state", "why", "applicable_on", "deadline_on", "vested_on", "refund_due_on", "learned_on", "blocked"),
        ]
    )


def _cancel(case: DelayCase, found: DelayStanding, *, now: datetime) -> None:
    """The deadline passed: cancel the rest and open the refund, by silence where a notice asked, else by law."""
    question = Question.objects.open().filter(line=case.line, kind=QuestionKind.NOTICE).first()
    silent = question is not None and question.default == Answer.CANCEL_REST
    decider = Decider(DecidedBy.SILENCE if silent else DecidedBy.LAW)
    try:
        decide(
            line_id=case.pk,
            answer=Answer.CANCEL_REST,
            decider=decider,
            key=f"law:{case.pk}:{found.vested_on}:{case.line.open}",
            question_id=question.pk if question else None,
            vested_on=found.vested_on,
            now=now,
        )
    except DecisionRefused as refusal:
        logger.error("%s must be cancelled: %s", case, refusal)


@transaction.atomic
def _refund_what_nobody_did(line_id: int, vested_on: date, *, now: datetime) -> None:
    """Units that were cancelled outside of a decision are refunded unasked, too."""
    case, _ = _locked_case(line_id, now)
    line = case.line
    done = sum(RefundTask.objects.filter(line=line).values_list("units", flat=True))
    decided = sum(line.decisions.filter(answer=Answer.SUBSTITUTE).values_list("units", flat=True))
    left = line.cancelled - done - decided
    if left > 0 and not line.decisions.filter(answer=Answer.SUBSTITUTE).exists():
        open_refunds({line: left}, refund_terms(case.profile, vested_on=vested_on), decision=None, by=None, now=now)


@transaction.atomic
def correct_case(
    *,
    line_id: int,
    completed_on: date,
    stated_on: date | None,
    credit_application: bool,
    reason: str,
    by: User,
    now: datetime,
) -> DelayCase:
    """A bounced payment restarts the clock, a stated date replaces the rule's: people know, and say why."""
    case, today = _locked_case(line_id, now)
    before = _facts_in_words(case)
    case.completed_on, case.stated_on, case.credit_application = completed_on, stated_on, credit_application
    case.save(update_fields=["completed_on", "stated_on", "credit_application"])
    after = _facts_in_words(case)
    record_step(
        case, DelayStepKind.CORRECTED, on=today, note=reason, detail={"before": before, "after": after}, by=by, now=now
    )
    _remember(case, _stand(case, today), today=today, now=now)
    return case


def _facts_in_words(case: DelayCase) -> dict[str, str]:
    return {
        "completed": str(case.completed_on),
        "stated": str(case.stated_on or ""),
        "credit": "yes" if case.credit_application else "no",
    }


@transaction.atomic
def record_notice(
    *, line_id: int, sent_on: date, revised_on: date | None, how: str, by: User, now: datetime
) -> DelayCase:
    """A notice that was given by letter or telephone. Raises NoticeIncomplete when none is due."""
    case, today = _locked_case(line_id, now)
    found = _stand(case, today)
    if found.state not in DUE:
        raise NoticeIncomplete(f"{case}: no notice is due now.")
    plan = plan_notice(case, found, revised_on)
    keep_notice_by_other_means(case, plan, sent_on=min(sent_on, today), how=how, by=by, now=now)
    _remember(case, _stand(case, today), today=today, now=now)
    return case


def _locked_line(line_id: int) -> OrderLine:
    order_id = OrderLine.objects.values_list("order_id", flat=True).get(pk=line_id)
    order = SalesOrder.objects.select_related("customer").locked().get(pk=order_id)
    line = OrderLine.objects.select_related("product").locked().get(pk=line_id)
    line.order = order
    return line


def _locked_case(line_id: int, now: datetime) -> tuple[DelayCase, date]:
    line = _locked_line(line_id)
    case = DelayCase.objects.select_related("profile").locked().get(pk=line_id)
    case.line = line
    return case, local_day(now, line.order.customer.time_zone)
