"""Mappings: how the columns of a foreign file become the fields of ours. A preset or a JSON file of the user's.

{"kind": "orders", "source": "online-retail", "time_zone": "Europe/London",
 "columns": {"order_number": "Invoice",                        a column, or a list of names it may have
             "currency": {"value": "GBP"},                     a constant
             "customer": {"column": "Customer ID", "default": "GUEST"},
             "status": {"column": "ShippedDate", "values": {"": "open"}, "otherwise": "shipped"},
             "ordered_at": {"column": "InvoiceDate", "date_formats": ["%d/%m/%Y %H:%M"]},
             "sku": {"column": "ProductID", "pad": 3, "prefix": "NW-", "case": "upper", "remove": "[.]0$"}},
 "skip": [{"column": "Invoice", "starts_with": "C", "reason": "cancellation"}],
 "lookups": [{"file": "orders.csv", "key": "OrderID"}],        more columns, from a file beside the file
 "line_from": ["sku", "quantity", "unit_price"],               the file has no line numbers
 "create_missing": ["products", "customers"], "acknowledge": false}
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from config.lib.errors import DomainError

Transform = Callable[[str], str]
Test = Callable[[str], bool]

_TOP = {
    *("kind", "description", "source", "encoding", "time_zone", "columns", "skip", "lookups", "line_from"),
    *("create_missing", "acknowledge"),
}
_OF_COLUMN = {"column", "value", "default", "values", "otherwise", "date_formats", "pad", "prefix", "case", "remove"}
_OF_SKIP = {"column", "equals", "starts_with", "matches", "reason"}
_CREATABLE = {"products", "customers"}


class MappingRefused(DomainError):
    """The mapping is not one, or is for other files."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field comes from: the first of these columns that the file has, or nothing but a constant."""

    columns: tuple[str, ...] = ()
    constant: str = ""
    transform: Transform | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    columns: tuple[str, ...]
    test: Test
    reason: str


@dataclass(frozen=True, slots=True)
class Lookup:
    file: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMapping:
    """A mapping as read from JSON; without columns the file's own names are the fields."""

    name: str = ""
    kind: str = ""
    source: str = ""
    encoding: str = "utf-8-sig"
    zone: ZoneInfo | None = None
    columns: Mapping[str, Source] = field(default_factory=dict)
    skips: Sequence[Skip] = ()
    lookups: Sequence[Lookup] = ()
    line_from: tuple[str, ...] = ()
    create_missing: frozenset[str] = frozenset()
    acknowledge: bool = True


NO_MAPPING = FileMapping()


def read_mapping(path: Path) -> FileMapping:
    """Raises MappingRefused, naming what is wrong with the JSON."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise MappingRefused(f"The mapping {path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise MappingRefused(f"The mapping {path} is not JSON: {error}.") from None
    try:
        return _mapping(path.stem, content)
    except (TypeError, ValueError, KeyError, re.error) as error:
        raise MappingRefused(f"The mapping {path.stem} is not usable: {error}.") from None


def _mapping(name: str, content: dict[str, Any]) -> FileMapping:
    _only(content, _TOP, "the mapping")
    encoding = content.get("encoding", "utf-8")
    return FileMapping(
        name=name,
        kind=content["kind"],
        source=content.get("source", ""),
        encoding="utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding,
        zone=ZoneInfo(content["time_zone"]) if "time_zone" in content else None,
        columns={field: _source(field, value) for field, value in content["columns"].items()},
        skips=[_skip(rule) for rule in content.get("skip", [])],
        lookups=[Lookup(entry["file"], entry["key"]) for entry in content.get("lookups", [])],
        line_from=tuple(content.get("line_from", ())),
        create_missing=frozenset(_only(dict.fromkeys(content.get("create_missing", [])), _CREATABLE, "create_missing")),
        acknowledge=bool(content.get("acknowledge", True)),
    )


def _only(entries: dict[str, Any], known: set[str], where: str) -> dict[str, Any]:
    if not isinstance(entries, dict):
        raise TypeError(f"{where} must be an object")
    if unknown := set(entries) - known:
        raise ValueError(f"{where} has the unknown key {min(unknown)!r}")
    return entries


def _names(value: str | list[str]) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else tuple(value)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError("a column needs a name")
    return names


def _source(name: str, value: Any) -> Source:
    if isinstance(value, str | list):
        return Source(columns=_names(value))
    _only(value, _OF_COLUMN, f"the field {name!r}")
    if "value" in value:
        return Source(constant=str(value["value"]))
    return Source(columns=_names(value["column"]), transform=_transform(value))


def _transform(rule: dict[str, Any]) -> Transform | None:
    """The changes of one cell, always in this order: remove, values, date format, case, pad, prefix, default."""
    steps: list[Transform] = []
    if "remove" in rule:
        removed = re.compile(rule["remove"])
        steps.append(lambda text: removed.sub("", text).strip())
    if "values" in rule:
        values, otherwise = dict(rule["values"]), rule.get("otherwise")
        steps.append(lambda text: values.get(text, text if otherwise is None else otherwise))
    if "date_formats" in rule:
        formats = _names(rule["date_formats"])
        steps.append(lambda text: _iso(text, formats))
    if "case" in rule:
        steps.append({"upper": str.upper, "lower": str.lower}[rule["case"]])
    pad, prefix, default = int(rule.get("pad", 0)), rule.get("prefix", ""), rule.get("default", "")
    if pad or prefix or default:
        steps.append(lambda text: prefix + text.rjust(pad, "0") if text else default)
    return lru_cache(maxsize=20_000)(_one_after_the_other(steps)) if steps else None


def _one_after_the_other(steps: list[Transform]) -> Transform:
    def transform(text: str) -> str:
        for step in steps:
            text = step(text)
        return text

    return transform


def _iso(text: str, formats: tuple[str, ...]) -> str:
    for each in formats:
        try:
            return datetime.strptime(text, each).isoformat()  # noqa: DTZ007 - the time zone is the mapping's
        except ValueError:
            continue
    return text


def _skip(rule: dict[str, Any]) -> Skip:
    _only(rule, _OF_SKIP, "a rule of skip")
    tests: list[Test] = []
    if "equals" in rule:
        words = {word.casefold() for word in ([rule["equals"]] if isinstance(rule["equals"], str) else rule["equals"])}
        tests.append(lambda text: text.casefold() in words)
    if "starts_with" in rule:
        starts = tuple(start.casefold() for start in _names(rule["starts_with"]))
        tests.append(lambda text: text.casefold().startswith(starts))
    if "matches" in rule:
        pattern = re.compile(rule["matches"], re.IGNORECASE)
        tests.append(lambda text: pattern.search(text) is not None)
    if len(tests) != 1:
        raise ValueError("a rule of skip needs one of equals, starts_with, matches")
    return Skip(_names(rule["column"]), lru_cache(maxsize=20_000)(tests[0]), rule["reason"])
