"""What a policy says: who is served in which order, by which class, within which limits.

A policy is an ordered list of segments, each a filter, a strategy class and a sort key; `rest` catches the lines that
no segment wants. The rules beside them hold for all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from backorders.engine.allocation.pool import Strategy
from backorders.engine.allocation.warehouses import Reach
from backorders.engine.policy.ranking import SortField

SEGMENTS_AT_MOST = 20
NUMBER_AT_MOST = 2_000_000_000
DAYS_AT_MOST = 3_650


class Method(StrEnum):
    SEQUENCE = "sequence"
    FAIR_SHARE = "fair_share"


class ExceptionMode(StrEnum):
    """What a guarantee that cannot be met stops."""

    STOP_POOLS = "stop_pools"
    STOP_ALL = "stop_all"


class Kind(StrEnum):
    """What the values of a filter are."""

    CHOICE = "choice"
    NUMBER = "number"
    FLAG = "flag"


class FilterField(StrEnum):
    TIER = "tier"
    CUSTOMER = "customer"
    COUNTRY = "country"
    CHANNEL = "channel"
    CATEGORY = "category"
    PRODUCT = "product"
    WAREHOUSE = "warehouse"
    REASON = "reason"
    AGE_DAYS = "age_days"
    LINE_VALUE = "line_value"
    ORDER_SIZE = "order_size"
    REQUESTED_IN_DAYS = "requested_in_days"
    TIMES_SLIPPED = "times_slipped"
    SHIP_COMPLETE = "ship_complete"
    IS_TOLD = "is_told"


class Operator(StrEnum):
    IN = "in"
    NOT_IN = "not_in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    IS = "is"


NUMBERS = {
    FilterField.AGE_DAYS,
    FilterField.LINE_VALUE,
    FilterField.ORDER_SIZE,
    FilterField.REQUESTED_IN_DAYS,
    FilterField.TIMES_SLIPPED,
}
FLAGS = {FilterField.SHIP_COMPLETE, FilterField.IS_TOLD}
KIND_OF: Mapping[FilterField, Kind] = {
    field: Kind.NUMBER if field in NUMBERS else Kind.FLAG if field in FLAGS else Kind.CHOICE for field in FilterField
}
OPERATORS: Mapping[Kind, tuple[Operator, ...]] = {
    Kind.CHOICE: (Operator.IN, Operator.NOT_IN),
    Kind.NUMBER: (Operator.AT_LEAST, Operator.AT_MOST),
    Kind.FLAG: (Operator.IS,),
}
# Classes whose lines get nothing by rank.
NO_ORDER = {Strategy.LOSE, Strategy.SKIP}


@dataclass(frozen=True, slots=True)
class Filter:
    """`values` are codes as people write them, one number, or one truth value."""

    field: FilterField
    operator: Operator
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """One attribute of a sort key; a custom `order` names tiers, the first one first."""

    field: SortField
    descending: bool = False
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    strategy: Strategy
    keys: tuple[Key, ...]
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyDefinition:
    """`fallback` is the code of another policy, or empty. A limit of None is no limit.

    `inbound`: goods on their way count where they are in time. `borrow`: parked stock is lent where nobody is delayed.
    """

    segments: tuple[Segment, ...]
    rest: Segment
    method: Method = Method.SEQUENCE
    age_boost_days: int = 0
    fallback: str = ""
    exceptions: ExceptionMode = ExceptionMode.STOP_POOLS
    hold_days: int | None = None
    minimum_units: int = 0
    minimum_percent: int = 0
    inbound: bool = False
    borrow: bool = False
    churn_budget: int | None = None
    approval_threshold: int | None = None
    warehouses: Reach = Reach.OWN

    @property
    def all_segments(self) -> tuple[Segment, ...]:
        """The rest stands last: a line's segment is its place here."""
        return (*self.segments, self.rest)

    @property
    def looks_ahead(self) -> bool:
        """Whether goods on their way decide who gets what today."""
        return self.inbound or self.borrow

    @property
    def filter_fields(self) -> frozenset[FilterField]:
        return frozenset(test.field for segment in self.segments for test in segment.filters)


def as_json(definition: PolicyDefinition) -> dict[str, Any]:
    """The form in which versions and runs keep it; `parse_definition` reads it back."""
    return {
        "segments": [_segment_as_json(segment) for segment in definition.segments],
        "rest": _segment_as_json(definition.rest),
        "method": definition.method.value,
        "age_boost_days": definition.age_boost_days,
        "fallback": definition.fallback,
        "exceptions": definition.exceptions.value,
        "hold_days": definition.hold_days,
        "minimum_units": definition.minimum_units,
        "minimum_percent": definition.minimum_percent,
        "inbound": definition.inbound,
        "borrow": definition.borrow,
        "churn_budget": definition.churn_budget,
        "approval_threshold": definition.approval_threshold,
        "warehouses": definition.warehouses.value,
    }


def _segment_as_json(segment: Segment) -> dict[str, Any]:
    return {
        "name": segment.name,
        "strategy": segment.strategy.value,
        "keys": [
            {"field": key.field.value, "descending": key.descending, "order": list(key.order)} for key in segment.keys
        ],
        "filters": [
            {"field": test.field.value, "operator": test.operator.value, "values": _plain(test.values)}
            for test in segment.filters
        ],
    }


def _plain(values: tuple[Any, ...]) -> list[Any]:
    return [str(value) if isinstance(value, Decimal) else value for value in values]
