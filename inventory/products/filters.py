"""The list of products, narrowed down."""

import django_filters
from django.db.models import Exists, F, OuterRef, QuerySet

from config.lib.filters import FlagFilter, ListFilter, SearchFilter
from inventory.enums import BackorderPolicy
from inventory.models import Category, Product, StockLevel


class ProductFilters(ListFilter):
    q = SearchFilter("Search")
    category = django_filters.ModelChoiceFilter(
        queryset=Category.objects.order_by("name"), label="Category", empty_label="Any category"
    )
    policy = django_filters.ChoiceFilter(
        field_name="backorder_policy",
        choices=[(policy.value, policy.value.capitalize()) for policy in BackorderPolicy],
        label="Policy",
        empty_label="Any policy",
    )
    short = FlagFilter("Nothing free", method="without_free_units")

    def without_free_units(self, products: QuerySet[Product], name: str, value: bool) -> QuerySet[Product]:
        free = StockLevel.objects.filter(product=OuterRef("pk"), on_hand__gt=F("reserved"))
        return products.filter(~Exists(free)) if value else products
