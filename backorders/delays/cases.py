"""Delay cases: opened when ordered, watched every few minutes, settled when all is sent."""

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q

from backorders.decisions.calendars import local_day
from backorders.decisions.decide import Decider, decide
from backorders.decisions.refunds import active_profiles, open_refunds, protecting, refund_terms
from backorders.delays.facts import expected_day, read_records, standing_of, stated_days
from backorders.delays.notices import (
    DrawnUpNotice,
    bases_of,
    draw_up_notice,
    give_notices,
    keep_notices,
    plan_notice,
)
from backorders.delays.review import (
    DUE,
    ONE_DAY,
    CaseReview,
    add_step,
    lapsed_unseen,
    locked_lines,
    locked_review,
    next_day_to_leave,
    remember,
    review_of,
    stand,
    today_of,
    write,
)
from backorders.engine.delays import DelayStanding, NoticeState
from backorders.enums import Answer, DecidedBy, DelayStepKind, QuestionKind
from backorders.errors import DecisionRefused, NobodyToTell, NoticeIncomplete
from backorders.models import CustomerSettings, DelayCase, DelayStep, OrderLine, Question
from config.lib.bulk import any_of
from config.lib.sweep_each import in_batches
from customers.models import JurisdictionProfile
from notifications.services.wording.versions import Wordings

logger = logging.getLogger(__name__)


def watch_delays(*, now: datetime) -> int:
    """Open a case for each new line of a protected order, and do what is due; returns how many cases were looked at."""
    open_cases(now=now)
    watched = DelayCase.objects.unsettled().exclude(_nothing_can_be_due(local_day(now, "UTC")))
    line_ids = list(watched.order_by("pk").values_list("pk", flat=True))

    def review(some: Sequence[int]) -> None:
        review_cases(line_ids=some, now=now)

    return in_batches(line_ids, review)


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
    profiles = active_profiles()
    channels = [channel for profile in profiles for channel in profile.channels]
    protected = Q(order__customer__jurisdiction__in=[p.code for p in profiles]) | Q(order__channel__in=channels)
    lines = OrderLine.objects.open().filter(protected, delay_case__isnull=True).order_by("pk")

    def open_some(some: Sequence[int]) -> None:
        _open_cases(some, profiles, now=now)

    return in_batches(list(lines.values_list("pk", flat=True)), open_some)


@transaction.atomic
def _open_cases(line_ids: Sequence[int], profiles: Sequence[JurisdictionProfile], *, now: datetime) -> None:
    lines = locked_lines(line_ids)
    known = set(DelayCase.objects.filter(any_of("pk", line_ids)).values_list("pk", flat=True))
    stated, bases = stated_days(lines), bases_of(lines)
    cases = []
    for line in lines:
        profile = protecting(line.order, profiles)
        if profile and line.pk not in known:
            completed_on = local_day(line.order.placed_at, line.order.customer.time_zone)
            stated_on = stated.get(line.pk)
            case = DelayCase(line=line, profile=profile, completed_on=completed_on, stated_on=stated_on, opened_at=now)
            cases.append(case)
    review = review_of(cases, now=now)
    for case in cases:
        today = today_of(case, now)
        standing = standing_of(case, review.records, today=today, expected_on=expected_day(case.line, today))
        case.applicable_on, case.deadline_on, case.why = standing.applicable_on, standing.deadline_on, standing.why
        dates = {"completed": str(case.completed_on), "stated": str(case.stated_on or "")}
        detail = {**dates, "profile": case.profile.code, **bases[case.pk]}
        note = f"Ship by {case.applicable_on:%-d %b %Y}"
        add_step(review, case, DelayStepKind.OPENED, on=case.completed_on, note=note, detail=detail)
    DelayCase.objects.bulk_create(cases)
    DelayStep.objects.bulk_create(review.steps)


def review_cases(*, line_ids: Sequence[int], now: datetime) -> None:
    """Bring cases up to date: learn of the delay, give the notice in time, cancel and refund when a right vests."""
    lapsed = _bring_up_to_date(line_ids, now=now)
    for case, standing in lapsed:
        _cancel(case, standing, now=now)
    if lapsed:
        _bring_up_to_date([case.pk for case, _ in lapsed], now=now)


@transaction.atomic
def _bring_up_to_date(line_ids: Sequence[int], *, now: datetime) -> list[tuple[DelayCase, DelayStanding]]:
    """Returns the cases whose open rest must be cancelled: that locks more than these lines."""
    review = locked_review(line_ids, now=now)
    if _give_notices_due(review) + _refund_what_nobody_did(review):
        review.records = read_records([case.line for case in review.cases])
    lapsed = []
    for case in review.cases:
        standing = stand(review, case)
        remember(review, case, standing)
        if case.line.is_open and standing.state == NoticeState.AUTO_CANCEL_DUE and not lapsed_unseen(case, standing):
            lapsed.append((case, standing))
    write(review)
    return lapsed


def _give_notices_due(review: CaseReview) -> int:
    standings = {case: stand(review, case) for case in review.cases}
    due = {case: standing for case, standing in standings.items() if standing.state in DUE}
    if not due:
        return 0
    desk = CustomerSettings.objects.get()
    _learn(review, due)
    notices, wordings = [], Wordings()
    for case, standing in due.items():
        today = today_of(case, review.now)
        early = (standing.deadline_on or today) - timedelta(days=desk.notice_margin_days)
        learned_on = case.learned_on or today
        if today < min(early, learned_on + timedelta(days=desk.notice_after_days)):
            continue
        try:
            notices.append(_drawn_up(review, case, standing, wordings))
        except (NoticeIncomplete, NobodyToTell) as refusal:
            _block(review, case, str(refusal)[:300])
            continue
        case.blocked, case.learned_on = "", None
    if notices:
        give_notices(notices, now=review.now)
    return len(notices)


def _block(review: CaseReview, case: DelayCase, why: str) -> None:
    """Until the staff settle it, nothing is sent and the case does not count as noticed. A daily alert names it."""
    if case.blocked == why:
        return
    case.blocked = why
    add_step(review, case, DelayStepKind.BLOCKED, on=today_of(case, review.now), note=why)


def _learn(review: CaseReview, due: Mapping[DelayCase, DelayStanding]) -> None:
    """A notice leaves some days after the delay is known, or some days before its deadline: whichever comes first."""
    new = [case for case in due if case.learned_on is None]
    if not new:
        return
    bases = bases_of([case.line for case in new])
    for case in new:
        case.learned_on = today_of(case, review.now)
        add_step(review, case, DelayStepKind.LEARNED, on=case.learned_on, note=due[case].why, detail=bases[case.pk])


def _drawn_up(review: CaseReview, case: DelayCase, standing: DelayStanding, wordings: Wordings) -> DrawnUpNotice:
    """Raises NoticeIncomplete where a notice would come too late to count, or where the last one did not leave."""
    today = today_of(case, review.now)
    deadline_on = standing.deadline_on or today
    if today > deadline_on:
        raise NoticeIncomplete(
            f"The last day for this notice was {deadline_on:%-d %b %Y}. Ship the goods by "
            f"{deadline_on + ONE_DAY:%-d %b %Y}, or the rest is cancelled and refunded."
        )
    _raise_if_last_was_lost(review, case)
    revised_on = expected_day(case.line, today)
    if revised_on is not None and revised_on <= deadline_on:
        revised_on = next_day_to_leave(review, case, deadline_on)
    plan = plan_notice(case, standing, revised_on)
    number = len(review.records.notices.get(case.pk, [])) + 1
    return draw_up_notice(
        case,
        plan,
        number=number,
        sent_on=today,
        deadline_on=deadline_on,
        names_causes=review.desk.names_causes,
        wordings=wordings,
    )


def _raise_if_last_was_lost(review: CaseReview, case: DelayCase) -> None:
    """A new notice to the same address would be lost like the last one, at every look at the case."""
    notices = review.records.notices.get(case.pk, [])
    email = review.records.emails.get(notices[-1].message_key) if notices else None
    if email and email.is_lost and email.recipient == case.line.order.customer.email:
        raise NoticeIncomplete(
            f"The last notice did not leave: {email.error.rstrip('.')}. Correct the address, send that email again, or "
            "give the notice by other means and record it here."
        )


def _refund_what_nobody_did(review: CaseReview) -> int:
    """Units that were cancelled outside of a decision are refunded unasked, too."""
    refunded = 0
    for case in review.cases:
        line, vested_on = case.line, stand(review, case).vested_on
        decisions = review.records.decisions.get(line.order_id, [])
        replaced = any(one.line_id == line.pk and one.answer == Answer.SUBSTITUTE for one in decisions)
        left = line.cancelled - sum(task.units for task in review.records.refunds.get(line.pk, []))
        if vested_on and left > 0 and not replaced and not line.is_open:
            terms = refund_terms(case.profile, vested_on=vested_on)
            refunded += len(open_refunds({line: left}, terms, decision=None, by=None, now=review.now))
    return refunded


def _cancel(case: DelayCase, standing: DelayStanding, *, now: datetime) -> None:
    """The deadline passed: cancel the rest and open the refund, by silence where a notice asked, else by law."""
    question = Question.objects.open().filter(line=case.line, kind=QuestionKind.NOTICE).first()
    silent = question is not None and question.default == Answer.CANCEL_REST
    decider = Decider(DecidedBy.SILENCE if silent else DecidedBy.LAW)
    try:
        decide(
            line_id=case.pk,
            answer=Answer.CANCEL_REST,
            decider=decider,
            key=f"law:{case.pk}:{standing.vested_on}:{case.line.open}",
            question_id=question.pk if question else None,
            vested_on=standing.vested_on,
            now=now,
        )
    except DecisionRefused as refusal:
        logger.error("%s must be cancelled: %s", case, refusal)


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
    review = locked_review([line_id], now=now)
    [case] = review.cases
    before = _facts_in_words(case)
    case.completed_on, case.stated_on, case.credit_application = completed_on, stated_on, credit_application
    detail = {"before": before, "after": _facts_in_words(case)}
    add_step(review, case, DelayStepKind.CORRECTED, on=today_of(case, now), note=reason, detail=detail, by=by)
    remember(review, case, stand(review, case))
    write(review)
    return case


def _facts_in_words(case: DelayCase) -> dict[str, Any]:
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
    review = locked_review([line_id], now=now)
    [case] = review.cases
    standing = stand(review, case)
    if standing.state not in DUE:
        raise NoticeIncomplete(f"{case}: no notice is due now.")
    if standing.deadline_on and sent_on > standing.deadline_on:
        raise NoticeIncomplete(f"A notice counts only when it was sent by {standing.deadline_on:%-d %b %Y}.")
    plan = plan_notice(case, standing, revised_on)
    number = len(review.records.notices.get(case.pk, [])) + 1
    notice = DrawnUpNotice(case, plan, number, sent_on=min(sent_on, today_of(case, now)), how=how)
    keep_notices([notice], [""], by=by, now=now)
    review.records = read_records([case.line])
    remember(review, case, stand(review, case))
    write(review)
    return case
