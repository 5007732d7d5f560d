"""The shelf of each pool: free stock, incoming goods by their likely days, then what could still be bought.

What is pegged to a line lies on no shelf: it is that line's, on the likely days of its purchase-order line.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta

from backorders.engine.promising.pegging import PegTo, pegs_in_force, with_pegged
from backorders.engine.promising.supply_curve import (
    P50,
    P80,
    STEPS,
    Arrival,
    Dates,
    Pegged,
    Slot,
    fill_shelf,
    walk_shelf,
)
from backorders.engine.promising.walk import WaitingLine
from backorders.engine.working_days import add_working_days, capable_to_promise
from backorders.models import DeskSettings, Peg
from backorders.queue.queues import PoolKey
from config.lib.bulk import any_of
from inventory.lead_times.queries.arrivals import ExpectedArrival, SupplierOffer, SupplyOf
from inventory.models import StockLevel

Planned = Mapping[PoolKey, Sequence[PegTo]]


class Shelves:
    """The shelves of some products, read at once.

    On paper: `taken` are free units that lines not yet written will hold, `planned` what a run would keep for lines of
    these pools in place of what is kept by earlier runs.
    """

    def __init__(
        self,
        product_ids: Collection[int],
        *,
        today: date,
        taken: Mapping[PoolKey, int] | None = None,
        planned: Planned | None = None,
    ):
        self.today = today
        self.settings = DeskSettings.objects.get()
        self._taken = taken or {}
        levels = StockLevel.objects.filter(any_of("product_id", product_ids))
        self._free = {
            (product_id, warehouse_id): on_hand - reserved
            for product_id, warehouse_id, on_hand, reserved in levels.values_list(
                "product_id", "warehouse_id", "on_hand", "reserved"
            )
        }

        self.pegged: Planned = Peg.objects.active().to_come(product_ids)
        if planned:
            by_people = Peg.objects.active().by_people().to_come(product_ids)
            replaced = {pool: [*by_people.get(pool, ()), *pegs] for pool, pegs in planned.items()}
            self.pegged = {**self.pegged, **replaced}
        supply = SupplyOf(product_ids, today=today)
        self._arrivals: dict[PoolKey, list[ExpectedArrival]] = defaultdict(list)
        for row in supply.arrivals():
            self._arrivals[row.product_id, row.warehouse_id].append(row)
        # The P50 and the P80 of goods that nobody has ordered yet, from the preferred supplier.
        known: dict[tuple[int, int], tuple[int, int]] = {}
        self._capable: dict[int, tuple[int, int]] = {}
        for offer in supply.offers():
            key = (offer.measured.pk if offer.measured else 0, offer.stated_days)
            if key not in known:
                known[key] = self._bought(offer)
            self._capable[offer.product_id] = known[key]

    def of(self, pool: PoolKey, pegs: Iterable[PegTo] = ()) -> list[Slot]:
        """What is there for all, without the units of `pegs`."""
        taken: dict[int, int] = defaultdict(int)
        for peg in pegs:
            taken[peg.source] += peg.units
        return fill_shelf(
            today=self.today.toordinal(),
            free=self._free.get(pool, 0) - self._taken.get(pool, 0),
            arrivals=[Arrival(row.units - taken[row.line_id], row.number, row.days) for row in self._arrivals[pool]],
            capable=self._capable.get(pool[0]),
        )

    def dates(self, pool: PoolKey, queue: Sequence[WaitingLine]) -> list[Dates]:
        """When each line of the pool, in rank order, has the last of its units."""
        today = self.today.toordinal()
        if pool not in self.pegged:
            return walk_shelf(self.of(pool), queue, today=today)
        pegs = self.pegs(pool, {line.id: line.open - line.allocated for line in queue})
        meant = self.meant(pool, pegs)
        common = [line._replace(allocated=line.allocated + _units(meant.get(line.id))) for line in queue]
        walked = walk_shelf(self.of(pool, pegs), common, today=today)
        return [with_pegged(dates, meant[dates.line]) if dates.line in meant else dates for dates in walked]

    def pegs(self, pool: PoolKey, missing: Mapping[int | str, int]) -> list[PegTo]:
        """The pegs to lines of the pool, which lack so many units, as far as they count."""
        return pegs_in_force(
            self.pegged.get(pool, ()),
            missing=missing,
            coming={row.line_id: row.units for row in self._arrivals[pool]},
        )

    def meant(self, pool: PoolKey, pegs: Iterable[PegTo]) -> dict[int | str, Pegged]:
        """How many pegged units each line gets, and when it has all of them."""
        coming = {row.line_id: row for row in self._arrivals[pool]}
        by_line: dict[int | str, Pegged] = {}
        for line, source, units in pegs:
            row, today, before = coming[source], self.today.toordinal(), by_line.get(line)
            pegged = Pegged(units, max(row.days[P50], today), max(row.days[P80], today), row.number)
            by_line[line] = _both(before, pegged) if before else pegged
        return by_line

    @property
    def slack(self) -> timedelta:
        """How far "today, and then a cycle and a lead time" slides before somebody orders, as was allowed for."""
        return timedelta(days=self.settings.order_cycle_days * 7 // 5)

    def _bought(self, offer: SupplierOffer) -> tuple[int, int]:
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


def _both(one: Pegged, other: Pegged) -> Pegged:
    last = max(one, other, key=lambda pegged: (pegged.p80, pegged.p50))
    return Pegged(one.units + other.units, max(one.p50, other.p50), max(one.p80, other.p80), last.source)


def _units(pegged: Pegged | None) -> int:
    return pegged.units if pegged else 0
