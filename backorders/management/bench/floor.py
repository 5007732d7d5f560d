"""The floor of a run: COPY the open lines out, and COPY exactly the rows that the run wrote into empty tables whose
keys, checks and indexes are then built in bulk."""

import io
import time
from dataclasses import dataclass
from typing import Any

from django.db import connections, models

from backorders.models import Allocation, LineEvent, OrderLine, Promise, RunResult

# The allocations' keys into lines and pools are checked by trigger; the floor pays for them as foreign keys.
EXTRA_KEYS: dict[type[models.Model], list[str]] = {
    Allocation: [
        "FOREIGN KEY (line_id) REFERENCES backorders_orderline (id)",
        "FOREIGN KEY (stock_level_id) REFERENCES inventory_stocklevel (id)",
    ]
}


@dataclass(frozen=True)
class Written:
    """The rows of one table that a run wrote, as COPY sent them."""

    model: type[models.Model]
    rows: int
    data: bytes


def rows_of(run_id: int) -> list[Written]:
    """What the run wrote, read back."""
    selections = {
        Allocation: f"run_id = {run_id}",
        RunResult: f"run_id = {run_id}",
        LineEvent: f"run_id = {run_id}",
        Promise: "cause = 'run'",
    }
    return [_read(model, condition) for model, condition in selections.items()]


def seconds_of_floor(written: list[Written]) -> float:
    """Time the floor once; everything happens in a transaction of the owner that is rolled back."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("BEGIN")
        constraints = {entry.model: _empty_copy(cursor, entry.model) for entry in written}
        started = time.perf_counter()
        with cursor.copy(f"COPY (SELECT * FROM {_table(OrderLine)} WHERE is_open) TO STDOUT (FORMAT binary)") as copy:
            for _ in copy:
                pass
        for entry in written:
            with cursor.copy(f"COPY floor_{_table(entry.model)} FROM STDIN") as copy:
                copy.write(entry.data)
            for statement in constraints[entry.model]:
                cursor.execute(statement)
        elapsed = time.perf_counter() - started
        cursor.execute("ROLLBACK")
    return elapsed


def _read(model: type[models.Model], condition: str) -> Written:
    buffer = io.BytesIO()
    rows = 0
    with (
        connections["owner"].cursor() as cursor,
        cursor.copy(f"COPY (SELECT * FROM {_table(model)} WHERE {condition}) TO STDOUT") as copy,
    ):
        for chunk in copy:
            rows += bytes(chunk).count(b"\n")
            buffer.write(chunk)
    return Written(model, rows, buffer.getvalue())


def _empty_copy(cursor: Any, model: type[models.Model]) -> list[str]:
    """A table of the same columns; returns the statements that make its keys, checks and indexes."""
    table, floor = _table(model), f"floor_{_table(model)}"
    cursor.execute(f"CREATE TABLE {floor} (LIKE {table})")
    cursor.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype IN ('p', 'c', 'f')",
        [table],
    )
    definitions = [row[0] for row in cursor.fetchall()] + EXTRA_KEYS.get(model, [])
    cursor.execute(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND NOT indisprimary", [table]
    )
    indexes = [
        row[0].replace(" INDEX ", " INDEX floor_", 1).replace(f".{table} ", f".{floor} ", 1)
        for row in cursor.fetchall()
    ]
    return [f"ALTER TABLE {floor} ADD {definition}" for definition in definitions] + indexes


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table
