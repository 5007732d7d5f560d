"""Counted stock as CSV: what a row says, and the stock levels in the same form."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from config.lib.csv.cells import Column, iso_moment, line_of, whole
from inventory.models import StockLevel
from inventory.models.stock import LARGEST_MOVE
from inventory.stock.counts import StockCount

COLUMNS = (
    Column("warehouse", line_of(30), required=True),
    Column("sku", line_of(60), required=True),
    Column("on_hand", whole(0, LARGEST_MOVE), required=True),
    Column("counted_at", iso_moment, zoned=True),
    Column("reference", line_of(80)),
)
KEY = ("warehouse", "sku", "reference", "counted_at")


def count_of(values: Mapping[str, Any]) -> StockCount:
    return StockCount(
        warehouse=values["warehouse"],
        sku=values["sku"],
        counted=values["on_hand"],
        counted_at=values.get("counted_at"),
        reference=values.get("reference", ""),
    )


def amount_of(values: Mapping[str, Any]) -> tuple[int, Decimal]:
    return values["on_hand"], Decimal(0)


def exported_stock() -> Iterator[tuple[Any, ...]]:
    levels = StockLevel.objects.order_by("pk").values_list("warehouse__code", "product__sku", "on_hand")
    yield from ((*level, None, None) for level in levels.iterator())
