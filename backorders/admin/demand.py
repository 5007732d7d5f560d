"""Demand, forecasts, proposals and warnings."""

from django.contrib import admin
from django.http import HttpRequest

from backorders.models import (
    DemandMeter,
    DemandWeek,
    Forecast,
    ForecastOverride,
    ForecastRun,
    MarketTrend,
    ReorderProposal,
    ServiceLevel,
    StockingRule,
    StockoutWarning,
)
from config.lib.admin import FactAdmin, MasterDataAdmin


@admin.register(DemandWeek)
class DemandWeekAdmin(FactAdmin):
    list_display = ("product", "warehouse", "starts_on", "ordered", "extra", "mark", "lines")
    list_filter = ("mark", "warehouse")
    list_select_related = ("product", "warehouse")
    search_fields = ("product__sku",)
    ordering = ("-pk",)


@admin.register(DemandMeter)
class DemandMeterAdmin(FactAdmin):
    list_display = ("__str__", "counted_at")


@admin.register(ForecastRun)
class ForecastRunAdmin(FactAdmin):
    list_display = ("__str__", "from_on", "pools", "seconds")
    ordering = ("-pk",)


@admin.register(Forecast)
class ForecastAdmin(FactAdmin):
    list_display = ("product", "warehouse", "run", "demand_class", "weekly", "method", "rmsse")
    list_filter = ("demand_class",)
    list_select_related = ("product", "warehouse", "run")
    search_fields = ("product__sku",)
    ordering = ("-pk",)


@admin.register(ForecastOverride)
class ForecastOverrideAdmin(FactAdmin):
    list_display = ("product", "warehouse", "weekly", "from_on", "until_on", "reason", "made_by", "withdrawn_at")
    list_select_related = ("product", "warehouse", "made_by")
    ordering = ("-pk",)


@admin.register(MarketTrend)
class MarketTrendAdmin(MasterDataAdmin):
    list_display = ("category", "factor", "until_on", "reason")


@admin.register(ServiceLevel)
class ServiceLevelAdmin(MasterDataAdmin):
    list_display = ("value_class", "percent")
    readonly_fields = ("value_class",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(StockingRule)
class StockingRuleAdmin(MasterDataAdmin):
    list_display = ("product", "value_class", "percent", "discontinued")
    list_select_related = ("product",)
    raw_id_fields = ("product",)
    search_fields = ("product__sku",)


@admin.register(ReorderProposal)
class ReorderProposalAdmin(FactAdmin):
    list_display = ("product", "warehouse", "supplier", "state", "quantity", "made_at", "decided_by", "purchase_order")
    list_filter = ("state",)
    list_select_related = ("product", "warehouse", "supplier", "decided_by", "purchase_order")
    search_fields = ("product__sku",)
    ordering = ("-pk",)


@admin.register(StockoutWarning)
class StockoutWarningAdmin(FactAdmin):
    list_display = ("product", "warehouse", "free", "within_7", "within_30", "value", "currency")
    list_select_related = ("product", "warehouse")
    ordering = ("-pk",)
