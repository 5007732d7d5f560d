"""What the suppliers do with an order: confirm it, put it off, send it in parts, too late, too early or too much."""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from backorders.fulfilment.receive import receive_goods
from backorders.management.seeding.days import Day, moment, working_day_from
from backorders.management.seeding.partners import Habit, days_off_the_promise
from backorders.management.seeding.world import World
from inventory.enums import PurchaseOrderStatus
from inventory.models import PurchaseOrder, PurchaseOrderLine
from inventory.purchasing.close import close_purchase_orders
from inventory.purchasing.dates import NewDate, change_confirmed_dates
from inventory.purchasing.receive import GoodsArrival, receive_arrivals

REASONS_FOR_DELAY = (
    "Raw material shortage",
    "Container missed its vessel",
    "Production line down",
    "Customs inspection",
    "Carrier has no capacity",
    "Supplier waits for a component",
)
LINES_NAMED = 2  # of an order, when its supplier writes that it will be late
CLOSABLE = (PurchaseOrderStatus.PARTLY_RECEIVED, PurchaseOrderStatus.RECEIVED)


@dataclass(order=True, frozen=True)
class DemoDelivery:
    arrives_at: datetime
    purchase_order_id: int
    reference: str = field(compare=False)
    quantities: dict[int, int] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Delay:
    line_id: int
    new_on: date
    reason: str


class DemoSupply:
    """Deliveries on their way, and the letters with which suppliers put them off."""

    def __init__(self, world: World, played_from: date) -> None:
        self.world, self.played_from = world, played_from
        self.dice = world.dice("supply")
        self.deliveries: list[DemoDelivery] = []
        self.delays: dict[date, list[Delay]] = defaultdict(list)
        self.closings: dict[date, list[int]] = defaultdict(list)

    def expect(self, orders: Iterable[PurchaseOrder]) -> None:
        """Decide, behind the desk's back, when the lines of these orders will come, confirmed or not."""
        chosen = {order.pk: order for order in orders}
        lines: dict[int, list[PurchaseOrderLine]] = defaultdict(list)
        for line in PurchaseOrderLine.objects.filter(purchase_order__in=chosen).order_by("pk"):
            lines[line.purchase_order_id].append(line)
        for order_id, order_lines in lines.items():
            self._expect_order(chosen[order_id], order_lines)

    def _expect_order(self, order: PurchaseOrder, lines: list[PurchaseOrderLine]) -> None:
        promised_on = max(day for line in lines if (day := line.confirmed_on or line.requested_on))
        habit = self.world.partners[order.supplier_id].habit
        if habit == Habit.STRUGGLING and promised_on < self.played_from - timedelta(days=30):
            habit = Habit.LATE  # their trouble began lately
        off = days_off_the_promise(habit, self.dice)
        arrives_on = working_day_from(promised_on + timedelta(days=off))
        if arrives_on >= self.played_from:
            self._announce(lines, promised_on, arrives_on, habit)
        self._plan(order, lines, arrives_on, habit)

    def _announce(self, lines: list[PurchaseOrderLine], promised_on: date, arrives_on: date, habit: Habit) -> None:
        """Bad news comes shortly before the date, if at all; the struggling ones hope twice."""
        if arrives_on == promised_on or (habit != Habit.STRUGGLING and self.dice.random() < 0.25):
            return
        told_on = working_day_from(promised_on - timedelta(days=self.dice.randint(2, 7)))
        reason = self.dice.choice(REASONS_FOR_DELAY) if arrives_on > promised_on else "Ready earlier than planned"
        named = lines[:LINES_NAMED]
        first = arrives_on
        if habit == Habit.STRUGGLING:
            first = working_day_from(promised_on + (arrives_on - promised_on) / 2)
            again_on = working_day_from(first - timedelta(days=2))
            self.delays[again_on] += [Delay(line.pk, arrives_on, "Still short of components") for line in named]
        self.delays[told_on] += [Delay(line.pk, first, reason) for line in named]

    def _plan(self, order: PurchaseOrder, lines: list[PurchaseOrderLine], arrives_on: date, habit: Habit) -> None:
        whole = {line.pk: self._sent(line, habit) for line in lines}
        if habit == Habit.PARTIAL and self.dice.random() < 0.7:
            first = {pk: max(1, units * self.dice.randint(4, 7) // 10) for pk, units in whole.items()}
            rest = {pk: units - first[pk] for pk, units in whole.items() if units > first[pk]}
            later_on = working_day_from(arrives_on + timedelta(days=self.dice.randint(6, 11)))
            parts = [(arrives_on, first), (later_on, rest)] if rest else [(arrives_on, first)]
        else:
            parts = [(arrives_on, whole)]
        for day, quantities in parts:
            note = f"DN-{self.dice.randint(20_000, 99_999)}"
            arrives_at = moment(day, 8) + timedelta(minutes=self.dice.randint(0, 170))
            heapq.heappush(self.deliveries, DemoDelivery(arrives_at, order.pk, note, quantities))
        if self.dice.random() < 0.6:
            self.closings[working_day_from(parts[-1][0] + timedelta(days=self.dice.randint(3, 9)))].append(order.pk)

    def _sent(self, line: PurchaseOrderLine, habit: Habit) -> int:
        if habit == Habit.GENEROUS and line.tolerance and self.dice.random() < 0.6:
            return line.ordered + self.dice.randint(1, line.tolerance)
        if self.dice.random() < 0.04:
            return max(1, line.ordered * 9 // 10)
        return line.ordered

    def receive_until(self, now: datetime, *, played: datetime | None = None) -> bool:
        """Book what has arrived; says whether anything has. What came on a day that is played is booked at its time."""
        due: list[DemoDelivery] = []
        while self.deliveries and self.deliveries[0].arrives_at <= now:
            due.append(heapq.heappop(self.deliveries))
        came = bool(due)
        while due:
            first_of_order: dict[int, DemoDelivery] = {}
            for delivery in due:
                first_of_order.setdefault(delivery.purchase_order_id, delivery)
            self._receive(list(first_of_order.values()), played)
            due = [delivery for delivery in due if first_of_order[delivery.purchase_order_id] is not delivery]
        return came

    def _receive(self, deliveries: list[DemoDelivery], played: datetime | None) -> None:
        """Later parts are cut to what may still be received."""
        lines = PurchaseOrderLine.objects.in_bulk([pk for delivery in deliveries for pk in delivery.quantities])
        arrivals = [
            GoodsArrival(
                delivery.purchase_order_id,
                delivery.reference,
                {pk: min(units, lines[pk].receivable) for pk, units in sorted(delivery.quantities.items())},
                played if played and played.date() == delivery.arrives_at.date() else delivery.arrives_at,
            )
            for delivery in deliveries
        ]
        receive_arrivals(arrivals=arrivals, by=self.world.staff["warehouse"])

    def write_delays(self, day: Day) -> None:
        """The letters that came by this day; what has come meanwhile is not put off any more."""
        due = sorted(told_on for told_on in self.delays if told_on <= day.date)
        delays = [delay for told_on in due for delay in self.delays.pop(told_on)]
        lines = PurchaseOrderLine.objects.in_bulk([delay.line_id for delay in delays])
        changes = [
            NewDate(delay.line_id, delay.new_on, delay.reason)
            for delay in delays
            if (line := lines[delay.line_id]).outstanding and line.confirmed_on and delay.new_on >= day.date
        ]
        change_confirmed_dates(changes=changes, by=self.world.staff["buyer"], now=day.at(8, 20))

    def close_finished(self, today: date, now: datetime) -> None:
        """The buyer's ticks under orders of which nothing more is expected."""
        due = sorted(day for day in self.closings if day <= today)
        order_ids = [order_id for day in due for order_id in self.closings.pop(day)]
        finished = PurchaseOrder.objects.filter(pk__in=order_ids, status__in=CLOSABLE).values_list("pk", flat=True)
        close_purchase_orders(purchase_order_ids=list(finished), by=self.world.staff["buyer"], now=now)

    def leave_work(self, day: Day) -> None:
        """The last lorry of the day brought half of what was expected."""
        lines = PurchaseOrderLine.objects.filter(
            purchase_order__status=PurchaseOrderStatus.CONFIRMED, received=0, cancelled=0, ordered__gt=1
        )
        if line := lines.order_by("confirmed_on", "purchase_order__number", "number").first():
            receive_goods(
                purchase_order_id=line.purchase_order_id,
                reference=f"DN-{self.dice.randint(20_000, 99_999)}",
                quantities={line.pk: line.ordered // 2},
                by=self.world.staff["warehouse"],
                now=day.at(16, 58),
            )
