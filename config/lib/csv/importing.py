"""Importing a file: read, map, parse, save in batches, and tell what became of every row. Knows no table.

A batch is one transaction. What is wrong with one row, even if only the database notices, is told of that row, and the
others are saved. A dry run does everything and rolls it back, so it tells exactly what the import would.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, InternalError, OperationalError, transaction

from config.lib.csv.cells import Column
from config.lib.csv.mapping import NO_MAPPING, FileMapping, MappingRefused
from config.lib.csv.reading import NO_LIMITS, CsvReader, FileRefused, Limits, open_csv
from config.lib.csv.report import Report
from config.lib.csv.rows import Binding, Row, RowRejected, RowSkipped, Texts
from config.lib.csv.spool import Spool
from config.lib.errors import DomainError
from config.lib.outcomes import Outcome, rejected
from config.lib.pages import is_busy

BATCH = 2_000
TRIES = 4

NOT_SAVED = (IntegrityError, DataError, InternalError, ValidationError, DomainError)

Values = Mapping[str, Any]
Outcomes = Mapping[int, Outcome]
Amount = Callable[[Values], tuple[int, Decimal]]
Document = Sequence[Row]
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Who imports, when, and for which source.

    `touched` collects the products for which goods arrived; `memory` is for what a kind need not look up again.
    """

    by: User | None
    now: datetime
    source: str = "csv"
    mapping: FileMapping = NO_MAPPING
    dry_run: bool = False
    strict: bool = False
    limits: Limits = NO_LIMITS
    progress: Progress = lambda stage, rows: None
    touched: set[int] = field(default_factory=set)
    memory: dict[str, dict[str, Any]] = field(default_factory=dict)


def no_amount(values: Values) -> tuple[int, Decimal]:
    return 0, Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKind:
    """A kind of file whose rows stand for themselves; `key` names the fields by which a row is known."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    save: Callable[[Sequence[Row], Job], Sequence[Outcome]]
    amount: Amount = no_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind:
    """A kind of file in which several rows, anywhere in the file, make a document; saved as whole documents.

    `save` answers by the lines of the rows. `prepare` sees all rows before the first is saved.
    """

    name: str
    columns: tuple[Column, ...]
    document: tuple[str, ...]
    save: Callable[[Sequence[Document], Job], Outcomes]
    amount: Amount = no_amount
    prepare: Callable[[Spool, Job], None] = lambda spool, job: None
    optional: Callable[[FileMapping], Iterable[str]] = lambda mapping: ()
    batch: int = BATCH


@dataclass
class _Import:
    """One import on its way: where the rows of the file go, and the report that grows."""

    reader: CsvReader
    binding: Binding
    job: Job
    report: Report
    amount: Amount
    seen: dict[tuple[str, ...], tuple[int, int]] = field(default_factory=dict)

    def usable(self) -> Iterator[tuple[int, Texts]]:
        """The rows that can be used, with their line; the others are in the report."""
        binding, report, progress = self.binding, self.report, self.job.progress
        for record in self.reader:
            report.rows += 1
            if report.rows % BATCH == 0:
                progress("read", report.rows)
            if record.flaw:
                report.reject(record.line, f"The row {record.flaw}.")
                continue
            try:
                texts = binding.texts(record.cells)
                binding.check(texts)
            except RowSkipped as skipped:
                report.skip(str(skipped))
            except RowRejected as refused:
                report.reject(record.line, f"{refused}.")
            else:
                yield record.line, texts

    def told(self, rows: Iterable[Row], outcomes: Outcomes) -> None:
        for row in rows:
            quantity, value = self.amount(row.values)
            self.report.add(row.line, outcomes[row.line], quantity=quantity, value=value)

    def once(self, rows: Iterable[Row], key: tuple[str, ...]) -> Iterator[Row]:
        """Without the rows that contradict an earlier row of the file."""
        for row in rows:
            known = tuple(str(row.values.get(part, "")).casefold() for part in key)
            content = hash(tuple(sorted((name, str(value)) for name, value in row.values.items())))
            first, same = self.seen.setdefault(known, (row.line, content))
            if first != row.line and same != content:
                self.report.reject(
                    row.line, f"{' '.join(filter(None, known))} stands in line {first} already, with other content."
                )
            else:
                yield row


def run_import(kind: RowKind | DocumentKind, source: Path | BinaryIO, job: Job) -> Report:
    """Import a file. Raises FileRefused or MappingRefused when nothing of it can be read."""
    mapping = job.mapping
    if mapping.kind and mapping.kind != kind.name:
        raise MappingRefused(f"The mapping {mapping.name} is for {mapping.kind}, not for {kind.name}.")
    report = Report(kind.name, dry_run=job.dry_run)
    optional = kind.optional(mapping) if isinstance(kind, DocumentKind) else ()
    folder = source.parent if isinstance(source, Path) else None
    with open_csv(source, encoding=mapping.encoding, limits=job.limits) as reader:
        binding = Binding(reader, kind.columns, mapping, optional=optional, folder=folder)
        report.ignored_columns = binding.ignored
        work = _Import(reader, binding, job, report, kind.amount)
        if isinstance(kind, RowKind):
            with _all_or_nothing(job, report):
                _save_rows(kind, work)
        else:
            _save_documents(kind, work)
    return report


class _all_or_nothing:  # noqa: N801 - reads as a statement
    """One transaction around everything where all of it may have to be taken back; else each batch commits.

    So it is for a dry run, for --strict, and where a limit may be met after the first rows.
    """

    def __init__(self, job: Job, report: Report) -> None:
        self._job, self._report = job, report
        whole = job.dry_run or job.strict or job.limits.rows is not None
        self._around = transaction.atomic() if whole else nullcontext()
        self._whole = whole

    def __enter__(self) -> None:
        self._around.__enter__()

    def __exit__(self, *error: Any) -> None:
        spoilt = self._job.strict and self._report.rejected > 0
        if error[0] is None and spoilt:
            self._report.take_back()
        if error[0] is None and (spoilt or self._job.dry_run):
            self._report.written = False
            transaction.set_rollback(True)
        self._around.__exit__(*error)
        if isinstance(error[1], FileRefused) and not self._whole and (saved := sum(self._report.changes.values())):
            message = f"{error[1]} {saved:,} rows before that are done; the repaired file will not do them again."
            raise FileRefused(message) from error[1]


def _save_rows(kind: RowKind, work: _Import) -> None:
    def save(batch: Sequence[Row]) -> Outcomes:
        return dict(zip([row.line for row in batch], kind.save(batch, work.job), strict=True))

    rows = work.once((Row(line, work.binding.values(texts)) for line, texts in work.usable()), kind.key)
    while batch := list(islice(rows, BATCH)):
        work.told(batch, _saved(batch, save, lambda row: [row.line]))
        work.job.progress("saved", work.report.rows)


def _save_documents(kind: DocumentKind, work: _Import) -> None:
    """Two passes: the rows of a document may stand apart, so they wait on disk until the file is read."""
    binding, job = work.binding, work.job
    at = [binding.fields.index(field) for field in kind.document if field in binding.fields]
    with closing(Spool(binding.fields, binding.constants)) as spool:
        spool.fill((line, "\n".join([texts[i] for i in at]).casefold(), texts) for line, texts in work.usable())
        with _all_or_nothing(job, work.report):
            kind.prepare(spool, job)
            done = 0
            for documents in _batches(spool, binding, kind.batch):
                outcomes = _saved(documents, lambda some: kind.save(some, job), lambda rows: [row.line for row in rows])
                rows = [row for document in documents for row in document]
                work.told(rows, outcomes)
                done += len(rows)
                job.progress("saved", done)


def _batches(spool: Spool, binding: Binding, size: int) -> Iterator[list[list[Row]]]:
    batch: list[list[Row]] = []
    waiting = 0
    for document in spool.documents():
        batch.append([Row(line, binding.values(texts)) for line, texts in document])
        waiting += len(document)
        if waiting >= size:
            yield batch
            batch, waiting = [], 0
    if batch:
        yield batch


def _saved(
    items: Sequence[Any], save: Callable[[Sequence[Any]], Outcomes], lines_of: Callable[[Any], list[int]]
) -> Outcomes:
    """Save a batch in one transaction; where that fails, halve it until the item that cannot be saved is alone."""
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return save(items)
        except OperationalError as error:
            if not is_busy(error) or attempt == TRIES:
                raise
            time.sleep(0.1 * attempt)
        except NOT_SAVED as error:
            if len(items) > 1:
                middle = len(items) // 2
                return {**_saved(items[:middle], save, lines_of), **_saved(items[middle:], save, lines_of)}
            if attempt > 1 or not isinstance(error, IntegrityError):
                return dict.fromkeys(lines_of(items[0]), rejected(_told(error)))
            # Somebody may have entered the same key meanwhile: the second try finds it.
    raise AssertionError("unreachable")


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return str(error).strip().splitlines()[0]
