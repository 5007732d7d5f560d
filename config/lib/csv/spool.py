"""Rows waiting on disk until the whole file is read: the rows of one document may stand anywhere in it."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from config.lib.csv.rows import Texts

BATCH = 2_000


class Spool:
    """A private file that vanishes with the process; memory stays small however long the import is."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self._width = len(fields)
        self._database = sqlite3.connect("", isolation_level=None)
        columns = ", ".join(f'"{field}" TEXT' for field in fields)
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "PRAGMA cache_size = -65536",
            f"CREATE TABLE spooled (line INTEGER PRIMARY KEY, document TEXT, {columns})",
        ):
            self._database.execute(statement)

    def close(self) -> None:
        self._database.close()

    def fill(self, rows: Iterable[tuple[int, str, Texts]]) -> None:
        """Line, document, texts; in ascending order of lines."""
        places = ", ".join("?" * (2 + self._width))
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
        rows = iter(cursor.fetchmany, [])
        for _, of_document in groupby((row for block in rows for row in block), key=itemgetter(0)):
            yield [(row[1], row[3:]) for row in of_document]

    def most_frequent(self, key: str, *fields: str) -> Iterator[tuple[str, ...]]:
        """Each value of `key`, whatever its letter case, with the text that each of `fields` most often has there."""
        chosen = ", ".join(
            f"""(SELECT "{field}" FROM spooled WHERE folded("{key}") = keys.k AND "{field}" <> ''
                 GROUP BY 1 ORDER BY COUNT(*) DESC, MIN(line) LIMIT 1)"""  # noqa: S608
            for field in fields
        )
        self._database.create_function("folded", 1, str.casefold, deterministic=True)
        self._database.execute(f'CREATE INDEX IF NOT EXISTS "by_{key}" ON spooled (folded("{key}"))')
        yield from self._database.execute(
            f"""SELECT first, {chosen} FROM (
                    SELECT folded("{key}") AS k, "{key}" AS first, MIN(line) FROM spooled WHERE "{key}" <> '' GROUP BY 1
                ) AS keys"""  # noqa: S608
        )
