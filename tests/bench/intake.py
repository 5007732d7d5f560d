"""Importing a history of orders from a CSV file, beside the COPY of the same rows into the same tables.

The import reads, maps, checks, compares with what is known and tells of every row; the floor only writes. Triggers,
keys, checks and indexes are the same for both.
"""

import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, models, transaction
from django.utils import timezone

from backorders.files import find_mapping, import_file
from backorders.models import OrderLine, SalesOrder
from config.lib.csv.importing import Job

LINES = {"S": 20_000, "M": 100_000, "L": 541_909}
GOAL_RATIO, GOAL_SECONDS, GOAL_MEGABYTES = 6.0, 300, 1024
SHIFT = 10**12  # far from the ids that sequences give
FIRST_DAY = datetime(2024, 1, 1, 8)
HEADER = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country"


def run(size: str) -> dict[str, float]:
    """Needs a migrated database; leaves its orders there, twice."""
    source = f"bench-{time.time_ns()}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.csv"
        file.write_text("\n".join([HEADER, *_rows(LINES[size])]) + "\n", encoding="utf-8")
        first, again = _imported(file, source), _imported(file, source)
        floor = _copied(source, Path(folder))
    if first["imported"] != LINES[size] or again["unchanged"] != LINES[size]:
        raise AssertionError(f"The import did not take every line once: {first}, {again}.")
    return {
        "lines": LINES[size],
        "seconds": round(first["seconds"], 2),
        "seconds_again": round(again["seconds"], 2),
        "copy_seconds": round(floor, 2),
        "ratio": round(first["seconds"] / floor, 2),
        "lines_per_second": round(LINES[size] / first["seconds"]),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "goal_ratio": GOAL_RATIO,
        "goal_seconds": GOAL_SECONDS,
        "goal_megabytes": GOAL_MEGABYTES,
    }


def _rows(count: int) -> Iterator[str]:
    """Invoices as a wholesaler writes them: some 18 lines each, few products in most of them, repeats now and then."""
    chance = random.Random(7)
    products = [(f"{10_000 + n}", f"GIFT NO. {n}", f"{chance.randint(20, 2000) / 100:.2f}") for n in range(4_000)]
    left, invoice = 0, 500_000
    head, country = "", ""
    for _ in range(count):
        if not left:
            left, invoice = 1 + int(chance.expovariate(1 / 17)), invoice + 1
            customer = chance.choice(["", *(str(12_000 + n) for n in range(4))]) or str(
                12_000 + chance.randrange(4_000)
            )
            placed = FIRST_DAY + timedelta(minutes=invoice % 500_000)
            head, country = f"{placed:%Y-%m-%d %H:%M:%S}", f"{customer},United Kingdom"
        left -= 1
        sku, name, price = products[min(int(chance.paretovariate(0.6)), len(products)) - 1]
        yield f"{invoice},{sku},{name},{chance.choice((1, 2, 6, 12, 24))},{head},{price},{country}"


def _imported(file: Path, source: str) -> dict[str, float]:
    job = Job(by=None, now=timezone.now(), source=source, mapping=find_mapping("online-retail", "orders"))
    started = time.perf_counter()
    report = import_file("orders", file, job)
    return {**report.as_json(), "seconds": time.perf_counter() - started}


def _copied(source: str, folder: Path) -> float:
    """Seconds for the same rows under another source: written to files first, then read in one transaction."""
    tables = {
        SalesOrder: {"id": f"id + {SHIFT}", "number": "'B' || number || id", "source": "'floor-' || source"},
        OrderLine: {"id": f"id + {SHIFT}", "order_id": f"order_id + {SHIFT}"},
    }
    orders = f"SELECT id FROM backorders_salesorder WHERE source = '{source}'"
    chosen = {SalesOrder: f"source = '{source}'", OrderLine: f"order_id IN ({orders})"}
    for model, changed in tables.items():
        columns = ", ".join(changed.get(column, f'"{column}"') for column in _columns(model))
        query = f"COPY (SELECT {columns} FROM {model._meta.db_table} WHERE {chosen[model]} ORDER BY id) TO STDOUT"
        with (folder / model.__name__).open("wb") as file, connection.cursor() as cursor, cursor.copy(query) as copy:
            for block in copy:
                file.write(block)
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for model in tables:
            columns = ", ".join(f'"{column}"' for column in _columns(model))
            with (
                (folder / model.__name__).open("rb") as file,
                cursor.copy(f"COPY {model._meta.db_table} ({columns}) FROM STDIN") as copy,
            ):
                while block := file.read(1 << 18):
                    copy.write(block)
    return time.perf_counter() - started


def _columns(model: type[models.Model]) -> list[str]:
    return [field.column for field in model._meta.concrete_fields if field.column and not field.generated]
