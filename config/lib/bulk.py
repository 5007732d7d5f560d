"""Many rows at once: COPY in, ids in advance."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def copy_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append `rows`, one value per field, by COPY; triggers and constraints apply, defaults of Python do not."""
    columns = ", ".join(f'"{model._meta.get_field(field).column}"' for field in fields)
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row(row)


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """`count` primary keys for rows that are about to be copied in."""
    return _from_sequence("pg_get_serial_sequence(%s, 'id')", [model._meta.db_table], count)


def next_numbers(sequence: str, count: int) -> list[int]:
    """`count` values of a named sequence, for the numbers of documents."""
    return _from_sequence("%s", [sequence], count)


def _from_sequence(name: str, parameters: list[str], count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval({name}::regclass) FROM generate_series(1, %s)", [*parameters, count])
        return [row[0] for row in cursor.fetchall()]
