"""Customer master data as CSV."""

from collections.abc import Iterator, Sequence
from typing import Any

from config.lib.csv.cells import Column, email, line_of, one_of, time_zone_name, yes_or_no
from config.lib.csv.importing import Job, RowKind
from config.lib.csv.rows import Row
from config.lib.outcomes import Outcome
from customers.enums import Language
from customers.models import Customer
from customers.services.saving import save_customers

COLUMNS = (
    Column("code", line_of(30), required=True),
    Column("name", line_of(200), required=True),
    Column("email", email),
    Column("tier", line_of(30)),
    Column("language", one_of(Language.values)),
    Column("time_zone", time_zone_name),
    Column("country", line_of(60)),
    Column("ship_complete", yes_or_no),
    Column("jurisdiction", line_of(30)),
)


def _save(rows: Sequence[Row], job: Job) -> list[Outcome]:
    return save_customers(rows=[row.values for row in rows])


CUSTOMERS = RowKind(name="customers", columns=COLUMNS, key=("code",), save=_save)


def exported_customers() -> Iterator[tuple[Any, ...]]:
    yield from (
        Customer.objects.order_by("pk")
        .values_list(
            *(
                "code",
                "name",
                "email",
                "tier__code",
                "language",
                "time_zone",
                "country",
                "ship_complete",
                "jurisdiction",
            )
        )
        .iterator()
    )
