"""The shelf of each pool: free stock, incoming goods by their likely days, then what could still be bought."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from functools import cached_property

from backorders.engine.shelf import P50, P80, STEPS, Arrival, Slot, fill_shelf
from backorders.engine.working_days import add_working_days, capable_to_promise
from backorders.models import DeskSettings
from backorders.services.queues import PoolKey
from inventory.models import StockLevel
from inventory.queries.arrivals import Offer, SupplyOf


class Shelves:
    """The shelves of some products, read at once; `taken` are free units that lines not yet written will hold."""

    def __init__(self, product_ids: Collection[int], *, today: date, taken: Mapping[PoolKey, int] | None = None):
        self.today = today
        self._taken = taken or {}
        self._supply = SupplyOf(product_ids, today=today)
        self._free = {
            (level.product_id, level.warehouse_id): level.available
            for level in StockLevel.objects.filter(product_id__in=product_ids)
        }

    def of(self, pool: PoolKey) -> list[Slot]:
        return fill_shelf(
            today=self.today.toordinal(),
            free=self._free.get(pool, 0) - self._taken.get(pool, 0),
            arrivals=self._arrivals[pool],
            capable=self._capable.get(pool[0]),
        )

    @cached_property
    def settings(self) -> DeskSettings:
        return DeskSettings.objects.get()

    @cached_property
    def _arrivals(self) -> dict[PoolKey, list[Arrival]]:
        arrivals: dict[PoolKey, list[Arrival]] = defaultdict(list)
        for row in self._supply.arrivals():
            arrivals[row.product_id, row.warehouse_id].append(Arrival(row.units, row.number, row.days))
        return arrivals

    @cached_property
    def _capable(self) -> dict[int, tuple[int, int]]:
        """The P50 and the P80 of goods that nobody has ordered yet, from the preferred supplier."""
        known: dict[tuple[int, int], tuple[int, int]] = {}
        dates = {}
        for offer in self._supply.offers():
            key = (offer.measured.pk if offer.measured else 0, offer.stated_days)
            if key not in known:
                known[key] = self._bought(offer)
            dates[offer.product_id] = known[key]
        return dates

    def _bought(self, offer: Offer) -> tuple[int, int]:
        desk = self.settings
        steps = offer.measured.curve.steps(STEPS) if offer.measured else ()
        p50, p80 = (steps[P50], steps[P80]) if steps else (None, None)
        if p50 is None or p80 is None:
            stated = capable_to_promise(
                today=self.today,
                cycle_days=desk.order_cycle_days,
                lead_time_days=offer.stated_days,
                handling_days=desk.handling_days,
            ).toordinal()
            return stated, stated
        ordered = add_working_days(self.today, desk.order_cycle_days)
        early, late = (
            add_working_days(add_working_days(ordered + timedelta(days), 0), desk.handling_days).toordinal()
            for days in (p50, p80)
        )
        return early, late
