"""An order's status follows its lines."""

from collections.abc import Iterable

from django.db import connection

from backorders.models.orders import STATUS_BY_LINES


def refresh_order_status(order_ids: Iterable[int]) -> None:
    """Bring the orders' status in line with their lines; the caller has locked the orders or their lines."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE backorders_salesorder AS sales_order SET status = lines.status FROM (
                SELECT order_id, {STATUS_BY_LINES} AS status FROM backorders_orderline
                WHERE order_id = ANY(%s) GROUP BY order_id
            ) AS lines WHERE sales_order.id = lines.order_id AND sales_order.status <> lines.status
            """,
            [sorted(set(order_ids))],
        )
