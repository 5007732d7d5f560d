"""What happens at the order desk: orders come in, customers call to cancel, somebody knows better why a line waits."""

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import QuerySet

from backorders.enums import AllocationKind, AllocationState, BackorderReason, OrderStatus
from backorders.errors import BackorderRefused
from backorders.management.seeding.days import Day
from backorders.management.seeding.demand import Demand
from backorders.management.seeding.world import SOURCE, World
from backorders.models import Allocation, OrderLine, SalesOrder
from backorders.orders.cancel import cancel_line, cancel_order
from backorders.orders.checks import NewLine, NewOrder
from backorders.orders.intake import place_order, place_orders
from backorders.planning.reasons import correct_reason
from inventory.enums import BackorderPolicy
from inventory.models import Product, PurchaseOrderLine, StockLevel

NOTES = ("Customer found another source", "Project postponed", "Ordered twice", "Customer changed the specification")
NOT_ORDERED = 2  # goods of the site: of one a forgotten order turns up, the other one is still to be bought


class DemoDesk:
    def __init__(self, world: World) -> None:
        self.world = world
        self.dice = world.dice("desk")
        self.by = world.staff["desk"]
        self.demand, self.counter = Demand(world, "orders"), Demand(world, "sales")

    def take_orders(self, day: Day) -> None:
        """The night's and the morning's orders in one batch; today the last ones are typed in one after the other."""
        usual = self.world.size.orders_a_day * (2 if day.is_week else 3) // 3  # business has picked up
        orders = self.demand.orders(self._moments(day, usual, opens=7, hours=3))
        place_orders(orders=orders, by=self.by, now=day.at(10, 5), acknowledge=not day.is_week)

    def _moments(self, day: Day, usual: int, *, opens: int, hours: int) -> list[datetime]:
        number = max(1, round(usual * len(day.told) * self.dice.uniform(0.75, 1.25)))
        return sorted(
            day.moment(position, opens + self.dice.randrange(hours), self.dice.randrange(60))
            for position in range(number)
        )

    def take_last_orders(self, day: Day) -> None:
        for minute in range(0, 50, 10):
            [order] = self.demand.orders([day.at(17, 15 + minute // 2)])
            with suppress(BackorderRefused):  # the customer is told at once, and orders something else
                place_order(order=order, by=self.by, now=order.placed_at)

    def import_counter_sales(self, day: Day) -> None:
        """What was sold over the trade counter comes in at night, as shipped."""
        sales = self.counter.counter_sales(self._moments(day, self.world.size.counter_sales_a_day, opens=7, hours=10))
        place_orders(orders=sales, by=None, now=day.at(18, 15), acknowledge=False)

    def answer_calls(self, day: Day) -> None:
        """Some customers do not want to wait any longer, some no longer need anything."""
        waiting = list(
            OrderLine.objects.backordered()
            .filter(allocated=0, placed_at__lt=day.at(0) - timedelta(days=5))
            .order_by("placed_at", "order__external_number", "number")
        )
        if waiting and self.dice.random() < 0.6:
            line = self.dice.choice(waiting)
            quantity = line.open if self.dice.random() < 0.7 else max(1, line.open // 2)
            cancel_line(
                line_id=line.pk, quantity=quantity, by=self.by, now=day.at(16, 40), note=self.dice.choice(NOTES)
            )
        if waiting and (day.is_today or self.dice.random() < 0.12):
            self._cancel_order(self.dice.choice(waiting).order_id, day)
        if waiting and self.dice.random() < 0.5:
            self._correct_reason(self.dice.choice(waiting), day)

    def _cancel_order(self, order_id: int, day: Day) -> None:
        lines = OrderLine.objects.open().filter(order_id=order_id)
        picked = lines.filter(allocations__state=AllocationState.ACTIVE, allocations__kind=AllocationKind.HARD)
        if lines.exists() and not picked.exists():
            cancel_order(order_id=order_id, by=self.by, now=day.at(16, 45), note="The site is not built after all")

    def _correct_reason(self, line: OrderLine, day: Day) -> None:
        line.refresh_from_db()
        if line.reason in (BackorderReason.UNKNOWN, BackorderReason.HIGH_DEMAND):
            reason = self.dice.choice(
                [BackorderReason.SUPPLIER_DELAY, BackorderReason.HIGH_DEMAND, BackorderReason.DATA_ERROR]
            )
            correct_reason(line_id=line.pk, reason=reason, by=self.by, now=day.at(16, 50))

    def take_order_of_a_site(self, day: Day) -> None:
        """A builder wants more than lies here: of goods that a smaller order holds, and of some that nobody ordered."""
        main = self.world.warehouses["MAIN"]
        chosen = self._not_ordered(main)
        soft = Allocation.objects.active().filter(kind=AllocationKind.SOFT)
        served = OrderLine.objects.open().filter(allocations__in=soft, warehouse_id=main, product__in=self._wanted)
        if line := served.order_by("ordered", "order__external_number", "number").first():
            chosen.add(line.product_id)
        here = dict(StockLevel.objects.filter(warehouse_id=main).values_list("product_id", "on_hand"))
        lines = [
            NewLine(product_id=item.id, quantity=here.get(item.id, 0) + 4 * item.usual)
            for item in self.world.items
            if item.id in chosen
        ]
        order = NewOrder(
            source=SOURCE,
            external_number="SITE-2207",
            customer_id=self.dice.choice(self.world.clients).id,
            lines=tuple(lines),
            placed_at=day.at(16, 51),
            channel="phone",
            warehouse_id=main,
        )
        place_order(order=order, by=self.by, now=order.placed_at)

    def _not_ordered(self, warehouse_id: int) -> set[int]:
        coming = PurchaseOrderLine.objects.inbound().filter(purchase_order__warehouse_id=warehouse_id)
        products = self._wanted.exclude(pk__in=coming.values("product"))
        return set(products.order_by("sku").values_list("pk", flat=True)[:NOT_ORDERED])

    @property
    def _wanted(self) -> QuerySet[Product]:
        """What customers may wait for in any number."""
        unlimited = Product.objects.filter(backorder_limit=0, backorder_until=None)
        return unlimited.exclude(backorder_policy=BackorderPolicy.DENY)

    def leave_work(self, day: Day) -> None:
        """The newest order of before noon that still waits as a whole is called off; and of every reason there is a
        case."""
        waiting = SalesOrder.objects.filter(status=OrderStatus.OPEN, placed_at__lt=day.at(12))
        waiting = waiting.exclude(lines__allocated__gt=0)
        if order := waiting.order_by("-placed_at", "-external_number").first():
            cancel_order(order_id=order.pk, by=self.by, now=day.at(17, 7), note="Ordered at the wrong branch")
        self._ask_for_reasons(day)

    def _ask_for_reasons(self, day: Day) -> None:
        """Somebody asked the customers and the suppliers."""
        waiting = OrderLine.objects.backordered().order_by("placed_at", "order__external_number", "number")
        cases = Counter(waiting.values_list("reason", flat=True))
        missing = [reason for reason in BackorderReason if reason and reason not in cases]
        for line, reason in zip(waiting.filter(reason=cases.most_common(1)[0][0]), missing, strict=False):
            correct_reason(line_id=line.pk, reason=reason, by=self.by, now=day.at(17, 8))
