"""Goods on their way that are meant for one line."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.db.models import F

from backorders.engine.pegging import PegTo
from backorders.models import Peg


def pegs_of(product_ids: Collection[int]) -> Mapping[tuple[int, int], Sequence[PegTo]]:
    """The units that are still to come by pegs, by product and warehouse, the oldest peg first."""
    pegs: dict[tuple[int, int], list[PegTo]] = defaultdict(list)
    rows = Peg.objects.active().filter(line__product_id__in=product_ids, units__gt=F("honoured")).order_by("pk")
    columns = ("line__product_id", "line__warehouse_id", "line_id", "purchase_line_id")
    for product_id, warehouse_id, line_id, source, units, honoured in rows.values_list(*columns, "units", "honoured"):
        pegs[product_id, warehouse_id].append(PegTo(line_id, source, units - honoured))
    return pegs
