"""The list of customers, narrowed down."""

import django_filters
from django.db.models import QuerySet

from config.lib.filters import FlagFilter, ListFilter, SearchFilter
from customers.models import Customer, CustomerTier


class CustomerFilters(ListFilter):
    q = SearchFilter("Search")
    tier = django_filters.ModelChoiceFilter(
        queryset=CustomerTier.objects.order_by("rank"), label="Tier", empty_label="Any tier"
    )
    inactive = FlagFilter("No longer active", method="by_activity")

    def by_activity(self, customers: QuerySet[Customer], name: str, value: bool) -> QuerySet[Customer]:
        return customers.filter(active=not value)
