"""What the story knows of its actors: figures that the desk itself is not told."""

from dataclasses import dataclass
from functools import cached_property
from random import Random

from django.contrib.auth.models import User

from backorders.management.seeding.catalogue import Article
from backorders.management.seeding.partners import Partner
from backorders.management.seeding.sizes import Size

SOURCE = "demo"


@dataclass(frozen=True, slots=True)
class Item:
    """A product with its demand: `appeal` is its share of the lines, `usual` the units of a usual line."""

    id: int
    article: Article
    supplier_id: int
    appeal: float
    usual: int
    lead_time_days: int

    def demand_in(self, month: int) -> float:
        return self.appeal * self.article.season[month - 1]


@dataclass(frozen=True, slots=True)
class Client:
    """A customer; `appetite` is the share of the orders, `warehouse_id` where its goods come from, if it matters."""

    id: int
    email: str
    appetite: float
    warehouse_id: int | None


@dataclass(frozen=True)
class World:
    seed: int
    size: Size
    staff: dict[str, User]
    warehouses: dict[str, int]
    items: list[Item]
    clients: list[Client]
    partners: dict[int, Partner]

    def dice(self, topic: str) -> Random:
        """Chance, the same for the same seed, whatever the other topics do."""
        return Random(f"{self.seed}/{topic}")

    def weekly_units(self, item: Item, month: int) -> float:
        """Units a week that the desk may expect to be asked for."""
        share = item.demand_in(month) / self._demand[month - 1]
        return self.size.orders_a_day * 5 * LINES_PER_ORDER * share * item.usual * USUAL_TIMES

    @cached_property
    def _demand(self) -> list[float]:
        return [sum(item.demand_in(month) for item in self.items) for month in range(1, 13)]


LINES_PER_ORDER = 2.0
USUAL_TIMES = 1.8  # the mean of the factors on a usual line, see demand.py
# Which share of the demand a warehouse sees.
SHARES = {"MAIN": 0.72, "SOUTH": 0.2, "NORTH": 0.08}
