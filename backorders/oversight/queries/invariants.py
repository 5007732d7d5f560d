"""The definition of correct: what must be zero at every moment, in one statement and so in one look at the database."""

from dataclasses import dataclass

from django.db import connection

from backorders.models.orders import STATUS_BY_LINES
from backorders.oversight.queries.audit import broken_newest
from notifications.payloads import PAYLOADS

_OPEN_MESSAGE_KEYS = """
    SELECT message_key FROM backorders_lineevent WHERE message_key <> ''
    UNION SELECT message_key FROM backorders_promise WHERE message_key <> ''
    UNION SELECT message_key FROM inventory_supplierlink WHERE message_key <> ''
"""

# Digests, alarms and the like tell nothing of their own.
_WITHOUT_A_FACT = ", ".join(f"'{kind}'" for kind, payload in PAYLOADS.items() if not payload.tells_a_fact) or "''"

INVARIANTS: dict[str, tuple[str, str]] = {
    "I1": (
        "stock levels whose units on hand differ from the sum of their ledger",
        """SELECT COUNT(*) FROM inventory_stocklevel level LEFT JOIN
           (SELECT stock_level_id, SUM(delta) AS units FROM inventory_stockentry GROUP BY 1) entry
           ON entry.stock_level_id = level.id WHERE level.on_hand <> COALESCE(entry.units, 0)""",
    ),
    "I2": (
        "stock levels whose reserved units differ from the sum of their active allocations",
        """SELECT COUNT(*) FROM inventory_stocklevel level LEFT JOIN (SELECT stock_level_id, SUM(quantity) AS units
           FROM backorders_allocation WHERE state = 'active' GROUP BY 1) held
           ON held.stock_level_id = level.id WHERE level.reserved <> COALESCE(held.units, 0)""",
    ),
    "I3": (
        "lines whose allocated units differ from the sum of their active allocations",
        """SELECT COUNT(*) FROM (SELECT id, allocated FROM backorders_orderline WHERE is_open OR allocated > 0) line
           FULL JOIN (SELECT line_id, SUM(quantity) AS units
           FROM backorders_allocation WHERE state = 'active' GROUP BY 1) held
           ON held.line_id = line.id WHERE COALESCE(line.allocated, 0) <> COALESCE(held.units, 0)""",
    ),
    "I4": (
        "lines whose shipped units differ from what their shipments and the time before say",
        """SELECT COUNT(*) FROM (SELECT id, shipped - opening_shipped AS units FROM backorders_orderline
           WHERE shipped <> opening_shipped) line FULL JOIN (SELECT line_id, SUM(quantity) AS units
           FROM backorders_allocation WHERE state = 'shipped' GROUP BY 1) left_us
           ON left_us.line_id = line.id WHERE COALESCE(line.units, 0) <> COALESCE(left_us.units, 0)""",
    ),
    "I5": (
        "lines that were allocated, shipped and cancelled beyond what was ordered",
        "SELECT COUNT(*) FROM backorders_orderline WHERE allocated + shipped + cancelled > ordered",
    ),
    "I6": (
        "units oversold",
        "SELECT COALESCE(SUM(GREATEST(reserved - on_hand, 0)), 0) FROM inventory_stocklevel",
    ),
    "I7": (
        "stock levels whose shipments in the ledger differ from the shipped allocations",
        """SELECT COUNT(*) FROM (SELECT stock_level_id, SUM(delta) AS units FROM inventory_stockentry
           WHERE kind = 'shipment' GROUP BY 1) entry FULL JOIN (SELECT stock_level_id, SUM(quantity) AS units
           FROM backorders_allocation WHERE state = 'shipped' GROUP BY 1) left_us
           ON left_us.stock_level_id = entry.stock_level_id
           WHERE COALESCE(entry.units, 0) + COALESCE(left_us.units, 0) <> 0""",
    ),
    "I8": (
        "purchase-order lines received beyond their tolerance or unlike their receipts, and receipts unlike the ledger",
        """SELECT (SELECT COUNT(*) FROM inventory_purchaseorderline line LEFT JOIN (SELECT purchase_order_line_id,
           SUM(quantity) AS units FROM inventory_receiptline GROUP BY 1) came ON came.purchase_order_line_id = line.id
           WHERE line.received <> COALESCE(came.units, 0) OR line.received > line.ordered + line.tolerance)
           + (SELECT COUNT(*) FROM (SELECT level.product_id, level.warehouse_id, SUM(entry.delta) AS units
           FROM inventory_stockentry entry JOIN inventory_stocklevel level ON level.id = entry.stock_level_id
           WHERE entry.kind = 'receipt' GROUP BY 1, 2) booked FULL JOIN (SELECT line.product_id, po.warehouse_id,
           SUM(came.quantity) AS units FROM inventory_receiptline came
           JOIN inventory_purchaseorderline line ON line.id = came.purchase_order_line_id
           JOIN inventory_purchaseorder po ON po.id = line.purchase_order_id GROUP BY 1, 2) came
           USING (product_id, warehouse_id) WHERE COALESCE(booked.units, 0) <> COALESCE(came.units, 0))""",
    ),
    "I9": (
        "facts whose message is not in the outbox, and messages without a fact",
        f"""SELECT COUNT(*) FROM ({_OPEN_MESSAGE_KEYS}) fact FULL JOIN
           (SELECT id, dedupe_key FROM notifications_message
           WHERE kind NOT IN ({_WITHOUT_A_FACT}) AND NOT is_test) message
           ON message.dedupe_key = fact.message_key WHERE message.id IS NULL OR fact.message_key IS NULL""",
    ),
    "I10": (
        "orders whose status differs from what their lines say",
        f"""SELECT COUNT(*) FROM backorders_salesorder o JOIN (SELECT order_id, {STATUS_BY_LINES} AS status
           FROM backorders_orderline GROUP BY 1) lines ON lines.order_id = o.id WHERE o.status <> lines.status""",
    ),
    "I11": (
        "stock levels that a recent run gave to a line although a line ahead of it was short, for no stated reason",
        """SELECT COUNT(*) FROM (SELECT FROM backorders_runresult result JOIN backorders_allocationrun run
           ON run.id = result.run_id AND run.kind NOT IN ('simulation', 'rollback')
           AND run.policy_snapshot ->> 'method' = 'sequence'
           AND run.started_at > (SELECT MAX(started_at) FROM backorders_allocationrun) - interval '2 days'
           JOIN inventory_product product ON product.id = result.product_id
           GROUP BY run.id, result.product_id, result.warehouse_id
           HAVING MIN(rank) FILTER (WHERE after < open AND reason NOT IN ('pack_remainder', 'strategy_fill',
           'held_back_below_minimum_fill', 'strategy_lose', 'exception', 'pool_blocked', 'kept_for_a_quota',
           'order_cannot_complete', 'no_warehouse_has_all', 'waits_for_goods', 'lent')
           AND NOT (reason = 'taken_back' AND pack_size > 1))  -- what is left is less than its new pack
           < MAX(rank) FILTER (WHERE after > before)) overtaken""",
    ),
    "I12": (
        "audit seals that do not fit the one before, or of the newest their rows",
        broken_newest(),
    ),
}


@dataclass(frozen=True, slots=True)
class InvariantReport:
    """How many rows break each invariant; all zero is right."""

    violations: dict[str, int]

    @property
    def ok(self) -> bool:
        return not any(self.violations.values())

    def sentences(self) -> list[str]:
        return [f"{name}: {count} {INVARIANTS[name][0]}." for name, count in self.violations.items() if count]


def check_invariants() -> InvariantReport:
    """Count the violations of I1 to I12 in one snapshot."""
    columns = ", ".join(f'({sql}) AS "{name}"' for name, (_, sql) in INVARIANTS.items())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}")
        row = cursor.fetchone()
    return InvariantReport({name: int(count) for name, count in zip(INVARIANTS, row, strict=True)})
