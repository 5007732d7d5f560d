"""A desk with many open lines, as it stands the morning after a nightly run: what the pages are measured on.

On top of the work of the allocation benchmark come names that differ, requested days and reasons, suppliers and their
orders, a date for each line, a run with its results, shipments, finished orders, emails, and an order of 200 lines.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice

from django.db import connection, connections, transaction

from backorders.enums import PromiseCause, RunKind
from backorders.fulfilment.wave_picking import Parcel, pick_orders, ship_parcels
from backorders.management.bench.workload import load
from backorders.models import SalesOrder
from backorders.orders.intake import NewLine, NewOrder, place_order
from backorders.promising.promise_dates import promise_dates
from backorders.runs.allocate_stock import allocate_stock
from customers.models import Customer
from inventory.models import Product

SHIPPED_AT_ONCE = 500
LARGE_ORDER = 200
_WORDS = "ARRAY['Oak','Steel','Copper','Linen','Amber','Harbour','Meadow','Granite','Willow','Silver','Falcon','Maple']"
_THINGS = "ARRAY['lantern','saw','shelf','hinge','kettle','lamp','basket','bracket','drill','vase','clock','pulley']"

NAMES = f"""
    UPDATE inventory_product SET name = ({_WORDS})[1 + id % 12] || ' ' || ({_THINGS})[1 + id / 12 % 12] || ' no. ' || id;
    UPDATE customers_customer SET name = ({_WORDS})[1 + id % 12] || ' & ' || ({_WORDS})[1 + id / 12 % 12] || ' ' || id;
    INSERT INTO inventory_category (name) SELECT ({_THINGS})[n] FROM generate_series(1, 12) n;
    UPDATE inventory_product SET category_id = (SELECT id FROM inventory_category WHERE name = ({_THINGS})[1 + inventory_product.id / 12 % 12]);
"""  # noqa: E501
WISHES = """
    UPDATE backorders_orderline SET
        requested_on = CASE WHEN id % 5 < 3 THEN placed_at::date + (id % 50)::int + 3 END,
        reason = (ARRAY['high_demand','seasonal','supplier_delay','data_error','unknown'])[1 + id % 5]
"""
SUPPLY = """
    INSERT INTO inventory_supplier
        (code, name, email, lead_time_days, time_zone, language, over_receipt_percent, active)
    SELECT 'S' || n, 'Supplier ' || n, '', 10 + n % 30, 'UTC', 'en', 5, true FROM generate_series(1, 60) n;
    INSERT INTO inventory_supplierproduct
        (supplier_id, product_id, lead_time_days, minimum_quantity, pack_size, cost, currency, rank)
    SELECT (SELECT id FROM inventory_supplier WHERE code = 'S' || (1 + product.id % 60)), product.id, 10, 1, 1, 5,
        'EUR', 0
    FROM inventory_product product;
    INSERT INTO inventory_purchaseorder
        (number, supplier_id, warehouse_id, status, source, ordered_on, sent_at, note, key, created_at, confirmed_at)
    SELECT 'PO-' || supplier.code || '-' || n, supplier.id,
        (SELECT id FROM inventory_warehouse ORDER BY id OFFSET n % 3 LIMIT 1), 'confirmed', 'bench',
        current_date - 20, now() - interval '20 days', '', '', now() - interval '20 days', now() - interval '15 days'
    FROM inventory_supplier supplier, generate_series(1, 6) n WHERE supplier.code LIKE 'S%';
    INSERT INTO inventory_purchaseorderline
        (purchase_order_id, number, product_id, ordered, received, cancelled, rejected, tolerance, requested_on,
         first_confirmed_on, confirmed_on, cost)
    SELECT id, row_number() OVER (PARTITION BY id), product_id, 500, 0, 0, 0, 25, current_date + 5,
        current_date + 5 + late, current_date + 5 + late, 5
    FROM (
        SELECT po.id, offer.product_id, (offer.product_id % 40)::int AS late,
            row_number() OVER (PARTITION BY po.id ORDER BY offer.product_id) AS place
        FROM inventory_purchaseorder po
        JOIN inventory_supplierproduct offer ON offer.supplier_id = po.supplier_id AND offer.rank = 0
        WHERE (offer.product_id / 60 + po.id) % 3 = 0
    ) chosen WHERE place <= 60;
"""
HISTORY = """
    WITH orders AS (
        INSERT INTO backorders_salesorder
            (number, customer_id, source, external_number, content_hash, customer_reference, channel, currency,
             ship_complete, status, version, placed_at)
        SELECT 'H-' || n, (SELECT min(id) FROM customers_customer) + n %% 1000, 'history', n::text, '', '', 'shop',
            'EUR', false, 'shipped', 0, now() - make_interval(mins => (n %% 525600)::int)
        FROM generate_series(%s::bigint, %s) n RETURNING id, placed_at
    )
    INSERT INTO backorders_orderline
        (order_id, number, external_line, product_id, warehouse_id, ordered, allocated, shipped, cancelled,
         opening_shipped, unit_price, requested_on, placed_at, first_filled, reason, manual_boost, times_slipped,
         promise_source)
    SELECT orders.id, k, k::text, (SELECT min(id) FROM inventory_product) + (orders.id * 7 + k) %% %s,
        (SELECT min(id) FROM inventory_warehouse), 1 + k, 0, 1 + k, 0, 1 + k, 9, orders.placed_at::date + 5,
        orders.placed_at, 1 + k, '', 0, 0, ''
    FROM orders, generate_series(1, 3) k
"""
ORDERS_PER_STATEMENT = 10_000
EMAILS = """
    INSERT INTO notifications_message
        (kind, recipient, recipient_name, language, context, dedupe_key, message_id, aggregate, cause, created_at,
         status, attempts, available_at, lease_by, last_error, sent_at, sender, subject, text, html, rendered_at,
         addressee, stage)
    SELECT (ARRAY['order_received','shipped','date_changed'])[1 + n %% 3], 'buyer' || n %% 1000 || '@customer.example',
        'Buyer ' || n %% 1000, 'en', '{}', 'bench:' || n, '<' || n || '@bench.example>', 'order:' || n / 2, 'Bench',
        now() - make_interval(secs => n), 'sent', 1, NULL, '', '', now(), 'desk@desk.example', 'Your order B-' || n,
        'text', 'html', now(), 'customer:' || n %% 1000, 'sorted'
    FROM generate_series(1, %s) n
"""
WARNINGS = """
    INSERT INTO backorders_stockoutwarning
        (product_id, warehouse_id, free, weekly, within_7, within_14, within_30, missing, value, currency, label,
         made_at)
    SELECT product_id, warehouse_id, on_hand - reserved, 5, 0.2, 0.5, 0.9, 20, 20 + id % 1000, 'EUR', '', now()
    FROM inventory_stocklevel WHERE id % 10 = 0
"""


def fill(*, lines: int, now: datetime, say: Callable[[str], None]) -> None:
    """Needs an empty database; statements of a million rows are allowed to take their time."""
    steps: list[tuple[str, Callable[[], object]]] = [
        ("lines", lambda: load(lines=lines, products=max(1, lines // 100), warehouses=3, now=now)),
        ("names", lambda: _execute(NAMES)),
        ("wishes", lambda: _execute(WISHES)),
        ("supply", lambda: _execute(SUPPLY)),
        ("statistics", _vacuum),
        ("dates", lambda: promise_dates(now=now, cause=PromiseCause.SUPPLY)),
        ("run", lambda: allocate_stock(kind=RunKind.NIGHTLY, now=now, cause="Benchmark")),
        ("shipments", lambda: _ship(lines // 150, now)),
        ("history", lambda: _history(lines // 6)),
        ("emails", lambda: _execute(EMAILS, lines // 5)),
        ("warnings", lambda: _execute(WARNINGS)),
        ("large order", lambda: _large_order(now)),
        ("statistics", _vacuum),
    ]
    for name, step in steps:
        began = time.perf_counter()
        step()
        say(f"{name}: {time.perf_counter() - began:.0f} s")


def _execute(sql: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(sql, values or None)


def _vacuum() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE")


def _ship(count: int, now: datetime) -> None:
    """Pick and ship what some orders hold, by the services."""
    orders = iter(SalesOrder.objects.open().order_by("pk").values_list("pk", flat=True)[:count])
    while chosen := list(islice(orders, SHIPPED_AT_ONCE)):
        shipments = pick_orders(order_ids=chosen, by=None, now=now)
        ship_parcels(parcels=[Parcel(shipment.pk) for shipment in shipments], by=None, now=now)


def _history(orders: int) -> None:
    products = Product.objects.count()
    for first in range(1, orders + 1, ORDERS_PER_STATEMENT):
        _execute(HISTORY, first, min(first + ORDERS_PER_STATEMENT - 1, orders), products)


def _large_order(now: datetime) -> None:
    products = Product.objects.order_by("pk").values_list("pk", flat=True)[:LARGE_ORDER]
    order = NewOrder(
        source="bench",
        external_number="large",
        customer_id=Customer.objects.order_by("pk").values_list("pk", flat=True)[0],
        lines=tuple(NewLine(product_id=pk, quantity=3) for pk in products),
        placed_at=now - timedelta(minutes=1),
    )
    place_order(order=order, by=None, now=now)
