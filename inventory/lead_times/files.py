"""Past deliveries as CSV, of this desk or of any other: what a backtest of lead times learns from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from config.lib.csv.cells import Column, iso_date, line_of
from config.lib.csv.mapping import NO_MAPPING
from config.lib.csv.reading import open_csv
from config.lib.csv.rows import Binding, RowRejected
from inventory.engine.deliveries import Delivery

COLUMNS = (
    Column("supplier", line_of(200), required=True),
    Column("group", line_of(200)),
    Column("ordered_on", iso_date, required=True),
    Column("promised_on", iso_date),
    Column("received_on", iso_date),
)


@dataclass
class DeliveryFile:
    """`repeated` rows say the same as one before: two deliveries on the same days are common, so they count."""

    rows: int = 0
    deliveries: list[Delivery] = field(default_factory=list)
    rejects: dict[int, str] = field(default_factory=dict)
    repeated: dict[int, int] = field(default_factory=dict)


def read_deliveries(path: Path, *, today: date) -> DeliveryFile:
    """Every row that can be; the others are told with line, field and reason. Raises FileRefused."""
    file = DeliveryFile()
    seen: dict[Delivery, int] = {}
    with open_csv(path) as reader:
        binding = Binding(reader, COLUMNS, NO_MAPPING)
        for record in reader:
            file.rows += 1
            try:
                delivery = _delivery(_values(binding, record.cells, record.flaw), today)
            except RowRejected as rejected:
                file.rejects[record.line] = str(rejected)
                continue
            if (first := seen.setdefault(delivery, record.line)) != record.line:
                file.repeated[record.line] = first
            file.deliveries.append(delivery)
    return file


def _values(binding: Binding, cells: list[str], flaw: str) -> dict[str, Any]:
    if flaw:
        raise RowRejected(flaw)
    return binding.values(binding.texts(cells))


def _delivery(values: Mapping[str, Any], today: date) -> Delivery:
    if wrong := "; ".join(_impossible(values, today)):
        raise RowRejected(wrong)
    promised, received = values.get("promised_on"), values.get("received_on")
    group = values.get("group", "")
    return Delivery(
        supplier=values["supplier"],
        item=group,
        kin=group,
        known_on=values["ordered_on"].toordinal(),
        counted_from=(promised or values["ordered_on"]).toordinal(),
        received_on=received.toordinal() if received else None,
        word=promised is not None,
    )


def _impossible(values: Mapping[str, Any], today: date) -> Iterator[str]:
    ordered = values["ordered_on"]
    if ordered > today:
        yield f"ordered_on {ordered} is in the future"
    for name in ("promised_on", "received_on"):
        if (day := values.get(name)) and day < ordered:
            yield f"{name} {day} lies before ordered_on {ordered}: the lead time would be negative"
    if (received := values.get("received_on")) and received > today:
        yield f"received_on {received} is in the future"
