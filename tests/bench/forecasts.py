"""How long a night's forecasts take, backtest included: two years of weekly demand of many products."""

import resource
import time
from datetime import timedelta

import numpy as np
from django.db import connection
from django.utils import timezone

from backorders.engine.forecasting.demand import week_of
from backorders.engine.forecasting.rehearsal import made_up_world
from backorders.models import DemandMeter
from backorders.planning.forecast import WEEKS, forecast_demand
from inventory.models import Product, Warehouse

PRODUCTS = {"S": 1_000, "M": 10_000, "L": 10_000}
GOAL_SECONDS = 120
AT_ONCE = 500  # products
HISTORY = """
    INSERT INTO backorders_demandweek (product_id, warehouse_id, starts_on, ordered, lines, mark, extra, note)
    SELECT product, %s, %s::date + 7 * week, units, 1, '', 0, ''
    FROM unnest(%s::bigint[], %s::int[], %s::bigint[]) AS told(product, week, units)
"""


def run(size: str) -> dict[str, object]:
    """Needs a migrated database without orders; leaves its rows there."""
    now, count = timezone.now(), PRODUCTS[size]
    _write_history(made_up_world(products=count, weeks=1, seed=7).history.astype(int))
    DemandMeter.objects.update(counted_at=now)
    marks: list[tuple[str, float]] = []
    began, busy_before = time.perf_counter(), time.process_time()
    summary = forecast_demand(
        now=now, progress=lambda text: marks.append((text, round(time.perf_counter() - began, 1)))
    )
    seconds, busy = time.perf_counter() - began, time.process_time() - busy_before
    return {
        "products": count,
        "pools": summary.pools,
        "weeks": WEEKS,
        "seconds": round(seconds, 1),
        "processor_seconds": round(busy, 1),
        "products_per_second": round(count / seconds),
        "goal_seconds": GOAL_SECONDS,
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "steps": marks,
    }


def _write_history(units: np.ndarray) -> None:
    warehouse = Warehouse.objects.order_by("pk").first() or Warehouse.objects.create(code="B", name="Bench")
    products = Product.objects.bulk_create(
        [Product(sku=f"BENCH-{i:05}", name=f"Product {i}", price=5) for i in range(len(units))], batch_size=1000
    )
    first = week_of(timezone.localdate()) - (WEEKS * timedelta(weeks=1))
    with connection.cursor() as cursor:
        for start in range(0, len(products), AT_ONCE):
            some = units[start : start + AT_ONCE, -WEEKS:]
            rows, weeks = np.nonzero(some)
            keys = np.array([product.pk for product in products[start : start + AT_ONCE]])
            cursor.execute(
                HISTORY, [warehouse.pk, first, keys[rows].tolist(), weeks.tolist(), some[rows, weeks].tolist()]
            )
