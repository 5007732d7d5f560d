"""Orders, allocations, runs and promises are facts: for looking. Policies and settings may be edited.

The results of runs have a key of two columns, which the admin cannot show: they stand on the page of their run.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from backorders import tasks
from backorders.engine.policy_words import policy_in_words
from backorders.forms.runs import DeskSettingsForm
from backorders.models import (
    Allocation,
    AllocationPolicy,
    AllocationRun,
    AuditSeal,
    Comparison,
    CustomerSettings,
    Decision,
    DelayCase,
    DelayNotice,
    DelayStep,
    DemandMeter,
    DemandWeek,
    DeskSettings,
    Forecast,
    ForecastOverride,
    ForecastRun,
    LineEvent,
    LineOverride,
    MarketTrend,
    OrderLine,
    Peg,
    PolicyVersion,
    PoolBlock,
    PoolLoss,
    Promise,
    Question,
    QueueState,
    Quota,
    RefundTask,
    ReorderProposal,
    RunException,
    RunRelease,
    RunShard,
    RunSkip,
    SalesOrder,
    ServiceLevel,
    ShardSnapshot,
    Shipment,
    StockingRule,
    StockoutWarning,
    TrackingLink,
)
from backorders.services.allocation import retry_run
from backorders.services.policies import choose_default_policy
from backorders.services.shipping import cancel_pick, pick_order
from config.lib.admin import FactAdmin, FactInline, MasterDataAdmin
from config.lib.errors import DomainError


def each(modeladmin: admin.ModelAdmin, request: HttpRequest, rows: QuerySet[Any], act: Any, done: str) -> None:
    """Call a service for each chosen row; a refusal is told and stops nothing."""
    count = 0
    for row in rows.order_by("pk"):
        try:
            act(row)
        except DomainError as error:
            modeladmin.message_user(request, str(error), messages.WARNING)
        else:
            count += 1
    modeladmin.message_user(request, f"{count} {done}.")


class StaffPageAdmin(FactAdmin):
    """Facts that have a page at the desk: the admin leads there."""

    def view_on_site(self, obj: Model) -> str:
        return obj.get_absolute_url()  # type: ignore[attr-defined]


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


class RunShardInline(FactInline):
    model = RunShard
    fields = ("number", "done_at")


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
        tasks.continue_runs.delay_on_commit()


@admin.register(RunShard)
class RunShardAdmin(FactAdmin):
    list_display = ("run", "number", "done_at")
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
    list_display = ("line", "purchase_line", "units", "honoured", "reason", "made_by", "ended_at")
    list_select_related = ("line__order", "purchase_line__purchase_order", "made_by")
    ordering = ("-pk",)


@admin.register(RunRelease)
class RunReleaseAdmin(FactAdmin):
    list_display = ("run", "line", "completes_on")
    list_select_related = ("run", "line__order")
    ordering = ("-pk",)


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


class PolicyVersionInline(FactInline):
    model = PolicyVersion
    fields = ("number", "comment", "in_words", "made_by", "made_at")
    ordering = ("-number",)

    @admin.display(description="says")
    def in_words(self, version: PolicyVersion) -> str:
        return policy_in_words(version.parsed)


@admin.register(AllocationPolicy)
class AllocationPolicyAdmin(MasterDataAdmin):
    """Names are set here; what a policy says is written at the desk, as a new version."""

    list_display = ("name", "code", "is_default", "active")
    fields = ("code", "name", "description", "is_default", "active")
    readonly_fields = ("code", "is_default", "active")
    ordering = ("-is_default", "name")
    actions = ("make_default",)
    inlines = (PolicyVersionInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description="Make it the default", permissions=["change"])
    def make_default(self, request: HttpRequest, queryset: QuerySet[AllocationPolicy]) -> None:
        if queryset.count() != 1:
            self.message_user(request, "Choose exactly one policy.", messages.WARNING)
            return

        def act(policy: AllocationPolicy) -> None:
            choose_default_policy(policy_id=policy.pk, by=request.user, now=timezone.now())  # type: ignore[arg-type]

        each(self, request, queryset, act, "policy is the default now")


@admin.register(DeskSettings)
class DeskSettingsAdmin(MasterDataAdmin):
    form = DeskSettingsForm
    list_display = ("__str__", "company_name", "date_change_threshold_days", "nightly_hour", "page")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="at the desk")
    def page(self, settings: DeskSettings) -> str:
        return format_html('<a href="{}">Policies and settings</a>', reverse("backorders:policies"))


@admin.register(AuditSeal)
class AuditSealAdmin(FactAdmin):
    list_display = ("__str__", "rows", "sealed_at", "hash")
    list_filter = ("ledger",)


@admin.register(TrackingLink)
class TrackingLinkAdmin(FactAdmin):
    list_display = ("order", "made_for", "made_at", "expires_at", "revoked_at")
    list_select_related = ("order",)
    search_fields = ("order__number__exact",)
    exclude = ("token_hash",)
    ordering = ("-pk",)


@admin.register(CustomerSettings)
class CustomerSettingsAdmin(MasterDataAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


for _model, _columns in (
    (Question, ("line_id", "kind", "state", "asked_at", "deadline_at", "default", "settled_at")),
    (Decision, ("line_id", "answer", "decided_by", "made_by", "units", "made_at")),
    (RefundTask, ("order", "amount", "currency", "due_on", "is_legal", "done_on", "done_by")),
    (DelayCase, ("line_id", "profile", "state", "applicable_on", "deadline_on", "vested_on", "refund_due_on")),
    (DelayNotice, ("case_id", "number", "renewed", "sent_on", "revised_on", "silence", "silence_until")),
    (DelayStep, ("case_id", "kind", "on", "note", "made_by", "made_at")),
):
    admin.site.register(_model, type(f"{_model.__name__}Admin", (FactAdmin,), {"list_display": _columns}))


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
