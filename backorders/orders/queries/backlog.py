"""The worklist: open backorders, narrowed down and sorted as a person asks for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from django.db.models import Count, DateField, DecimalField, F, Q, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Lower, Round

from backorders.enums import BackorderReason, LineStatus, PromiseSource
from backorders.models import OrderLine, Question

OPEN_UNITS = F("ordered") - F("shipped") - F("cancelled")
OPEN_VALUE = Round(OPEN_UNITS * F("unit_price"), 2, output_field=DecimalField(max_digits=20, decimal_places=2))
NO_DATE = Value(date(9999, 12, 31), output_field=DateField())  # sorts lines without a promise behind all dates
COUNTED_AT_ONCE = 1_000


class BacklogState(StrEnum):
    """The tabs of the worklist."""

    WAITING = "waiting"
    PARTLY_ALLOCATED = "partly_allocated"
    ALLOCATED = "allocated"
    LATE = "late"
    AT_RISK = "at_risk"
    DECISION_DUE = "decision_due"


class DatedBy(StrEnum):
    """What a promise rests on."""

    SUPPLY = "supply"
    LEAD_TIME = "lead_time"
    NOTHING = "nothing"


DATED_SOURCES: dict[str, tuple[str, ...]] = {
    DatedBy.SUPPLY: (PromiseSource.STOCK, PromiseSource.PURCHASE_ORDER),
    DatedBy.LEAD_TIME: (PromiseSource.LEAD_TIME,),
    DatedBy.NOTHING: (PromiseSource.OVERDUE, PromiseSource.UNKNOWN, PromiseSource.NONE),
}

# No key is ever null, and with the line's own key, in the same direction as the indexes have it, the order is total.
SORTS: dict[str, tuple[str, str]] = {
    "age": ("backordered_at", "pk"),
    "-age": ("-backordered_at", "-pk"),
    "-value": ("-value", "-pk"),
    "value": ("value", "pk"),
    "promised": ("promised_key", "pk"),
    "-promised": ("-promised_key", "-pk"),
    "customer": ("customer_name", "pk"),
    "-customer": ("-customer_name", "-pk"),
    "product": ("sku_key", "pk"),
    "-product": ("-sku_key", "-pk"),
}
SORT_KEYS: dict[str, Combinable] = {
    "value": OPEN_VALUE,
    "promised_key": Coalesce("promised_on", NO_DATE),
    "customer_name": F("order__customer__name"),
    "sku_key": Lower("product__sku"),  # as the unique index has it
}
DEFAULT_SORT = "age"


def state_condition(state: str, *, today: date) -> Q:
    """Late: promised for a day that has passed, or without a reliable date.

    At risk: not late yet, but promised for after the day that the customer asked for, or dated by a lead time only,
    since nothing is on order.
    """
    match state:
        case BacklogState.LATE:
            return Q(promised_on__lt=today) | Q(promised_on__isnull=True)
        case BacklogState.AT_RISK:
            after = Q(requested_on__lt=F("promised_on")) | Q(latest_on__lt=F("promised_on"))
            return Q(promised_on__gte=today) & (after | Q(promise_source=PromiseSource.LEAD_TIME))
        case BacklogState.WAITING:
            return Q(allocated=0)
        case BacklogState.PARTLY_ALLOCATED:
            return Q(allocated__gt=0, allocated__lt=OPEN_UNITS)
        case BacklogState.ALLOCATED:
            return Q(allocated=OPEN_UNITS)
        case BacklogState.DECISION_DUE:
            return Q(pk__in=Question.objects.asking().values("line"))
        case _:
            raise ValueError(f"{state!r} is no state of the worklist.")


def with_sort_key(lines: QuerySet[OrderLine], order: Sequence[str]) -> QuerySet[OrderLine]:
    """The lines with the annotation that the first key of `order` names, where it is not a column."""
    key = order[0].removeprefix("-")
    return lines.annotate(**{key: SORT_KEYS[key]}) if key in SORT_KEYS else lines


def with_names(lines: QuerySet[OrderLine]) -> QuerySet[OrderLine]:
    """Everything that a row of the worklist shows, in the same query."""
    return lines.select_related("order__customer__tier", "product", "warehouse")


def named(lines: Sequence[OrderLine]) -> list[OrderLine]:
    """The lines of one page with all that a row shows: joined before, every line of the sort would be joined."""
    by_key = with_names(OrderLine.objects.all()).in_bulk([line.pk for line in lines])
    return [by_key[line.pk] for line in lines if line.pk in by_key]


@dataclass(frozen=True, slots=True)
class Totals:
    """Lines, units and values (per currency, the largest first) of a filtered worklist."""

    lines: int
    units: int
    values: tuple[tuple[str, Decimal], ...]


def totals(lines: QuerySet[OrderLine]) -> Totals:
    rows = list(
        lines.order_by()
        .values_list("order__currency")
        .annotate(lines=Count("pk"), units=Sum(OPEN_UNITS), value=Sum(OPEN_VALUE))
        .order_by("-value", "order__currency")
    )
    return Totals(sum(row[1] for row in rows), sum(row[2] for row in rows), tuple((row[0], row[3]) for row in rows))


def quick_totals(lines: QuerySet[OrderLine]) -> Totals | None:
    """The totals where they cost next to nothing; None for a set of many lines."""
    keys = list(lines.order_by().values_list("pk", flat=True)[: COUNTED_AT_ONCE + 1])
    return None if len(keys) > COUNTED_AT_ONCE else totals(OrderLine.objects.filter(pk__in=keys))


def totals_of(lines: Sequence[OrderLine]) -> Totals:
    """The totals of lines that were all read already, with their orders."""
    values: dict[str, Decimal] = {}
    for line in lines:
        currency = line.order.currency
        values[currency] = values.get(currency, Decimal(0)) + line.open_value
    largest_first = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    return Totals(len(lines), sum(line.open for line in lines), tuple(largest_first))


# Django builds these anew for each value that a row shows.
REASON_LABELS = {value: str(label) for value, label in BackorderReason.choices}
SOURCE_LABELS = {value: str(label) for value, label in PromiseSource.choices}
STATUS_LABELS = {value: str(label) for value, label in LineStatus.choices}


@dataclass(frozen=True, slots=True)
class BacklogRow:
    """A line as the worklist shows it; `age` in whole days."""

    line: OrderLine
    age: int
    is_late: bool
    is_at_risk: bool

    @property
    def reason(self) -> str:
        return REASON_LABELS.get(self.line.reason, "")

    @property
    def source(self) -> str:
        return SOURCE_LABELS.get(self.line.promise_source, "")

    @property
    def status(self) -> str:
        return STATUS_LABELS.get(self.line.status, "")


def backlog_row(line: OrderLine, *, now: datetime, today: date) -> BacklogRow:
    """The same rules as `state_condition`, for a line that was read already."""
    promised, since = line.promised_on, line.backordered_at or now
    wished = [day for day in (line.requested_on, line.latest_on) if day]
    is_late = promised is None or promised < today
    after_wish = promised is not None and any(day < promised for day in wished)
    is_at_risk = not is_late and (after_wish or line.promise_source == PromiseSource.LEAD_TIME)
    return BacklogRow(line, max(0, (now - since).days), is_late, is_at_risk)
