"""One product's demand, what is expected of it, and how far its stock reaches."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate

from backorders.engine.forecasting.demand import week_of
from backorders.models import (
    DemandWeek,
    Forecast,
    ForecastOverride,
    OrderLine,
    ReorderProposal,
    StockoutWarning,
)
from backorders.planning.queries.demand import demand_of
from inventory.models import Product, PurchaseOrderLine, Warehouse
from inventory.stock.queries import StockFigures, WarehouseStock

WEEKS_BACK = 52
WEEKS_AHEAD = 13
COVER_WEEKS = 13  # days of cover: against the mean demand of so many weeks

Point = tuple[date, float]


@dataclass(frozen=True, slots=True)
class PoolOutlook:
    """A warehouse's part of the page. `band`: P50 and P90 of each week to come; `projection`: units week by week."""

    stock: WarehouseStock
    forecast: Forecast | None
    weeks: list[DemandWeek]
    owed: int
    history: list[Point] = field(default_factory=list)
    expected: list[Point] = field(default_factory=list)
    band: list[tuple[date, float, float]] = field(default_factory=list)
    projection: list[Point] = field(default_factory=list)
    projection_band: list[tuple[date, float, float]] = field(default_factory=list)
    cover_days: float | None = None


def pool_outlooks(
    product: Product, stock: Iterable[WarehouseStock], incoming: Sequence[PurchaseOrderLine], *, today: date
) -> list[PoolOutlook]:
    """Each warehouse that holds, expects, sells or owes the product."""
    demand = demand_of(product.pk, today=today, weeks=WEEKS_BACK)
    forecasts = {
        row.warehouse_id: row for row in Forecast.objects.current().filter(product=product).select_related("run")
    }
    owed: dict[int, int] = defaultdict(int)
    for line in (
        OrderLine.objects.open().filter(product=product).only("warehouse_id", "ordered", "shipped", "cancelled")
    ):
        owed[line.warehouse_id] += line.open
    rows = {row.warehouse.pk: row for row in stock}
    others = Warehouse.objects.in_bulk((demand.keys() | forecasts.keys()) - rows.keys())
    rows |= {pk: WarehouseStock(warehouse, StockFigures()) for pk, warehouse in sorted(others.items())}
    return [
        _outlook(row, forecasts.get(pk), demand.get(pk, []), owed.get(pk, 0), incoming, today)
        for pk, row in rows.items()
    ]


def _outlook(
    row: WarehouseStock,
    forecast: Forecast | None,
    weeks: list[DemandWeek],
    owed: int,
    incoming: Sequence[PurchaseOrderLine],
    today: date,
) -> PoolOutlook:
    current = week_of(today)
    units = {week.starts_on: week.ordered for week in weeks if week.starts_on < current}
    first = min(units, default=current)
    history = [
        (first + timedelta(weeks=i), float(units.get(first + timedelta(weeks=i), 0)))
        for i in range((current - first).days // 7)
    ]
    coming = [current + timedelta(weeks=i) for i in range(WEEKS_AHEAD)]
    path = list(forecast.path[:WEEKS_AHEAD]) if forecast else []
    free = row.stock.on_hand - owed
    arriving = _arriving(incoming, row.warehouse.pk, today)
    wide = _relative_p90(forecast)
    projection, low = _projected(free, path, wide, arriving, today) if path else ([], [])
    return PoolOutlook(
        stock=row,
        forecast=forecast,
        weeks=weeks,
        owed=owed,
        history=history,
        expected=list(zip(coming, path, strict=False)),
        band=[(day, value, value * wide) for day, value in zip(coming, path, strict=False)],
        projection=projection,
        projection_band=[(day, under, value) for (day, value), (_, under) in zip(projection, low, strict=True)],
        cover_days=days_of_cover(free, _daily(history)),
    )


def _relative_p90(forecast: Forecast | None) -> float:
    """How much wider than the middle the P90 of one week is; of a lead time it is narrower by the root of its weeks."""
    if forecast is None or not forecast.weekly:
        return 1.0
    weeks = max(1.0, forecast.lead_days / 7)
    over = max(0.0, forecast.lead_quantiles[2] / (forecast.weekly * weeks) - 1)
    return 1 + over * weeks**0.5


def _projected(
    free: int, path: Sequence[float], wide: float, arriving: Mapping[date, int], today: date
) -> tuple[list[Point], list[Point]]:
    """Units at the start of each week: free ones, minus what is expected to be wanted, plus what is dated to arrive."""
    days = [today + timedelta(weeks=i) for i in range(len(path) + 1)]
    gone = [0.0, *accumulate(path)]
    came = [sum(units for day, units in arriving.items() if day <= until) for until in days]
    middle = [(day, free + more - less) for day, more, less in zip(days, came, gone, strict=True)]
    low = [
        (day, free + more - less - (wide - 1) * less / max(1.0, i) ** 0.5)
        for i, (day, more, less) in enumerate(zip(days, came, gone, strict=True))
    ]
    return middle, low


def _arriving(incoming: Sequence[PurchaseOrderLine], warehouse_id: int, today: date) -> dict[date, int]:
    arriving: dict[date, int] = defaultdict(int)
    for line in incoming:
        if line.purchase_order.warehouse_id == warehouse_id and line.expected_on and line.expected_on >= today:
            arriving[line.expected_on] += line.outstanding
    return arriving


def _daily(history: Sequence[Point]) -> float:
    recent = [units for _, units in history[-COVER_WEEKS:]]
    return sum(recent) / (7 * len(recent)) if recent else 0.0


def days_of_cover(free: float, daily: float) -> float | None:
    """(On hand − what is owed) ÷ mean daily unconstrained demand; negative when backordered, None without demand."""
    return free / daily if daily else None


def standing_overrides(product_id: int, *, today: date) -> list[ForecastOverride]:
    rows = ForecastOverride.objects.filter(product=product_id, until_on__gte=today, withdrawn_at__isnull=True)
    return list(rows.select_related("warehouse", "made_by").order_by("-pk"))


def proposals_of(product_id: int, *, most: int = 5) -> list[ReorderProposal]:
    """What was proposed and decided last, without what only lapsed."""
    rows = ReorderProposal.objects.filter(product=product_id).exclude(state="lapsed")
    return list(rows.select_related("warehouse", "supplier", "purchase_order", "product").order_by("-pk")[:most])


def warnings_of(product_id: int) -> list[StockoutWarning]:
    rows = StockoutWarning.objects.filter(product=product_id)
    return list(rows.select_related("warehouse", "product").order_by("-value"))
