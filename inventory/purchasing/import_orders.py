"""Purchase orders as other systems send them: many at once, line numbers kept, known orders extended or re-dated."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from config.lib.errors import DomainError
from config.lib.outcomes import IMPORTED, UNCHANGED, UPDATED, Outcome, rejected
from config.lib.upserts import locked_by_code
from inventory.enums import PurchaseOrderStatus
from inventory.models import PurchaseDateChange, PurchaseOrder, PurchaseOrderLine, Supplier, SupplierProduct
from inventory.products.supply_version import bump_supply_version, lock_supply
from inventory.purchasing.dates import change_confirmed_date, confirm_purchase_order

EXTENDABLE = (
    PurchaseOrderStatus.DRAFT,
    PurchaseOrderStatus.SENT,
    PurchaseOrderStatus.CONFIRMED,
    PurchaseOrderStatus.PARTLY_RECEIVED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedLine:
    number: int
    product_id: int
    quantity: int
    requested_on: date | None = None
    confirmed_on: date | None = None
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredOrder:
    """An order that was placed already; without `ordered_on` it is a draft."""

    number: str
    supplier: Supplier
    warehouse_id: int
    ordered_on: date | None
    lines: tuple[ImportedLine, ...]


@transaction.atomic
def enter_purchase_orders(
    *, orders: Sequence[EnteredOrder], source: str, by: User | None, now: datetime
) -> list[list[Outcome]]:
    """Write new orders and new lines of known ones, and take over changed dates; one outcome per line.

    A line known with other content is refused, as is a date that the desk would refuse too. A new order of which no
    line is taken is not written.
    """
    known = locked_by_code(PurchaseOrder.objects.select_related("supplier"), "number", [o.number for o in orders])
    lines = PurchaseOrderLine.objects.filter(purchase_order__in=list(known.values())).order_by("pk")
    numbers = {order.pk: number for number, order in known.items()}
    known_lines = {(numbers[line.purchase_order_id], line.number): line for line in lines}
    moved = Counter[int]()
    for line in lines:
        if line.split_from_id:
            moved[line.split_from_id] += line.ordered
    lock_supply(product_ids={line.product_id for order in orders for line in order.lines})
    fresh = {order.number.lower(): order for order in orders if order.number.lower() not in known}
    headers = {number: _header(order, source, now) for number, order in fresh.items()}
    entry = _Entry({**known, **headers}, known_lines, moved, _offered_costs(orders), by, now)
    outcomes = [entry.take(order) for order in orders]
    taken = {line.purchase_order.number.lower() for line in entry.new_lines}
    PurchaseOrder.objects.bulk_create(header for number, header in headers.items() if number in taken)
    PurchaseOrderLine.objects.bulk_create(entry.new_lines)
    PurchaseDateChange.objects.bulk_create(
        PurchaseDateChange(line=line, previous_on=None, new_on=line.confirmed_on, made_by=by, made_at=now)
        for line in entry.new_lines
        if line.confirmed_on
    )
    bump_supply_version(product_ids={line.product_id for line in entry.new_lines})
    return outcomes


def _header(order: EnteredOrder, source: str, now: datetime) -> PurchaseOrder:
    sent_at = None
    status = PurchaseOrderStatus.DRAFT
    if order.ordered_on:
        noon = timezone.make_aware(datetime.combine(order.ordered_on, time(12)))
        sent_at, status = min(noon, now), PurchaseOrderStatus.SENT
        if all(line.confirmed_on for line in order.lines):
            status = PurchaseOrderStatus.CONFIRMED
    return PurchaseOrder(
        number=order.number,
        supplier=order.supplier,
        warehouse_id=order.warehouse_id,
        status=status,
        source=source,
        ordered_on=order.ordered_on,
        sent_at=sent_at,
        confirmed_at=sent_at if status == PurchaseOrderStatus.CONFIRMED else None,
        created_at=now,
    )


def _offered_costs(orders: Sequence[EnteredOrder]) -> dict[tuple[int, int], Decimal]:
    offers = SupplierProduct.objects.filter(
        supplier__in={order.supplier.pk for order in orders},
        product__in={line.product_id for order in orders for line in order.lines},
    )
    return {(offer.supplier_id, offer.product_id): offer.cost for offer in offers}


@dataclass
class _Entry:
    """The orders as they are, and the lines that are new to them."""

    orders: Mapping[str, PurchaseOrder]
    lines: dict[tuple[str, int], PurchaseOrderLine]  # by the number of the order and of the line
    moved: Mapping[int, int]  # units of a line that were split off since
    costs: Mapping[tuple[int, int], Decimal]
    by: User | None
    now: datetime

    def __post_init__(self) -> None:
        self.new_lines: list[PurchaseOrderLine] = []

    def take(self, order: EnteredOrder) -> list[Outcome]:
        known = self.orders[order.number.lower()]
        if (known.supplier_id, known.warehouse_id) != (order.supplier.pk, order.warehouse_id):
            problem = f"{known.number} is known with another supplier or warehouse."
            return [rejected(problem)] * len(order.lines)
        return [self._take_line(known, line) for line in order.lines]

    def _take_line(self, order: PurchaseOrder, line: ImportedLine) -> Outcome:
        known = self.lines.get((order.number.lower(), line.number))
        if known is not None:
            return self._compare(known, line)
        if order.status not in EXTENDABLE:
            return rejected(f"{order.number} is {order.get_status_display().lower()}: it takes no new lines.")
        if line.confirmed_on and order.status == PurchaseOrderStatus.DRAFT:
            return rejected(f"{order.number} is a draft: a confirmed line needs the day on which it was ordered.")
        added = PurchaseOrderLine(
            purchase_order=order,
            number=line.number,
            product_id=line.product_id,
            ordered=line.quantity,
            tolerance=line.quantity * order.supplier.over_receipt_percent // 100,
            requested_on=line.requested_on,
            first_confirmed_on=line.confirmed_on,
            confirmed_on=line.confirmed_on,
            cost=self.costs.get((order.supplier_id, line.product_id), Decimal(0)) if line.cost is None else line.cost,
        )
        self.lines[order.number.lower(), line.number] = added
        self.new_lines.append(added)
        return IMPORTED

    def _compare(self, known: PurchaseOrderLine, line: ImportedLine) -> Outcome:
        different = [
            f"{name} is {old}, not {new}"
            for name, old, new in (
                ("the product", known.product_id, line.product_id),
                ("the quantity", known.ordered + self.moved.get(known.pk, 0), line.quantity),
                ("the requested date", known.requested_on, line.requested_on or known.requested_on),
                ("the cost", known.cost, known.cost if line.cost is None else line.cost),
            )
            if old != new
        ]
        if different:
            return rejected(f"Line {line.number} is known with other content: {', '.join(different)}.")
        if line.confirmed_on in (None, known.confirmed_on):
            return UNCHANGED
        if known._state.adding:
            return rejected(f"Line {line.number} comes twice, with different dates.")
        return self._change_date(known, line.confirmed_on)

    def _change_date(self, known: PurchaseOrderLine, new_on: date) -> Outcome:
        try:
            with transaction.atomic():
                if known.confirmed_on:
                    change_confirmed_date(line_id=known.pk, new_on=new_on, reason="", by=self.by, now=self.now)
                else:
                    order_id = known.purchase_order_id
                    confirm_purchase_order(
                        purchase_order_id=order_id, dates={known.pk: new_on}, by=self.by, now=self.now
                    )
        except DomainError as error:
            return rejected(str(error))
        return UPDATED
