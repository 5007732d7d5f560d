"""Deliveries for the tests of lead times; days are counted from any day 0."""

from random import Random

from inventory.engine.deliveries import Delivery


def delivery(ordered: int, days: int | None, *, supplier="NORD", item="SAW", kin="2 weeks", **values) -> Delivery:
    start = values.pop("counted_from", ordered)
    return Delivery(supplier, item, kin, ordered, start, None if days is None else start + days, **values)


def two_suppliers(*, orders: int, seed: int = 7) -> list[Delivery]:
    """A quick and a slow supplier, each with an order every five days, the slow one with a long tail."""
    chance = Random(seed)
    made = []
    for number in range(orders):
        made.append(delivery(number * 5, 5 + chance.randrange(4), supplier="QUICK", kin="1 week"))
        tail = 40 if chance.random() < 0.15 else 0
        made.append(delivery(number * 5, 20 + chance.randrange(15) + tail, supplier="SLOW", kin="1 month"))
    return made
