"""Reading a CSV file row by row: what is wrong with the file stops it, what is wrong with a row is told of that row."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

from config.lib.csv.writing import restore_cell
from config.lib.errors import DomainError

GZIP_MAGIC = b"\x1f\x8b"
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)
SEPARATORS = ",;\t"
LONGEST_HEADER = 20_000
_SURROGATE = re.compile("[\ud800-\udfff]")


class FileRefused(DomainError):
    """The file as a whole cannot be read; nothing of it was imported."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may have at most; None is no limit."""

    rows: int | None = None
    columns: int | None = 200
    cell: int = 10_000
    compressed: bool = True


NO_LIMITS = Limits()


@dataclass(slots=True)
class Record:
    """One row as it stands in the file. `line` is where it begins; `flaw` says why it cannot be used at all."""

    line: int
    cells: list[str]
    flaw: str = ""


@dataclass(slots=True)
class _Lines:
    """The physical lines on their way to csv.reader, counted, with the flaws that csv.reader would not notice."""

    text: IO[str]
    count: int = 0
    first: int = 0
    flaw: str = ""
    apostrophe: bool = False
    raw: list[str] = field(default_factory=list)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        try:
            line = next(self.text)
        except DAMAGED as error:
            raise FileRefused(f"The compressed file is damaged after line {self.count:,}: {error}.") from None
        self.count += 1
        self.raw.append(line)
        if not line.isascii() and (stray := _SURROGATE.search(line)):
            self.flaw = f"is not UTF-8 (byte 0x{ord(stray[0]) - 0xDC00:02X} at character {stray.start() + 1})"
        if "\0" in line:
            self.flaw = "contains a NUL byte"
        if "'" in line:
            self.apostrophe = True
        return line

    def begin_record(self) -> None:
        self.raw.clear()
        self.flaw = ""
        self.apostrophe = False
        self.first = self.count + 1


class CsvReader:
    """The header of an open file, and then its rows, one after the other."""

    def __init__(self, text: IO[str], *, limits: Limits = NO_LIMITS) -> None:
        self._lines = _Lines(text)
        self._limits = limits
        first = self._first_line()
        self.separator = max(SEPARATORS, key=first.count)
        self._reader = csv.reader(self._lines, delimiter=self.separator, strict=True)
        self.header = _checked_header(self._parsed(first), limits)

    def _first_line(self) -> str:
        line = self._lines.text.readline(LONGEST_HEADER)
        self._lines.count = 1
        if not line.strip():
            raise FileRefused("The file is empty: its first line must name the columns.")
        if len(line) >= LONGEST_HEADER:
            raise FileRefused("The first line is too long for the names of columns: is this a CSV file?")
        if "\0" in line or _SURROGATE.search(line):
            raise FileRefused("The first line is not plain UTF-8 text: is this a CSV file?")
        return line

    def _parsed(self, line: str) -> list[str]:
        try:
            return next(csv.reader([line], delimiter=self.separator, strict=True))
        except csv.Error as error:
            raise FileRefused(f"The first line cannot be read: {error}.") from None

    def __iter__(self) -> Iterator[Record]:
        """Every row but the wholly blank lines. A row that cannot be used has a `flaw` and its text as it stands."""
        lines, seen, most = self._lines, 0, self._limits.rows
        while True:
            lines.begin_record()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                record = Record(lines.first, ["".join(lines.raw).rstrip("\r\n")[: self._limits.cell]], _told(error))
            else:
                if not cells:
                    continue
                record = self._record(cells)
            seen += 1
            if most is not None and seen > most:
                raise FileRefused(f"The file has more than {most:,} rows: split it, or use import_csv.")
            yield record

    def _record(self, cells: list[str]) -> Record:
        record = Record(self._lines.first, cells, self._lines.flaw)
        if record.flaw:
            return record
        if len(cells) != len(self.header):
            record.flaw = f"has {len(cells)} cells, but the first line names {len(self.header)} columns"
        elif max(map(len, cells)) > self._limits.cell:
            record.flaw = f"has a cell of more than {self._limits.cell:,} characters"
        elif self._lines.apostrophe:
            record.cells = [restore_cell(cell) for cell in cells]
        return record


def _told(error: csv.Error) -> str:
    text = str(error)
    if "field larger" in text or "unexpected end" in text:
        return "opens a quote that is never closed"
    return f"cannot be read: {text}"


def _checked_header(names: list[str], limits: Limits) -> list[str]:
    header = [name.strip() for name in names]
    if limits.columns is not None and len(header) > limits.columns:
        raise FileRefused(f"The file has {len(header)} columns; {limits.columns} are allowed.")
    if "" in header:
        raise FileRefused(f"Column {header.index('') + 1} has no name in the first line.")
    seen: set[str] = set()
    for name in header:
        if name.casefold() in seen:
            raise FileRefused(f"The column {name!r} stands in the first line twice.")
        seen.add(name.casefold())
    return header


def _decoded(binary: Any, encoding: str) -> io.TextIOWrapper:
    try:
        return io.TextIOWrapper(binary, encoding=encoding, errors="surrogateescape", newline="")
    except LookupError:
        raise FileRefused(f"There is no encoding {encoding!r}.") from None


@contextmanager
def open_csv(
    source: Path | BinaryIO, *, encoding: str = "utf-8-sig", limits: Limits = NO_LIMITS
) -> Iterator[CsvReader]:
    """Open a file (gzip is noticed by its first bytes) and read its header. Raises FileRefused."""
    try:
        binary = source.open("rb") if isinstance(source, Path) else source
    except OSError as error:
        raise FileRefused(f"{source} cannot be opened: {error.strerror}.") from None
    try:
        binary.seek(0)
        start = binary.read(2)
        binary.seek(0)
        if start == GZIP_MAGIC and not limits.compressed:
            raise FileRefused("The file is compressed: unpack it first.")
        unpacked = gzip.GzipFile(fileobj=binary) if start == GZIP_MAGIC else binary
        if start in {b"\xff\xfe", b"\xfe\xff"}:
            raise FileRefused("The file is UTF-16: save it as CSV UTF-8.")
        if start == b"PK":
            raise FileRefused("The file is a workbook or a ZIP archive: save it as CSV UTF-8.")
        text = _decoded(unpacked, encoding)
        try:
            yield CsvReader(text, limits=limits)
        finally:
            text.detach()
    except DAMAGED as error:
        raise FileRefused(f"The compressed file is damaged: {error}.") from None
    except OSError as error:
        raise FileRefused(f"{source} cannot be read: {error.strerror or error}.") from None
    finally:
        if isinstance(source, Path):
            binary.close()
