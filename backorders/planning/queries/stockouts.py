"""The lists of what is about to run out and of what should be bought."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, DecimalField, F, QuerySet, Sum
from django.db.models.functions import Round

from backorders.engine.forecasting.demand import week_of
from backorders.enums import ProposalState
from backorders.models import DemandWeek, ReorderProposal, StockoutWarning
from backorders.planning.queries.forecast_page import COVER_WEEKS, days_of_cover

VALUE = Round(F("quantity") * F("cost"), 2, output_field=DecimalField(max_digits=20, decimal_places=2))
DASHBOARD_ROWS = 5


@dataclass(frozen=True, slots=True)
class WarningTotals:
    count: int
    values: list[tuple[str, Decimal]]


def stockout_warnings(*, text: str = "") -> QuerySet[StockoutWarning]:
    """Highest expected backorder value first."""
    rows = StockoutWarning.objects.select_related("product", "warehouse")
    return rows.filter(product__sku__icontains=text) if text else rows


def warning_totals() -> WarningTotals:
    rows = StockoutWarning.objects.order_by("currency").values_list("currency").annotate(Count("pk"), Sum("value"))
    totals = list(rows)
    return WarningTotals(sum(count for _, count, _ in totals), [(currency, value) for currency, _, value in totals])


def cover_of(warnings: Iterable[StockoutWarning], *, today: date) -> dict[int, float | None]:
    """Days of cover of each warning's pool, by the warning's key."""
    rows = list(warnings)
    current = week_of(today)
    demand = (
        DemandWeek.objects.filter(
            product__in={row.product_id for row in rows},
            starts_on__gte=current - timedelta(weeks=COVER_WEEKS),
            starts_on__lt=current,
        )
        .order_by()
        .values_list("product_id", "warehouse_id")
        .annotate(units=Sum("ordered"))
    )
    daily = {(product, warehouse): units / (7 * COVER_WEEKS) for product, warehouse, units in demand}
    return {row.pk: days_of_cover(row.free, daily.get((row.product_id, row.warehouse_id), 0.0)) for row in rows}


def reorder_proposals(*, state: str = ProposalState.PROPOSED, text: str = "") -> QuerySet[ReorderProposal]:
    """Those in one state, with what a row of the list names."""
    rows = ReorderProposal.objects.filter(state=state)
    if text:
        rows = rows.filter(product__sku__icontains=text) | rows.filter(supplier__name__icontains=text)
    return rows.select_related("product", "warehouse", "supplier", "purchase_order", "decided_by")


def proposal_totals() -> list[tuple[str, int, Decimal]]:
    rows = ReorderProposal.objects.filter(state=ProposalState.PROPOSED).annotate(worth=VALUE)
    return list(rows.order_by("currency").values_list("currency").annotate(Count("pk"), Sum("worth")))
