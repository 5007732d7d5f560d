"""What the buyers do: look at some of the suppliers every day, order what runs short, chase confirmations."""

import math
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from django.db.models import F, Sum

from backorders.enums import PromiseSource
from backorders.management.seeding.days import Day, working_day_from
from backorders.management.seeding.partners import Habit
from backorders.management.seeding.supply import DemoSupply
from backorders.management.seeding.world import SHARES, SOURCE, Item, World
from backorders.models import OrderLine
from config.lib.bulk import next_numbers
from inventory.models import Product, PurchaseOrder, PurchaseOrderLine, StockLevel, Supplier
from inventory.purchasing.close import cancel_purchase_order
from inventory.purchasing.dates import confirm_purchase_order
from inventory.purchasing.import_orders import EnteredOrder, ImportedLine, enter_purchase_orders
from inventory.purchasing.order import NewPurchaseLine, create_purchase_order
from inventory.suppliers.send import send_purchase_order

NEVER_CONFIRMED = 0.07
TURNS = 8
STEP_BY_STEP = -5  # days
FORGOTTEN_FOR = 100  # days: longer than any supplier of the story was ever late, so that no likelihood names a date
WORTH_A_DELIVERY = 2  # lines that a depot orders at least
PoolKey = tuple[int, int]
Needs = dict[PoolKey, list[NewPurchaseLine]]  # by supplier and warehouse


class Buyers:
    def __init__(self, world: World, supply: DemoSupply) -> None:
        self.world, self.supply = world, supply
        self.dice = world.dice("buying")
        self.by = world.staff["buyer"]
        self.unconfirmed: list[PurchaseOrder] = []
        self.tightness = {item.id: self._tightness(item) for item in world.items}

    def _tightness(self, item: Item) -> float:
        """How well the buyer knows the demand: some goods are always ordered too late, or forgotten."""
        if self.world.partners[item.supplier_id].habit == Habit.STRUGGLING:
            return self.dice.choice([0.0, 0.1, 0.3])
        return self.dice.choices([0.0, 0.3, 0.6, 1.0, 1.3], [9, 25, 30, 25, 11])[0]

    def work(self, day: Day) -> None:
        """Orders of the last days are followed step by step; those before come as the ordering system kept them."""
        self._confirm(day)
        turns = {(day.number - n) % TURNS for n in range(len(day.told))}
        suppliers = [pk for position, pk in enumerate(self.world.partners) if position % TURNS in turns]
        needs = self._needs(suppliers, day)
        if day.number >= STEP_BY_STEP:
            for (supplier_id, warehouse_id), lines in needs.items():
                self._order(supplier_id, warehouse_id, lines, day)
        elif needs:
            self._enter(needs, day)

    def _enter(self, needs: Needs, day: Day) -> None:
        numbers = next_numbers("purchase_order_number", len(needs))
        orders = [
            self._entered(f"PO-{number}", pool, lines, day)
            for number, (pool, lines) in zip(numbers, needs.items(), strict=True)
        ]
        enter_purchase_orders(orders=orders, source=SOURCE, by=self.by, now=day.at(12, 30))
        self.supply.expect(PurchaseOrder.objects.filter(number__in=[order.number for order in orders]).order_by("pk"))

    def _entered(self, number: str, pool: PoolKey, lines: list[NewPurchaseLine], day: Day) -> EnteredOrder:
        supplier_id, warehouse_id = pool
        promised_on = None if self.dice.random() < NEVER_CONFIRMED else self._promise(supplier_id, day)
        return EnteredOrder(
            number=number,
            supplier=self._suppliers[supplier_id],
            warehouse_id=warehouse_id,
            ordered_on=day.date,
            lines=tuple(
                ImportedLine(
                    number=position,
                    product_id=line.product_id,
                    quantity=line.quantity,
                    requested_on=line.requested_on,
                    confirmed_on=promised_on,
                    cost=self._costs[line.product_id],
                )
                for position, line in enumerate(lines, start=1)
            ),
        )

    def _confirm(self, day: Day) -> None:
        """Suppliers answer after a day or two; a few never do, and one order in thirty is called off."""
        waiting, self.unconfirmed = self.unconfirmed, []
        answered = []
        for order in waiting:
            chance = self.dice.random()
            if chance < 0.03:
                cancel_purchase_order(purchase_order_id=order.pk, by=self.by, now=day.at(8, 40))
            elif chance < 0.6:
                self._answer(order, day)
                answered.append(order)
            elif chance < 1 - NEVER_CONFIRMED:
                self.unconfirmed.append(order)
        self.supply.expect(answered)

    def leave_work(self, day: Day) -> None:
        """On the desk at the end: a draft to look at again, an order that was called off, and one that is overdue."""
        for offset, item in enumerate(self.dice.sample(self.world.items, k=2)):
            line = NewPurchaseLine(item.id, item.usual * 4, day.date + timedelta(days=item.lead_time_days))
            order = self._draft(item.supplier_id, self.world.warehouses["MAIN"], [line], day)
            if offset:
                cancel_purchase_order(purchase_order_id=order.pk, by=self.by, now=day.at(17))
        self._enter_forgotten_order(day)

    def _enter_forgotten_order(self, day: Day) -> None:
        """Placed by phone and found only now: its day has passed, and nobody knows when the goods will come."""
        nothing_coming = OrderLine.objects.waiting().filter(promise_source=PromiseSource.LEAD_TIME)
        line = nothing_coming.order_by("-placed_at", "order__external_number", "number").first()
        if line is None:
            return
        item = next(item for item in self.world.items if item.id == line.product_id)
        ordered_on = day.date - timedelta(days=item.lead_time_days + FORGOTTEN_FOR)
        order = EnteredOrder(
            number=f"PO-{next_numbers('purchase_order_number', 1)[0]}",
            supplier=self._suppliers[item.supplier_id],
            warehouse_id=line.warehouse_id,
            ordered_on=ordered_on,
            lines=(
                ImportedLine(
                    number=1,
                    product_id=item.id,
                    quantity=line.missing + 4 * item.usual,
                    confirmed_on=ordered_on + timedelta(days=item.lead_time_days),
                    cost=self._costs[item.id],
                ),
            ),
        )
        enter_purchase_orders(orders=[order], source=SOURCE, by=self.by, now=day.at(17, 5))

    def _answer(self, order: PurchaseOrder, day: Day) -> None:
        promised_on = self._promise(order.supplier_id, day)
        lines = PurchaseOrderLine.objects.filter(purchase_order=order).values_list("pk", flat=True)
        confirm_purchase_order(
            purchase_order_id=order.pk, dates=dict.fromkeys(lines, promised_on), by=self.by, now=day.at(8, 50)
        )

    def _promise(self, supplier_id: int, day: Day) -> date:
        lead_time = self.world.partners[supplier_id].lead_time_days
        return working_day_from(day.date + timedelta(days=max(1, lead_time + self.dice.randint(-2, 4))))

    def _needs(self, suppliers: list[int], day: Day) -> Needs:
        items = [item for supplier_id in suppliers for item in self._items[supplier_id]]
        position = self._positions([item.id for item in items])
        needs: Needs = defaultdict(list)
        for item in items:
            for code, warehouse_id in self.world.warehouses.items():
                units = self._wanted(item, SHARES[code], position[item.id, warehouse_id], day)
                if units:
                    requested_on = day.date + timedelta(days=item.lead_time_days)
                    needs[item.supplier_id, warehouse_id].append(NewPurchaseLine(item.id, units, requested_on))
        main = self.world.warehouses["MAIN"]
        return {pool: lines for pool, lines in needs.items() if pool[1] == main or len(lines) >= WORTH_A_DELIVERY}

    def _wanted(self, item: Item, share: float, position: int, day: Day) -> int:
        """Order up to some weeks of demand once the stock, with what is on its way, does not last until it comes."""
        weekly = self.world.weekly_units(item, day.date.month) * share
        weeks = item.lead_time_days / 7 + 1
        if position >= weekly * weeks * self.tightness[item.id] - (0 if share > 0.5 else item.usual):
            return 0
        if not self.tightness[item.id] and self.dice.random() < 0.5:
            return 0
        pack = item.article.pack
        return max(1, math.ceil((weekly * (weeks + 2) * 0.8 - position) / pack)) * pack

    def _positions(self, product_ids: list[int]) -> dict[PoolKey, int]:
        """On hand and coming, less what is asked for."""
        position: dict[PoolKey, int] = defaultdict(int)
        levels = StockLevel.objects.filter(product_id__in=product_ids)
        inbound = PurchaseOrderLine.objects.inbound().filter(product_id__in=product_ids)
        missing = OrderLine.objects.waiting().filter(product_id__in=product_ids)
        units_missing = Sum(F("ordered") - F("shipped") - F("cancelled") - F("allocated"))
        for rows, sign in (
            (levels.values_list("product_id", "warehouse_id", F("on_hand") - F("reserved")), 1),
            (inbound.values_list("product_id", "purchase_order__warehouse_id", "open"), 1),
            (missing.order_by().values_list("product_id", "warehouse_id").annotate(units=units_missing), -1),
        ):
            for product_id, warehouse_id, units in rows:
                position[product_id, warehouse_id] += sign * units
        return position

    def _order(self, supplier_id: int, warehouse_id: int, lines: list[NewPurchaseLine], day: Day) -> None:
        order = self._draft(supplier_id, warehouse_id, lines, day)
        send_purchase_order(purchase_order_id=order.pk, by=self.by, now=day.at(11, 40))
        self.unconfirmed.append(order)

    def _draft(self, supplier_id: int, warehouse_id: int, lines: list[NewPurchaseLine], day: Day) -> PurchaseOrder:
        return create_purchase_order(
            supplier_id=supplier_id,
            warehouse_id=warehouse_id,
            lines=lines,
            source=SOURCE,
            by=self.by,
            now=day.at(11, 30),
        )

    @cached_property
    def _suppliers(self) -> dict[int, Supplier]:
        return Supplier.objects.in_bulk(self.world.partners)

    @cached_property
    def _costs(self) -> dict[int, Decimal]:
        return dict(Product.objects.values_list("pk", "cost"))

    @cached_property
    def _items(self) -> dict[int, list[Item]]:
        items: dict[int, list[Item]] = defaultdict(list)
        for item in self.world.items:
            items[item.supplier_id].append(item)
        return items
