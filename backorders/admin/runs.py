"""Runs with their shards and results; what people decided against them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from backorders import tasks
from backorders.admin.base import StaffPageAdmin, each
from backorders.models import (
    AllocationRun,
    Comparison,
    LineOverride,
    Peg,
    PolicyVersion,
    PoolBlock,
    PoolLoss,
    Quota,
    RunException,
    RunParked,
    RunRelease,
    RunShard,
    RunSkip,
    RunWait,
    ShardSnapshot,
)
from backorders.runs.allocate_stock import retry_run
from config.lib.admin import FactAdmin, FactInline
from config.lib.enqueue import hint


class RunShardInline(FactInline):
    model = RunShard
    fields = ("number", "tries", "error", "done_at")


@admin.register(PolicyVersion)
class PolicyVersionAdmin(FactAdmin):
    list_display = ("__str__", "comment", "made_by", "made_at")
    list_select_related = ("policy", "made_by")
    ordering = ("policy", "-number")


@admin.register(AllocationRun)
class AllocationRunAdmin(StaffPageAdmin):
    list_display = (
        "pk",
        "kind",
        "status",
        "policy_version",
        "business_date",
        "started_at",
        "lines",
        "lines_changed",
        "cause",
    )
    list_select_related = ("policy_version__policy",)
    list_filter = ("kind", "status")
    ordering = ("-pk",)
    inlines = (RunShardInline,)
    actions = ("go_on",)

    def has_run_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("backorders.run_allocation")

    @admin.action(description="Go on with failed runs", permissions=["run"])
    def go_on(self, request: HttpRequest, queryset: QuerySet[AllocationRun]) -> None:
        each(self, request, queryset, lambda run: retry_run(run_id=run.pk), "runs go on")
        hint(tasks.continue_runs)


@admin.register(RunShard)
class RunShardAdmin(FactAdmin):
    list_display = ("run", "number", "tries", "error", "done_at")
    list_select_related = ("run",)
    ordering = ("-pk",)


@admin.register(ShardSnapshot)
class ShardSnapshotAdmin(FactAdmin):
    list_display = ("shard",)
    list_select_related = ("shard__run",)
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShardSnapshot]:
        """Without the columns themselves: bytes that nobody reads here."""
        return super().get_queryset(request).defer("content")


@admin.register(RunSkip)
class RunSkipAdmin(FactAdmin):
    list_display = ("run", "product", "warehouse", "reason")
    list_select_related = ("run", "product", "warehouse")
    ordering = ("-pk",)


@admin.register(Comparison)
class ComparisonAdmin(FactAdmin):
    list_display = ("__str__", "warehouse", "made_by", "made_at")
    list_select_related = ("warehouse", "made_by")
    ordering = ("-pk",)


@admin.register(LineOverride)
class LineOverrideAdmin(FactAdmin):
    list_display = ("made_at", "line", "kind", "units", "until", "reason", "made_by", "ended_at")
    list_select_related = ("line__order", "made_by")
    list_filter = ("kind",)
    search_fields = ("line__order__number__exact",)
    ordering = ("-pk",)


class PoolLossInline(FactInline):
    model = PoolLoss
    fields = ("line", "units")


@admin.register(PoolLoss)
class PoolLossAdmin(FactAdmin):
    list_display = ("block", "line", "units")
    list_select_related = ("block__stock_level__product", "block__stock_level__warehouse", "line__order")
    ordering = ("-pk",)


@admin.register(PoolBlock)
class PoolBlockAdmin(FactAdmin):
    inlines = (PoolLossInline,)
    list_display = ("stock_level", "reason", "made_at", "resolution", "settled_by", "settled_at")
    list_select_related = ("stock_level__product", "stock_level__warehouse", "settled_by")
    ordering = ("-pk",)


@admin.register(RunException)
class RunExceptionAdmin(FactAdmin):
    list_display = ("run", "line_id", "strategy", "missing", "served_by")
    list_select_related = ("run",)
    ordering = ("-pk",)


@admin.register(Quota)
class QuotaAdmin(FactAdmin):
    list_display = ("__str__", "starts_on", "ends_on", "release_on", "reason", "made_by", "ended_at")
    list_select_related = ("product", "category", "tier", "customer", "made_by")
    list_filter = ("tier",)
    ordering = ("-pk",)


@admin.register(Peg)
class PegAdmin(FactAdmin):
    list_display = ("line", "purchase_line", "units", "honoured", "reason", "made_by", "run", "lent_to", "ended_at")
    list_select_related = ("line__order", "purchase_line__purchase_order", "made_by", "run", "lent_to__order")
    ordering = ("-pk",)


@admin.register(RunRelease)
class RunReleaseAdmin(FactAdmin):
    list_display = ("run", "line", "completes_on")
    list_select_related = ("run", "line__order")
    ordering = ("-pk",)


@admin.register(RunParked)
class RunParkedAdmin(FactAdmin):
    list_display = ("run", "line", "until")
    list_select_related = ("run", "line__order")
    ordering = ("-pk",)


@admin.register(RunWait)
class RunWaitAdmin(FactAdmin):
    list_display = ("run_id", "line_id", "purchase_line", "units", "due_on", "lent_to_id")
    list_select_related = ("purchase_line__purchase_order",)
    ordering = ("-pk",)
