"""Paging by key: a page starts after a row, not at an offset; fast, and nothing is skipped while rows come and go."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import QueryDict

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[Row]):
    """What `_components/pagination.html` takes: `newer` and `older` are query strings, or empty at the ends."""

    rows: list[Row]
    newer: str
    older: str

    @property
    def shown(self) -> int:
        return len(self.rows)


def keyset_page(
    rows: QuerySet[Row], *, order: Sequence[str], query: QueryDict, size: int = PAGE_SIZE, fragment: str = ""
) -> KeysetPage[Row]:
    """The page of `rows` that `query` asks for with `after=` or `before=`; a senseless cursor gives the first page.

    `order` names fields or annotations that are never null and together unique, such as `("-placed_at", "-pk")`.
    `fragment` is the anchor that the addresses end in.
    """
    backwards = "before" in query
    cursor = _cursor(rows, order, query.get("before") or query.get("after") or "")
    direction = [_turned(key) for key in order] if backwards and cursor else list(order)
    ordered = rows.order_by(*direction)
    if cursor:
        ordered = ordered.filter(_beyond(direction, cursor))
    shown = list(ordered[: size + 1])
    more, shown = len(shown) > size, shown[:size]
    if backwards and cursor:
        shown.reverse()
        earlier, later = more, True
    else:
        earlier, later = bool(cursor), more
    return KeysetPage(
        rows=shown,
        newer=_address(query, "before", order, shown[0], fragment) if shown and earlier else "",
        older=_address(query, "after", order, shown[-1], fragment) if shown and later else "",
    )


def _turned(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _beyond(order: Sequence[str], cursor: Sequence[Any]) -> Q:
    """(a, b) > (x, y), which an index answers from there on; keys of several directions are compared one by one.

    The bound on the first key says nothing new then, but lets an index start there instead of reading all pages before.
    """
    names = [key.removeprefix("-") for key in order]
    ways = {_direction(key) for key in order}
    if len(ways) == 1 and len(order) > 1:
        compare = TupleLessThan if ways == {"lt"} else TupleGreaterThan
        return Q(compare(Tuple(*map(F, names)), tuple(cursor)))
    beyond, same = Q(), Q()
    for key, name, value in zip(order, names, cursor, strict=True):
        beyond |= same & Q(**{f"{name}__{_direction(key)}": value})
        same &= Q(**{name: value})
    return Q(**{f"{names[0]}__{_direction(order[0])}e": cursor[0]}) & beyond


def _direction(key: str) -> str:
    return "lt" if key.startswith("-") else "gt"


def _cursor(rows: QuerySet[Row], order: Sequence[str], text: str) -> list[Any]:
    try:
        values = json.loads(text)
        if not isinstance(values, list) or len(values) != len(order):
            return []
        return [_value(rows, key.removeprefix("-"), value) for key, value in zip(order, values, strict=True)]
    except (ValueError, TypeError, ArithmeticError, ValidationError, RecursionError):
        return []


def _value(rows: QuerySet[Row], name: str, value: Any) -> Any:
    """The value as the column takes it; raises where it is none."""
    value = _field(rows, name).to_python(value)
    if value is None or (isinstance(value, str) and "\0" in value.encode().decode()):
        raise ValueError(name)
    return value


def _field(rows: QuerySet[Row], name: str) -> "Field[Any, Any]":
    annotation = rows.query.annotations.get(name)
    if annotation is not None:
        return annotation.output_field
    field = rows.model._meta.pk if name == "pk" else rows.model._meta.get_field(name)
    if not isinstance(field, Field):
        raise FieldDoesNotExist(name)
    return field


def _address(query: QueryDict, way: str, order: Sequence[str], row: Row, fragment: str) -> str:
    address = query.copy()
    for name in ("after", "before"):
        address.pop(name, None)
    values = [getattr(row, key.removeprefix("-")) for key in order]
    address[way] = json.dumps(values, default=str)
    return f"?{address.urlencode()}{fragment}"
