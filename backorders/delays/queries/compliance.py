"""Delay notices and refunds against their deadlines, and the whole evidence of one order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from backorders.engine.delays import NoticeState
from backorders.letters.sendings import Sending, sendings_of
from backorders.models import (
    Decision,
    DelayCase,
    DelayNotice,
    DelayStep,
    LineEvent,
    OrderLine,
    Promise,
    RefundTask,
    SalesOrder,
)
from config.lib.periods import Period, Ratio
from config.lib.text import counted
from notifications.models import Message

SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ComplianceFigures:
    """Of a profile, or of all: what is watched, due soon and late, and how well the deadlines were kept."""

    watched: int
    soon: int
    late: int
    blocked: int
    notices: Ratio
    refunds: Ratio


def watched_cases(*, profile: str = "") -> QuerySet[DelayCase]:
    cases = DelayCase.objects.unsettled().select_related("line__order__customer", "line__product", "profile")
    return cases.filter(profile__code=profile) if profile else cases


def due_soon(cases: QuerySet[DelayCase], *, today: date) -> QuerySet[DelayCase]:
    """Whose next deadline falls into the next seven days or has passed: a notice, an answer, a shipment, a refund."""
    return cases.filter(deadline_on__lte=today + SOON)


def late(cases: QuerySet[DelayCase], *, today: date) -> QuerySet[DelayCase]:
    return cases.filter(Q(deadline_on__lt=today) | Q(state=NoticeState.AUTO_CANCEL_DUE) | ~Q(blocked=""))


def compliance(*, period: Period, today: date, profile: str = "") -> ComplianceFigures:
    cases = watched_cases(profile=profile)
    return ComplianceFigures(
        watched=cases.count(),
        soon=due_soon(cases, today=today).count(),
        late=late(cases, today=today).count(),
        blocked=cases.exclude(blocked="").count(),
        notices=notice_compliance(period, profile=profile),
        refunds=refund_compliance(period, today=today, profile=profile),
    )


def notice_compliance(period: Period, *, profile: str = "") -> Ratio:
    """First notices sent in time ÷ lines that needed one, whose applicable time fell into the period.

    A line needed one when it got one, or when the applicable time passed without shipment while this desk watched it.
    """
    first = DelayNotice.objects.filter(case=OuterRef("pk"), number=1)
    needed = DelayCase.objects.filter(applicable_on__gte=period.first, applicable_on__lte=period.last).filter(
        Exists(first) | Q(vested_on=F("applicable_on") + timedelta(days=1), opened_at__date__lte=F("applicable_on"))
    )
    if profile:
        needed = needed.filter(profile__code=profile)
    in_time = needed.filter(Exists(first.filter(sent_on__lte=OuterRef("applicable_on"))))
    return Ratio(in_time.count(), needed.count())


def refund_compliance(period: Period, *, today: date, profile: str = "") -> Ratio:
    """Legal refunds sent by their due date ÷ those due in the period; one that is due today and open counts from
    tomorrow."""
    due = RefundTask.objects.filter(is_legal=True, due_on__gte=period.first, due_on__lte=period.last)
    due = due.exclude(done_on__isnull=True, due_on__gte=today)
    if profile:
        due = due.filter(line__delay_case__profile__code=profile)
    return Ratio(due.filter(done_on__lte=F("due_on")).count(), due.count())


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line of the proof: when, what, and what it rests on."""

    at: datetime
    kind: str
    line: OrderLine
    text: str
    detail: Sequence[tuple[str, str]] = ()
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class EvidenceDocument:
    order: SalesOrder
    cases: Sequence[DelayCase]
    entries: Sequence[Evidence]


def evidence_of(order: SalesOrder) -> EvidenceDocument:
    """Everything that proves what was known, told, answered, cancelled and refunded, in the order of the clock."""
    lines = {line.pk: line for line in order.lines.select_related("product", "order").order_by("number")}
    messages = {m.dedupe_key: m for m in Message.objects.filter(aggregate=f"order:{order.pk}")}
    sendings = sendings_of(messages)
    cases = list(DelayCase.objects.filter(pk__in=lines).select_related("profile").order_by("pk"))
    entries = [
        *_events(lines, messages),
        *_promises(lines, messages, sendings),
        *_steps(lines),
        *_notices(lines, messages, sendings),
        *_decisions(lines),
        *_refunds(lines),
    ]
    for case in cases:
        case.line = lines[case.pk]
    return EvidenceDocument(order, cases, sorted(entries, key=lambda entry: entry.at))


def _steps(lines: dict[int, OrderLine]) -> list[Evidence]:
    steps = DelayStep.objects.filter(case__in=lines).select_related("made_by").order_by("pk")
    return [
        Evidence(
            s.made_at,
            s.get_kind_display(),
            lines[s.case_id],
            f"{s.on:%-d %b %Y}: {s.note}" + (f" ({s.made_by})" if s.made_by else ""),
            _plain(s.detail),
        )
        for s in steps
    ]


def _notices(
    lines: dict[int, OrderLine], messages: dict[str, Message], sendings: Mapping[str, Sending]
) -> list[Evidence]:
    entries = []
    for n in DelayNotice.objects.filter(case__in=lines).order_by("pk"):
        revised = f"new date {n.revised_on:%-d %b %Y}" if n.revised_on else "no new date can be given"
        sending = sendings.get(n.message_key)
        how = sending.in_words() if sending else n.by_other_means
        text = f"{'Renewed notice' if n.renewed else 'Notice'} {n.number} on {n.sent_on:%-d %b %Y}, {how}: {revised}; "
        text += f"silence until {n.silence_until:%-d %b %Y} means {n.silence}"
        detail = [(s["key"].replace("_", " "), s["text"]) for s in n.statements] + _plain(n.basis)
        entries.append(Evidence(n.made_at, "Notice", lines[n.case_id], text, detail, messages.get(n.message_key)))
    return entries


def _decisions(lines: dict[int, OrderLine]) -> list[Evidence]:
    rows = Decision.objects.filter(line__in=lines).select_related("made_by").order_by("pk")
    return [
        Evidence(
            d.made_at,
            "Decision",
            lines[d.line_id],
            " · ".join(
                part
                for part in (
                    d.get_answer_display(),
                    f"by {d.get_decided_by_display().lower()}",
                    str(d.made_by or ""),
                    d.note,
                    f"{counted(d.units, 'unit')} cancelled" if d.units else "",
                    f"through link {d.link_id}" if d.link_id else "",
                )
                if part
            ),
        )
        for d in rows
    ]


def _events(lines: dict[int, OrderLine], messages: dict[str, Message]) -> list[Evidence]:
    shown = ("placed", "backordered", "shipped", "cancelled", "refund_due", "refunded")
    rows = LineEvent.objects.filter(line__in=list(lines), kind__in=shown).order_by("pk")
    return [
        Evidence(
            e.made_at,
            e.get_kind_display(),
            lines[e.line_id],
            counted(e.quantity, "unit") + (f" · {e.note}" if e.note else ""),
            message=messages.get(e.message_key),
        )
        for e in rows
    ]


def _promises(
    lines: dict[int, OrderLine], messages: dict[str, Message], sendings: Mapping[str, Sending]
) -> list[Evidence]:
    entries = []
    for p in Promise.objects.filter(line__in=list(lines)).order_by("pk"):
        day = f"{p.promised_on:%-d %b %Y}" if p.promised_on else "no reliable date"
        text = f"{day}, from {p.get_source_display().lower()} {p.source_reference}".strip()
        detail = [("because", p.get_cause_display()), ("told", _told(sendings.get(p.message_key)))]
        if early := getattr(p, "p50_on", None):
            detail.append(("P50 and P80", f"{early:%-d %b %Y} and {day}"))
        entries.append(Evidence(p.made_at, "Date", lines[p.line_id], text, detail, messages.get(p.message_key)))
    return entries


def _told(sending: Sending | None) -> str:
    """The result of sending, as the books have it."""
    if sending is None:
        return "no"
    failure = f": {sending.error}" if sending.is_lost and sending.error else ""
    return f"{'yes' if sending.sent_at else 'no'}, {sending.in_words()}{failure}"


def _refunds(lines: dict[int, OrderLine]) -> list[Evidence]:
    entries = []
    for task in RefundTask.objects.filter(line__in=lines).select_related("done_by").order_by("pk"):
        units = counted(task.units, "unit")
        text = f"{task.amount} {task.currency} for {units}, due on {task.due_on:%-d %b %Y} ({task.basis})"
        entries.append(Evidence(task.made_at, "Refund due", lines[task.line_id], text))
        if task.done_at and task.done_on:
            sent = (
                f"{task.done_amount} {task.currency} on {task.done_on:%-d %b %Y}, {task.get_method_display().lower()}"
            )
            entries.append(Evidence(task.done_at, "Refund sent", lines[task.line_id], f"{sent} by {task.done_by}"))
    return entries


LABELS = {
    "made_at": "date computed",
    "date": "date to stand by",
    "p50": "likely date (P50)",
    "quantile": "date is the",
    "promise": "row of the promise ledger",
    "completed": "order complete",
    "stated": "stated shipping date",
    "credit": "applied for credit",
}


def _plain(detail: dict[str, Any]) -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for key, value in detail.items():
        if isinstance(value, dict):
            flat += [(f"{key}: {LABELS.get(inner, inner)}", str(text)) for inner, text in value.items()]
        elif value not in (None, ""):
            flat.append((LABELS.get(key, key), str(value)[:16].replace("T", " ") if key == "made_at" else str(value)))
    return flat
