"""The list of pick lists and shipments, narrowed down."""

import django_filters
from django.db.models import Q, QuerySet

from backorders.enums import ShipmentStatus
from backorders.models import SalesOrder, Shipment
from config.lib.filters import ListFilter, SearchFilter


class ShipmentFilters(ListFilter):
    """`q` is the number of a shipment, of its order or of its parcel."""

    status = django_filters.ChoiceFilter(choices=ShipmentStatus.choices)
    q = SearchFilter("Pick list, order or tracking number", longest=80, method="named")

    def named(self, shipments: QuerySet[Shipment], name: str, value: str) -> QuerySet[Shipment]:
        number = value.upper()
        orders = SalesOrder.objects.filter(number=number).values("pk")
        return shipments.filter(Q(number=number) | Q(tracking_number=value) | Q(order__in=orders))
