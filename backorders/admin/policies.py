"""Policies, settings, the seals of the ledgers."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from backorders.admin.base import each
from backorders.engine.policy.words import policy_in_words
from backorders.models import (
    AllocationPolicy,
    AuditSeal,
    CustomerSettings,
    Decision,
    DelayCase,
    DelayNotice,
    DelayStep,
    DeskSettings,
    PolicyVersion,
    Question,
    RefundTask,
)
from backorders.runs.policies import choose_default_policy
from config.lib.admin import FactAdmin, FactInline, MasterDataAdmin


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
    def make_default(self, request: HttpRequest, queryset: QuerySet[AllocationPolicy]) -> None:
        if queryset.count() != 1:
            self.message_user(request, "Choose exactly one policy.", messages.WARNING)
            return

        def act(policy: AllocationPolicy) -> None:
            choose_default_policy(policy_id=policy.pk, by=request.user, now=timezone.now())  # type: ignore[arg-type]

        each(self, request, queryset, act, "policy is the default now")


@admin.register(DeskSettings)
class DeskSettingsAdmin(MasterDataAdmin):
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
