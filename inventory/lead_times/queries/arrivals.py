"""When what is on order will be here: the supplier's word, or what was learned of it, as days of equal likelihood."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from config.lib.bulk import any_of
from inventory.engine.lead_times import STEPS
from inventory.enums import LeadTimeKind
from inventory.lead_times.queries.lead_times import LeadTime, LeadTimes
from inventory.models import PurchaseOrderLine, SupplierProduct

NEVER = date.max.toordinal()


class ExpectedArrival(NamedTuple):
    """What a line of a sent order still brings. `days` are ordinals at equal steps of likelihood, NEVER where nobody
    knows: it is overdue, and nothing that ever came took longer."""

    product_id: int
    warehouse_id: int
    line_id: int
    units: int
    number: str
    days: tuple[int, ...]


class SupplierOffer(NamedTuple):
    """The preferred supplier of a product: the lead time it states, and what was measured where that is enough."""

    product_id: int
    supplier_id: int
    stated_days: int
    measured: LeadTime | None


class _Inbound(NamedTuple):
    product_id: int
    warehouse_id: int
    line_id: int
    units: int
    requested_on: date | None
    confirmed_on: date | None
    number: str
    ordered_on: date
    supplier_id: int
    stated_days: int


class _Preferred(NamedTuple):
    """`stated_days` of the product at the supplier, `usual_days` of the supplier."""

    product_id: int
    supplier_id: int
    stated_days: int
    usual_days: int


class SupplyOf:
    """Everything that may come of some products, read at once."""

    def __init__(self, product_ids: Collection[int], *, today: date):
        self.today = today
        self._steps: dict[tuple[int, int], tuple[int | None, ...]] = {}
        lines = PurchaseOrderLine.objects.inbound().filter(any_of("product_id", product_ids))
        self._inbound = [
            _Inbound(*row)
            for row in lines.values_list(
                *("product_id", "purchase_order__warehouse_id", "pk", "open", "requested_on", "confirmed_on"),
                *("purchase_order__number", "purchase_order__ordered_on", "purchase_order__supplier_id"),
                "purchase_order__supplier__lead_time_days",
            )
        ]
        offers = SupplierProduct.objects.filter(
            any_of("product_id", product_ids), supplier__active=True, product__active=True
        )
        ranked = offers.order_by("product_id", "rank", "pk").distinct("product_id")
        columns = ("product_id", "supplier_id", "lead_time_days", "supplier__lead_time_days")
        self._preferred = [_Preferred(*row) for row in ranked.values_list(*columns)]
        suppliers = {row.supplier_id for row in self._inbound} | {row.supplier_id for row in self._preferred}
        self._lead_times = LeadTimes(product_ids=product_ids, supplier_ids=suppliers)

    def arrivals(self) -> Iterator[ExpectedArrival]:
        """Every open line of the sent orders."""
        for row in self._inbound:
            yield ExpectedArrival(*row[:4], row.number, self._days(row))

    def offers(self) -> Iterator[SupplierOffer]:
        """Where more could be bought. A lead time counts as measured when the product's or the supplier's own
        deliveries are enough; else the stated one stands."""
        for row in self._preferred:
            lead_time = self._lead_times.of(
                product_id=row.product_id,
                supplier_id=row.supplier_id,
                stated_days=row.usual_days,
                kind=LeadTimeKind.ORDER,
            )
            measured = lead_time if lead_time and lead_time.is_own else None
            yield SupplierOffer(row.product_id, row.supplier_id, row.stated_days, measured)

    def _days(self, row: _Inbound) -> tuple[int, ...]:
        """From the latest confirmed date, by how the supplier kept its first ones; else from the order date.

        The stated date is taken as it is where the supplier's word has been as good, and where there is too little
        history. One that has passed is no date.
        """
        kind = LeadTimeKind.WORD if row.confirmed_on else LeadTimeKind.ORDER
        stated = row.confirmed_on or row.requested_on or row.ordered_on + timedelta(row.stated_days)
        if stated == row.requested_on and not row.confirmed_on:
            stated = max(stated, row.ordered_on)
        learned = self._lead_times.of(
            product_id=row.product_id, supplier_id=row.supplier_id, stated_days=row.stated_days, kind=kind
        )
        if learned and not (learned.trusted and stated >= self.today):
            start = row.confirmed_on or row.ordered_on
            steps = self._left(learned, (self.today - start).days)
            if any(step is not None for step in steps):
                least = (row.requested_on or start).toordinal() if not row.confirmed_on else 0
                begin = start.toordinal()
                return tuple(NEVER if step is None else max(begin + step, least) for step in steps)
        return (stated.toordinal() if stated >= self.today else NEVER,) * STEPS

    def _left(self, learned: LeadTime, age: int) -> tuple[int | None, ...]:
        key = (learned.pk, age)
        if key not in self._steps:
            self._steps[key] = learned.curve.steps(STEPS, age=age)
        return self._steps[key]
