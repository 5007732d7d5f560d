"""One segment of a policy as a person edits it: rows of filters and of sort keys."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as made_by
from typing import Any

from django.http import QueryDict

from backorders.engine.allocation.pool import Strategy
from backorders.engine.policy.definition import KIND_OF, OPERATORS, FilterField, Kind, Operator
from backorders.engine.policy.ranking import SortField
from backorders.engine.policy.words import FIELD_WORDS, OPERATOR_WORDS, STRATEGY_WORDS, WORDS

FLAG_LABELS = {FilterField.SHIP_COMPLETE: "ships complete", FilterField.IS_TOLD: "customer was promised a date"}
FIELDS = [(each.value, (FIELD_WORDS.get(each) or FLAG_LABELS[each]).capitalize()) for each in FilterField]
KEY_FIELDS = [
    (SortField.TIER_RANK.value, "Tier"),
    (SortField.PLACED_AT.value, "Order date"),
    (SortField.REQUESTED_ON.value, "Requested date"),
    (SortField.ORDER_SIZE.value, "Open quantity"),
    (SortField.LINE_VALUE.value, "Open value"),
    (SortField.DAYS_WAITING.value, "Days waiting"),
    (SortField.TIMES_SLIPPED.value, "Broken promises"),
    (SortField.MANUAL_BOOST.value, "Manual boost"),
]
STRATEGIES = [(each.value, each.value.capitalize(), STRATEGY_WORDS[each]) for each in Strategy]
YES_NO = {"yes": True, "no": False, "true": True, "false": False}
ROWS_AT_MOST = 20


@dataclass
class FilterRow:
    field: str = FilterField.TIER.value
    operator: str = Operator.IN.value
    values: str = ""
    errors: list[str] = made_by(default_factory=list)

    @property
    def kind(self) -> Kind | None:
        return KIND_OF[FilterField(self.field)] if self.field in set(FilterField) else None

    @property
    def operators(self) -> list[tuple[str, str]]:
        """Those that go with the field, and the one that the person chose even if it does not."""
        fitting = list(OPERATORS[self.kind]) if self.kind else list(Operator)
        if self.operator in set(Operator) and Operator(self.operator) not in fitting:
            fitting.append(Operator(self.operator))
        return [(each.value, OPERATOR_WORDS.get(each, "is")) for each in fitting]

    @property
    def is_flag(self) -> bool:
        return self.kind == Kind.FLAG

    def settle(self) -> None:
        """After another field was chosen: an operator that goes with it."""
        if self.kind and self.operator not in OPERATORS[self.kind]:
            self.operator, self.values = OPERATORS[self.kind][0].value, "yes" if self.is_flag else ""

    def as_json(self) -> dict[str, Any]:
        return {"field": self.field, "operator": self.operator, "values": [self._value(each) for each in self._words()]}

    def _words(self) -> list[str]:
        return split_words(self.values)

    def _value(self, word: str) -> Any:
        if self.kind == Kind.FLAG:
            return YES_NO.get(word.lower(), word)
        whole = word.removeprefix("-")
        is_number = self.kind == Kind.NUMBER and self.field != FilterField.LINE_VALUE
        return int(word) if is_number and whole.isascii() and whole.isdecimal() and len(whole) < 12 else word


@dataclass
class KeyRow:
    field: str = SortField.PLACED_AT.value
    descending: bool = False
    order: str = ""
    errors: list[str] = made_by(default_factory=list)

    @property
    def directions(self) -> list[tuple[str, str]]:
        words = WORDS.get(self.field, ("ascending", "descending"))
        return [("", f"{words[0]} first"), ("down", f"{words[1]} first")]

    @property
    def takes_order(self) -> bool:
        return self.field == SortField.TIER_RANK

    def as_json(self) -> dict[str, Any]:
        return {"field": self.field, "descending": self.descending, "order": split_words(self.order)}


@dataclass
class SegmentRow:
    name: str
    strategy: str
    filters: list[FilterRow]
    keys: list[KeyRow]
    prefix: str = ""
    errors: list[str] = made_by(default_factory=list)

    @classmethod
    def blank(cls, number: int) -> "SegmentRow":
        return cls(f"Segment {number}", Strategy.REDISTRIBUTE.value, [FilterRow()], [KeyRow()])

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "SegmentRow":
        filters = [FilterRow(each["field"], each["operator"], _told(each["values"])) for each in raw["filters"]]
        keys = [KeyRow(each["field"], each["descending"], join_words(each["order"])) for each in raw["keys"]]
        return cls(raw["name"], raw["strategy"], filters, keys)

    @classmethod
    def read(cls, data: QueryDict, prefix: str) -> "SegmentRow":
        filters = zip(
            *(data.getlist(f"{prefix}-{name}")[:ROWS_AT_MOST] for name in ("filter", "operator", "values")),
            strict=False,
        )
        keys = zip(
            *(data.getlist(f"{prefix}-{name}")[:ROWS_AT_MOST] for name in ("key", "direction", "order")), strict=False
        )
        return cls(
            data.get(f"{prefix}-name", "").strip()[:100],
            data.get(f"{prefix}-strategy", ""),
            [FilterRow(*each) for each in filters],
            [KeyRow(name, direction == "down", order) for name, direction, order in keys],
            prefix,
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "strategy": self.strategy,
            "filters": [row.as_json() for row in self.filters],
            "keys": [row.as_json() for row in self.keys],
        }

    def act(self, what: str) -> None:
        """`add-filter`, `add-key`, `filter.1.remove`, `key.0.up`, `key.0.down`, `key.0.remove`."""
        if what == "add-filter":
            self.filters.append(FilterRow())
        elif what == "add-key":
            used = {row.field for row in self.keys}
            self.keys.append(KeyRow(next(name for name, _ in [*KEY_FIELDS, KEY_FIELDS[0]] if name not in used)))
        kind, _, step = what.partition(".")
        number, _, how = step.partition(".")
        rows: list[Any] = self.filters if kind == "filter" else self.keys if kind == "key" else []
        if number.isdecimal() and int(number) < len(rows):
            row = rows.pop(int(number))
            if how != "remove":
                step_by = {"up": -1, "down": 1}.get(how, 0)
                rows.insert(max(0, int(number) + step_by), row)
        for each in self.filters:
            each.settle()

    def refuse(self, part: str, reason: str) -> None:
        """Put the reason beside the row that `part` of the segment names, such as `filters.1.values`."""
        kind, _, step = part.partition(".")
        number = step.partition(".")[0]
        rows: list[Any] = self.filters if kind == "filters" else self.keys if kind == "keys" else []
        if number.isdecimal() and int(number) < len(rows):
            rows[int(number)].errors.append(reason)
        else:
            self.errors.append(reason)


def split_words(text: str) -> list[str]:
    """Words between commas; a word that holds a comma stands in quotation marks."""
    rows = list(csv.reader([text.replace("\n", ",").replace("\r", "")], skipinitialspace=True))
    return [word.strip() for row in rows for word in row if word.strip()]


def join_words(words: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([str(word) for word in words])
    return line.getvalue().replace(",", ", ") if '"' not in line.getvalue() else line.getvalue()


def _told(values: Iterable[Any]) -> str:
    return join_words({True: "yes", False: "no"}[value] if isinstance(value, bool) else value for value in values)
