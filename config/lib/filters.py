"""What a list may be narrowed down by: one FilterSet for its page, its export, a saved view and the API.

A value that makes no sense filters nothing, so that an old link still opens.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone


class Chip(NamedTuple):
    """An active filter, as people read it."""

    name: str
    label: str
    value: str


class ListFilter(django_filters.FilterSet):
    """`qs` is what is left of the rows at the moment `now`; `form` is the bar over the list."""

    def __init__(self, query: Mapping[str, Any], queryset: QuerySet | None = None, *, now: datetime | None = None):
        super().__init__(query, queryset)
        self.now = now or timezone.now()

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @property
    def chosen(self) -> dict[str, Any]:
        """The values that make sense and are not blank."""
        self.form.full_clean()
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    def chips(self, *, without: tuple[str, ...] = ()) -> Iterator[Chip]:
        for name, value in self.chosen.items():
            if name not in without:
                field = self.form.fields[name]
                words = dict(getattr(field, "choices", ())).get(value, value)
                yield Chip(name, str(field.label or name.capitalize()), str(words))


class SearchFilter(django_filters.CharFilter):
    """The rows that a text names, by the list's own `found_by` or by `method`."""

    def __init__(self, label: str, *, longest: int = 100, placeholder: str = "", **options: Any) -> None:
        attrs = {"placeholder": placeholder, "autocomplete": "off"} if placeholder else {}
        widget = forms.TextInput(attrs) if placeholder else forms.SearchInput()
        super().__init__(label=label, max_length=longest, widget=widget, **options)

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        return qs.found_by(value) if value else qs  # type: ignore[attr-defined]


class FlagFilter(django_filters.Filter):
    """A box to tick; its method hears False, too."""

    field_class = forms.BooleanField

    def __init__(self, label: str, *, method: str) -> None:
        super().__init__(label=label, method=method)
