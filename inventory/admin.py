"""Products, suppliers, warehouses are kept here; stock and purchase orders are for looking, actions call services."""

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.utils import timezone

from config.lib.admin import FactAdmin, FactInline, FactList, MasterDataAdmin, each, register_facts
from config.lib.requests import StaffRequest
from inventory.models import (
    Category,
    LeadTimeCurve,
    LeadTimeScore,
    Product,
    PurchaseDateChange,
    PurchaseOrder,
    PurchaseOrderLine,
    Receipt,
    ReceiptLine,
    StockEntry,
    StockLevel,
    Substitute,
    Supplier,
    SupplierAnswer,
    SupplierAnswerLine,
    SupplierLink,
    SupplierProduct,
    Warehouse,
)
from inventory.products.supply_version import bump_supply_version
from inventory.purchasing.close import close_purchase_order
from inventory.suppliers.send import send_purchase_order

register_facts(
    FactList(
        StockLevel,
        "product warehouse on_hand reserved available",
        filters="warehouse",
        search="product__sku product__name",
    ),
    FactList(
        StockEntry,
        "made_at stock_level kind delta reference reason made_by",
        filters="kind stock_level__warehouse made_at",
        search="stock_level__product__sku reference idempotency_key",
        joins="stock_level__product stock_level__warehouse",
    ),
    FactList(
        PurchaseDateChange,
        "made_at line previous_on new_on reason made_by",
        filters="made_at",
        search="line__purchase_order__number line__product__sku",
        joins="line__purchase_order",
    ),
    FactList(
        LeadTimeCurve,
        "fit kind scope supplier product n still_open p50 p80 p90 trusted",
        filters="kind scope trusted",
        search="supplier__code product__sku",
    ),
    FactList(
        LeadTimeScore,
        "supplier kind month n within_p50 within_p80 within_p90",
        filters="kind month",
        search="supplier__code supplier__name",
    ),
    FactList(
        SupplierLink,
        "made_at purchase_order purpose sent_to expires_at answered_at revoked_at",
        filters="purpose made_at",
        search="purchase_order__number sent_to",
        hidden="reference",
    ),
)


@admin.register(Category)
class CategoryAdmin(MasterDataAdmin):
    search_fields = ("name",)


@admin.register(Warehouse)
class WarehouseAdmin(MasterDataAdmin):
    list_display = ("code", "name", "preference")
    search_fields = ("code", "name")


@admin.register(Product)
class ProductAdmin(MasterDataAdmin):
    list_display = ("sku", "name", "category", "price", "currency", "backorder_policy", "active")
    list_filter = ("active", "backorder_policy", "category")
    list_select_related = ("category",)
    search_fields = ("sku", "name")
    readonly_fields = ("supply_version",)
    autocomplete_fields = ("category",)

    def get_readonly_fields(self, request, obj=None):
        return (*self.readonly_fields, "sku") if obj else self.readonly_fields


@admin.register(Supplier)
class SupplierAdmin(MasterDataAdmin):
    list_display = ("code", "name", "email", "lead_time_days", "over_receipt_percent", "active")
    list_filter = ("active",)
    search_fields = ("code", "name", "email")


@admin.register(SupplierProduct)
class SupplierProductAdmin(MasterDataAdmin):
    """An offer has no history of its own, so it may be removed."""

    list_display = (
        "product",
        "supplier",
        "rank",
        "lead_time_days",
        "minimum_quantity",
        "pack_size",
        "cost",
        "currency",
    )
    list_filter = ("rank", "supplier")
    list_select_related = ("product", "supplier")
    search_fields = ("product__sku", "supplier__code", "supplier__name")
    autocomplete_fields = ("product", "supplier")

    def has_delete_permission(self, request, obj=None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def save_model(self, request, obj, form, change) -> None:
        super().save_model(request, obj, form, change)
        bump_supply_version(product_ids=[obj.product_id])


@admin.register(Substitute)
class SubstituteAdmin(MasterDataAdmin):
    list_display = ("product", "substitute", "units", "per", "rank", "active", "approved_by", "approved_at")
    list_select_related = ("product", "substitute", "approved_by")
    list_filter = ("active",)
    search_fields = ("product__sku", "substitute__sku")
    raw_id_fields = ("product", "substitute")
    fields = ("product", "substitute", "units", "per", "rank", "active")

    def save_model(self, request: StaffRequest, obj: Substitute, form: forms.ModelForm, change: bool) -> None:  # type: ignore[override]
        if not change:
            obj.approved_by, obj.approved_at = request.user, timezone.now()
        super().save_model(request, obj, form, change)


class PurchaseOrderLineInline(FactInline):
    model = PurchaseOrderLine
    fields = (
        "number", "product", "ordered", "received", "cancelled", "tolerance", "requested_on", "first_confirmed_on",
        "confirmed_on", "cost",
    )  # fmt: skip


@admin.register(PurchaseOrder)
class PurchaseOrderAdmin(FactAdmin):
    list_display = ("number", "supplier", "warehouse", "status", "ordered_on", "sent_at", "confirmed_at")
    list_filter = ("status", "warehouse", "supplier")
    list_select_related = ("supplier", "warehouse")
    search_fields = ("number", "supplier__code", "supplier__name")
    inlines = (PurchaseOrderLineInline,)
    actions = ("send", "close")

    def has_send_permission(self, request: StaffRequest) -> bool:
        return request.user.has_perm("inventory.send_purchaseorder")

    def has_close_permission(self, request: StaffRequest) -> bool:
        return request.user.has_perm("inventory.close_purchaseorder")

    @admin.action(description="Send to the supplier", permissions=["send"])
    def send(self, request: StaffRequest, orders: QuerySet[PurchaseOrder]) -> None:
        def act(pk: int) -> None:
            send_purchase_order(purchase_order_id=pk, by=request.user, now=timezone.now())

        each(self, request, orders, act, "purchase orders sent")

    @admin.action(description="Close: give up what is outstanding", permissions=["close"])
    def close(self, request: StaffRequest, orders: QuerySet[PurchaseOrder]) -> None:
        def act(pk: int) -> None:
            close_purchase_order(purchase_order_id=pk, by=request.user, now=timezone.now())

        each(self, request, orders, act, "purchase orders closed")


class ReceiptLineInline(FactInline):
    model = ReceiptLine
    fields = ("purchase_order_line", "quantity")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("purchase_order_line__purchase_order")


@admin.register(Receipt)
class ReceiptAdmin(FactAdmin):
    list_display = ("reference", "purchase_order", "received_at", "received_by")
    list_filter = ("received_at",)
    list_select_related = ("purchase_order", "received_by")
    search_fields = ("reference", "purchase_order__number")
    inlines = (ReceiptLineInline,)


class SupplierAnswerLineInline(FactInline):
    model = SupplierAnswerLine
    fields = ("purchase_order_line", "asked_on", "reason", "state", "note", "decided_by", "decided_at")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("purchase_order_line__purchase_order", "decided_by")


@admin.register(SupplierAnswer)
class SupplierAnswerAdmin(FactAdmin):
    list_display = ("made_at", "purchase_order", "comment")
    list_filter = ("made_at",)
    list_select_related = ("purchase_order",)
    search_fields = ("purchase_order__number", "comment")
    inlines = (SupplierAnswerLineInline,)
