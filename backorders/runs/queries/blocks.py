"""Pools that hold more than is there, until somebody settles who loses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from backorders.models import OrderLine, PoolBlock, PoolLoss


def unsettled_blocks() -> QuerySet[PoolBlock]:
    """Oldest first, each with the units and lines that lost."""
    blocks = PoolBlock.objects.unsettled().select_related("stock_level__product", "stock_level__warehouse", "made_by")
    return blocks.annotate(units_lost=Sum("losses__units"), lines_lost=Count("losses__line", distinct=True))


def blocks_of(stock_level_ids: Collection[int]) -> list[PoolBlock]:
    """What keeps these pools from being picked."""
    blocks = PoolBlock.objects.unsettled().filter(stock_level_id__in=stock_level_ids)
    return list(blocks.select_related("stock_level__product", "stock_level__warehouse").order_by("pk"))


@dataclass(frozen=True, slots=True)
class LineInBlock:
    """A line of a blocked pool: what it lost, what it holds now, and the most that it could hold.

    A `guest` is at home in another warehouse: it loses first, and nobody chooses it to keep units.
    """

    line: OrderLine
    lost: int
    holds: int
    most: int
    guest: bool = False


def lines_in_block(block: PoolBlock, *, movable: dict[int, int]) -> Sequence[LineInBlock]:
    """Who lost and who holds; `movable` are the units by line that are on no pick list."""
    losses = PoolLoss.objects.filter(block=block).order_by()
    lost = dict(losses.values_list("line_id").annotate(units=Sum("units")))
    lines = OrderLine.objects.open().filter(pk__in={*lost, *(pk for pk, units in movable.items() if units)})
    rows = []
    for line in lines.select_related("order__customer__tier", "product", "warehouse").order_by("placed_at", "pk"):
        holds = movable.get(line.pk, 0)
        guest = line.warehouse_id != block.stock_level.warehouse_id
        rows.append(LineInBlock(line, lost.get(line.pk, 0), holds, line.open - (line.allocated - holds), guest))
    return rows
