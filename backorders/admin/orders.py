"""Orders, lines, who holds what, shipments, the timeline and the promises."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from backorders.admin.base import StaffPageAdmin, each
from backorders.fulfilment.ship import cancel_pick, pick_order
from backorders.models import (
    Allocation,
    LineEvent,
    OrderLine,
    Promise,
    QueueState,
    SalesOrder,
    Shipment,
    TrackingLink,
)
from config.lib.admin import FactAdmin, FactInline


class OrderLineInline(FactInline):
    model = OrderLine
    fields = ("number", "product", "warehouse", "ordered", "allocated", "shipped", "cancelled", "promised_on", "status")


@admin.register(SalesOrder)
class SalesOrderAdmin(StaffPageAdmin):
    list_display = ("number", "customer", "status", "source", "external_number", "ship_complete", "placed_at")
    list_filter = ("status", "source", "channel", "ship_complete")
    list_select_related = ("customer",)
    search_fields = ("number__exact", "external_number")
    ordering = ("-pk",)
    inlines = (OrderLineInline,)
    actions = ("pick",)

    def has_pick_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("backorders.pick_order")

    @admin.action(description="Put what is allocated on pick lists", permissions=["pick"])
    def pick(self, request: HttpRequest, queryset: QuerySet[SalesOrder]) -> None:
        def act(order: SalesOrder) -> None:
            pick_order(order_id=order.pk, by=request.user, now=timezone.now())  # type: ignore[arg-type]

        each(self, request, queryset, act, "orders are on pick lists")


class AllocationInline(FactInline):
    model = Allocation
    fields = ("stock_level", "quantity", "kind", "state", "run", "shipment", "made_at", "ended_at")


@admin.register(OrderLine)
class OrderLineAdmin(FactAdmin):
    list_display = ("__str__", "product", "warehouse", "ordered", "allocated", "shipped", "cancelled", "promised_on")
    list_select_related = ("order", "product", "warehouse")
    list_filter = ("is_open", "warehouse", "reason", "promise_source")
    search_fields = ("order__number__exact", "product__sku__exact")
    ordering = ("-pk",)
    inlines = (AllocationInline,)


@admin.register(Allocation)
class AllocationAdmin(FactAdmin):
    list_display = ("pk", "line_id", "product", "quantity", "kind", "state", "run_id", "shipment", "made_at")
    list_select_related = ("product", "shipment")
    list_filter = ("state", "kind")
    search_fields = ("line__order__number__exact", "shipment__number__exact")
    ordering = ("-pk",)


@admin.register(Shipment)
class ShipmentAdmin(StaffPageAdmin):
    list_display = ("number", "order", "warehouse", "status", "carrier", "tracking_number", "picked_at", "shipped_at")
    list_select_related = ("order", "warehouse")
    list_filter = ("status", "warehouse")
    search_fields = ("number__exact", "order__number__exact", "tracking_number__exact")
    ordering = ("-pk",)
    actions = ("take_back",)

    def has_pick_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("backorders.pick_order")

    @admin.action(description="Cancel the pick lists", permissions=["pick"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[Shipment]) -> None:
        def act(shipment: Shipment) -> None:
            cancel_pick(shipment_id=shipment.pk, by=request.user, now=timezone.now())  # type: ignore[arg-type]

        each(self, request, queryset, act, "pick lists are cancelled")


@admin.register(LineEvent)
class LineEventAdmin(FactAdmin):
    list_display = ("made_at", "line", "kind", "quantity", "note", "made_by")
    list_select_related = ("line__order", "made_by")
    list_filter = ("kind",)
    search_fields = ("line__order__number__exact",)
    ordering = ("-pk",)


@admin.register(Promise)
class PromiseAdmin(FactAdmin):
    list_display = ("made_at", "line", "promised_on", "source", "source_reference", "cause", "message_key")
    list_select_related = ("line__order",)
    list_filter = ("source", "cause")
    search_fields = ("line__order__number__exact",)
    ordering = ("-pk",)


@admin.register(QueueState)
class QueueStateAdmin(FactAdmin):
    list_display = ("product", "demand_version", "promised_demand_version", "served_demand_version", "promised_for")
    list_select_related = ("product",)
    search_fields = ("product__sku__exact",)
    ordering = ("product__sku",)


@admin.register(TrackingLink)
class TrackingLinkAdmin(FactAdmin):
    list_display = ("order", "made_for", "made_at", "expires_at", "revoked_at")
    list_select_related = ("order",)
    search_fields = ("order__number__exact",)
    exclude = ("reference",)
    ordering = ("-pk",)
