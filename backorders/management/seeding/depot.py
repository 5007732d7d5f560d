"""What the warehouse does: pick and ship what is ready, count, take returns back, move goods between the depots."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from django.db.models import F, Sum

from backorders.enums import AllocationKind
from backorders.fulfilment.ship import cancel_pick
from backorders.fulfilment.stock_corrections import count_stock, return_goods
from backorders.fulfilment.wave_picking import Parcel, pick_orders, ship_parcels
from backorders.management.seeding.days import Day
from backorders.management.seeding.world import World
from backorders.models import Allocation, OrderLine, Shipment
from inventory.models import StockLevel
from inventory.stock.move import transfer_stock

PARTS_LEAVE = 0.3  # the chance, each day, of what an order holds while it lacks the rest
CARRIERS = {"DHL Freight": 35, "DPD": 25, "GLS": 20, "UPS": 15, "Own truck": 5}
COUNT_REASONS = ("Cycle count", "Damaged in the aisle", "Cycle count", "Mislabelled bin")
RETURN_REASONS = ("Ordered by mistake", "Wrong size", "Site was closed")


@dataclass(frozen=True, slots=True)
class Ready:
    """An order that holds goods: how many units, and how many it still lacks."""

    order_id: int
    ship_complete: bool
    held: int
    missing: int


class Depot:
    def __init__(self, world: World) -> None:
        self.world = world
        self.dice = world.dice("depot")
        self.by = world.staff["warehouse"]
        self._parcels = count(340_434_108_700_211, 7)
        self._came_back: list[int] = []

    def ship_what_is_ready(self, day: Day) -> None:
        """Most of what is complete leaves; parts leave when the customer takes parts and the packer has time."""
        possible = [ready for ready in self._ready() if self._chance(ready)]
        chosen = [ready for ready in possible if self.dice.random() < self._chance(ready)] or possible[:1]
        shipments = pick_orders(order_ids=[ready.order_id for ready in chosen], by=self.by, now=day.at(13, 5))
        if shipments and (day.is_today or self.dice.random() < 0.1):
            mistaken = shipments.pop()
            cancel_pick(shipment_id=mistaken.pk, by=self.by, now=day.at(14, 30))
            if day.is_today:
                pick_orders(order_ids=[mistaken.order_id], by=self.by, now=day.at(14, 50))
        if day.is_today:
            shipments = shipments[len(shipments) // 2 :]  # the others still lie on the packing table
        parcels = [self._parcel(shipment) for shipment in shipments]
        ship_parcels(parcels=parcels, by=self.by, now=day.at(15, 30))

    def _chance(self, ready: Ready) -> float:
        if not ready.missing:
            return 0.9
        return 0.0 if ready.ship_complete else PARTS_LEAVE

    def _parcel(self, shipment: Shipment) -> Parcel:
        carrier = self.dice.choices(list(CARRIERS), list(CARRIERS.values()))[0]
        number = "" if carrier == "Own truck" else f"{carrier[:3].upper()}{next(self._parcels)}"
        return Parcel(shipment.pk, carrier, number)

    def _ready(self) -> Iterator[Ready]:
        holding = Allocation.objects.active().exclude(kind=AllocationKind.HARD).values("line__order")
        rows = (
            OrderLine.objects.open()
            .filter(order__in=holding)
            .order_by("order_id")
            .values_list("order_id", "order__ship_complete")
            .annotate(held=Sum("allocated"), missing=Sum(F("ordered") - F("shipped") - F("cancelled") - F("allocated")))
        )
        return (Ready(*row) for row in rows)

    def put_the_books_right(self, day: Day) -> None:
        """A count or a return on some days, a transfer on others."""
        if self.dice.random() < 0.3:
            self._count(day)
        if self.dice.random() < 0.15:
            self._take_back(day)
        if self.dice.random() < 0.3:
            self._transfer(day)

    def _count(self, day: Day) -> None:
        """Some pieces are never where the books say; the count finds out."""
        counted = self.dice.choices(self.world.items, [item.appeal for item in self.world.items], k=20)
        levels = StockLevel.objects.with_free_units().filter(product__in=[item.id for item in counted])
        candidates = list(levels.order_by("product__sku", "warehouse__code"))
        if not candidates:
            return
        level = self.dice.choice(candidates)
        gone = level.available if self.dice.random() < 0.6 else (level.available + 1) // 2
        count_stock(
            product_id=level.product_id,
            warehouse_id=level.warehouse_id,
            counted=level.on_hand - gone,
            reason=self.dice.choice(COUNT_REASONS),
            key=f"demo:{day.date}",
            by=self.by,
            now=day.at(16, 10),
        )

    def _take_back(self, day: Day) -> None:
        lines = OrderLine.objects.filter(shipped__gt=F("opening_shipped")).exclude(pk__in=self._came_back)
        shipped = list(lines.order_by("-pk").values_list("pk", flat=True)[:100])
        if shipped:
            self._came_back.append(self.dice.choice(shipped))
            return_goods(
                line_id=self._came_back[-1],
                quantity=1,
                reason=self.dice.choice(RETURN_REASONS),
                key=f"demo:{day.date}",
                by=self.by,
                now=day.at(16, 25),
            )

    def _transfer(self, day: Day) -> None:
        """The southern depot sends what it has too much of."""
        south, main = self.world.warehouses["SOUTH"], self.world.warehouses["MAIN"]
        demanded = OrderLine.objects.waiting().filter(warehouse_id=main).values("product_id")
        free = StockLevel.objects.with_free_units().filter(warehouse_id=south, product__in=demanded)
        level = free.order_by("product__sku").first()
        if level:
            transfer_stock(
                product_id=level.product_id,
                from_warehouse_id=south,
                to_warehouse_id=main,
                quantity=max(1, level.available * 2 // 3),
                reason="Customers wait in Hamburg",
                key=f"demo:{day.date}",
                by=self.by,
                now=day.at(9, 5),
            )
