"""What the audit seals are computed from, and whether they still fit. All hashing is PostgreSQL's own."""

from typing import Any

from django.db import connection

from backorders.enums import AuditedLedger
from config.lib.text import counted

# The columns of a row's canonical text, in this order for ever: a new column makes a new ledger of seals.
_SEALED = {
    AuditedLedger.STOCK: (
        "inventory_stockentry",
        "id, stock_level_id, delta, kind, reason, reference, idempotency_key, reverses_id, made_by_id, made_at",
    ),
    AuditedLedger.TIMELINE: (
        "backorders_lineevent",
        "id, line_id, kind, quantity, note, run_id, message_key, made_by_id, made_at",
    ),
    AuditedLedger.PROMISES: (
        "backorders_promise",
        "id, line_id, promised_on, source, source_reference, cause, message_key, made_at",
    ),
    # Promises came to have a P50 when some were sealed already.
    AuditedLedger.LIKELY_DATES: ("backorders_promise", "id, line_id, p50_on, made_at"),
}

# `seal` is a row with first_id, last_id and so on; all texts are independent of the session's settings.
SEAL_HASH = """encode(sha256(convert_to(
    concat_ws('|', seal.previous_hash, seal.ledger, seal.first_id, seal.last_id, seal.rows, seal.digest),
    'UTF8')), 'hex')"""
_SEALS_IN_ORDER = """SELECT *,
    lag(hash, 1, '') OVER one_ledger AS hash_before, lag(last_id, 1, 0::bigint) OVER one_ledger AS ended FROM
    backorders_auditseal WINDOW one_ledger AS (PARTITION BY ledger ORDER BY id)"""
_LINK_BREAKS = f"seal.previous_hash <> seal.hash_before OR seal.first_id <> seal.ended + 1 OR seal.hash <> {SEAL_HASH}"


def table_of(ledger: AuditedLedger) -> str:
    return _SEALED[ledger][0]


def content(ledger: AuditedLedger, first: str, last: str) -> str:
    """SQL: how many rows lie between two ids, and the digest of their canonical texts."""
    table, columns = _SEALED[ledger]
    text = f"jsonb_build_array({columns.replace('made_at', 'EXTRACT(EPOCH FROM made_at)')})::text"
    digest = f"string_agg(sha256(convert_to({text}, 'UTF8')), ''::bytea ORDER BY id)"
    return f"""SELECT COUNT(*) AS rows, encode(sha256(COALESCE({digest}, ''::bytea)), 'hex') AS digest
        FROM {table} WHERE id BETWEEN {first} AND {last}"""  # noqa: S608 - our own tables and parameters


def broken_newest() -> str:
    """SQL: how many links of the chains are broken, and how many newest seals do not fit their rows any more."""
    newest = " UNION ALL ".join(
        f"""SELECT FROM (SELECT * FROM backorders_auditseal WHERE ledger = '{ledger}' ORDER BY id DESC LIMIT 1) seal,
            LATERAL ({content(ledger, "seal.first_id", "seal.last_id")}) now_there
            WHERE (seal.rows, seal.digest) <> (now_there.rows, now_there.digest)"""  # noqa: S608
        for ledger in AuditedLedger
    )
    return f"""SELECT (SELECT COUNT(*) FROM ({_SEALS_IN_ORDER}) seal WHERE {_LINK_BREAKS})
        + (SELECT COUNT(*) FROM ({newest}) unlike)"""  # noqa: S608


def first_broken_seal(ledger: AuditedLedger) -> dict[str, Any] | None:
    """Compute all seals of a ledger anew; the first that does not fit, with what is wrong about it."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT seal.id, seal.first_id, seal.last_id, {_LINK_BREAKS} AS link_breaks, seal.rows, now_there.rows
            FROM ({_SEALS_IN_ORDER}) seal, LATERAL ({content(ledger, "seal.first_id", "seal.last_id")}) now_there
            WHERE seal.ledger = %s
            AND (({_LINK_BREAKS}) OR (seal.rows, seal.digest) <> (now_there.rows, now_there.digest))
            ORDER BY seal.id LIMIT 1""",  # noqa: S608
            [ledger.value],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    pk, first, last, link_breaks, sealed, there = row
    problem = (
        "the chain of seals is broken"
        if link_breaks
        else f"{counted(there, 'row is,rows are')} there, {sealed} were sealed"
        if there != sealed
        else "the rows say something else than when they were sealed"
    )
    return {"seal": pk, "ledger": ledger.value, "first_id": first, "last_id": last, "problem": problem}
