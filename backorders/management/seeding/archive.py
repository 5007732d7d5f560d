"""What was before the desk: a year of shipped orders, purchase orders and receipts, and open orders taken over."""

from datetime import date, timedelta
from itertools import count

from backorders.management.seeding.days import moment, working_day_from
from backorders.management.seeding.demand import Demand
from backorders.management.seeding.partners import Habit
from backorders.management.seeding.supply import DemoSupply
from backorders.management.seeding.world import SHARES, SOURCE, Item, World
from backorders.orders.intake import place_orders
from inventory.enums import StockKind
from inventory.models import PurchaseOrder, StockLevel, Supplier
from inventory.purchasing.import_orders import EnteredOrder, ImportedLine, enter_purchase_orders
from inventory.stock.counts import StockCount, book_counts
from inventory.stock.move import StockMove, move_stock

WEEK = timedelta(weeks=1)
OPENING_COUNT = 4  # weeks before the desk opens, so that nobody takes it for a mistake in the books


class Archive:
    """History; `until` is the first day that is played in full."""

    def __init__(self, world: World, until: date, supply: DemoSupply) -> None:
        self.world, self.until, self.supply = world, until, supply
        self.dice = world.dice("archive")
        self.demand = Demand(world, "archive")
        self._numbers = count(4_500_010_017, 3)

    def tell(self) -> None:
        self._enter_orders()
        self._play_purchases()
        self._take_over_open_orders()

    def _enter_orders(self) -> None:
        """Four weeks at a time, when they are over."""
        weeks = self.world.size.archive_weeks
        for week in range(weeks, 0, -4):
            monday, end = self.until - week * WEEK, min(self.until, self.until - (week - 4) * WEEK)
            moments = sorted(
                moment(monday + timedelta(days=self.dice.randrange((end - monday).days)), self.dice.randint(7, 17))
                for _ in range(self.world.size.archive_orders_a_week * ((end - monday) // WEEK))
            )
            place_orders(orders=self.demand.archive(moments), by=None, now=moment(end, 2), acknowledge=False)

    def _play_purchases(self) -> None:
        """Every other week is an order day; until the next one goods arrive, and some leave again."""
        suppliers = Supplier.objects.in_bulk(self.world.partners)
        for week in range(self.world.size.archive_weeks // 2 * 2, 0, -2):
            day = working_day_from(self.until - week * WEEK)
            self.supply.receive_until(moment(day, 6))
            self.supply.close_finished(day, moment(day, 9))
            if week == OPENING_COUNT:
                self._count_stock(day)
            elif week > OPENING_COUNT and week % 4 == 0:
                self._book_earlier_shipments(day)
            ordering = [pk for pk in self.world.partners if self.dice.random() < self.world.size.archive_share]
            orders = [order for pk in ordering if (order := self._purchase(suppliers[pk], day))]
            enter_purchase_orders(orders=orders, source=SOURCE, by=self.world.staff["buyer"], now=moment(day, 11))
            self.supply.expect(PurchaseOrder.objects.filter(number__in=[order.number for order in orders]))
        self.supply.receive_until(moment(self.until, 0))

    def _purchase(self, supplier: Supplier, day: date) -> EnteredOrder | None:
        items = [item for item in self.world.items if item.supplier_id == supplier.pk]
        if not items:
            return None
        chosen = self.dice.sample(items, k=min(len(items), self.dice.randint(2, 5)))
        confirmed_on = working_day_from(day + timedelta(days=supplier.lead_time_days + self.dice.randint(-1, 3)))
        return EnteredOrder(
            number=str(next(self._numbers)),
            supplier=supplier,
            warehouse_id=self.world.warehouses["MAIN"],
            ordered_on=day,
            lines=tuple(
                ImportedLine(
                    number=number,
                    product_id=item.id,
                    quantity=_in_packs(item, self.world.weekly_units(item, day.month) * self.dice.uniform(1, 4)),
                    requested_on=confirmed_on - timedelta(days=self.dice.choice([0, 0, 2, 5])),
                    confirmed_on=confirmed_on,
                    cost=item.article.price * 6 / 10,
                )
                for number, item in enumerate(chosen, start=1)
            ),
        )

    def _book_earlier_shipments(self, day: date) -> None:
        """What the previous system shipped in the meantime, one entry for each pool."""
        left = {level: level.on_hand * self.dice.randint(15, 45) // 100 for level in _levels()}
        moves = [
            StockMove(
                level.pk,
                units - level.on_hand,
                StockKind.ADJUSTMENT,
                f"archive:{day}:{level.pk}",
                reason="Shipments booked by the previous system",
                reference=f"{day:%Y-%m}",
            )
            for level, units in left.items()
            if units != level.on_hand
        ]
        move_stock(moves=moves, by=self.world.staff["warehouse"], now=moment(day, 7))

    def _count_stock(self, day: date) -> None:
        """The opening count: from here on the ledger is the desk's own."""
        counts = []
        for item in self.world.items:
            for code in self.world.warehouses:
                units = self.world.weekly_units(item, day.month) * SHARES[code] * self._cover(item)
                if code == "MAIN" or units >= item.article.pack:
                    counts.append(
                        StockCount(
                            warehouse=code,
                            sku=item.article.sku,
                            counted=_in_packs(item, units),
                            reference=f"Opening count {day:%Y-%m-%d}",
                        )
                    )
        book_counts(counts=counts, source=SOURCE, by=self.world.staff["warehouse"], now=moment(day, 7))

    def _cover(self, item: Item) -> float:
        """Weeks of demand on the shelf: little of what comes from suppliers in trouble."""
        if self.world.partners[item.supplier_id].habit == Habit.STRUGGLING:
            return self.dice.uniform(0, 1.2)
        return self.dice.uniform(0.5, 7)

    def _take_over_open_orders(self) -> None:
        """Orders that the previous system could not finish wait on, with the age that they have."""
        scarce = [
            item
            for item in self.world.items
            if self.world.partners[item.supplier_id].habit in {Habit.STRUGGLING, Habit.ERRATIC}
        ]
        opening = moment(self.until, 0)
        moments = sorted(
            moment(self.until - timedelta(days=int(self.dice.triangular(1, 75, 15))), self.dice.randint(8, 17))
            for _ in range(self.world.size.old_orders)
        )
        orders = self.demand.left_over(moments, scarce)
        place_orders(orders=orders, by=self.world.staff["desk"], now=opening, acknowledge=False)


def _levels() -> list[StockLevel]:
    return list(StockLevel.objects.order_by("product__sku", "warehouse__code"))


def _in_packs(item: Item, units: float) -> int:
    pack = item.article.pack
    return max(pack, round(units / pack) * pack)
