"""Stock counts as CSV: booked together, and one by one where allocations have to give way."""

from collections.abc import Sequence

from backorders.fulfilment.stock_corrections import count_stock
from backorders.models import OrderLine
from config.lib.bulk import any_of
from config.lib.csv.importing import Job, RowKind
from config.lib.csv.rows import Row
from config.lib.errors import DomainError
from config.lib.outcomes import UPDATED, Outcome, rejected
from config.lib.upserts import by_code
from inventory.models import Product
from inventory.stock.counts import ShortCount, book_counts
from inventory.stock.files import COLUMNS, KEY, amount_of, count_of


def _save(rows: Sequence[Row], job: Job) -> list[Outcome]:
    _lock_queues(rows)
    booked = book_counts(counts=[count_of(row.values) for row in rows], source=job.source, by=job.by, now=job.now)
    outcomes = booked.outcomes | {position: _lower(count, job) for position, count in booked.short.items()}
    job.touched.update(booked.products)
    return [outcomes[position] for position in range(len(rows))]


def _lock_queues(rows: Sequence[Row]) -> None:
    """Lock the open lines before the stock, as runs do: a count that is short takes units from them."""
    products = by_code(Product.objects.all(), "sku", (row.values["sku"] for row in rows)).values()
    lines = OrderLine.objects.open().filter(any_of("product_id", [product.pk for product in products]))
    list(lines.locked().values_list("pk", flat=True))


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
