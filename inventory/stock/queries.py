"""What is there and what is coming, by product and by warehouse; what projected availability is made of."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, F, Min, QuerySet, Sum, When
from django.db.models.functions import Lower

from inventory.models import Product, PurchaseOrderLine, StockEntry, StockLevel, Warehouse

WEEKS_AHEAD = 8


@dataclass(frozen=True, slots=True)
class StockFigures:
    """Units: `available` is on hand − reserved; `incoming` what sent orders still bring, the first on `next_on`."""

    on_hand: int = 0
    reserved: int = 0
    incoming: int = 0
    next_on: date | None = None

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class WarehouseStock:
    warehouse: Warehouse
    stock: StockFigures


@dataclass(frozen=True, slots=True)
class Projection:
    """Free units of one warehouse, day by day, before the waiting lines; `uncounted` units have no day to rely on."""

    warehouse: Warehouse
    points: list[tuple[date, float]]
    uncounted: int


def products_by_sku() -> QuerySet[Product]:
    """Active products as the list shows them; `sku_key` is what they are paged by."""
    return Product.objects.active().select_related("category").annotate(sku_key=Lower("sku"))


def stock_of(product_ids: Iterable[int]) -> dict[int, StockFigures]:
    """The figures of each product over all warehouses; a product without any has zeros."""
    ids = list(product_ids)
    levels = StockLevel.objects.filter(product__in=ids).values("product_id")
    on_hand = {
        row["product_id"]: (row["here"], row["taken"])
        for row in levels.annotate(here=Sum("on_hand"), taken=Sum("reserved"))
    }
    expected = PurchaseOrderLine.objects.filter(product__in=ids).inbound().with_expected_on().values("product_id")
    coming = {
        row["product_id"]: (row["units"], row["first"])
        for row in expected.annotate(units=Sum("open"), first=Min("expected_on"))
    }
    return {pk: StockFigures(*on_hand.get(pk, (0, 0)), *coming.get(pk, (0, None))) for pk in ids}


def incoming_lines(product_id: int) -> list[PurchaseOrderLine]:
    """The open purchase order lines of a product, the earliest first, those without a day last."""
    lines = PurchaseOrderLine.objects.filter(product=product_id).inbound().with_expected_on()
    return list(
        lines.select_related("purchase_order__supplier", "purchase_order__warehouse").order_by(
            F("expected_on").asc(nulls_last=True), "pk"
        )
    )


def stock_by_warehouse(product_id: int, incoming: Iterable[PurchaseOrderLine]) -> list[WarehouseStock]:
    """The product's figures in each warehouse that holds or expects it."""
    coming: dict[Warehouse, int] = defaultdict(int)
    first: dict[Warehouse, date | None] = {}
    for line in incoming:
        warehouse = line.purchase_order.warehouse
        coming[warehouse] += line.outstanding
        first.setdefault(warehouse, line.expected_on)
    levels = {
        level.warehouse: level
        for level in StockLevel.objects.filter(product=product_id).select_related("warehouse").order_by("pk")
    }
    return [
        WarehouseStock(
            warehouse,
            StockFigures(
                on_hand=level.on_hand if (level := levels.get(warehouse)) else 0,
                reserved=level.reserved if level else 0,
                incoming=coming.get(warehouse, 0),
                next_on=first.get(warehouse),
            ),
        )
        for warehouse in sorted(
            levels.keys() | coming.keys(), key=lambda warehouse: (warehouse.preference, warehouse.code)
        )
    ]


def projected_availability(
    warehouses: Iterable[WarehouseStock],
    incoming: Iterable[PurchaseOrderLine],
    *,
    today: date,
    weeks: int = WEEKS_AHEAD,
) -> list[Projection]:
    """Free units today plus what is dated to arrive within `weeks`.

    A delivery whose day has passed did not come on it, and a line without a day has none: neither is counted.
    """
    last = today + timedelta(weeks=weeks)
    arriving: dict[Warehouse, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    uncounted: dict[Warehouse, int] = defaultdict(int)
    for line in incoming:
        warehouse, day = line.purchase_order.warehouse, line.expected_on
        if day is None or day < today:
            uncounted[warehouse] += line.outstanding
        elif day <= last:
            arriving[warehouse][day] += line.outstanding
    return [
        Projection(
            row.warehouse,
            _staircase(row.stock.available, arriving[row.warehouse], today, last),
            uncounted[row.warehouse],
        )
        for row in warehouses
    ]


def _staircase(units: int, arriving: Mapping[date, int], today: date, last: date) -> list[tuple[date, float]]:
    points: list[tuple[date, float]] = []
    for day in sorted({today, last, *arriving}):
        units += arriving.get(day, 0)
        points.append((day, float(units)))
    return points


def stock_ledger(product_id: int) -> QuerySet[StockEntry]:
    """Every entry of the product's ledger, ready for the page."""
    return StockEntry.objects.filter(stock_level__product=product_id).select_related(
        "stock_level__warehouse", "made_by"
    )


def product_options(text: str, *, most: int = 12) -> list[tuple[Product, int]]:
    """Active products that match what a person is typing, SKUs that start with it first, and their free units."""
    products = Product.objects.active().found_by(text) if text else Product.objects.active()
    first = Case(When(sku__istartswith=text, then=0), default=1)
    matches = list(products.order_by(first, Lower("sku"))[:most])
    stock = stock_of(product.pk for product in matches)
    return [(product, stock[product.pk].available) for product in matches]
