"""From the cells of a file to the values of a kind: mapping, skipping, parsing, with a reason for every refusal."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from config.lib.csv.cells import Column
from config.lib.csv.mapping import FileMapping, Source, Transform
from config.lib.csv.reading import CsvReader, FileRefused, open_csv

LONGEST_SHOWN = 60
MOST_LOOKED_UP = 1_000_000
MOST_REMEMBERED = 20_000

Texts = tuple[str, ...]


class RowSkipped(Exception):
    """The mapping says that this row is none of ours."""


class RowRejected(Exception):
    """The row cannot be used; says which fields and why."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be used: its line in the file and the values of its filled cells, by field."""

    line: int
    values: dict[str, Any]


class LookupTable:
    """A file beside the file, by its key: one row more for each of our rows."""

    def __init__(self, path: Path, key: str) -> None:
        with open_csv(path) as reader:
            self.columns = reader.header
            if key not in reader.header:
                raise FileRefused(f"{path.name} has no column {key!r}.")
            self.key, position = key, reader.header.index(key)
            self._rows: dict[str, list[str]] = {}
            for record in reader:
                if record.flaw:
                    raise FileRefused(f"{path.name}, line {record.line}: {record.flaw}.")
                self._rows[record.cells[position].strip()] = record.cells
                if len(self._rows) > MOST_LOOKED_UP:
                    raise FileRefused(f"{path.name} has too many rows to be looked up.")

    def __call__(self, key: str) -> list[str]:
        try:
            return self._rows[key.strip()]
        except KeyError:
            raise RowRejected(f"{self.key} {_shown(key)} is not in the file that is looked up") from None


class Binding:
    """A mapping and the columns of a kind, bound to the header of one file."""

    def __init__(
        self,
        reader: CsvReader,
        columns: Sequence[Column],
        mapping: FileMapping,
        *,
        optional: Iterable[str] = (),
        folder: Path | None = None,
    ) -> None:
        """`optional` fields need no column although they are required in a row: somebody else fills them."""
        header = list(reader.header)
        self._lookups: list[tuple[int, LookupTable]] = []
        for lookup in mapping.lookups:
            if folder is None:
                raise FileRefused(f"This mapping needs {lookup.file} beside the file: use import_csv.")
            table = LookupTable(folder / lookup.file, lookup.key)
            self._lookups.append((_position(header, (lookup.key,), f"the key of {lookup.file}"), table))
            header += [name if name not in header else f"{lookup.file}:{name}" for name in table.columns]
        self._skips = [(_position(header, rule.columns, rule.reason), rule) for rule in mapping.skips]
        self._takers: list[tuple[Column, int, Transform | None]] = []
        self.constants: dict[str, str] = {}
        self._bind(header, columns, mapping, set(optional))
        self.fields = tuple(column.name for column, *_ in self._takers)
        self._parsers = tuple((column.name, column.parser(mapping.zone)) for column, *_ in self._takers)
        self._positions = [position for _, position, _ in self._takers]
        self._transforms = [(at, change) for at, (_, _, change) in enumerate(self._takers) if change]
        self._good: list[set[str]] = [set() for _ in self._takers]
        self._required = [at for at, (column, *_) in enumerate(self._takers) if column.required]
        self._fixed = self._parsed_constants(columns, mapping)
        self.ignored = [] if mapping.columns else _ignored(header, columns)

    def _bind(self, header: list[str], columns: Sequence[Column], mapping: FileMapping, optional: set[str]) -> None:
        sources = mapping.columns or {column.name: Source(columns=(column.name,)) for column in columns}
        if unknown := sorted(set(sources) - {column.name for column in columns}):
            raise FileRefused(f"The mapping {mapping.name} fills the unknown field {unknown[0]!r}.")
        missing = []
        for column in columns:
            source = sources.get(column.name)
            position = None if source is None else _found(header, source.columns)
            if source is not None and not source.columns:
                self.constants[column.name] = source.constant
            elif source is not None and position is not None:
                self._takers.append((column, position, source.transform))
            elif column.required and column.name not in optional:
                missing.append(" or ".join(source.columns) if source else column.name)
        if missing:
            raise FileRefused(
                f"The file has no column {', '.join(missing)}. Its columns are: {', '.join(header) or 'none'}."
            )

    def texts(self, cells: list[str]) -> Texts:
        """The text of each bound field. Raises RowSkipped, RowRejected."""
        for position, table in self._lookups:
            cells = cells + table(cells[position])
        for position, rule in self._skips:
            if rule.test(cells[position].strip()):
                raise RowSkipped(rule.reason)
        texts = [cells[position].strip() for position in self._positions]
        for at, transform in self._transforms:
            texts[at] = transform(texts[at])
        return tuple(texts)

    def check(self, texts: Texts) -> None:
        """The same refusals as `values`; what was seen before is not parsed again. Raises RowRejected."""
        for at, (text, good) in enumerate(zip(texts, self._good, strict=True)):
            if text and text not in good:
                if len(good) >= MOST_REMEMBERED:
                    good.clear()
                try:
                    self._parsers[at][1](text)
                except ValidationError:
                    raise RowRejected(self._told(texts)) from None
                good.add(text)
        for at in self._required:
            if not texts[at]:
                raise RowRejected(self._told(texts))

    def values(self, texts: Texts) -> dict[str, Any]:
        """The parsed values of the filled fields. Raises RowRejected with every field that is wrong."""
        try:
            values = {name: parse(text) for (name, parse), text in zip(self._parsers, texts, strict=True) if text}
        except ValidationError:
            raise RowRejected(self._told(texts)) from None
        for at in self._required:
            if not texts[at]:
                raise RowRejected(self._told(texts))
        return values | self._fixed if self._fixed else values

    def _told(self, texts: Texts) -> str:
        wrong = [f"{self.fields[at]} is empty" for at in self._required if not texts[at]]
        for (name, parse), text in zip(self._parsers, texts, strict=True):
            try:
                if text:
                    parse(text)
            except ValidationError as error:
                wrong.append(f"{name} {_shown(text)}: {error.messages[0].rstrip('.')}")
        return "; ".join(wrong)

    def _parsed_constants(self, columns: Sequence[Column], mapping: FileMapping) -> dict[str, Any]:
        try:
            parsers = {column.name: column.parser(mapping.zone) for column in columns}
            return {name: parsers[name](text) for name, text in self.constants.items() if text}
        except ValidationError as error:
            raise FileRefused(f"A constant of the mapping {mapping.name} cannot be used: {error.messages[0]}") from None


def _found(header: Sequence[str], names: Sequence[str]) -> int | None:
    folded = [name.casefold() for name in header]
    return next((folded.index(name.casefold()) for name in names if name.casefold() in folded), None)


def _position(header: Sequence[str], names: Sequence[str], purpose: str) -> int:
    position = _found(header, names)
    if position is None:
        raise FileRefused(f"The file has no column {' or '.join(names)}, needed for: {purpose}.")
    return position


def _ignored(header: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """Columns that nobody reads, with the field that may have been meant."""
    fields = [column.name for column in columns]
    missing = [field for field in fields if _found(header, (field,)) is None]
    names = []
    for name in header:
        if _found(fields, (name,)) is None:
            near = difflib.get_close_matches(name.casefold(), missing, n=1, cutoff=0.75)
            names.append(f"{name} (did you mean {near[0]}?)" if near else name)
    return names


def _shown(text: str) -> str:
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…")
