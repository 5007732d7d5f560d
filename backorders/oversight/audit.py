"""Sealing the append-only tables, so that a later change by whoever may bypass triggers is noticed."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from backorders.enums import AuditedLedger
from backorders.models import AuditSeal
from backorders.oversight.queries.audit import SEAL_HASH, content, table_of

ROWS_PER_SEAL = 100_000
SETTLED_AFTER = timedelta(hours=1)
SETTLED_ANYWAY = timedelta(days=1)  # numbers of transactions start anew when a database is restored elsewhere


def seal_audit(*, now: datetime) -> list[AuditSeal]:
    """Seal of each ledger what was there at the last sealing, an hour ago or more; returns the new seals.

    The first time, and where nothing was settled yet, only the place is noted up to which the next one goes.
    """
    return [seal for ledger in AuditedLedger for seal in _seal(ledger, now=now)]


@transaction.atomic
def _seal(ledger: AuditedLedger, *, now: datetime) -> list[AuditSeal]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"seal {ledger.value}"])
    last = AuditSeal.objects.filter(ledger=ledger).order_by("pk").last()
    observed_id, own_xid, oldest_xid = _look(ledger)
    if last is None:
        return [_write(ledger, None, upto=0, observed=(observed_id, own_xid), now=now)]
    age = now - last.sealed_at
    settled = age >= SETTLED_AFTER and (oldest_xid > last.observed_xid or age >= SETTLED_ANYWAY)
    if not settled or last.last_id == observed_id:
        return []
    upto = last.observed_id
    seals: list[AuditSeal] = []
    while not seals or last.last_id < upto:
        last = _write(
            ledger, last, upto=_batch_end(ledger, last.last_id, upto), observed=(observed_id, own_xid), now=now
        )
        seals.append(last)
    return seals


def _look(ledger: AuditedLedger) -> tuple[int, int, int]:
    """The highest id, the number of this transaction, and that of the oldest one still running.

    Whoever wrote before has a lower number than this transaction. (A snapshot's xmax would not do: a transaction that
    still runs may have that very number.)
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT COALESCE(MAX(id), 0), pg_current_xact_id()::text::bigint,
            pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM {table_of(ledger)}"""  # noqa: S608 - our table
        )
        return cursor.fetchone()


def _batch_end(ledger: AuditedLedger, after: int, upto: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {table_of(ledger)} WHERE id > %s AND id <= %s ORDER BY id OFFSET %s LIMIT 1",  # noqa: S608
            [after, upto, ROWS_PER_SEAL - 1],
        )
        row = cursor.fetchone()
    return row[0] if row else upto


def _write(
    ledger: AuditedLedger, last: AuditSeal | None, *, upto: int, observed: tuple[int, int], now: datetime
) -> AuditSeal:
    values: dict[str, str | int | datetime | None] = {
        "ledger": ledger.value,
        "first": last.last_id + 1 if last else 1,
        "last": upto,
        "previous": last.hash if last else "",
        "observed_id": max(observed[0], upto),
        "observed_xid": observed[1],
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO backorders_auditseal (ledger, first_id, last_id, rows, digest, previous_hash, hash,
                observed_id, observed_xid, sealed_at)
            SELECT ledger, first_id, last_id, rows, digest, previous_hash, {SEAL_HASH},
                %(observed_id)s, %(observed_xid)s, %(now)s
            FROM (SELECT %(ledger)s AS ledger, %(first)s::bigint AS first_id, %(last)s::bigint AS last_id,
                rows, digest, %(previous)s AS previous_hash
                FROM ({content(ledger, "%(first)s", "%(last)s")}) found) seal
            RETURNING id""",  # noqa: S608 - our own SQL and parameters
            values,
        )
        [pk] = cursor.fetchone()
    return AuditSeal.objects.get(pk=pk)
