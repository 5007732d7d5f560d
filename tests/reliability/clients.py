"""One client of the load: orders, receipts, runs, cancellations, picks and shipments, as they come."""

import random
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, OperationalError
from django.utils import timezone

from backorders.enums import RunKind
from backorders.fulfilment.receive import receive_goods
from backorders.fulfilment.ship import pick_order, ship
from backorders.fulfilment.stock_corrections import adjust_stock
from backorders.models import OrderLine, SalesOrder, Shipment
from backorders.orders.cancel import cancel_line
from backorders.orders.intake import NewLine, NewOrder, place_order
from backorders.promising.promise_dates import promise_due
from backorders.runs.allocate_stock import allocate_stock
from config.lib.errors import DomainError
from tests.reliability.world import World

BUSY = {"55P03", "40P01", "40001", "57014"}
CHECK_VIOLATION = "23514"


@dataclass
class Record:
    """What a client saw; `acknowledged` are the order numbers that it was told are taken."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    busy: Counter[str] = field(default_factory=Counter)
    check_violations: int = 0
    unexpected: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


class Client:
    def __init__(self, number: int, world: World, *, hot_share: float) -> None:
        self.number = number
        self.world = world
        self.hot_share = hot_share
        self.random = random.Random(number)
        self.record = Record()
        self.step = 0

    def work(self, *, operations: int, seconds: float) -> dict[str, object]:
        """Up to so many operations, until the time is up; together the clients begin with one of each kind."""
        actions: list[Callable[[datetime], None]] = [
            *[self.order] * 7,
            *[self.receive] * 3,
            *[self.run] * 2,
            *[self.cancel] * 3,
            *[self.pick_and_ship] * 5,
            *[self.adjust] * 1,
            *[self.promise] * 1,
        ]
        kinds = list(dict.fromkeys(actions))
        deadline = time.monotonic() + seconds
        for self.step in range(operations):
            if time.monotonic() > deadline:
                break
            self._try(self.random.choice(actions) if self.step else kinds[self.number % len(kinds)])
        return vars(self.record)

    def _try(self, action: Callable[[datetime], None]) -> None:
        name, began = action.__name__, time.monotonic()
        try:
            action(timezone.now())
        except DomainError as error:
            self.record.refused[type(error).__name__] += 1
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", "") or ""
            if state in BUSY:
                self.record.busy[f"{name} {state}"] += 1
            else:
                self.record.unexpected.append(traceback.format_exc()[-1500:])
        except IntegrityError as error:
            if getattr(error.__cause__, "sqlstate", "") == CHECK_VIOLATION:
                self.record.check_violations += 1
            self.record.unexpected.append(traceback.format_exc()[-1500:])
        except Exception:  # noqa: BLE001 - a client goes on whatever happens, and the run tells
            self.record.unexpected.append(traceback.format_exc()[-1500:])
        else:
            self.record.done[name] += 1
        self.record.seconds.append(round(time.monotonic() - began, 4))

    def _product(self) -> int:
        """The position of a product; the first one is the hot one."""
        return 0 if self.random.random() < self.hot_share else self.random.randrange(len(self.world.products))

    def order(self, now: datetime) -> None:
        number = f"L-{self.number}-{self.step}"
        wanted = {self._product(): self.random.randint(1, 5) for _ in range(self.random.randint(1, 3))}
        lines = tuple(NewLine(product_id=self.world.products[p], quantity=units) for p, units in wanted.items())
        customer = self.random.choice(self.world.customers)
        new = NewOrder(source="load", external_number=number, customer_id=customer, lines=lines, placed_at=now)
        place_order(order=new, by=None, now=now)
        self.record.acknowledged.append(number)

    def receive(self, now: datetime) -> None:
        order_id, line_id = self.world.purchase_orders[self._product()]
        receive_goods(
            purchase_order_id=order_id,
            reference=f"DN-{self.number}-{self.step}",
            quantities={line_id: self.random.randint(1, 12)},
            by=None,
            now=now,
        )

    def run(self, now: datetime) -> None:
        products = {self.world.products[self._product()] for _ in range(3)}
        allocate_stock(kind=RunKind.MANUAL, product_ids=products, now=now, cause="Load")

    def cancel(self, now: datetime) -> None:
        line = OrderLine.objects.open().order_by("?").first()
        if line:
            cancel_line(line_id=line.pk, quantity=self.random.randint(1, line.open), by=None, now=now)

    def pick_and_ship(self, now: datetime) -> None:
        order = SalesOrder.objects.open().filter(lines__allocated__gt=0).order_by("?").first()
        if order:
            pick_order(order_id=order.pk, by=None, now=now)
            for shipment in Shipment.objects.filter(order=order, status="picking").order_by("pk"):
                ship(shipment_id=shipment.pk, by=None, now=now)

    def adjust(self, now: datetime) -> None:
        adjust_stock(
            product_id=self.world.products[self._product()],
            warehouse_id=self.world.warehouse,
            delta=self.random.choice([-2, -1, 1, 2]),
            reason="found",
            key=f"{self.number}-{self.step}",
            by=None,
            now=now,
        )

    def promise(self, now: datetime) -> None:
        promise_due(now=now)
