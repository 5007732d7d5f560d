"""How long backorders waited, how far their dates slipped, and what was lost on the way."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import (
    Avg,
    Count,
    DateField,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import TruncDate

from backorders.enums import AllocationState, EventKind
from backorders.figures.deliveries import Due, promises_of
from backorders.models import Allocation, LineEvent, OrderLine, Promise
from backorders.orders.queries.ageing import BUCKETS, Bucket
from config.lib.periods import Median, NearestRank90, Period, Ratio, Spread


def filled_backorders(period: Period) -> QuerySet[OrderLine]:
    """Backorders that are closed and whose last shipment, `shipped_at`, left in the period."""
    left = Allocation.objects.filter(
        state=AllocationState.SHIPPED, shipment__shipped_at__gte=period.start, shipment__shipped_at__lt=period.end
    )
    last = Allocation.objects.filter(line=OuterRef("pk"), state=AllocationState.SHIPPED).order_by("-ended_at")
    return (
        OrderLine.objects.filter(pk__in=left.values("line"), is_open=False, backordered_at__isnull=False)
        .annotate(shipped_at=Subquery(last.values("ended_at")[:1], output_field=DateTimeField()))
        .filter(shipped_at__lt=period.end)
    )


def time_to_fill(period: Period) -> Spread:
    """Last shipment − backordered at, of closed lines only."""
    return spread(filled_backorders(period), F("shipped_at") - F("backordered_at"))


def spread(lines: QuerySet[OrderLine], span: Combinable) -> Spread:
    spans = lines.annotate(span=ExpressionWrapper(span, output_field=DurationField()))
    sums = spans.aggregate(n=Count("pk"), median=Median("span"), mean=Avg("span"), p90=NearestRank90("span"))
    return Spread.of(sums["n"], sums["median"], sums["mean"], sums["p90"])


@dataclass(frozen=True, slots=True)
class PromiseSlip:
    """Shipped later (or, below zero, earlier) than first promised, in days; and how often the date moved per line."""

    n: int
    mean: float | None
    p90: float | None
    changes: float | None


def promise_slip(period: Period) -> PromiseSlip:
    first = promises_of(Due.FIRST_PROMISE).filter(line=OuterRef("pk"))
    dates = (
        filled_backorders(period)
        .annotate(due_on=Subquery(first.values("promised_on")[:1], output_field=DateField()), moves=_changes_of_date())
        .filter(due_on__isnull=False)
        .annotate(slip=ExpressionWrapper(TruncDate("shipped_at") - F("due_on"), output_field=DurationField()))
    )
    sums = dates.aggregate(n=Count("pk"), mean=Avg("slip"), p90=NearestRank90("slip"), changes=Avg("moves"))
    slips = Spread.of(sums["n"], None, sums["mean"], sums["p90"])
    return PromiseSlip(slips.n, slips.mean, slips.p90, sums["changes"])


def _changes_of_date() -> Subquery:
    """Rows of the promise ledger after the first one."""
    rows = Promise.objects.filter(line=OuterRef("pk")).order_by().values("line").annotate(n=Count("pk") - 1)
    return Subquery(rows.values("n"), output_field=IntegerField())


@dataclass(frozen=True, slots=True)
class LostUnits:
    """Of the backordered units whose wait ended in the period, those that ended as cancelled; by age at the end."""

    share: Ratio
    by_age: tuple[tuple[str, int], ...]


def lines_cancelled_while_waiting(period: Period) -> QuerySet[OrderLine]:
    return OrderLine.objects.filter(pk__in=_cancellations(period).values("line"))


def cancelled_while_waiting(period: Period) -> LostUnits:
    waited = F("made_at") - F("line__backordered_at")
    cancelled = _cancellations(period).annotate(waited=ExpressionWrapper(waited, output_field=DurationField()))
    by_age = cancelled.aggregate(
        **{f"bucket_{i}": Sum("quantity", filter=_waited(bucket), default=0) for i, bucket in enumerate(BUCKETS)}
    )
    units = tuple((bucket.label, by_age[f"bucket_{i}"]) for i, bucket in enumerate(BUCKETS))
    lost = sum(count for _, count in units)
    return LostUnits(Ratio(lost, lost + _shipped_backorder_units(period)), units)


def _cancellations(period: Period) -> QuerySet[LineEvent]:
    return LineEvent.objects.filter(
        kind=EventKind.CANCELLED,
        made_at__gte=period.start,
        made_at__lt=period.end,
        line__backordered_at__lte=F("made_at"),
    )


def _waited(bucket: Bucket) -> Q:
    long_enough = Q(waited__gte=timedelta(days=bucket.first)) if bucket.first else Q()
    return long_enough & (Q() if bucket.last is None else Q(waited__lt=timedelta(days=bucket.last + 1)))


def _shipped_backorder_units(period: Period) -> int:
    shipped = Allocation.objects.filter(
        state=AllocationState.SHIPPED,
        shipment__shipped_at__gte=period.start,
        shipment__shipped_at__lt=period.end,
        line__backordered_at__isnull=False,
    )
    return shipped.aggregate(units=Sum("quantity", default=0))["units"]
