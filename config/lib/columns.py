"""Many rows as columns: numpy arrays out of a query and into a table, by COPY in PostgreSQL's binary format.

A row costs no Python object on the way: a million lines are read and written in a fraction of the time of tuples.
"""

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from django.db import connection, models

Array = np.ndarray[Any, Any]

EPOCH = date(2000, 1, 1)
_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_ARRAY_HEADER = 20  # dimensions, nulls, type, length and first index, four bytes each
_FORMATS = {  # as PostgreSQL sends them: dates are days, moments microseconds since 2000
    "smallint": ">i2",
    "integer": ">i4",
    "bigint": ">i8",
    "date": ">i4",
    "boolean": "u1",
    "timestamp with time zone": ">i8",
}
_OIDS = {"boolean": 16, "bigint": 20, "integer": 23, "text": 25, "date": 1082}


class Words(NamedTuple):
    """A column of few different texts: for each row the place of its text in `texts`."""

    places: Array
    texts: Sequence[str]


class Nullable(NamedTuple):
    """A column of numbers or days of which some are missing."""

    values: Array
    missing: Array


Column = Array | Words | Nullable
Value = int | str | datetime | None


class _Piece(NamedTuple):
    """The bytes of one column, a row each, and which of them count; None: all do."""

    bytes: Array
    counted: Array | None


def read_columns(select: str, parameters: Mapping[str, Any], formats: Mapping[str, str]) -> dict[str, Array]:
    """The answer of a query as one array per column, the rows in its order.

    `formats` names the columns of the query with `i8` for bigint and `f8` for double precision; nothing may be null.
    The server gathers each column into one value: PostgreSQL's COPY would send, and Python receive, row by row.
    """
    gathered = ", ".join(f'array_send(array_agg("{name}"))' for name in formats)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {gathered} FROM ({select}) AS answer", parameters)  # noqa: S608 - no word from outside
        sent = cursor.fetchone()
    return {name: _array(value, as_) for (name, as_), value in zip(formats.items(), sent, strict=True)}


def _array(sent: bytes | None, as_: str) -> Array:
    if sent is None:
        return np.zeros(0, dtype=as_)
    cells = np.frombuffer(sent, dtype=[("length", ">i4"), ("value", f">{as_}")], offset=_ARRAY_HEADER)
    return cells["value"].astype(as_)


def copy_columns(model: type[models.Model], columns: Mapping[str, Column], **values: Value) -> None:
    """Append rows given as columns of one length; `values` are the same in all rows. Triggers and constraints apply."""
    [count] = {len(column if isinstance(column, np.ndarray) else column[0]) for column in columns.values()}
    if not count:
        return
    fields = {field.name: field for field in model._meta.concrete_fields}
    kinds = {name: str(fields[name].db_type(connection)) for name in [*columns, *values]}
    named = ", ".join(f'"{fields[name].column}"' for name in kinds)
    pieces = [_same(struct.pack(">h", len(kinds)), count)]
    pieces += [_piece(column, kinds[name]) for name, column in columns.items()]
    pieces += [_same(_field(value, kinds[name]), count) for name, value in values.items()]
    _copy(model, named, _joined(pieces))


def copy_arrays(model: type[models.Model], columns: Mapping[str, Column], **values: Value) -> None:
    """Send columns of one length as one row, each as an array; `values` are the other fields of the row."""
    fields = {field.name: field for field in model._meta.concrete_fields}
    kinds = {name: str(fields[name].db_type(connection)) for name in [*values, *columns]}
    named = ", ".join(f'"{fields[name].column}"' for name in kinds)
    sent = [struct.pack(">h", len(kinds))]
    sent += [_field(value, kinds[name]) for name, value in values.items()]
    for name, column in columns.items():
        array = _array_field(column, kinds[name].removesuffix("[]"))
        sent.append(struct.pack(">i", len(array)) + array)
    _copy(model, named, b"".join(sent))


def _array_field(column: Column, kind: str) -> bytes:
    piece = _piece(column, kind)
    if not len(piece.bytes):
        return struct.pack(">iii", 0, 0, _OIDS[kind])
    header = struct.pack(">iiiii", 1, isinstance(column, Nullable), _OIDS[kind], len(piece.bytes), 1)
    return header + (piece.bytes if piece.counted is None else piece.bytes[piece.counted]).tobytes()


def _copy(model: type[models.Model], named: str, rows: bytes) -> None:
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f'COPY "{model._meta.db_table}" ({named}) FROM STDIN (FORMAT binary)') as copy,
    ):
        copy.write(_SIGNATURE + rows + _END)


def days_of(day: date) -> int:
    """A day as PostgreSQL and the columns count it."""
    return (day - EPOCH).days


def _piece(column: Column, kind: str) -> _Piece:
    if isinstance(column, Words):
        return _words(column, kind)
    if isinstance(column, Nullable):
        piece = _numbers(column.values, kind)
        counted = np.ones(piece.bytes.shape, dtype=bool)
        counted[column.missing, 4:] = False
        piece.bytes[column.missing, :4] = 0xFF  # a length of -1 is a null
        return _Piece(piece.bytes, counted)
    return _numbers(column, kind)


def _numbers(values: Array, kind: str) -> _Piece:
    form = np.dtype(_FORMATS[kind])
    cells = np.empty(len(values), dtype=[("length", ">i4"), ("value", form)])
    cells["length"], cells["value"] = form.itemsize, values
    return _Piece(cells.view("u1").reshape(len(values), -1), None)


def _words(column: Words, kind: str) -> _Piece:
    fields = [_field(text, kind) for text in column.texts]
    width = max(map(len, fields), default=0)
    table = np.frombuffer(b"".join(field.ljust(width, b"\0") for field in fields), dtype="u1").reshape(-1, width)
    counted = np.arange(width) < np.array([len(field) for field in fields]).reshape(-1, 1)
    return _Piece(table[column.places], None if counted.all() else counted[column.places])


def _field(value: Value, kind: str) -> bytes:
    if value is None:
        return struct.pack(">i", -1)
    if isinstance(value, str):
        sent = value.encode()
    else:
        number = (value - _MOMENT) // timedelta(microseconds=1) if isinstance(value, datetime) else value
        sent = np.array(number, dtype=_FORMATS[kind]).tobytes()
    return struct.pack(">i", len(sent)) + sent


def _same(field: bytes, count: int) -> _Piece:
    return _Piece(np.broadcast_to(np.frombuffer(field, dtype="u1"), (count, len(field))), None)


def _joined(pieces: Sequence[_Piece]) -> bytes:
    rows = np.concatenate([piece.bytes for piece in pieces], axis=1)
    counted = None
    ends = np.cumsum([piece.bytes.shape[1] for piece in pieces]).tolist()
    for piece, end in zip(pieces, ends, strict=True):
        if piece.counted is not None:
            counted = np.ones(rows.shape, dtype=bool) if counted is None else counted
            counted[:, end - piece.bytes.shape[1] : end] = piece.counted
    return (rows if counted is None else rows[counted]).tobytes()
