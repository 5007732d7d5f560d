"""The list of purchase orders, narrowed down."""

import django_filters
from django.db.models import QuerySet

from config.lib.filters import FlagFilter, ListFilter, SearchFilter
from inventory.enums import INBOUND_STATUSES, PurchaseOrderStatus
from inventory.models import PurchaseOrder, Supplier, Warehouse


class PurchaseOrderFilters(ListFilter):
    q = SearchFilter("Number or SKU", longest=60)
    status = django_filters.ChoiceFilter(
        choices=[("open", "Not finished"), *PurchaseOrderStatus.choices],
        label="Status",
        empty_label="Any status",
        method="in_status",
    )
    supplier = django_filters.ModelChoiceFilter(
        queryset=Supplier.objects.order_by("name"), label="Supplier", empty_label="Any supplier"
    )
    warehouse = django_filters.ModelChoiceFilter(
        queryset=Warehouse.objects.order_by("code"), label="Warehouse", empty_label="Any warehouse"
    )
    late = FlagFilter("Late only", method="late_only")

    def in_status(self, orders: QuerySet[PurchaseOrder], name: str, value: str) -> QuerySet[PurchaseOrder]:
        unfinished = (PurchaseOrderStatus.DRAFT, *INBOUND_STATUSES)
        return orders.filter(status__in=unfinished if value == "open" else [value])

    def late_only(self, orders: QuerySet[PurchaseOrder], name: str, value: bool) -> QuerySet[PurchaseOrder]:
        return orders.late(today=self.today) if value else orders  # type: ignore[attr-defined]
