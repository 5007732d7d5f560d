"""Products, suppliers, warehouses are kept here; stock and purchase orders are for looking, actions call services."""

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.utils import timezone
from import_export.fields import Field
from import_export.widgets import ForeignKeyWidget

from config.lib.admin import FactAdmin, FactInline, ImportExportAdmin, MasterDataAdmin, MasterDataResource
from config.lib.errors import DomainError
from config.lib.requests import StaffRequest
from inventory.models import (
    Category,
    LeadTimeCurve,
    LeadTimeFit,
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
    SupplierProduct,
    Warehouse,
)
from inventory.products.supply_version import bump_supply_version
from inventory.purchasing.close import close_purchase_order
from inventory.suppliers.send import send_purchase_order


class CategoryResource(MasterDataResource):
    class Meta(MasterDataResource.Meta):
        model = Category
        import_id_fields = ["name"]
        fields = ["name"]


class WarehouseResource(MasterDataResource):
    class Meta(MasterDataResource.Meta):
        model = Warehouse
        import_id_fields = ["code"]
        fields = ["code", "name", "preference"]


class ProductResource(MasterDataResource):
    category = Field("category", "category", ForeignKeyWidget(Category, "name"))

    class Meta(MasterDataResource.Meta):
        model = Product
        import_id_fields = ["sku"]
        fields = [
            "sku", "name", "category", "unit", "price", "cost", "currency", "pack_size",
            "backorder_policy", "backorder_limit", "backorder_until", "active",
        ]  # fmt: skip


class SupplierResource(MasterDataResource):
    class Meta(MasterDataResource.Meta):
        model = Supplier
        import_id_fields = ["code"]
        fields = ["code", "name", "email", "lead_time_days", "time_zone", "language", "over_receipt_percent", "active"]


class SupplierProductResource(MasterDataResource):
    supplier = Field("supplier", "supplier", ForeignKeyWidget(Supplier, "code"))
    sku = Field("product", "sku", ForeignKeyWidget(Product, "sku"))

    class Meta(MasterDataResource.Meta):
        model = SupplierProduct
        import_id_fields = ["supplier", "sku"]
        fields = [
            "supplier", "sku", "lead_time_days", "minimum_quantity", "pack_size", "cost", "currency", "rank",
        ]  # fmt: skip

    def after_save_instance(self, instance, row, **kwargs) -> None:
        if not kwargs.get("dry_run"):
            bump_supply_version(product_ids=[instance.product_id])


@admin.register(Category)
class CategoryAdmin(ImportExportAdmin):
    resource_classes = [CategoryResource]
    search_fields = ("name",)


@admin.register(Warehouse)
class WarehouseAdmin(ImportExportAdmin):
    resource_classes = [WarehouseResource]
    list_display = ("code", "name", "preference")
    search_fields = ("code", "name")


@admin.register(Product)
class ProductAdmin(ImportExportAdmin):
    resource_classes = [ProductResource]
    list_display = ("sku", "name", "category", "price", "currency", "backorder_policy", "active")
    list_filter = ("active", "backorder_policy", "category")
    list_select_related = ("category",)
    search_fields = ("sku", "name")
    readonly_fields = ("supply_version",)
    autocomplete_fields = ("category",)

    def get_readonly_fields(self, request, obj=None):
        return (*self.readonly_fields, "sku") if obj else self.readonly_fields


@admin.register(Supplier)
class SupplierAdmin(ImportExportAdmin):
    resource_classes = [SupplierResource]
    list_display = ("code", "name", "email", "lead_time_days", "over_receipt_percent", "active")
    list_filter = ("active",)
    search_fields = ("code", "name", "email")


@admin.register(SupplierProduct)
class SupplierProductAdmin(ImportExportAdmin):
    """An offer has no history of its own, so it may be removed."""

    resource_classes = [SupplierProductResource]
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


@admin.register(StockLevel)
class StockLevelAdmin(FactAdmin):
    list_display = ("product", "warehouse", "on_hand", "reserved", "available")
    list_filter = ("warehouse",)
    list_select_related = ("product", "warehouse")
    search_fields = ("product__sku", "product__name")


@admin.register(StockEntry)
class StockEntryAdmin(FactAdmin):
    list_display = ("made_at", "stock_level", "kind", "delta", "reference", "reason", "made_by")
    list_filter = ("kind", "stock_level__warehouse", "made_at")
    list_select_related = ("stock_level__product", "stock_level__warehouse", "made_by")
    search_fields = ("stock_level__product__sku", "reference", "idempotency_key")
    ordering = ("-pk",)


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
    ordering = ("-pk",)
    inlines = (PurchaseOrderLineInline,)
    actions = ("send", "close")

    def has_send_permission(self, request: StaffRequest) -> bool:
        return request.user.has_perm("inventory.send_purchaseorder")

    def has_close_permission(self, request: StaffRequest) -> bool:
        return request.user.has_perm("inventory.close_purchaseorder")

    @admin.action(description="Send to the supplier", permissions=["send"])
    def send(self, request: StaffRequest, queryset: QuerySet[PurchaseOrder]) -> None:
        self._each(request, queryset, send_purchase_order, told="sent")

    @admin.action(description="Close: give up what is outstanding", permissions=["close"])
    def close(self, request: StaffRequest, queryset: QuerySet[PurchaseOrder]) -> None:
        self._each(request, queryset, close_purchase_order, told="closed")

    def _each(
        self,
        request: StaffRequest,
        queryset: QuerySet[PurchaseOrder],
        step: Callable[..., PurchaseOrder],
        *,
        told: str,
    ) -> None:
        """One transaction for each order, so that one refusal leaves the others done."""
        done = 0
        for pk in queryset.order_by("pk").values_list("pk", flat=True):
            try:
                step(purchase_order_id=pk, by=request.user, now=timezone.now())
                done += 1
            except DomainError as error:
                self.message_user(request, str(error), messages.ERROR)
        if done:
            self.message_user(request, f"{done} purchase orders {told}.", messages.SUCCESS)


@admin.register(PurchaseOrderLine)
class PurchaseOrderLineAdmin(FactAdmin):
    list_display = (
        "purchase_order", "number", "product", "ordered", "received", "cancelled", "first_confirmed_on", "confirmed_on",
    )  # fmt: skip
    list_filter = ("purchase_order__status", "confirmed_on")
    list_select_related = ("purchase_order", "product")
    search_fields = ("purchase_order__number", "product__sku")
    ordering = ("-pk",)


@admin.register(PurchaseDateChange)
class PurchaseDateChangeAdmin(FactAdmin):
    list_display = ("made_at", "line", "previous_on", "new_on", "reason", "made_by")
    list_filter = ("made_at",)
    list_select_related = ("line__purchase_order", "made_by")
    search_fields = ("line__purchase_order__number", "line__product__sku")
    ordering = ("-pk",)


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
    ordering = ("-pk",)
    inlines = (ReceiptLineInline,)


@admin.register(ReceiptLine)
class ReceiptLineAdmin(FactAdmin):
    list_display = ("receipt", "purchase_order_line", "quantity")
    list_select_related = ("receipt", "purchase_order_line__purchase_order")
    search_fields = ("receipt__reference", "purchase_order_line__purchase_order__number")
    ordering = ("-pk",)


@admin.register(LeadTimeFit)
class LeadTimeFitAdmin(FactAdmin):
    list_display = ("fitted_at", "deliveries", "still_open", "order_leaning", "word_leaning")
    search_fields = ("fitted_at",)
    ordering = ("-pk",)


@admin.register(LeadTimeCurve)
class LeadTimeCurveAdmin(FactAdmin):
    list_display = ("fit", "kind", "scope", "supplier", "product", "n", "still_open", "p50", "p80", "p90", "trusted")
    list_filter = ("kind", "scope", "trusted")
    list_select_related = ("fit", "supplier", "product")
    search_fields = ("supplier__code", "product__sku")
    ordering = ("-pk",)


@admin.register(LeadTimeScore)
class LeadTimeScoreAdmin(FactAdmin):
    list_display = ("supplier", "kind", "month", "n", "within_p50", "within_p80", "within_p90")
    list_filter = ("kind", "month")
    list_select_related = ("supplier",)
    search_fields = ("supplier__code", "supplier__name")
    ordering = ("-month", "supplier")


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
