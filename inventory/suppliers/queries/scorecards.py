"""Scorecards: how suppliers keep their first word, how fast they answer, how often they change a date.

Everything is measured against the *first* confirmed date, and comes with its n; of nothing there is no figure.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeVar

from django.db.models import (
    Count,
    DateField,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce, TruncDate, TruncMonth

from inventory.engine.scores import counted_median, counted_quantile
from inventory.enums import PurchaseOrderStatus
from inventory.models import PurchaseDateChange, PurchaseOrder, PurchaseOrderLine, ReceiptLine

MONTHS = 12
Key = TypeVar("Key", bound=Hashable)


class Place(NamedTuple):
    """Whose figure it is, and of which month (its first day)."""

    supplier_id: int
    month: date


@dataclass
class Scorecard:
    """`delays`: receipt lines by days after the first confirmed date; `answers`: orders by hours until the first word.

    `due` lines had their first confirmed date; `kept` ones were complete by then.
    """

    delays: Counter[int] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    due: int = 0
    kept: int = 0
    changes: int = 0

    @property
    def n(self) -> int:
        return self.delays.total()

    @property
    def on_time(self) -> float | None:
        return sum(times for day, times in self.delays.items() if day <= 0) / self.n if self.n else None

    @property
    def in_full(self) -> float | None:
        """Complete on the first confirmed date; overdue and not there is a miss."""
        return self.kept / self.due if self.due else None

    @property
    def bias(self) -> int | None:
        return counted_median(self.delays)

    @property
    def quartiles(self) -> tuple[int, int] | None:
        low, high = counted_quantile(self.delays, 25), counted_quantile(self.delays, 75)
        return None if low is None or high is None else (low, high)

    @property
    def spread(self) -> int | None:
        """The interquartile range, in days."""
        return self.quartiles[1] - self.quartiles[0] if self.quartiles else None

    @property
    def answered(self) -> int:
        return self.answers.total()

    @property
    def answer_days(self) -> float | None:
        hours = counted_median(self.answers)
        return None if hours is None else round(hours / 24, 1)


def scorecards(supplier_ids: Collection[int], *, today: date) -> dict[int, Scorecard]:
    """The last twelve months of each supplier; one without any figure has an empty card."""
    cards = _cards(supplier_ids, today=today, key=lambda place: place.supplier_id)
    return {pk: cards.get(pk, Scorecard()) for pk in supplier_ids}


def scorecard_by_month(supplier_id: int, *, today: date) -> list[tuple[date, Scorecard]]:
    """The last twelve months of one supplier, the oldest first, also those without a figure."""
    cards = _cards([supplier_id], today=today, key=lambda place: place.month)
    return [(month, cards.get(month, Scorecard())) for month in last_months(today)]


def last_months(today: date) -> list[date]:
    months = [today.replace(day=1)]
    while len(months) < MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months[::-1]


def _cards(supplier_ids: Collection[int], *, today: date, key: Callable[[Place], Key]) -> dict[Key, Scorecard]:
    since = last_months(today)[0]
    cards: dict[Key, Scorecard] = defaultdict(Scorecard)
    for place, late_by, times in _delays(supplier_ids, since):
        cards[key(place)].delays[late_by] += times
    for place, hours in _answers(supplier_ids, since):
        cards[key(place)].answers[hours] += 1
    for place, due, in_time in _lines_due(supplier_ids, since, today):
        cards[key(place)].due += due
        cards[key(place)].kept += in_time
    for place, changes in _changes(supplier_ids, since):
        cards[key(place)].changes += changes
    return cards


def receipts_measured(supplier_id: int | None = None) -> QuerySet[Any]:
    """Receipt lines of confirmed order lines, with the day they came and how many days after the first date."""
    lines: QuerySet[Any] = ReceiptLine.objects.filter(purchase_order_line__first_confirmed_on__isnull=False)
    if supplier_id:
        lines = lines.filter(receipt__purchase_order__supplier=supplier_id)
    return lines.annotate(arrived_on=TruncDate("receipt__received_at")).annotate(
        late_by=ExpressionWrapper(
            F("arrived_on") - F("purchase_order_line__first_confirmed_on"), output_field=DurationField()
        )
    )


def _delays(supplier_ids: Collection[int], since: date) -> Iterator[tuple[Place, int, int]]:
    rows = (
        receipts_measured()
        .filter(receipt__purchase_order__supplier__in=supplier_ids, arrived_on__gte=since)
        .values(
            "late_by",
            by=F("receipt__purchase_order__supplier"),
            month=TruncMonth("arrived_on", output_field=DateField()),
        )
        .annotate(times=Count("pk"))
    )
    for row in rows:
        yield Place(row["by"], row["month"]), row["late_by"].days, row["times"]


def _answers(supplier_ids: Collection[int], since: date) -> Iterator[tuple[Place, int]]:
    orders = PurchaseOrder.objects.annotate(sent_on=TruncDate("sent_at")).filter(
        supplier__in=supplier_ids, sent_on__gte=since, acknowledged_at__gte=F("sent_at")
    )
    waited = ExpressionWrapper(F("acknowledged_at") - F("sent_at"), output_field=DurationField())
    rows = orders.annotate(waited=waited).values_list("supplier_id", "sent_on", "waited")
    for supplier_id, sent_on, span in rows:
        yield Place(supplier_id, sent_on.replace(day=1)), int(span.total_seconds() // 3600)


def _lines_due(supplier_ids: Collection[int], since: date, today: date) -> Iterator[tuple[Place, int, int]]:
    """Lines whose first date has passed, a split one as the line that it was; what we cancelled was not wanted."""
    in_time = (
        ReceiptLine.objects.annotate(arrived_on=TruncDate("receipt__received_at"))
        .filter(
            Q(purchase_order_line=OuterRef("pk")) | Q(purchase_order_line__split_from=OuterRef("pk")),
            arrived_on__lte=OuterRef("first_confirmed_on"),
        )
        .order_by()
        .values(everything=F("receipt__purchase_order_id"))
        .annotate(units=Sum("quantity"))
    )
    due_units = F("ordered") - F("cancelled") + F("rejected")
    split_off = (
        PurchaseOrderLine.objects.filter(split_from=OuterRef("pk"))
        .order_by()
        .values("split_from")
        .annotate(units=Sum(due_units))
    )
    lines = (
        PurchaseOrderLine.objects.filter(
            split_from__isnull=True,
            purchase_order__supplier__in=supplier_ids,
            first_confirmed_on__gte=since,
            first_confirmed_on__lt=today,
        )
        .exclude(purchase_order__status=PurchaseOrderStatus.DRAFT)
        .annotate(wanted=due_units + Coalesce(Subquery(split_off.values("units")), 0))
        .filter(wanted__gt=0)
        .annotate(in_time=Coalesce(Subquery(in_time.values("units")), 0))
    )
    rows = (
        lines.order_by()
        .values(by=F("purchase_order__supplier"), month=TruncMonth("first_confirmed_on"))
        .annotate(due=Count("pk"), kept=Count("pk", filter=Q(in_time__gte=F("wanted"))))
    )
    for row in rows:
        yield Place(row["by"], row["month"]), row["due"], row["kept"]


def _changes(supplier_ids: Collection[int], since: date) -> Iterator[tuple[Place, int]]:
    """Every date after the first one of a line."""
    rows = (
        PurchaseDateChange.objects.annotate(made_on=TruncDate("made_at"))
        .filter(previous_on__isnull=False, line__purchase_order__supplier__in=supplier_ids, made_on__gte=since)
        .order_by()
        .values(by=F("line__purchase_order__supplier"), month=TruncMonth("made_on", output_field=DateField()))
        .annotate(changes=Count("pk"))
    )
    for row in rows:
        yield Place(row["by"], row["month"]), row["changes"]
