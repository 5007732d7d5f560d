"""S27: history rewritten by who owns the machine. Every kind of tampering breaks a seal, and nothing else does."""

import contextlib
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from backorders.enums import RunKind
from backorders.models import AuditSeal, LineEvent
from backorders.oversight.audit import seal_audit
from backorders.oversight.queries.invariants import check_invariants
from backorders.runs.allocate_stock import allocate_stock
from tests.reliability import r08
from tests.reliability.scratch import act, as_superuser, scratch_database

SIZES = {"S": (4, 6), "M": (50, 100), "L": (500, 100)}
MIDDLE = "(SELECT id FROM {0} ORDER BY id OFFSET (SELECT COUNT(*) / 2 FROM {0}) LIMIT 1)"
NEXT_ONE = "(SELECT MIN(id) FROM {0} WHERE id > " + MIDDLE + ")"
TIMELINE, STOCK, PROMISES = "backorders_lineevent", "inventory_stockentry", "backorders_promise"
TAMPERING = {
    "nothing": [],
    "edit_a_quantity": [f"UPDATE {STOCK} SET delta = delta + 1 WHERE id = {MIDDLE.format(STOCK)}"],
    "edit_a_person": [f"UPDATE {TIMELINE} SET note = 'as agreed' WHERE id = {MIDDLE.format(TIMELINE)}"],
    "delete_in_the_middle": [f"DELETE FROM {TIMELINE} WHERE id = {MIDDLE.format(TIMELINE)}"],
    "delete_the_tail": [f"DELETE FROM {PROMISES} WHERE id = (SELECT MAX(id) FROM {PROMISES})"],
    "reorder": [
        f"CREATE TEMPORARY TABLE pair AS SELECT {MIDDLE.format(TIMELINE)} AS a, {NEXT_ONE.format(TIMELINE)} AS b",
        f"UPDATE {TIMELINE} SET id = -1 FROM pair WHERE id = a",
        f"UPDATE {TIMELINE} SET id = a FROM pair WHERE id = b",
        f"UPDATE {TIMELINE} SET id = b FROM pair WHERE id = -1",
    ],
    "insert": [
        f"""INSERT INTO {TIMELINE} (id, line_id, kind, quantity, note, message_key, made_at)
        SELECT missing, (SELECT MIN(line_id) FROM {TIMELINE}), 'placed', 1, '', '', now()
        FROM generate_series(1, (SELECT MAX(id) FROM {TIMELINE})) missing
        WHERE NOT EXISTS (SELECT FROM {TIMELINE} WHERE id = missing) LIMIT 1"""
    ],
    "edit_a_seal": ["UPDATE backorders_auditseal SET rows = rows + 1 WHERE ledger = 'stock' AND rows > 0"],
    "delete_a_seal": ["DELETE FROM backorders_auditseal WHERE ledger = 'stock' AND rows = 0"],
    "delete_rows_with_their_seal": [
        "DELETE FROM backorders_auditseal WHERE ledger = 'promises' AND rows > 0",
        f"DELETE FROM {PROMISES}",
    ],
}


def run(size: str) -> dict[str, Any]:
    products, lines = SIZES[size]
    with scratch_database("s27_world") as world, contextlib.ExitStack() as copies:
        heads = act("s27", "seal", world, products=products, lines=lines)
        names = {}
        for kind, statements in TAMPERING.items():
            clone = copies.enter_context(scratch_database(f"s27_{kind}", copy_of=world))
            as_superuser(clone, "SET session_replication_role = replica", *statements)
            names[clone.name] = kind
        return act("s27", "look", world, names=names, heads=heads)


def seal(*, products: int, lines: int) -> list[str]:
    r08.fill(products=products, lines=lines)
    with connection.cursor() as cursor:  # a gap, such as any transaction that was rolled back leaves
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [LineEvent._meta.db_table])
    allocate_stock(kind=RunKind.MANUAL, now=timezone.now())
    seal_audit(now=timezone.now())
    seal_audit(now=timezone.now() + timedelta(days=1))
    return list(AuditSeal.objects.filter(rows__gt=0).values_list("hash", flat=True))


def look(*, names: dict[str, str], heads: list[str]) -> dict[str, Any]:
    """In each tampered copy: what the command says, and what the invariant counts."""
    report = {}
    for name, kind in names.items():
        connections.close_all()
        connection.settings_dict["NAME"] = name
        report[kind] = {
            "noticed": _noticed(),
            "noticed_by_log": _noticed(*heads),
            "I12": check_invariants().violations["I12"],
        }
    connections.close_all()
    return report


def _noticed(*heads: str) -> bool:
    try:
        call_command("verify_audit", head=list(heads))
    except SystemExit as ended:
        return ended.code == 1
    return False
