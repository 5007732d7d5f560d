"""The one place that reads a policy's definition: whatever is wrong in it is named by its field, with the reason."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, NamedTuple

from backorders.engine.allocation.pool import Strategy
from backorders.engine.allocation.warehouses import Reach
from backorders.engine.policy.definition import (
    DAYS_AT_MOST,
    KIND_OF,
    NO_ORDER,
    NUMBER_AT_MOST,
    OPERATORS,
    SEGMENTS_AT_MOST,
    ExceptionMode,
    Filter,
    FilterField,
    Key,
    Kind,
    Method,
    Operator,
    PolicyDefinition,
    Segment,
    as_json,
)
from backorders.engine.policy.ranking import SortField


class Problem(NamedTuple):
    """Where in the definition (`segments.0.filters.1.values`), and why."""

    where: str
    reason: str


class InvalidPolicy(ValueError):
    """The definition makes no sense to a run; `problems` says where and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.where}: {problem.reason}" for problem in problems))
        self.problems = tuple(problems)


def parse_definition(raw: Any) -> PolicyDefinition:
    """Read a definition as JSON holds it. Raises InvalidPolicy with everything that is wrong, not only the first."""
    reader = _Reader()
    definition = reader.definition(raw)
    if reader.problems or definition is None:
        raise InvalidPolicy(reader.problems)
    return definition


KNOWN_RULES = {*as_json(PolicyDefinition((), Segment("", Strategy.REDISTRIBUTE, ())))}


class _Reader:
    """Collects what is wrong on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, where: str, reason: str) -> None:
        self.problems.append(Problem(where, reason))

    def definition(self, raw: Any) -> PolicyDefinition | None:
        if not isinstance(raw, Mapping) or not raw:
            self.wrong("", "the policy is empty: it needs at least one sort key")
            return None
        for name in sorted(set(raw) - KNOWN_RULES):
            self.wrong(str(name), "there is no such rule")
        return PolicyDefinition(
            segments=self._segments(raw.get("segments", [])),
            rest=self._segment(raw.get("rest"), "rest", is_rest=True),
            method=self.word(raw.get("method", "sequence"), Method, "method", "method"),
            age_boost_days=self.whole(raw.get("age_boost_days", 0), "age_boost_days", at_most=DAYS_AT_MOST),
            fallback=self._fallback(raw.get("fallback", "")),
            exceptions=self.word(raw.get("exceptions", "stop_pools"), ExceptionMode, "exceptions", "exception mode"),
            hold_days=self._limit(raw, "hold_days", DAYS_AT_MOST),
            minimum_units=self.whole(raw.get("minimum_units", 0), "minimum_units"),
            minimum_percent=self.whole(raw.get("minimum_percent", 0), "minimum_percent", at_most=100),
            inbound=self._ahead(raw, "inbound"),
            borrow=self._ahead(raw, "borrow"),
            churn_budget=self._limit(raw, "churn_budget", NUMBER_AT_MOST),
            approval_threshold=self._limit(raw, "approval_threshold", NUMBER_AT_MOST),
            warehouses=self.word(raw.get("warehouses", "own"), Reach, "warehouses", "choice of warehouses"),
        )

    def _segments(self, raw: Any) -> tuple[Segment, ...]:
        if not isinstance(raw, list):
            self.wrong("segments", "must be a list")
            return ()
        if len(raw) > SEGMENTS_AT_MOST:
            self.wrong("segments", f"at most {SEGMENTS_AT_MOST} segments")
        segments = tuple(self._segment(each, f"segments.{place}") for place, each in enumerate(raw[:SEGMENTS_AT_MOST]))
        names = [segment.name.casefold() for segment in segments]
        for place, name in enumerate(names):
            if name and name in names[:place]:
                self.wrong(f"segments.{place}.name", "another segment has this name")
        return segments

    def _segment(self, raw: Any, where: str, *, is_rest: bool = False) -> Segment:
        if not isinstance(raw, Mapping):
            self.wrong(where, "the policy is empty: it needs at least one sort key" if is_rest else "is no segment")
            return Segment("", Strategy.REDISTRIBUTE, ())
        name = raw.get("name", "")
        if not isinstance(name, str) or not (name.strip() or is_rest) or len(name) > 60:
            self.wrong(f"{where}.name", "give the segment a name of at most 60 characters")
            name = ""
        strategy = self.word(raw.get("strategy"), Strategy, f"{where}.strategy", "strategy class")
        keys = self._rows(raw.get("keys", []), f"{where}.keys", self._key)
        if not keys and not raw.get("keys") and strategy not in NO_ORDER:
            self.wrong(f"{where}.keys", "name at least one sort key")
        if len({key.field for key in keys}) < len(keys):
            self.wrong(f"{where}.keys", "a field counts once: name each sort key once")
        filters = self._rows(raw.get("filters", []), f"{where}.filters", self._filter)
        if not is_rest and not raw.get("filters"):
            self.wrong(f"{where}.filters", "a segment without a filter would catch every line: the last one does that")
        if is_rest and filters:
            self.wrong(f"{where}.filters", "the last segment catches the rest: it has no filter")
        return Segment(name.strip(), strategy, keys, filters)

    def _rows(self, raw: Any, where: str, read: Callable[[Any, str], Any]) -> tuple[Any, ...]:
        if not isinstance(raw, list) or len(raw) > SEGMENTS_AT_MOST:
            self.wrong(where, f"must be a list of at most {SEGMENTS_AT_MOST}")
            return ()
        rows = [read(each, f"{where}.{place}") for place, each in enumerate(raw)]
        return tuple(row for row in rows if row is not None)

    def _key(self, raw: Any, where: str) -> Key | None:
        field = self._named(raw, where, SortField, "sort key", {"field", "descending", "order"})
        if field is None:
            return None
        order = raw.get("order") or []
        if not isinstance(order, list) or not all(isinstance(value, str) and value for value in order):
            self.wrong(f"{where}.order", "must be a list of tiers")
            order = []
        elif order and field != SortField.TIER_RANK:
            self.wrong(f"{where}.order", "only tiers have an order of their own")
        return Key(field, self._truth(raw.get("descending", False), f"{where}.descending"), tuple(order))

    def _filter(self, raw: Any, where: str) -> Filter | None:
        field = self._named(raw, where, FilterField, "filter field", {"field", "operator", "values"})
        if field is None:
            return None
        kind = KIND_OF[field]
        operator = self.word(raw.get("operator"), Operator, f"{where}.operator", "operator")
        if operator not in OPERATORS[kind]:
            self.wrong(f"{where}.operator", f"does not go with “{field}”: choose {' or '.join(OPERATORS[kind])}")
        values = raw.get("values")
        if not isinstance(values, list) or not values:
            self.wrong(f"{where}.values", "name at least one value")
            return None
        return Filter(field, operator, self._values(field, kind, values, f"{where}.values"))

    def _named(self, raw: Any, where: str, words: type[StrEnum], noun: str, known: set[str]) -> Any:
        field = raw.get("field") if isinstance(raw, Mapping) else None
        if not isinstance(field, str) or field not in set(words):
            self.wrong(f"{where}.field", f"there is no {noun} “{field}”: choose one of {', '.join(words)}")
            return None
        for name in sorted(set(raw) - known):
            self.wrong(f"{where}.{name}", f"a {noun} has no such part")
        return words(field)

    def _values(self, field: FilterField, kind: Kind, values: list[Any], where: str) -> tuple[Any, ...]:
        if kind == Kind.CHOICE:
            if all(isinstance(value, str) and value.strip() for value in values) and len(values) <= 1000:
                return tuple(dict.fromkeys(value.strip() for value in values))
            self.wrong(where, "must be words")
            return ()
        if len(values) != 1:
            self.wrong(where, "takes one value")
        if kind == Kind.FLAG:
            return (self._truth(values[0], where),)
        if field == FilterField.LINE_VALUE:
            return (self._money(values[0], where),)
        at_least = -DAYS_AT_MOST if field == FilterField.REQUESTED_IN_DAYS else 0
        return (self.whole(values[0], where, at_least=at_least),)

    def _money(self, raw: Any, where: str) -> Decimal:
        try:
            amount = Decimal(raw) if isinstance(raw, str | int) and not isinstance(raw, bool) else Decimal("NaN")
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or not 0 <= amount <= NUMBER_AT_MOST:
            self.wrong(where, "must be an amount from 0 up")
            return Decimal(0)
        return amount

    def word(self, raw: Any, words: type[StrEnum], where: str, noun: str) -> Any:
        if isinstance(raw, str) and raw in set(words):
            return words(raw)
        self.wrong(where, f"there is no {noun} “{raw}”: choose one of {', '.join(words)}")
        return next(iter(words))

    def whole(self, raw: Any, where: str, *, at_least: int = 0, at_most: int = NUMBER_AT_MOST) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not at_least <= raw <= at_most:
            self.wrong(where, f"must be a whole number from {at_least} to {at_most}")
            return 0
        return raw

    def _limit(self, raw: Mapping[str, Any], name: str, at_most: int) -> int | None:
        value = raw.get(name)
        return None if value is None else self.whole(value, name, at_most=at_most)

    def _truth(self, raw: Any, where: str) -> bool:
        if not isinstance(raw, bool):
            self.wrong(where, "must be true or false")
        return raw is True

    def _ahead(self, raw: Mapping[str, Any], name: str) -> bool:
        is_chosen = self._truth(raw.get(name, False), name)
        if is_chosen and raw.get("method") == Method.FAIR_SHARE:
            self.wrong(name, "an equal share knows no rank: choose one after the other, or leave this out")
        if is_chosen and raw.get("warehouses", Reach.OWN) != Reach.OWN:
            self.wrong(name, "only lines that their own warehouse serves can count on what is on its way there")
        return is_chosen

    def _fallback(self, raw: Any) -> str:
        if not isinstance(raw, str):
            self.wrong("fallback", "must be the code of a policy")
            return ""
        return raw.strip()
