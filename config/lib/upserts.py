"""Saving master data by its natural key: new rows are made, known ones changed where they differ, others left alone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.functions import Lower

from config.lib.bulk import update_rows
from config.lib.outcomes import IMPORTED, UNCHANGED, UPDATED, Outcome

Key = tuple[Any, ...]
Values = Mapping[str, Any]


def locked_by_code(queryset: QuerySet[Any], field: str, codes: Iterable[str]) -> dict[str, Any]:
    """The rows with these codes, whatever their letter case, by the code in lower case; locked by primary key."""
    rows = by_code(queryset.select_for_update(of=("self",), no_key=True).order_by("pk"), field, codes)
    return dict(rows)


def by_code(queryset: QuerySet[Any], field: str, codes: Iterable[str]) -> dict[str, Any]:
    lowered = {code.lower() for code in codes}
    rows = queryset.alias(lowered_code=Lower(field)).filter(lowered_code__in=lowered)
    return {getattr(row, field).lower(): row for row in rows}


def save_by_key(model: type[Model], known: Mapping[Key, Any], rows: Sequence[tuple[Key, Values]]) -> list[Outcome]:
    """One outcome per row; of a known row only the fields that are named are touched. The caller holds their locks."""
    by_key = dict(known)
    fresh: dict[Key, Any] = {}
    changed: dict[Key, set[str]] = {}
    outcomes = []
    for key, values in rows:
        row = by_key.get(key)
        if row is None:
            by_key[key] = fresh[key] = model(**values)
            outcomes.append(IMPORTED)
            continue
        different = [name for name, value in values.items() if getattr(row, name) != value]
        for name in different:
            setattr(row, name, values[name])
        if different and key not in fresh:
            changed.setdefault(key, set()).update(different)
        outcomes.append(UPDATED if different else UNCHANGED)
    model._default_manager.bulk_create(fresh.values())
    if changed:
        fields = sorted(set().union(*changed.values()))
        update_rows([by_key[key] for key in changed], fields)
    return outcomes
