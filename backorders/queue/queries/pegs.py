"""Goods on their way that are meant for one line."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.db.models import F

from backorders.engine.allocation.future_supply import Lent
from backorders.engine.promising.pegging import PegTo
from backorders.models import Peg
from config.lib.bulk import any_of


def pegs_of(product_ids: Collection[int], *, planned: bool = True) -> Mapping[tuple[int, int], Sequence[PegTo]]:
    """The units that are still to come by pegs, by product and warehouse: people's first, then what runs `planned`."""
    pegs: dict[tuple[int, int], list[PegTo]] = defaultdict(list)
    active = Peg.objects.active() if planned else Peg.objects.active().by_people()
    rows = active.filter(any_of("line__product_id", product_ids), units__gt=F("honoured"))
    rows = rows.order_by(F("run").asc(nulls_first=True), "pk")
    columns = ("line__product_id", "line__warehouse_id", "line_id", "purchase_line_id")
    for product_id, warehouse_id, line_id, source, units, honoured in rows.values_list(*columns, "units", "honoured"):
        pegs[product_id, warehouse_id].append(PegTo(line_id, source, units - honoured))
    return pegs


def lent_of(product_ids: Collection[int]) -> Mapping[tuple[int, int], Sequence[Lent]]:
    """What lines have lent until goods on their way bring it back, by product and warehouse."""
    lent: dict[tuple[int, int], list[Lent]] = defaultdict(list)
    rows = Peg.objects.active().planned().filter(line__product_id__in=product_ids, lent_to__isnull=False).order_by("pk")
    columns = ("line__product_id", "line__warehouse_id", "line_id", "lent_to_id", "units", "honoured")
    for product_id, warehouse_id, lender, borrower, units, honoured in rows.values_list(*columns):
        lent[product_id, warehouse_id].append(Lent(lender, borrower, units - honoured))
    return lent
