"""A delivery as the lead times see it, and whose experience may speak for it."""

from collections.abc import Hashable
from enum import StrEnum
from typing import NamedTuple

Key = tuple[Hashable, ...]
Name = int | str


class Scope(StrEnum):
    """Whose deliveries a curve was learned from, the narrowest first."""

    ITEM = "item"
    SUPPLIER = "supplier"
    SIMILAR = "similar"
    ALL = "all"


class Delivery(NamedTuple):
    """An order on its way or arrived; days are ordinals.

    Its time is counted from `counted_from`: the day it was ordered, or, with a `word`, the first date that the supplier
    confirmed. `known_on` is the day on which that start was known: from then on its arrival could be foretold.
    """

    supplier: Name
    item: Name
    kin: Name
    known_on: int
    counted_from: int
    received_on: int | None = None
    word: bool = False

    @property
    def chain(self) -> tuple[tuple[Scope, Key], ...]:
        """The widest experience first."""
        return (
            (Scope.ALL, (self.word, Scope.ALL)),
            (Scope.SIMILAR, (self.word, Scope.SIMILAR, self.kin)),
            (Scope.SUPPLIER, (self.word, Scope.SUPPLIER, self.supplier)),
            (Scope.ITEM, (self.word, Scope.ITEM, self.supplier, self.item)),
        )
