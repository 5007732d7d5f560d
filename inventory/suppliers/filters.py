"""The lists of suppliers, of their answers and of their receipts, narrowed down."""

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from config.lib.filters import FlagFilter, ListFilter, SearchFilter
from inventory.models import Supplier

ZERO = timedelta(0)


class SupplierFilters(ListFilter):
    q = SearchFilter("Search")
    inactive = FlagFilter("No longer active", method="by_activity")

    def by_activity(self, suppliers: QuerySet[Supplier], name: str, value: bool) -> QuerySet[Supplier]:
        return suppliers.filter(active=not value)


class AnswerFilters(ListFilter):
    """Those that wait for a decision, or all."""

    supplier = django_filters.ModelChoiceFilter(
        field_name="purchase_order__supplier",
        queryset=Supplier.objects.order_by("name"),
        label="Supplier",
        empty_label="Any supplier",
    )
    all = FlagFilter("Include decided", method="waiting_only")

    def waiting_only(self, answers: QuerySet, name: str, value: bool) -> QuerySet:
        return answers if value else answers.filter(waiting__gt=0)


class MonthFilter(django_filters.Filter):
    """A month, as in 2026-11."""

    field_class = forms.DateField

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "month"}, format="%Y-%m")
        super().__init__(label="Month", input_formats=["%Y-%m"], widget=widget, **options)


class ReceiptFilters(ListFilter):
    which = django_filters.ChoiceFilter(
        label="Receipts", choices=[("late", "Late"), ("on_time", "On time")], empty_label="All", method="by_lateness"
    )
    month = MonthFilter(method="in_month")

    def by_lateness(self, receipts: QuerySet, name: str, value: str) -> QuerySet:
        return receipts.filter(**{f"late_by__{'gt' if value == 'late' else 'lte'}": ZERO})

    def in_month(self, receipts: QuerySet, name: str, value: Any) -> QuerySet:
        return receipts.filter(arrived_on__year=value.year, arrived_on__month=value.month)
