"""Queues to which nothing happened since a run served them: the next night leaves them as they are.

A fingerprint is a hash over all that decides who gets what of a product: its open lines, its stock, its pack size, the
words of the policy and the tiers of the customers. A run leaves its products in a state in which the same policy would
change nothing, and notes their fingerprints in the transaction that serves them; as long as they are the same, a run
would come to the same result once more. A policy that also looks at the calendar has none.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from django.db import connection

from backorders.engine.allocation.pool import Strategy
from backorders.engine.policy.ranking import SortField
from backorders.models import AllocationRun
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queue_reading import Queues

MOVES_BY_ITSELF = {SortField.DAYS_WAITING, SortField.TIMES_SLIPPED}
_TIERS = """
    SELECT COALESCE(bit_xor(hash_record_extended(ROW(customer.id, tier.rank), 0)), 0)
    FROM customers_customer customer JOIN customers_customertier tier ON tier.id = customer.tier_id
"""
# Products of which somebody pinned or picked units, or took some from elsewhere, have no fingerprint.
_PRINTS = """
    SELECT queue.product_id, queue.lines, product.pack_size, hash_record_extended(
        ROW(queue.print, queue.lines, pools.print, product.pack_size, %(basis)s::text), 0) AS print
    FROM (
        SELECT product_id, COUNT(*) AS lines, bit_xor(hash_record_extended(ROW(
            id, warehouse_id, ordered - shipped - cancelled, allocated, shipped, unit_price, requested_on, placed_at,
            manual_boost, COALESCE(held_until > %(today)s::date, false)), 0)) AS print
        FROM backorders_orderline WHERE is_open {chosen} GROUP BY product_id
    ) AS queue
    JOIN inventory_product product ON product.id = queue.product_id
    LEFT JOIN (
        SELECT product_id, bit_xor(hash_record_extended(ROW(id, on_hand, reserved), 0)) AS print
        FROM inventory_stocklevel WHERE true {chosen} GROUP BY product_id
    ) AS pools ON pools.product_id = queue.product_id
    LEFT JOIN (
        SELECT DISTINCT product_id FROM backorders_allocation
        WHERE state = 'active' AND (kind <> 'soft' OR is_away)
    ) AS kept ON kept.product_id = queue.product_id
    WHERE kept.product_id IS NULL
"""
_CHOSEN = "AND product_id = ANY(%(products)s::bigint[])"
_UNCHANGED = f"""
    SELECT state.product_id FROM backorders_queuestate state
    JOIN ({_PRINTS.format(chosen="")}) AS now ON now.product_id = state.product_id
    WHERE state.served_print = now.print
"""  # noqa: S608 - no word from outside
_REMEMBER = f"""
    UPDATE backorders_queuestate AS state SET served_print = now.print, served_run_id = %(run)s
    FROM unnest(%(products)s::bigint[], %(lines)s::bigint[], %(packs)s::bigint[]) AS served (product_id, lines, pack)
    LEFT JOIN ({_PRINTS.format(chosen=_CHOSEN)}) AS now
        ON (now.product_id, now.lines, now.pack_size) = (served.product_id, served.lines, served.pack)
    WHERE state.product_id = served.product_id
"""  # noqa: S608 - no word from outside


def basis_of(policy: CompiledPolicy, snapshot: Mapping[str, Any]) -> str:
    """What is the same for all products: the policy with its quotas, and the tiers. Empty where time decides too."""
    if not depends_on_its_queue_alone(policy):
        return ""
    with connection.cursor() as cursor:
        cursor.execute(_TIERS)
        [tiers] = cursor.fetchone()
    return hashlib.sha256(json.dumps([snapshot, tiers], sort_keys=True).encode()).hexdigest()


def depends_on_its_queue_alone(policy: CompiledPolicy) -> bool:
    """Whether the same lines and the same stock get the same on any day."""
    definition = policy.definition
    timed = definition.age_boost_days or definition.hold_days is not None
    moves = any(key.field in MOVES_BY_ITSELF for key in policy.segments[0].keys)
    return policy.in_columns and policy.strategies == (Strategy.REDISTRIBUTE,) and not (timed or moves)


def unchanged_products(*, basis: str, today: date) -> set[int]:
    """The products with open lines that are as a run with this basis left them."""
    if not basis:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_UNCHANGED, {"basis": basis, "today": today})
        return {product_id for (product_id,) in cursor.fetchall()}


def remember_prints(run: AllocationRun, queues: Queues) -> None:
    """Note how a run leaves the products that it has locked and served; none where a line came in meanwhile."""
    if not queues.size or run.warehouse_id is not None:
        return
    products, places, lines = np.unique(queues.columns["product_id"], return_index=True, return_counts=True)
    with connection.cursor() as cursor:
        cursor.execute(
            _REMEMBER,
            {
                "basis": run.basis,
                "today": run.business_date,
                "run": run.pk,
                "products": products.tolist(),
                "lines": lines.tolist(),
                "packs": queues.packs[places].tolist(),
            },
        )
