"""Purchase orders and receipts as CSV."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from config.lib.csv.cells import Column, iso_date, iso_moment, line_of, price, quantity, whole
from config.lib.csv.importing import DocumentKind, Job
from config.lib.csv.rows import Row
from config.lib.errors import DomainError
from config.lib.numbers import line_value
from config.lib.outcomes import IMPORTED, UNCHANGED, Outcome, rejected
from config.lib.text import counted
from config.lib.upserts import by_code, locked_by_code
from inventory.models import (
    Product,
    PurchaseOrder,
    PurchaseOrderLine,
    ReceiptLine,
    Supplier,
    Warehouse,
)
from inventory.products.supply_version import lock_supply
from inventory.purchasing.import_orders import EnteredOrder, ImportedLine, enter_purchase_orders
from inventory.purchasing.receive import receive_purchase_order
from inventory.stock.move import lock_pools

LINE = whole(1, 32_767)
SAME_IN_ALL_ROWS = ("supplier", "warehouse", "ordered_on")

PURCHASE_ORDER_COLUMNS = (
    Column("number", line_of(40), required=True),
    Column("supplier", line_of(30), required=True),
    Column("line", LINE, required=True),
    Column("sku", line_of(60), required=True),
    Column("quantity", quantity(), required=True),
    Column("ordered_on", iso_date),
    Column("requested_on", iso_date),
    Column("confirmed_on", iso_date),
    Column("warehouse", line_of(30)),
    Column("cost", price),
)
RECEIPT_COLUMNS = (
    Column("reference", line_of(80), required=True),
    Column("purchase_order", line_of(40), required=True),
    Column("line", LINE, required=True),
    Column("quantity", quantity(), required=True),
    Column("received_at", iso_moment, zoned=True),
)


def _quantity_and_cost(values: Mapping[str, Any]) -> tuple[int, Decimal]:
    return values["quantity"], line_value(values["quantity"], values.get("cost", Decimal(0)))


def _save_purchase_orders(documents: Sequence[Sequence[Row]], job: Job) -> dict[int, Outcome]:
    rows = [row for document in documents for row in document]
    names = _Names(rows)
    outcomes: dict[int, Outcome] = {}
    orders: list[EnteredOrder] = []
    lines_of: list[list[int]] = []
    for document in documents:
        good = [row for row in document if names.told(row, document[0], outcomes)]
        if good:
            orders.append(names.order(good))
            lines_of.append([row.line for row in good])
    entered = enter_purchase_orders(orders=orders, source=job.source, by=job.by, now=job.now)
    for lines, answers in zip(lines_of, entered, strict=True):
        outcomes |= dict(zip(lines, answers, strict=True))
    return outcomes


class _Names:
    """What the codes of some rows stand for."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.suppliers = by_code(Supplier.objects.all(), "code", (row.values["supplier"] for row in rows))
        self.products = by_code(Product.objects.all(), "sku", (row.values["sku"] for row in rows))
        self.warehouses = {warehouse.code.lower(): warehouse for warehouse in Warehouse.objects.all()}
        self.preferred = Warehouse.objects.order_by("preference", "pk").first()

    def told(self, row: Row, first: Row, outcomes: dict[int, Outcome]) -> bool:
        """Whether the row can be used; if not, why."""
        values = row.values
        reason = ""
        if values["supplier"].lower() not in self.suppliers:
            reason = f"The supplier {values['supplier']} is not known."
        elif values["sku"].lower() not in self.products:
            reason = f"The SKU {values['sku']} is not known."
        elif "warehouse" in values and values["warehouse"].lower() not in self.warehouses:
            reason = f"The warehouse {values['warehouse']} is not known."
        elif any(_folded(values, name) != _folded(first.values, name) for name in SAME_IN_ALL_ROWS):
            reason = f"Supplier, warehouse or date differ from line {first.line}, which is of the same purchase order."
        if reason:
            outcomes[row.line] = rejected(reason)
        return not reason

    def order(self, rows: Sequence[Row]) -> EnteredOrder:
        head = rows[0].values
        warehouse = self.warehouses[head["warehouse"].lower()] if "warehouse" in head else self.preferred
        if warehouse is None:
            raise DomainError("There is no warehouse yet.")
        return EnteredOrder(
            number=head["number"],
            supplier=self.suppliers[head["supplier"].lower()],
            warehouse_id=warehouse.pk,
            ordered_on=head.get("ordered_on"),
            lines=tuple(
                ImportedLine(
                    number=row.values["line"],
                    product_id=self.products[row.values["sku"].lower()].pk,
                    quantity=row.values["quantity"],
                    requested_on=row.values.get("requested_on"),
                    confirmed_on=row.values.get("confirmed_on"),
                    cost=row.values.get("cost"),
                )
                for row in rows
            ),
        )


def _folded(values: Mapping[str, Any], name: str) -> str:
    return str(values.get(name, "")).lower()


PURCHASE_ORDERS = DocumentKind(
    name="purchase-orders",
    columns=PURCHASE_ORDER_COLUMNS,
    document=("number",),
    save=_save_purchase_orders,
    amount=_quantity_and_cost,
)


def _save_receipts(documents: Sequence[Sequence[Row]], job: Job) -> dict[int, Outcome]:
    numbers = {document[0].values["purchase_order"] for document in documents}
    orders = locked_by_code(PurchaseOrder.objects.all(), "number", numbers)
    lines: dict[int, dict[int, PurchaseOrderLine]] = {order.pk: {} for order in orders.values()}
    for line in PurchaseOrderLine.objects.filter(purchase_order__in=list(orders.values())):
        lines[line.purchase_order_id][line.number] = line
    _lock_pools(documents, orders, lines)
    outcomes: dict[int, Outcome] = {}
    for document in documents:
        order = orders.get(document[0].values["purchase_order"].lower())
        if order is None:
            outcome = rejected(f"The purchase order {document[0].values['purchase_order']} is not known.")
            outcomes |= {row.line: outcome for row in document}
        else:
            outcomes |= _save_receipt(document, order, lines[order.pk], job)
    return outcomes


def _lock_pools(
    documents: Sequence[Sequence[Row]],
    orders: Mapping[str, PurchaseOrder],
    lines: Mapping[int, Mapping[int, PurchaseOrderLine]],
) -> None:
    """Lock the stock of all that arrives, then its products, each by primary key; the orders are locked already.

    One receipt after the other takes them in the order of the file, and two such files deadlock.
    """
    pools: set[tuple[int, int]] = set()
    for document in documents:
        if order := orders.get(document[0].values["purchase_order"].lower()):
            arrived = [lines[order.pk].get(row.values["line"]) for row in document]
            pools |= {(line.product_id, order.warehouse_id) for line in arrived if line}
    lock_pools(pools=pools)
    lock_supply(product_ids={product_id for product_id, _ in pools})


def _save_receipt(
    document: Sequence[Row], order: PurchaseOrder, lines: Mapping[int, PurchaseOrderLine], job: Job
) -> dict[int, Outcome]:
    """One delivery: what it brought of each line. Of a receipt that is there already, each line is compared."""
    reference = document[0].values["reference"]
    booked = ReceiptLine.objects.filter(receipt__purchase_order=order, receipt__reference__iexact=reference)
    known = dict(booked.values_list("purchase_order_line_id", "quantity"))
    outcomes: dict[int, Outcome] = {}
    arrived: dict[int, int] = {}
    for row in document:
        line = lines.get(row.values["line"])
        if line is None:
            outcomes[row.line] = rejected(f"{order.number} has no line {row.values['line']}.")
        elif known:
            outcomes[row.line] = _compared(row, known.get(line.pk), reference)
        elif line.pk in arrived:
            outcomes[row.line] = rejected(f"Line {row.values['line']} comes twice in receipt {reference}.")
        else:
            arrived[line.pk] = row.values["quantity"]
            outcomes[row.line] = IMPORTED
    if not arrived:
        return outcomes
    received_at = min((row.values["received_at"] for row in document if "received_at" in row.values), default=job.now)
    try:
        if received_at > job.now:
            raise DomainError("The goods cannot have been received in the future.")
        with transaction.atomic():
            receive_purchase_order(
                purchase_order_id=order.pk, reference=reference, quantities=arrived, by=job.by, now=received_at
            )
    except DomainError as error:
        return {line: rejected(str(error)) if outcome == IMPORTED else outcome for line, outcome in outcomes.items()}
    job.touched.update(line.product_id for line in lines.values() if line.pk in arrived)
    return outcomes


def _compared(row: Row, booked: int | None, reference: str) -> Outcome:
    if booked == row.values["quantity"]:
        return UNCHANGED
    if booked is None:
        return rejected(f"Receipt {reference} was booked without this line: book it under a reference of its own.")
    return rejected(f"Receipt {reference} was booked with {counted(booked, 'unit')} of this line.")


def _quantity(values: Mapping[str, Any]) -> tuple[int, Decimal]:
    return values["quantity"], Decimal(0)


RECEIPTS = DocumentKind(
    name="receipts",
    columns=RECEIPT_COLUMNS,
    document=("purchase_order", "reference"),
    save=_save_receipts,
    amount=_quantity,
)


def exported_purchase_orders() -> Iterator[tuple[Any, ...]]:
    lines = PurchaseOrderLine.objects.order_by("purchase_order", "number").values_list(
        *("purchase_order__number", "purchase_order__supplier__code", "number", "product__sku", "ordered"),
        *("purchase_order__ordered_on", "requested_on", "confirmed_on", "purchase_order__warehouse__code", "cost"),
    )
    yield from lines.iterator()


def exported_receipts() -> Iterator[tuple[Any, ...]]:
    lines = ReceiptLine.objects.order_by("receipt", "pk").values_list(
        *("receipt__reference", "receipt__purchase_order__number", "purchase_order_line__number", "quantity"),
        "receipt__received_at",
    )
    yield from lines.iterator()
