"""Deliveries measured against the day that was asked for or promised.

A figure and its lines come from the same QuerySet: what a page counts is what its drill-down lists. Lines that were
wholly cancelled, or shipped before they came to this desk, are in nobody's record.
"""

from datetime import date, timedelta
from enum import StrEnum

from django.db.models import Count, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from backorders.enums import AllocationState, PromiseSource
from backorders.models import Allocation, OrderLine, Promise, PromiseQuerySet
from config.lib.periods import Period, Ratio

ON_TIME = Q(is_open=False, shipped__gt=0, shipped_on__lte=F("due_on"))


class Due(StrEnum):
    """The day against which a delivery is measured."""

    REQUESTED = "requested"
    FIRST_PROMISE = "first-promise"
    LAST_PROMISE = "last-promise"


def due_lines(due: Due, period: Period, *, today: date) -> QuerySet[OrderLine]:
    """Lines whose day `due_on` lies in the period and has passed, with the day of their last shipment as `shipped_on`.

    What is due today may still leave today, so it counts from tomorrow.
    """
    days = {"due_on__gte": period.first, "due_on__lte": min(period.last, today - timedelta(days=1))}
    lines = _with_due_day(due).filter(**days)
    return _on_record(lines if due == Due.REQUESTED else lines.filter(pk__in=_promises_in(due, period).values("line")))


def on_time(due: Due, period: Period, *, today: date) -> Ratio:
    """OTIF: complete on or before the day ÷ lines due; overdue and not complete is a miss."""
    return hits(due_lines(due, period, today=today))


def kept_or_broken(due: Due, period: Period, *, today: date) -> QuerySet[OrderLine]:
    """Promised lines that left completely in the period, and those whose day passed in it while they were not."""
    left = Allocation.objects.filter(
        state=AllocationState.SHIPPED, shipment__shipped_at__gte=period.start, shipment__shipped_at__lt=period.end
    )
    last_day = min(period.last, today - timedelta(days=1))
    shipped = Q(pk__in=left.values("line"), is_open=False, shipped_on__gte=period.first, shipped_on__lte=period.last)
    overdue = Q(
        pk__in=_promises_in(due, period).values("line"), is_open=True, due_on__gte=period.first, due_on__lte=last_day
    )
    return _on_record(_with_due_day(due)).filter(Q(due_on__isnull=False) & (shipped | overdue))


def promise_accuracy(due: Due, period: Period, *, today: date) -> Ratio:
    """Shipped on or before the promised day ÷ lines shipped or overdue."""
    return hits(kept_or_broken(due, period, today=today))


def hits(lines: QuerySet[OrderLine]) -> Ratio:
    sums = lines.aggregate(n=Count("pk"), hits=Count("pk", filter=ON_TIME))
    return Ratio(sums["hits"], sums["n"])


def _dates() -> PromiseQuerySet:
    """Promises of a day. "Stock on hand" says that goods are here, not when they leave, so it is none."""
    return Promise.objects.filter(promised_on__isnull=False).exclude(source=PromiseSource.STOCK)


def promises_of(due: Due) -> QuerySet[Promise]:
    """One promise per line: the first or the last that the customer heard. What nobody heard is no promise."""
    told = _dates().told()
    nearer = {"pk__lt": OuterRef("pk")} if due == Due.FIRST_PROMISE else {"pk__gt": OuterRef("pk")}
    return told.filter(~Exists(told.filter(line=OuterRef("line"), **nearer)))


def _promises_in(due: Due, period: Period) -> QuerySet[Promise]:
    return promises_of(due).filter(promised_on__gte=period.first, promised_on__lte=period.last)


def _with_due_day(due: Due) -> QuerySet[OrderLine]:
    if due == Due.REQUESTED:
        return OrderLine.objects.annotate(due_on=F("requested_on"))
    day = promises_of(due).filter(line=OuterRef("pk")).values("promised_on")[:1]
    return OrderLine.objects.annotate(due_on=Subquery(day, output_field=DateField()))


def _on_record(lines: QuerySet[OrderLine]) -> QuerySet[OrderLine]:
    return lines.exclude(is_open=False, shipped=F("opening_shipped")).annotate(shipped_on=_last_shipped_on())


def _last_shipped_on() -> Subquery:
    shipped = Allocation.objects.filter(line=OuterRef("pk"), state=AllocationState.SHIPPED).order_by("-ended_at")
    return Subquery(shipped.values(day=TruncDate("ended_at"))[:1], output_field=DateField())
