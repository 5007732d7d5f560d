"""Some cases under lock: where each stands, what was found, and the steps of its evidence, written at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User

from backorders.decisions.calendars import local_day
from backorders.delays.facts import LineRecords, expected_day, holidays_of, read_records, standing_of
from backorders.engine.delays import DelayStanding, NoticeState
from backorders.engine.working_days import add_working_days
from backorders.enums import DelayStepKind
from backorders.models import DelayCase, DelayStep, DeskSettings, OrderLine, SalesOrder
from backorders.models.notices import SETTLED
from config.lib.bulk import any_of, update_rows

DUE = (NoticeState.NOTICE_DUE, NoticeState.RENEWED_NOTICE_DUE)
QUIET = (NoticeState.ON_TIME, NoticeState.CONSENTED_UNTIL, NoticeState.NOTICED_DEFINITE_SHORT)
ONE_DAY = timedelta(days=1)
LAPSED_UNSEEN = (
    "The deadline passed before this desk watched the line: cancel it, or correct the facts if more was agreed then."
)
WRITTEN = (
    *("completed_on", "stated_on", "credit_application"),  # corrected by people
    *("state", "why", "applicable_on", "deadline_on", "vested_on", "refund_due_on", "learned_on", "blocked"),
)


@dataclass(slots=True)
class CaseReview:
    """Cases, what the books say of their lines, and what is to be written when all of them have been looked at."""

    cases: Sequence[DelayCase]
    records: LineRecords
    desk: DeskSettings
    now: datetime
    steps: list[DelayStep] = field(default_factory=list)
    before: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


def review_of(cases: Sequence[DelayCase], *, now: datetime) -> CaseReview:
    records = read_records([case.line for case in cases])
    before = {case.pk: _written(case) for case in cases}
    return CaseReview(cases, records, DeskSettings.objects.get(), now, before=before)


def locked_review(line_ids: Sequence[int], *, now: datetime) -> CaseReview:
    """Orders, lines and cases are locked in this order until the transaction ends."""
    lines = {line.pk: line for line in locked_lines(line_ids)}
    cases = list(DelayCase.objects.filter(any_of("pk", line_ids)).select_related("profile").locked())
    for case in cases:
        case.line = lines[case.pk]
    return review_of(cases, now=now)


def locked_lines(line_ids: Sequence[int]) -> list[OrderLine]:
    order_ids = OrderLine.objects.filter(any_of("pk", line_ids)).values_list("order_id", flat=True)
    orders = SalesOrder.objects.filter(any_of("pk", set(order_ids))).select_related("customer").locked()
    by_id = {order.pk: order for order in orders}
    lines = list(OrderLine.objects.filter(any_of("pk", line_ids)).select_related("product").locked())
    for line in lines:
        line.order = by_id[line.order_id]
    return lines


def today_of(case: DelayCase, now: datetime) -> date:
    """The day on the buyer's calendar."""
    return local_day(now, case.line.order.customer.time_zone)


def stand(review: CaseReview, case: DelayCase) -> DelayStanding:
    """Where the case stands. Goods that did not leave by the eve of a deadline are late, whatever our date says."""
    today = today_of(case, review.now)
    standing = standing_of(case, review.records, today=today, expected_on=expected_day(case.line, today))
    deadline_on = standing.deadline_on
    if case.line.is_open and standing.state in QUIET and deadline_on and deadline_on - today <= ONE_DAY:
        soon = next_day_to_leave(review, case, deadline_on)
        standing = standing_of(case, review.records, today=today, expected_on=soon)
    return standing


def next_day_to_leave(review: CaseReview, case: DelayCase, deadline_on: date) -> date:
    """The date of goods that are here but did not go: a few working days past the deadline."""
    holidays = holidays_of(case.profile, today_of(case, review.now))
    return add_working_days(deadline_on, review.desk.handling_days + 2, holidays)


def lapsed_unseen(case: DelayCase, standing: DelayStanding) -> bool:
    """The deadline had passed before this desk watched the line: what was told then is not in our records."""
    return standing.vested_on is not None and standing.vested_on <= today_of(case, case.opened_at)


def add_step(
    review: CaseReview,
    case: DelayCase,
    kind: DelayStepKind,
    *,
    on: date,
    note: str = "",
    detail: Mapping[str, Any] | None = None,
    by: User | None = None,
) -> None:
    detail = dict(detail or {})
    review.steps.append(
        DelayStep(case=case, kind=kind, on=on, note=note[:300], detail=detail, made_by=by, made_at=review.now)
    )


def remember(review: CaseReview, case: DelayCase, standing: DelayStanding) -> None:
    state = standing.state
    if not case.line.is_open and not case.line.cancelled:
        state = NoticeState.SHIPPED
    if standing.vested_on and case.vested_on is None and state != NoticeState.SHIPPED:
        refund = f" Refund by {standing.refund_due_on:%-d %b %Y}." if standing.refund_due_on else ""
        add_step(review, case, DelayStepKind.VESTED, on=standing.vested_on, note=standing.why + refund)
    if state in SETTLED and case.state != state:
        note = state.value.replace("_", " ")
        add_step(review, case, DelayStepKind.SETTLED, on=today_of(case, review.now), note=note)
    case.state, case.why = state.value, standing.why
    case.applicable_on, case.deadline_on = standing.applicable_on, standing.deadline_on
    case.vested_on, case.refund_due_on = standing.vested_on, standing.refund_due_on
    if state not in DUE:
        unseen = state == NoticeState.AUTO_CANCEL_DUE and case.line.is_open and lapsed_unseen(case, standing)
        case.learned_on, case.blocked = None, LAPSED_UNSEEN if unseen else ""


def write(review: CaseReview) -> None:
    """The steps, and what has changed in the cases."""
    DelayStep.objects.bulk_create(review.steps)
    changed = {case: _written(case).items() - review.before[case.pk].items() for case in review.cases}
    fields = {name for changes in changed.values() for name, _ in changes}
    if fields:
        update_rows([case for case, changes in changed.items() if changes], sorted(fields))


def _written(case: DelayCase) -> dict[str, Any]:
    return {name: getattr(case, name) for name in WRITTEN}
