"""Stock counts as CSV: booked together, and one by one where allocations have to give way."""

from collections.abc import Sequence

from backorders.services.corrections import count_stock
from config.lib.csv.importing import Job, RowKind
from config.lib.csv.rows import Row
from config.lib.errors import DomainError
from config.lib.outcomes import UPDATED, Outcome, rejected
from inventory.exchange.stock_files import COLUMNS, KEY, amount_of, count_of
from inventory.services.counts import ShortCount, book_counts


def _save(rows: Sequence[Row], job: Job) -> list[Outcome]:
    booked = book_counts(counts=[count_of(row.values) for row in rows], source=job.source, by=job.by, now=job.now)
    outcomes = booked.outcomes | {position: _lower(count, job) for position, count in booked.short.items()}
    job.touched.update(booked.products)
    return [outcomes[position] for position in range(len(rows))]


def _lower(count: ShortCount, job: Job) -> Outcome:
    try:
        count_stock(
            product_id=count.product_id,
            warehouse_id=count.warehouse_id,
            counted=count.counted,
            reason=count.reason,
            key=count.key,
            by=job.by,
            now=job.now,
        )
    except DomainError as error:
        return rejected(str(error))
    return UPDATED


STOCK_COUNTS = RowKind(name="stock-counts", columns=COLUMNS, key=KEY, save=_save, amount=amount_of)
