"""How much of what was entered could be filled at once. Later deliveries do not count: that is what OTIF is for."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, F, IntegerField, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import TruncWeek

from backorders.models import OrderLine
from config.lib.periods import Period, Ratio

FILLED_AT_ONCE = Q(first_filled=F("ordered"))


@dataclass(frozen=True, slots=True)
class FillRates:
    """Of what was entered in the period, how much the first attempt filled; later deliveries do not count."""

    units: Ratio
    lines: Ratio
    orders: Ratio

    @property
    def backordered(self) -> Ratio:
        """Lines that could not be filled at once."""
        return Ratio(self.lines.misses, self.lines.n)


def entered_lines(period: Period) -> QuerySet[OrderLine]:
    return OrderLine.objects.filter(placed_at__gte=period.start, placed_at__lt=period.end)


def fill_rates(period: Period) -> FillRates:
    per_order = (
        entered_lines(period)
        .order_by()
        .values("order")
        .annotate(
            lines=Count("pk"),
            full_lines=Count("pk", filter=FILLED_AT_ONCE),
            wanted=Sum("ordered"),
            filled=Sum("first_filled"),
            is_full=Min(Case(When(FILLED_AT_ONCE, then=Value(1)), default=Value(0), output_field=IntegerField())),
        )
    )
    sums = per_order.aggregate(
        n=Count("order"),
        full_orders=Sum("is_full", default=0),
        all_lines=Sum("lines", default=0),
        all_full_lines=Sum("full_lines", default=0),
        units=Sum("wanted", default=0),
        filled_units=Sum("filled", default=0),
    )
    return FillRates(
        units=Ratio(sums["filled_units"], sums["units"]),
        lines=Ratio(sums["all_full_lines"], sums["all_lines"]),
        orders=Ratio(sums["full_orders"], sums["n"]),
    )


def unit_fill_by_week(period: Period) -> list[tuple[date, Ratio]]:
    """Weeks in which nothing was entered are left out."""
    weeks = (
        entered_lines(period)
        .order_by()
        .annotate(week=TruncWeek("placed_at"))
        .values_list("week")
        .annotate(filled=Sum("first_filled"), wanted=Sum("ordered"))
        .order_by("week")
    )
    return [(week.date(), Ratio(filled, demanded)) for week, filled, demanded in weeks]
