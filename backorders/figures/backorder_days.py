"""Backorder-days: how many units waited for how many days in a period. A fill rate does not see how long they wait."""

from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, F, FloatField, Q, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Extract, Greatest, Least

from backorders.enums import AllocationState, EventKind
from backorders.models import Allocation, LineEvent, OrderLine
from backorders.orders.queries.backlog import OPEN_UNITS
from config.lib.periods import Period

SECONDS_A_DAY = 86_400


def waiting_lines(period: Period) -> QuerySet[OrderLine]:
    """Backorders of which at least one unit waited in the period."""
    began = OrderLine.objects.filter(backordered_at__lt=period.end)
    still, left, given_up = Q(is_open=True), _shipments(period).values("line"), _cancellations(period).values("line")
    return began.filter(still | Q(pk__in=left) | Q(pk__in=given_up))


def backorder_days(period: Period, *, now: datetime) -> float:
    """∫ Σ open units dt, in unit-days: what is open waits until now, what left or was cancelled waited until then."""
    until_now = OrderLine.objects.backordered().filter(backordered_at__lt=period.end)
    open_days = _sum(until_now, OPEN_UNITS, F("backordered_at"), Value(now, DateTimeField()), period)
    shipped_days = _sum(_shipments(period), F("quantity"), F("line__backordered_at"), F("ended_at"), period)
    cancelled_days = _sum(_cancellations(period), F("quantity"), F("line__backordered_at"), F("made_at"), period)
    return open_days + shipped_days + cancelled_days


def _shipments(period: Period) -> QuerySet[Allocation]:
    shipped = Allocation.objects.filter(state=AllocationState.SHIPPED, shipment__shipped_at__gte=period.start)
    return shipped.filter(line__backordered_at__lt=F("ended_at"))


def _cancellations(period: Period) -> QuerySet[LineEvent]:
    cancelled = LineEvent.objects.filter(kind=EventKind.CANCELLED, made_at__gte=period.start)
    return cancelled.filter(line__backordered_at__lt=F("made_at"))


def _sum(rows: QuerySet[Any], units: Combinable, since: F, until: Combinable, period: Period) -> float:
    """Units × the days of their wait that lie in the period."""
    first, last = Value(period.start, DateTimeField()), Value(period.end, DateTimeField())
    seconds = Extract(Least(until, last) - Greatest(since, first), "epoch")
    waited = Cast(Greatest(seconds, Value(0)), FloatField()) / SECONDS_A_DAY
    return rows.aggregate(days=Sum(units * waited, default=0.0, output_field=FloatField()))["days"]
