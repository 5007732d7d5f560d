"""What the customers order: by appetite and season, in small orders, over several channels."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import accumulate, count

from django.utils import timezone

from backorders.management.seeding.world import SOURCE, Item, World
from backorders.orders.intake import NewLine, NewOrder

LINES = ((1, 2, 3, 4, 6), (46, 27, 15, 8, 4))
TIMES = ((1, 2, 3, 5), (52, 28, 14, 6))
CHANNELS = {"web": 45, "edi": 30, "phone": 15, "desk": 10}
PREFIXES = {"web": "W", "edi": "EDI", "phone": "T", "desk": "D", "counter": "K"}


class Demand:
    """A stream of orders; the same for the same seed."""

    def __init__(self, world: World, topic: str) -> None:
        self.world = world
        self.dice = world.dice(topic)
        self.prefix = topic[:1].upper()
        self._numbers = count(100_001)

    def orders(self, moments: list[datetime]) -> list[NewOrder]:
        """Orders that the desk has to serve, one for each moment."""
        return [self._order(placed_at, self._channel()) for placed_at in moments]

    def counter_sales(self, moments: list[datetime]) -> list[NewOrder]:
        """Goods that the customer took along at the trade counter."""
        return [self._order(placed_at, "counter", shipped_share=1.0, lines=3) for placed_at in moments]

    def archive(self, moments: list[datetime]) -> list[NewOrder]:
        """Orders of the time before, shipped long ago; the previous system kept one for all that a customer took in a
        week."""
        return [self._order(moment, self._channel(), shipped_share=1.0, lines=6) for moment in moments]

    def left_over(self, moments: list[datetime], scarce: list[Item]) -> list[NewOrder]:
        """Orders that the previous system could not finish, mostly of goods that are hard to get."""
        return [
            self._order(moment, "desk", shipped_share=self.dice.choice([0.0, 0.0, 0.5]), items=scarce)
            for moment in moments
        ]

    def _channel(self) -> str:
        return self.dice.choices(list(CHANNELS), list(CHANNELS.values()))[0]

    def _order(
        self,
        placed_at: datetime,
        channel: str,
        *,
        shipped_share: float = 0.0,
        items: list[Item] | None = None,
        lines: int = 1,
    ) -> NewOrder:
        """One order; `lines` makes it so many times longer than usual."""
        client = self.dice.choices(self.world.clients, self._appetites)[0]
        chosen = self._items(placed_at, self.dice.choices(*LINES)[0] * lines, items)
        requested_on = timezone.localdate(placed_at) + timedelta(days=self.dice.choice([3, 5, 7, 10, 14, 21]))
        latest_on = requested_on + timedelta(days=30) if self.dice.random() < 0.15 else None
        return NewOrder(
            source=SOURCE,
            external_number=f"{PREFIXES[channel]}{self.prefix}-{next(self._numbers)}",
            customer_id=client.id,
            lines=tuple(self._line(item, shipped_share, requested_on, latest_on) for item in chosen),
            placed_at=placed_at,
            channel=channel,
            warehouse_id=client.warehouse_id,
            customer_reference=f"{self.dice.randint(4500, 4599)}/{self.dice.randint(100, 999)}"
            if self.dice.random() < 0.5
            else "",
        )

    def _line(self, item: Item, shipped_share: float, requested_on: date, latest_on: date | None) -> NewLine:
        quantity = item.usual * self.dice.choices(*TIMES)[0]
        return NewLine(
            product_id=item.id,
            quantity=quantity,
            unit_price=item.article.price,
            requested_on=requested_on,
            latest_on=latest_on,
            shipped=int(quantity * shipped_share),
        )

    def _items(self, placed_at: datetime, how_many: int, among: list[Item] | None) -> Iterator[Item]:
        """Different products, by their demand in that month."""
        items = among or self.world.items
        weights = self._weights[timezone.localtime(placed_at).month] if among is None else None
        yield from dict.fromkeys(self.dice.choices(items, cum_weights=weights, k=how_many))

    @cached_property
    def _appetites(self) -> list[float]:
        return [client.appetite for client in self.world.clients]

    @cached_property
    def _weights(self) -> dict[int, list[float]]:
        return {month: list(accumulate(item.demand_in(month) for item in self.world.items)) for month in range(1, 13)}
