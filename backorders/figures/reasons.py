"""Why backorders opened, month by month: lines and the value of what could not be filled at once."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Sum
from django.db.models.functions import TruncMonth

from backorders.enums import BackorderReason
from backorders.figures.promise_record import last_months
from backorders.models import OrderLine
from config.lib.periods import Period

REASONS = tuple(reason for reason in BackorderReason if reason)
MONTHS = 12
NOTHING = (0, Decimal(0))


@dataclass(frozen=True, slots=True)
class ReasonMonth:
    """Lines and value of each reason, in the order of `REASONS`."""

    month: date
    parts: tuple[tuple[int, Decimal], ...]

    @property
    def lines(self) -> int:
        return sum(lines for lines, _ in self.parts)


@dataclass(frozen=True, slots=True)
class ReasonsOverTime:
    """In the currency in which most is worth most; `currencies` names all that there are."""

    currency: str
    currencies: tuple[str, ...]
    months: tuple[ReasonMonth, ...]

    @property
    def totals(self) -> list[tuple[BackorderReason, int, Decimal]]:
        """The reasons by value, the largest first."""
        rows = [
            (
                reason,
                sum(month.parts[at][0] for month in self.months),
                sum((month.parts[at][1] for month in self.months), Decimal(0)),
            )
            for at, reason in enumerate(REASONS)
        ]
        return sorted(rows, key=lambda row: (-row[2], -row[1], row[0]))


def reasons_over_time(months: list[Period], *, currency: str = "") -> ReasonsOverTime:
    """Every line that became a backorder in these months, whether it still waits or not."""
    by_code: dict[str, dict[tuple[date, str], tuple[int, Decimal]]] = defaultdict(dict)
    worth: dict[str, Decimal] = defaultdict(Decimal)
    rows = (
        OrderLine.objects.filter(backordered_at__gte=months[0].start, backordered_at__lt=months[-1].end)
        .annotate(month=TruncMonth("backordered_at"))
        .order_by()
        .values_list("order__currency", "month", "reason")
        .annotate(lines=Count("pk"), value=Sum((F("ordered") - F("first_filled")) * F("unit_price")))
    )
    for code, month, reason, lines, value in rows:
        by_code[code][month.date(), reason] = (lines, value)
        worth[code] += value
    codes = sorted(worth, key=lambda code: (-worth[code], code))
    chosen = currency if currency in worth else (codes[0] if codes else "")
    return ReasonsOverTime(
        chosen,
        tuple(codes),
        tuple(
            ReasonMonth(
                period.first, tuple(by_code[chosen].get((period.first, reason.value), NOTHING) for reason in REASONS)
            )
            for period in months
        ),
    )


def reasons_of_year(*, currency: str, today: date) -> ReasonsOverTime:
    return reasons_over_time(last_months(today, MONTHS), currency=currency)
