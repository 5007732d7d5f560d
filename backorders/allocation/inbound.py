"""What is on its way into the pools of a run that looks ahead, by the days that can be relied on."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from backorders.engine.allocation.future_supply import Coming, Inbound, Lent
from backorders.engine.promising.pegging import PegTo
from backorders.engine.promising.supply_curve import P80
from backorders.models import Peg
from backorders.queue.queues import PoolKey
from config.lib.columns import EPOCH, days_of
from inventory.lead_times.queries.arrivals import NEVER, SupplyOf

# How a snapshot keeps it.
COLUMNS: Mapping[str, Sequence[str]] = {
    "coming": ("product", "warehouse", "source", "on", "units"),
    "pegs": ("line", "source", "units"),
    "lent": ("line", "borrower", "units"),
}


def read_inbound(product_ids: Collection[int], *, today: date) -> dict[PoolKey, Inbound]:
    """Each open purchase-order line on its P80, the day that customers are told; without one it serves nobody.

    What is due today is not here yet: a run counts it for tomorrow. Pegs of earlier runs are free to be planned anew.
    """
    tomorrow = today.toordinal() + 1
    coming: dict[PoolKey, list[Coming]] = defaultdict(list)
    for row in SupplyOf(product_ids, today=today).arrivals():
        if row.days[P80] < NEVER:
            on = date.fromordinal(max(row.days[P80], tomorrow))
            coming[row.product_id, row.warehouse_id].append(Coming(row.line_id, on, row.units))
    active = Peg.objects.active()
    pegs, lent = active.by_people().to_come(product_ids), active.planned().lent(product_ids)
    return {
        pool: Inbound(tuple(sorted(coming[pool])), tuple(pegs.get(pool, ())), tuple(lent.get(pool, ())))
        for pool in coming.keys() | lent.keys()
    }


def tables_of(seen: Mapping[PoolKey, Inbound]) -> dict[str, dict[str, Any]]:
    """As columns of whole numbers, days since 2000."""
    coming = [
        (*pool, source, days_of(on), units) for pool, inbound in seen.items() for source, on, units in inbound.coming
    ]
    pegs = [tuple(peg) for inbound in seen.values() for peg in inbound.pegs]
    lent = [tuple(loan) for inbound in seen.values() for loan in inbound.lent]
    return {
        name: dict(zip(COLUMNS[name], np.array(rows, dtype=np.int64).reshape(-1, len(COLUMNS[name])).T, strict=True))
        for name, rows in (("coming", coming), ("pegs", pegs), ("lent", lent))
    }


def inbound_of(
    tables: Mapping[str, Mapping[str, Sequence[int]]], pools: Mapping[int, PoolKey]
) -> dict[PoolKey, Inbound] | None:
    """What `tables_of` made, `pools` by line; None where the run did not look ahead."""
    if "coming" not in tables:
        return None
    coming: dict[PoolKey, list[Coming]] = defaultdict(list)
    for product, warehouse, source, day, units in _rows(tables, "coming"):
        coming[product, warehouse].append(Coming(source, EPOCH + timedelta(days=day), units))
    pegs: dict[PoolKey, list[PegTo]] = defaultdict(list)
    lent: dict[PoolKey, list[Lent]] = defaultdict(list)
    for line, source, units in _rows(tables, "pegs"):
        if line in pools:
            pegs[pools[line]].append(PegTo(line, source, units))
    for line, borrower, units in _rows(tables, "lent"):
        if line in pools:
            lent[pools[line]].append(Lent(line, borrower, units))
    return {
        pool: Inbound(tuple(coming[pool]), tuple(pegs[pool]), tuple(lent[pool])) for pool in {*coming, *pegs, *lent}
    }


def _rows(tables: Mapping[str, Mapping[str, Sequence[int]]], name: str) -> list[tuple[int, ...]]:
    return list(zip(*(tables[name][column] for column in COLUMNS[name]), strict=True))
