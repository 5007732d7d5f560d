"""Who comes before whom in the queue of a pool."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Any, NamedTuple


class SortField(StrEnum):
    TIER_RANK = "tier_rank"
    PLACED_AT = "placed_at"
    REQUESTED_ON = "requested_on"
    ORDER_SIZE = "order_size"
    LINE_VALUE = "line_value"
    DAYS_WAITING = "days_waiting"
    TIMES_SLIPPED = "times_slipped"
    MANUAL_BOOST = "manual_boost"


class LineFacts(NamedTuple):
    """What a sort key may ask of a line. `order_size` is its open quantity; tier rank 1 is the most important tier.

    `placed_at` is the order's own moment, in whatever can be compared: a partial shipment does not change it. What
    stands behind the boost is for filters only (customer, category, product and warehouse by their primary key), and
    left out where a policy has none.
    """

    id: int | str
    order_size: int
    tier_rank: int
    placed_at: datetime | date | float
    requested_on: date | None = None
    line_value: Decimal | int = 0
    days_waiting: int = 0
    times_slipped: int = 0
    manual_boost: int = 0
    customer: int = 0
    country: str = ""
    channel: str = ""
    category: int | None = None
    product: int = 0
    warehouse: int = 0
    reason: str = ""
    requested_in_days: int | None = None
    ship_complete: bool = False
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class SortKey:
    """One attribute of a policy's sort key: ascending, descending, or in a custom `order` of its values."""

    field: str
    descending: bool = False
    order: tuple[Any, ...] | None = None

    def __post_init__(self) -> None:
        SortField(self.field)


def rank_lines(lines: Iterable[LineFacts], keys: Sequence[SortKey], *, age_boost_days: int = 0) -> list[LineFacts]:
    """The lines in the total order of `keys`, with the line id as the last word.

    A line without a value (no requested date, or a value that a custom order does not name) stands behind those with
    one, whether the key ascends or descends. With `age_boost_days` = N a line moves up by one tier for each N days that
    it has waited, see `_age_boost`.
    """
    ranked = sorted(lines, key=attrgetter("id"))
    # Stable sorts from the last key to the first: no key tuple is built, and C does the comparing.
    for sort in reversed(_sorts(keys, age_boost_days)):
        ranked = sort(ranked)
    return ranked


Sort = Callable[[list[LineFacts]], list[LineFacts]]


def _sorts(keys: Sequence[SortKey], age_boost_days: int) -> list[Sort]:
    if age_boost_days <= 0:
        return [_sort_by(key) for key in keys]
    manual = next((place for place, key in enumerate(keys) if key.field != SortField.MANUAL_BOOST), len(keys))
    boosted, rest = _age_boost(keys[manual:], age_boost_days)
    return [*map(_sort_by, keys[:manual]), boosted, *map(_sort_by, rest)]


def _age_boost(keys: Sequence[SortKey], days: int) -> tuple[Sort, Sequence[SortKey]]:
    """The age step leads the key, behind a person's manual boost only, so that no stream of newcomers starves a line.

    Where the tier leads, a step is worth one tier; under any other key, lines compare by their steps first.
    """
    if keys and keys[0].field == SortField.TIER_RANK:
        tier_place = _tier_place(keys[0])
        return _ascending(lambda line: tier_place(line) - line.days_waiting // days), keys[1:]
    return _ascending(lambda line: -(line.days_waiting // days)), keys


def _tier_place(key: SortKey) -> Callable[[LineFacts], int]:
    sign = -1 if key.descending else 1
    if key.order is None:
        return lambda line: sign * line.tier_rank
    places = {value: sign * place for place, value in enumerate(key.order)}
    last = max(places.values(), default=0) + 1
    return lambda line: places.get(line.tier_rank, last)


def _ascending(value: Callable[[LineFacts], int]) -> Sort:
    return lambda lines: sorted(lines, key=value)


def _sort_by(key: SortKey) -> Sort:
    value: Callable[[LineFacts], Any] = attrgetter(key.field)
    if key.order is not None:
        return _sort_with_gaps(_custom_place(value, key.order), key.descending)
    if key.field == SortField.REQUESTED_ON:
        return _sort_with_gaps(value, key.descending)
    descending = key.descending
    return lambda lines: sorted(lines, key=value, reverse=descending)


def _custom_place(value: Callable[[LineFacts], Any], order: tuple[Any, ...]) -> Callable[[LineFacts], int | None]:
    places = {named: place for place, named in enumerate(order)}
    return lambda line: places.get(value(line))


def _sort_with_gaps(value: Callable[[LineFacts], Any], descending: bool) -> Sort:
    def sort(lines: list[LineFacts]) -> list[LineFacts]:
        present = [line for line in lines if value(line) is not None]
        absent = [line for line in lines if value(line) is None] if len(present) < len(lines) else []
        present.sort(key=value, reverse=descending)
        return present + absent

    return sort
