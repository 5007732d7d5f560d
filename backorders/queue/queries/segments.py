"""How many open lines each segment of a policy catches at this moment; the same filters as the engine's, in SQL."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, Count, DecimalField, Exists, ExpressionWrapper, F, OuterRef, Q, Sum, Value, When
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from backorders.engine.policy.definition import Filter, FilterField, Operator, PolicyDefinition, Segment
from backorders.engine.policy.segments import RESOLVED, Ids
from backorders.models import OrderLine, Promise

OPEN = F("ordered") - F("shipped") - F("cancelled")
COLUMN: Mapping[FilterField, str] = {
    FilterField.TIER: "order__customer__tier__rank",
    FilterField.CUSTOMER: "order__customer_id",
    FilterField.COUNTRY: "order__customer__country",
    FilterField.CHANNEL: "order__channel",
    FilterField.CATEGORY: "product__category_id",
    FilterField.PRODUCT: "product_id",
    FilterField.WAREHOUSE: "warehouse_id",
    FilterField.REASON: "reason",
    FilterField.TIMES_SLIPPED: "times_slipped",
    FilterField.SHIP_COMPLETE: "order__ship_complete",
}


class Catch(NamedTuple):
    """What a segment catches: each line is in the first segment whose filters it meets, so the counts add up."""

    lines: int = 0
    units: int = 0
    missing: int = 0


def told_promise() -> Exists:
    """Whether the customer was promised a date of the line."""
    return Exists(Promise.objects.told().filter(line=OuterRef("pk")))


def segment_catches(definition: PolicyDefinition, *, ids: Ids, now: datetime, today: date) -> list[Catch]:
    """One catch per segment, the rest last, in one query."""
    places = [
        When(caught_by(segment, ids=ids, now=now, today=today), then=Value(place))
        for place, segment in enumerate(definition.segments)
    ]
    rest = len(definition.segments)
    place = Case(*places, default=Value(rest)) if places else Value(rest)
    rows = (
        OrderLine.objects.open()
        .annotate(segment=place)
        .order_by()
        .values_list("segment")
        .annotate(lines=Count("pk"), units=Sum(OPEN), missing=Sum(OPEN - F("allocated")))
    )
    by_place = {segment: Catch(*figures) for segment, *figures in rows}
    return [by_place.get(number, Catch()) for number in range(rest + 1)]


def caught_by(segment: Segment, *, ids: Ids, now: datetime, today: date) -> Any:
    """The condition that a line meets all filters of the segment."""
    condition: Any = Q()
    for test in segment.filters:
        condition &= _condition(test, ids=ids, now=now, today=today)
    return condition


def _condition(test: Filter, *, ids: Ids, now: datetime, today: date) -> Any:
    if test.operator in (Operator.IN, Operator.NOT_IN):
        values = _values(test, ids)
        inside = Q(**{f"{COLUMN[test.field]}__in": values})
        return inside if test.operator == Operator.IN else ~inside
    [value] = test.values
    if test.field == FilterField.IS_TOLD:
        return Q(told_promise()) if value else ~Q(told_promise())
    if test.field == FilterField.SHIP_COMPLETE:
        return Q(order__ship_complete=value)
    return _limit(test.field, value, at_least=test.operator == Operator.AT_LEAST, now=now, today=today)


def _values(test: Filter, ids: Ids) -> Iterable[Any]:
    if test.field not in RESOLVED:
        return test.values
    known = ids.get(test.field.value, {})
    return [known[code.lower()] for code in test.values if code.lower() in known]


def _limit(field: FilterField, value: int | Decimal, *, at_least: bool, now: datetime, today: date) -> Any:
    if field == FilterField.AGE_DAYS:
        days = int(value)
        placed = now - timedelta(days=days if at_least else days + 1)
        return Q(placed_at__lte=placed) if at_least else Q(placed_at__gt=placed)
    if field == FilterField.REQUESTED_IN_DAYS:
        day = today + timedelta(days=int(value))
        return Q(requested_on__gte=day) if at_least else Q(requested_on__lte=day)
    if field == FilterField.TIMES_SLIPPED:
        return Q(times_slipped__gte=value) if at_least else Q(times_slipped__lte=value)
    figure: Any = OPEN
    if field == FilterField.LINE_VALUE:
        figure = ExpressionWrapper(OPEN * F("unit_price"), DecimalField(max_digits=24, decimal_places=4))
    return Q(GreaterThanOrEqual(figure, value) if at_least else LessThanOrEqual(figure, value))
