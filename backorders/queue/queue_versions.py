"""Queues of products whose promises are due again, as a number that grows with each change."""

from collections.abc import Iterable

from django.db import connection


def mark_queues_changed(product_ids: Iterable[int]) -> None:
    """The queue of these products changed: their promises are due again. Rows are touched in primary-key order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO backorders_queuestate AS state (product_id, demand_version, promised_demand_version,
                promised_supply_version, served_demand_version, served_supply_version)
            SELECT unnest(%s::bigint[]), 1, 0, 0, 0, 0
            ON CONFLICT (product_id) DO UPDATE SET demand_version = state.demand_version + 1
            """,
            [sorted(set(product_ids))],
        )
