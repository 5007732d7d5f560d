"""Many rows at once: COPY in, ids in advance, long lists of ids as one parameter."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
from django.db import connection, models
from django.db.models import F, Lookup


def copy_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append `rows`, one value per field, by COPY; triggers and constraints apply, defaults of Python do not."""
    by_name = {field.name: field.column for field in model._meta.concrete_fields}
    columns = ", ".join(f'"{by_name[field]}"' for field in fields)
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,  # Django does so for execute(), not for copy()
        cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row(row)


def update_rows(rows: Collection[models.Model], fields: Sequence[str]) -> None:
    """Write these fields of rows that the caller has locked: one statement with an array for each field.

    `bulk_update` writes one CASE for each row and field, which for a hundred rows takes longer than the database does.
    """
    if not rows:
        return
    meta = next(iter(rows))._meta
    by_name = {field.name: field for field in meta.concrete_fields}
    by_column = {field.attname: field for field in meta.concrete_fields}
    written = [meta.pk, *(by_name.get(name) or by_column[name] for name in fields)]
    arrays = ", ".join(f"%s::{field.rel_db_type(connection)}[]" for field in written)
    names = ", ".join(f'"{field.column}"' for field in written)
    changes = ", ".join(f'"{field.column}" = new."{field.column}"' for field in written[1:])
    key = f'"{meta.db_table}"."{meta.pk.column}" = new."{meta.pk.column}"'
    statement = f'UPDATE "{meta.db_table}" SET {changes} FROM unnest({arrays}) AS new ({names}) WHERE {key}'  # noqa: S608
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows] for field in written]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """`count` primary keys for rows that are about to be copied in."""
    return _drawn(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", model._meta.db_table, count
    )


def next_numbers(sequence: str, count: int) -> list[int]:
    """`count` values of a named sequence, for the numbers of documents."""
    return _drawn("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", sequence, count)


def _drawn(statement: str, *parameters: str | int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]


def array_of(numbers: Iterable[int]) -> str:
    """Whole numbers as one parameter; psycopg would look at each of them, this only writes them down."""
    listed = numbers.tolist() if isinstance(numbers, np.ndarray) else list(numbers)
    return f"{{{str(listed)[1:-1]}}}"


class _AnyOf(Lookup):
    def get_prep_lookup(self) -> list[Any] | str:
        values = list(self.rhs)
        return array_of(values) if values and type(values[0]) is int else values

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, parameters = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.rel_db_type(connection)
        return f"{column} = ANY(%s::{kind}[])", [*parameters, self.rhs]


def any_of(field: str, values: Iterable[Any]) -> Lookup:
    """The condition `field in values` with one array parameter, where `__in` would write one parameter a value."""
    return _AnyOf(F(field), values)
