"""The dashboard's look at all open backorders: a handful of statements, whatever their number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import Extract

from backorders.enums import BackorderReason
from backorders.models import OrderLine
from backorders.orders.queries.ageing import BUCKETS, bucket_index
from backorders.orders.queries.backlog import (
    DATED_SOURCES,
    OPEN_UNITS,
    OPEN_VALUE,
    BacklogRow,
    BacklogState,
    DatedBy,
    backlog_row,
    state_condition,
    with_names,
)
from config.lib.periods import Median, NearestRank90, Ratio, Spread

OLDEST_SHOWN = 6
CUSTOMERS_SHOWN = 6
Money = tuple[tuple[str, Decimal], ...]  # per currency, the largest first


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the open backorders; `values` has an amount for each currency of the board."""

    key: str
    label: str
    lines: int
    units: int
    values: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class WaitingCustomer:
    """`unit_days`: open units × days that each has waited."""

    code: str
    name: str
    tier: str
    lines: int
    units: int
    unit_days: int
    oldest: int


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that is open as of one moment."""

    as_of: datetime
    lines: int
    units: int
    orders: int
    customers: int
    late: int
    at_risk: int
    values: Money
    ages: Spread
    coverage: Ratio
    buckets: tuple[Part, ...]
    reasons: tuple[Part, ...]
    oldest: tuple[BacklogRow, ...]
    worst_waiting: tuple[WaitingCustomer, ...]

    @property
    def currencies(self) -> tuple[str, ...]:
        return tuple(currency for currency, _ in self.values)


class _Cell(NamedTuple):
    """The lines of one age, reason and currency."""

    bucket: int
    reason: str
    currency: str
    lines: int
    units: int
    value: Decimal
    dated: int
    late: int
    at_risk: int


def order_board(*, now: datetime, today: date) -> Board:
    open_lines = OrderLine.objects.backordered()
    cells = _cells(open_lines, now=now, today=today)
    values = _per_currency(cells)
    currencies = [currency for currency, _ in values]
    units = sum(cell.units for cell in cells)
    waits = _waits(open_lines, now=now)
    oldest = with_names(open_lines).order_by("backordered_at", "pk")[:OLDEST_SHOWN]
    return Board(
        as_of=now,
        lines=sum(cell.lines for cell in cells),
        units=units,
        orders=waits["orders"],
        customers=waits["customers"],
        late=sum(cell.late for cell in cells),
        at_risk=sum(cell.at_risk for cell in cells),
        values=values,
        ages=Spread.of(waits["n"], waits["median"], waits["mean"], waits["p90"]),
        coverage=Ratio(sum(cell.dated for cell in cells), units),
        buckets=tuple(
            _part(bucket.key, bucket.label, [cell for cell in cells if cell.bucket == i], currencies)
            for i, bucket in enumerate(BUCKETS)
        ),
        reasons=tuple(
            _part(reason.value, reason.label, [cell for cell in cells if cell.reason == reason], currencies)
            for reason in BackorderReason
            if reason
        ),
        oldest=tuple(backlog_row(line, now=now, today=today) for line in oldest),
        worst_waiting=_worst_waiting(open_lines, now=now),
    )


def _cells(lines: QuerySet[OrderLine], *, now: datetime, today: date) -> list[_Cell]:
    rows = (
        lines.order_by()
        .annotate(bucket=bucket_index(now=now))
        .values_list("bucket", "reason", "order__currency")
        .annotate(
            n=Count("pk"),
            units=Sum(OPEN_UNITS),
            value=Sum(OPEN_VALUE),
            dated=Sum(OPEN_UNITS, filter=Q(promise_source__in=DATED_SOURCES[DatedBy.SUPPLY]), default=0),
            late=Count("pk", filter=state_condition(BacklogState.LATE, today=today)),
            at_risk=Count("pk", filter=state_condition(BacklogState.AT_RISK, today=today)),
        )
    )
    return [_Cell(*row) for row in rows]


def _per_currency(cells: Iterable[_Cell]) -> Money:
    sums: dict[str, Decimal] = {}
    for cell in cells:
        sums[cell.currency] = sums.get(cell.currency, Decimal(0)) + cell.value
    return tuple(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def _part(key: str, label: str, cells: Sequence[_Cell], currencies: Sequence[str]) -> Part:
    values = tuple(sum((c.value for c in cells if c.currency == currency), Decimal(0)) for currency in currencies)
    return Part(key, label, sum(cell.lines for cell in cells), sum(cell.units for cell in cells), values)


def _waits(lines: QuerySet[OrderLine], *, now: datetime) -> dict[str, Any]:
    age = ExpressionWrapper(Value(now) - F("backordered_at"), output_field=DurationField())
    return lines.annotate(waited=age).aggregate(
        n=Count("pk"),
        median=Median("waited"),
        mean=Avg("waited"),
        p90=NearestRank90("waited"),
        orders=Count("order", distinct=True),
        customers=Count("order__customer", distinct=True),
    )


def _worst_waiting(lines: QuerySet[OrderLine], *, now: datetime) -> tuple[WaitingCustomer, ...]:
    days = Extract(Value(now) - F("backordered_at"), "epoch") / 86400
    rows = (
        lines.order_by()
        .values_list("order__customer__code", "order__customer__name", "order__customer__tier__name")
        .annotate(n=Count("pk"), units=Sum(OPEN_UNITS), unit_days=Sum(OPEN_UNITS * days), since=Min("backordered_at"))
        .order_by("-unit_days", "order__customer__code")[:CUSTOMERS_SHOWN]
    )
    return tuple(
        WaitingCustomer(code, name, tier, n, units, round(unit_days), max(0, (now - since).days))
        for code, name, tier, n, units, unit_days, since in rows
    )
