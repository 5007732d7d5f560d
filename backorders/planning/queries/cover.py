"""Days of cover: how long the free stock lasts at the demand of the last weeks, category by category."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from backorders.engine.forecasting.demand import week_of
from backorders.planning.queries.forecast_page import COVER_WEEKS, days_of_cover


@dataclass(frozen=True, slots=True)
class CoverOfCategory:
    """Pools with stock or demand. `stock`: value of the free units, less what is owed; `daily`: value wanted a day.

    `none`, `week`, `month`, `quarter`, `longer`: pools that last not at all, up to 7, 30, 90 days, and longer;
    `unwanted`: pools with stock that nobody asked for in these weeks.
    """

    category: str
    currency: str
    pools: int
    stock: Decimal
    daily: float
    none: int
    week: int
    month: int
    quarter: int
    longer: int
    unwanted: int

    @property
    def days(self) -> float | None:
        return days_of_cover(float(self.stock), self.daily)


_COVER = """
    WITH wanted AS (
        SELECT product_id, warehouse_id, SUM(ordered) / %(days)s::float AS daily FROM backorders_demandweek
        WHERE starts_on >= %(since)s AND starts_on < %(current)s GROUP BY 1, 2
    ), owed AS (
        SELECT product_id, warehouse_id, SUM(ordered - shipped - cancelled) AS units FROM backorders_orderline
        WHERE is_open GROUP BY 1, 2
    ), pools AS (
        SELECT product_id, warehouse_id, COALESCE(level.on_hand, 0) - COALESCE(owed.units, 0) AS free,
            COALESCE(wanted.daily, 0) AS daily
        FROM inventory_stocklevel AS level
        FULL JOIN wanted USING (product_id, warehouse_id)
        LEFT JOIN owed USING (product_id, warehouse_id)
    )
    SELECT COALESCE(category.name, 'Without category'), product.currency, COUNT(*),
        SUM(free * product.price), SUM(daily * product.price),
        COUNT(*) FILTER (WHERE free <= 0 AND daily > 0),
        COUNT(*) FILTER (WHERE free > 0 AND free <= 7 * daily),
        COUNT(*) FILTER (WHERE free > 7 * daily AND free <= 30 * daily),
        COUNT(*) FILTER (WHERE free > 30 * daily AND free <= 90 * daily),
        COUNT(*) FILTER (WHERE free > 90 * daily AND daily > 0),
        COUNT(*) FILTER (WHERE free > 0 AND daily = 0)
    FROM pools
    JOIN inventory_product AS product ON product.id = pools.product_id AND product.active
    LEFT JOIN inventory_category AS category ON category.id = product.category_id
    WHERE free <> 0 OR daily > 0
    GROUP BY 1, 2 ORDER BY 1, 2
"""


def cover_by_category(*, today: date) -> list[CoverOfCategory]:
    current = week_of(today)
    since = current - timedelta(weeks=COVER_WEEKS)
    period: dict[str, date | int] = {"since": since, "current": current, "days": 7 * COVER_WEEKS}
    with connection.cursor() as cursor:
        cursor.execute(_COVER, period)
        return [CoverOfCategory(*row) for row in cursor.fetchall()]
