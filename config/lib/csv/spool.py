"""Rows waiting on disk until the whole file is read: the rows of one document may stand anywhere in it."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter

from config.lib.csv.rows import Texts

BATCH = 2_000


class Spool:
    """A private file that vanishes with the process; memory stays small however long the import is.

    Its columns are the line in the file, the document, and f0, f1, … for the fields.
    """

    def __init__(self, fields: tuple[str, ...], constants: Mapping[str, str]) -> None:
        self._columns = {field: f"f{position}" for position, field in enumerate(fields)}
        self._constants = constants
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.create_function("folded", 1, str.casefold, deterministic=True)
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "PRAGMA cache_size = -65536",
            f"CREATE TABLE spooled (line INTEGER PRIMARY KEY, document TEXT, {', '.join(self._columns.values())})",
        ):
            self._database.execute(statement)

    def close(self) -> None:
        self._database.close()

    def fill(self, rows: Iterable[tuple[int, str, Texts]]) -> None:
        """Line, document, texts; in ascending order of lines."""
        places = ", ".join("?" * (2 + len(self._columns)))
        self._database.execute("BEGIN")
        self._database.executemany(
            f"INSERT INTO spooled VALUES ({places})",  # noqa: S608
            ((line, document, *texts) for line, document, texts in rows),
        )
        self._database.execute("COMMIT")

    def documents(self) -> Iterator[list[tuple[int, Texts]]]:
        """The rows of each document, documents in the order of their first rows."""
        cursor = self._database.execute(
            "SELECT MIN(line) OVER (PARTITION BY document) AS first, * FROM spooled ORDER BY first, line"
        )
        cursor.arraysize = BATCH
        rows = (row for block in iter(cursor.fetchmany, []) for row in block)
        for _, of_document in groupby(rows, key=itemgetter(0)):
            yield [(row[1], row[3:]) for row in of_document]

    def most_frequent(self, key: str, *fields: str) -> Iterator[tuple[str, ...]]:
        """Each value of `key`, whatever its letter case, with the text that each of `fields` most often has there."""
        if key not in self._columns:
            return
        column = self._columns[key]
        self._database.execute(f"CREATE INDEX IF NOT EXISTS by_{column} ON spooled (folded({column}))")
        chosen = ", ".join(self._most_frequent(field, column) for field in fields)
        constants = [self._constants.get(field, "") for field in fields if field not in self._columns]
        yield from self._database.execute(
            f"""SELECT first, {chosen} FROM (
                    SELECT folded({column}) AS k, {column} AS first, MIN(line)
                    FROM spooled WHERE {column} <> '' GROUP BY 1
                ) AS keys""",  # noqa: S608
            constants,
        )

    def _most_frequent(self, field: str, key: str) -> str:
        column = self._columns.get(field)
        if column is None:
            return "?"
        return f"""COALESCE((
            SELECT {column} FROM spooled WHERE folded({key}) = keys.k AND {column} <> ''
            GROUP BY 1 ORDER BY COUNT(*) DESC, MIN(line) LIMIT 1), '')"""  # noqa: S608
