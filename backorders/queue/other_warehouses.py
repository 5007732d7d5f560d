"""Units that lines hold in other warehouses than their own."""

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from backorders.models import Allocation, OrderLine
from config.lib.bulk import any_of


class HeldElsewhere(NamedTuple):
    """Units that a line holds softly in another warehouse than its own."""

    warehouse_id: int
    units: int
    stock_level_id: int = 0
    allocation_id: int = 0


def hold_elsewhere(product_ids: Collection[int]) -> bool:
    """Whether lines of these products hold something in another warehouse than their own."""
    return Allocation.objects.from_elsewhere().filter(any_of("product_id", product_ids)).exists()


def held_elsewhere(product_ids: Collection[int]) -> dict[int, tuple[HeldElsewhere, ...]]:
    """By line, in the order of the warehouses; most products have none."""
    held: dict[int, list[HeldElsewhere]] = defaultdict(list)
    rows = Allocation.objects.from_elsewhere().filter(product_id__in=product_ids)
    columns = ("line_id", "stock_level__warehouse_id", "quantity", "stock_level_id", "pk")
    for line_id, *parts in rows.order_by("line_id", "stock_level__warehouse_id").values_list(*columns):
        held[line_id].append(HeldElsewhere(*parts))
    return {line_id: tuple(parts) for line_id, parts in held.items()}


def other_warehouses(product_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """The preference lists of orders that name some, by open line."""
    lines = OrderLine.objects.open().filter(product_id__in=product_ids).exclude(order__other_warehouses=[])
    return {line_id: tuple(places) for line_id, places in lines.values_list("pk", "order__other_warehouses")}
