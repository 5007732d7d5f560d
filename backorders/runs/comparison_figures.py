"""The figures of a simulation that a comparison shows, counted from its results in the database."""

import json
from datetime import datetime
from typing import Any

from django.db import connection

from backorders.engine.allocation.comparison import jain
from backorders.models import AllocationRun

# An order is complete when all its open lines are in the run and filled. A date that the run does not move stays as
# promised. The tier's weight: the last tier counts once, the one before it twice, and so on.
_FIGURES = """
    WITH told AS (
        SELECT result.after, result.before, result.open, result.line_id, line.order_id, line.unit_price, line.placed_at,
            line.requested_on, orders.currency, tier.name AS tier, tier.rank AS tier_rank,
            CASE WHEN moved.line_id IS NULL THEN line.promised_on ELSE moved.after_on END AS due_on
        FROM backorders_runresult result
        JOIN backorders_orderline line ON line.id = result.line_id
        JOIN backorders_salesorder orders ON orders.id = line.order_id
        JOIN customers_customer customer ON customer.id = orders.customer_id
        JOIN customers_customertier tier ON tier.id = customer.tier_id
        LEFT JOIN backorders_runpromise moved ON moved.run_id = result.run_id AND moved.line_id = result.line_id
        WHERE result.run_id = %(run)s
    ), last_tier AS (SELECT MAX(rank) AS rank FROM customers_customertier)
    SELECT
        COALESCE(SUM(after), 0), COUNT(*) FILTER (WHERE after >= open),
        (SELECT COUNT(*) FROM (
            SELECT order_id FROM told GROUP BY 1 HAVING bool_and(after >= open) AND COUNT(*) = (
                SELECT COUNT(*) FROM backorders_orderline line WHERE line.order_id = told.order_id AND line.is_open)
        ) AS filled),
        (SELECT COALESCE(jsonb_object_agg(currency, value), '{}') FROM
            (SELECT currency, ROUND(SUM(after * unit_price), 2) AS value FROM told GROUP BY 1) AS sums),
        COALESCE(SUM((last_tier.rank + 1 - tier_rank) * GREATEST(0, due_on - requested_on))
            FILTER (WHERE due_on IS NOT NULL AND requested_on IS NOT NULL), 0),
        COUNT(*) FILTER (WHERE due_on IS NULL),
        COALESCE(MAX(EXTRACT(EPOCH FROM %(now)s - placed_at)) FILTER (WHERE after < open) / 86400, 0)::int,
        COALESCE(SUM(after::float8 / open) FILTER (WHERE open > 0), 0),
        COALESCE(SUM((after::float8 / open) ^ 2) FILTER (WHERE open > 0), 0),
        COUNT(*) FILTER (WHERE open > 0),
        (SELECT COALESCE(jsonb_agg(jsonb_build_array(tier, before, after, open) ORDER BY tier_rank), '[]') FROM
            (SELECT tier, tier_rank, SUM(before) AS before, SUM(after) AS after, SUM(open) AS open
             FROM told GROUP BY 1, 2) AS tiers)
    FROM told CROSS JOIN last_tier
"""


def figures_of(run: AllocationRun, *, now: datetime) -> dict[str, Any]:
    """What stands in a comparison of this run, as JSON; `tiers` lists (tier, units before, after, open)."""
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"run": run.pk, "now": now})
        row = cursor.fetchone()
    units, lines, orders, values, tardiness, undated, wait, ratios, squares, count, tiers = row
    return {
        "units": int(units),
        "lines_complete": lines,
        "orders_complete": orders,
        "values": _loaded(values),
        "tardiness": int(tardiness),
        "undated": undated,
        "longest_wait": wait,
        "fairness": jain(ratios, squares, count),
        "lines": count,
        "tiers": _loaded(tiers),
    }


def _loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
