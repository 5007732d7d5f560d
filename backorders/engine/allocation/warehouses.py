"""Which warehouses serve a line."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeVar

Place = TypeVar("Place")


class Reach(StrEnum):
    """Where a policy lets a line be served from."""

    OWN = "own"
    WHOLE = "whole"
    SPLIT = "split"


class ShortLine(NamedTuple):
    """A line that `home` leaves `missing` units short; `places` are other warehouses, the preferred one first."""

    id: int
    missing: int
    home: int
    places: Sequence[int]
    pack: int = 1
    minimum: int = 0


class UnitsByWarehouse(NamedTuple):
    """Units by line and warehouse, and the lines to which something was left, but no whole pack or not enough of it.

    Where the units from elsewhere leave a rest that lies at home, too little before, `taken` has that, too.
    """

    taken: dict[int, dict[int, int]]
    held_back: frozenset[int]


def choose_warehouses(
    demanded: int, stock: Iterable[tuple[Place, int]], *, split: bool, pack: int = 1, minimum: int = 0
) -> dict[Place, int]:
    """Units to take from each warehouse, given (code, free units) in the order of preference.

    Without `split` the first warehouse that covers the whole quantity serves it, or none does. With it each delivery
    has whole packs, unless it is the rest, and at least `minimum` units.
    """
    if not split:
        return next(({place: demanded} for place, free in stock if demanded and free >= demanded), {})
    taken: dict[Place, int] = {}
    for place, free in stock:
        units = demanded if free >= demanded else free - free % pack
        if units >= max(minimum, 1):
            taken[place] = units
            demanded -= units
    return taken


def serve_elsewhere(left: Mapping[int, int], lines: Iterable[ShortLine], *, split: bool) -> UnitsByWarehouse:
    """Give what the warehouses have left to the lines, the first one first."""
    shelves = dict(left)
    taken: dict[int, dict[int, int]] = {}
    held_back = set()
    for line in lines:
        stock = [(place, shelves.get(place, 0)) for place in line.places]
        chosen = choose_warehouses(line.missing, stock, split=split, pack=line.pack, minimum=line.minimum)
        rest = line.missing - sum(chosen.values())
        if chosen and 0 < rest <= shelves.get(line.home, 0):
            chosen[line.home], rest = rest, 0
        for place, units in chosen.items():
            shelves[place] -= units
        if chosen:
            taken[line.id] = chosen
        if rest and any(shelves.get(place, 0) for place in line.places):
            held_back.add(line.id)
    return UnitsByWarehouse(taken, frozenset(held_back))
