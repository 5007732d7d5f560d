"""Facts are for looking, actions call services. Settings, forecasts and results have pages of their own at the desk."""

from typing import Any

from allauth.mfa.admin import Authenticator
from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from backorders import tasks
from backorders.engine.policy.words import policy_in_words
from backorders.fulfilment.ship import cancel_pick, pick_order
from backorders.models import (
    Allocation,
    AllocationPolicy,
    AllocationRun,
    AuditSeal,
    Decision,
    DelayCase,
    DelayNotice,
    DemandWeek,
    LineEvent,
    LineOverride,
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
    RunShard,
    SalesOrder,
    Shipment,
    SignInRule,
    TrackingLink,
)
from backorders.runs.allocate_stock import retry_run
from backorders.runs.policies import choose_default_policy
from config.lib.admin import FactAdmin, FactInline, FactList, MasterDataAdmin, each, register_facts
from config.lib.enqueue import hint
from config.lib.requests import StaffRequest

NUMBER = "line__order__number__exact"

register_facts(
    FactList(
        Allocation,
        "pk line_id product quantity kind state run_id shipment made_at",
        filters="state kind",
        search=f"{NUMBER} shipment__number__exact",
    ),
    FactList(LineEvent, "made_at line kind quantity note made_by", filters="kind", search=NUMBER, joins="line__order"),
    FactList(
        Promise,
        "made_at line promised_on source source_reference cause message_key",
        filters="source cause",
        search=NUMBER,
        joins="line__order",
    ),
    FactList(
        QueueState,
        "product demand_version promised_demand_version served_demand_version promised_for",
        search="product__sku__exact",
    ),
    FactList(
        TrackingLink,
        "order made_for made_at expires_at revoked_at",
        search="order__number__exact",
        hidden="reference",
    ),
    FactList(
        LineOverride,
        "made_at line kind units until reason made_by ended_at",
        filters="kind",
        search=NUMBER,
        joins="line__order",
    ),
    FactList(
        Peg,
        "line purchase_line units honoured reason made_by run lent_to ended_at",
        search=NUMBER,
        joins="line__order purchase_line__purchase_order lent_to__order",
    ),
    FactList(
        Quota,
        "__str__ starts_on ends_on release_on reason made_by ended_at",
        filters="tier",
        joins="product category tier customer",
    ),
    FactList(
        Question, "line_id kind state asked_at deadline_at default settled_at", filters="kind state", search=NUMBER
    ),
    FactList(Decision, "line_id answer decided_by made_by units made_at", filters="answer", search=NUMBER),
    FactList(RefundTask, "order amount currency due_on is_legal done_on done_by", search="order__number__exact"),
    FactList(
        DelayCase,
        "line_id profile state applicable_on deadline_on vested_on refund_due_on",
        filters="state profile",
        search=NUMBER,
    ),
    FactList(DelayNotice, "case_id number renewed sent_on revised_on silence silence_until", filters="silence"),
    FactList(
        DemandWeek,
        "product warehouse starts_on ordered extra mark lines",
        filters="mark warehouse",
        search="product__sku",
    ),
    FactList(AuditSeal, "__str__ rows sealed_at hash", filters="ledger"),
)


class StaffPageAdmin(FactAdmin):
    """Facts that have a page at the desk: the admin leads there."""

    def view_on_site(self, obj: Model) -> str:
        return obj.get_absolute_url()  # type: ignore[attr-defined]

    def has_pick_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("backorders.pick_order")

    def has_run_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("backorders.run_allocation")


class OrderLineInline(FactInline):
    model = OrderLine
    fields = ("number", "product", "warehouse", "ordered", "allocated", "shipped", "cancelled", "promised_on", "status")


@admin.register(SalesOrder)
class SalesOrderAdmin(StaffPageAdmin):
    list_display = ("number", "customer", "status", "source", "external_number", "ship_complete", "placed_at")
    list_filter = ("status", "source", "channel", "ship_complete")
    list_select_related = ("customer",)
    search_fields = ("number__exact", "external_number")
    inlines = (OrderLineInline,)
    actions = ("pick",)

    @admin.action(description="Put what is allocated on pick lists", permissions=["pick"])
    def pick(self, request: StaffRequest, orders: QuerySet[SalesOrder]) -> None:
        def act(pk: int) -> None:
            pick_order(order_id=pk, by=request.user, now=timezone.now())

        each(self, request, orders, act, "orders are on pick lists")


class AllocationInline(FactInline):
    model = Allocation
    fields = ("stock_level", "quantity", "kind", "state", "run", "shipment", "made_at", "ended_at")


@admin.register(OrderLine)
class OrderLineAdmin(FactAdmin):
    list_display = ("__str__", "product", "warehouse", "ordered", "allocated", "shipped", "cancelled", "promised_on")
    list_select_related = ("order", "product", "warehouse")
    list_filter = ("is_open", "warehouse", "reason", "promise_source")
    search_fields = ("order__number__exact", "product__sku__exact")
    inlines = (AllocationInline,)


@admin.register(Shipment)
class ShipmentAdmin(StaffPageAdmin):
    list_display = ("number", "order", "warehouse", "status", "carrier", "tracking_number", "picked_at", "shipped_at")
    list_select_related = ("order", "warehouse")
    list_filter = ("status", "warehouse")
    search_fields = ("number__exact", "order__number__exact", "tracking_number__exact")
    actions = ("take_back",)

    @admin.action(description="Cancel the pick lists", permissions=["pick"])
    def take_back(self, request: StaffRequest, shipments: QuerySet[Shipment]) -> None:
        def act(pk: int) -> None:
            cancel_pick(shipment_id=pk, by=request.user, now=timezone.now())

        each(self, request, shipments, act, "pick lists are cancelled")


class RunShardInline(FactInline):
    model = RunShard
    fields = ("number", "tries", "error", "done_at")


@admin.register(AllocationRun)
class AllocationRunAdmin(StaffPageAdmin):
    list_display = (
        "pk", "kind", "status", "policy_version", "business_date", "started_at", "lines", "lines_changed", "cause",
    )  # fmt: skip
    list_select_related = ("policy_version__policy",)
    list_filter = ("kind", "status")
    inlines = (RunShardInline,)
    actions = ("go_on",)

    @admin.action(description="Go on with failed runs", permissions=["run"])
    def go_on(self, request: HttpRequest, runs: QuerySet[AllocationRun]) -> None:
        each(self, request, runs, lambda pk: retry_run(run_id=pk), "runs go on")
        hint(tasks.continue_runs)


class PoolLossInline(FactInline):
    model = PoolLoss
    fields = ("line", "units")


@admin.register(PoolBlock)
class PoolBlockAdmin(FactAdmin):
    list_display = ("stock_level", "reason", "made_at", "resolution", "settled_by", "settled_at")
    list_select_related = ("stock_level__product", "stock_level__warehouse", "settled_by")
    inlines = (PoolLossInline,)


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

    @admin.action(description="Make default", permissions=["change"])
    def make_default(self, request: StaffRequest, policies: QuerySet[AllocationPolicy]) -> None:
        if policies.count() != 1:
            self.message_user(request, "Choose exactly one policy.", messages.WARNING)
            return

        def act(pk: int) -> None:
            choose_default_policy(policy_id=pk, by=request.user, now=timezone.now())

        each(self, request, policies, act, "policy is the default now")


class SignInRuleForm(forms.ModelForm):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        """A list of the admin gives its fields no label."""
        super().__init__(*arguments, **options)
        self.fields["second_factor"].widget.attrs["aria-label"] = f"Second factor: {self.instance}"


@admin.register(SignInRule)
class SignInRuleAdmin(MasterDataAdmin):
    list_display = ("role", "second_factor")
    list_editable = ("second_factor",)
    list_display_links = None
    list_select_related = ("role",)
    readonly_fields = ("role",)
    ordering = ("role__name",)

    def get_changelist_form(self, request: HttpRequest, **options: Any) -> type[forms.ModelForm]:
        return SignInRuleForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


admin.site.unregister(Authenticator)  # allauth's page shows and takes the secrets


@admin.register(Authenticator)
class AuthenticatorAdmin(FactAdmin):
    """Deleting what is lost lets its owner set up another; those of superusers are for superusers."""

    fields = list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    ordering = ("user__username", "type")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Authenticator]:
        factors = super().get_queryset(request)
        return factors if request.user.is_superuser else factors.filter(user__is_superuser=False)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("mfa.delete_authenticator")
