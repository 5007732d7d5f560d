"""The talk with suppliers is for looking; the settings of purchasing are kept here too."""

from django.contrib import admin

from config.lib.admin import FactAdmin, FactInline, MasterDataAdmin
from inventory.models import (
    PurchasingSettings,
    SupplierAnswer,
    SupplierAnswerLine,
    SupplierAnswerPart,
    SupplierLink,
    SupplierQuestion,
)


@admin.register(PurchasingSettings)
class PurchasingSettingsAdmin(MasterDataAdmin):
    list_display = ("__str__", "link_days", "reminder_days", "most_reminders", "transfer_cost", "express_percent")

    def has_add_permission(self, request) -> bool:
        return False


@admin.register(SupplierLink)
class SupplierLinkAdmin(FactAdmin):
    list_display = ("made_at", "purchase_order", "purpose", "sent_to", "expires_at", "answered_at", "revoked_at")
    list_filter = ("purpose", "made_at")
    list_select_related = ("purchase_order",)
    search_fields = ("purchase_order__number", "sent_to")
    ordering = ("-pk",)
    exclude = ("reference",)


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
    ordering = ("-pk",)
    inlines = (SupplierAnswerLineInline,)


class SupplierAnswerPartInline(FactInline):
    model = SupplierAnswerPart
    fields = ("quantity", "available_on")


@admin.register(SupplierAnswerLine)
class SupplierAnswerLineAdmin(FactAdmin):
    list_display = ("answer", "purchase_order_line", "asked_on", "state", "decided_by", "decided_at")
    list_filter = ("state",)
    list_select_related = ("answer__purchase_order", "purchase_order_line__purchase_order", "decided_by")
    search_fields = ("purchase_order_line__purchase_order__number", "purchase_order_line__product__sku")
    ordering = ("-pk",)
    inlines = (SupplierAnswerPartInline,)


@admin.register(SupplierAnswerPart)
class SupplierAnswerPartAdmin(FactAdmin):
    list_display = ("answer_line", "quantity", "available_on")
    list_select_related = ("answer_line__purchase_order_line__purchase_order",)
    search_fields = ("answer_line__purchase_order_line__purchase_order__number",)
    ordering = ("-pk",)


@admin.register(SupplierQuestion)
class SupplierQuestionAdmin(FactAdmin):
    list_display = ("link", "purchase_order_line", "wished_on", "note")
    list_select_related = ("link", "purchase_order_line__purchase_order")
    search_fields = ("purchase_order_line__purchase_order__number", "note")
    ordering = ("-pk",)
