"""Messages are facts: to look at and to send again. Suppressed addresses are master data."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from config.lib.errors import DomainError
from config.lib.text import counted
from notifications.forms import MailRulesForm
from notifications.models import (
    Batch,
    BounceReport,
    Channel,
    DeliveryResult,
    MailRules,
    Message,
    Preference,
    Suppression,
    TemplateVersion,
)
from notifications.services.outbox import requeue_messages

# What holds the links that open a page without a login: the message's page at the desk shows the words without them.
WITH_LINKS = ("context", "text", "html")


class FactAdmin(admin.ModelAdmin):
    """Written by services only: nobody adds, changes or deletes a row here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.model._meta.fields]


@admin.register(Message)
class MessageAdmin(FactAdmin):
    list_display = ("id", "created_at", "kind", "recipient", "status", "attempts", "sent_at")
    list_filter = ("status", "kind", "language")
    search_fields = ("recipient", "dedupe_key", "message_id")
    ordering = ("-id",)
    show_full_result_count = False
    actions = ("send_again",)
    exclude = WITH_LINKS

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in super().get_readonly_fields(request, obj) if name not in WITH_LINKS]

    @admin.action(description="Send again", permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        try:
            count = requeue_messages(message_ids=queryset.values_list("pk", flat=True))
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, f"{counted(count, 'message')} queued again.")


@admin.register(Suppression)
class SuppressionAdmin(FactAdmin):
    list_display = ("address", "reason", "created_at", "lifted_at", "lifted_by", "lift_reason")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    search_fields = ("address",)
    ordering = ("-id",)


@admin.register(BounceReport)
class BounceReportAdmin(FactAdmin):
    list_display = ("received_at", "address", "kind", "reason", "event")
    list_filter = ("kind",)
    search_fields = ("address", "event")
    ordering = ("-id",)


@admin.register(DeliveryResult)
class DeliveryResultAdmin(FactAdmin):
    list_display = ("message_id", "attempt", "result", "reason", "made_at")
    list_filter = ("result",)
    ordering = ("-id",)


@admin.register(Preference)
class PreferenceAdmin(FactAdmin):
    list_display = ("addressee", "frequency", "opted_out", "quiet_from", "quiet_until", "changed_by", "changed_at")
    list_filter = ("frequency", "opted_out")
    search_fields = ("addressee",)
    ordering = ("addressee",)


@admin.register(Batch)
class BatchAdmin(FactAdmin):
    list_display = ("key", "state", "held", "closed_at", "decided_by", "decided_at", "note")
    list_filter = ("state",)
    ordering = ("-id",)


@admin.register(MailRules)
class MailRulesAdmin(admin.ModelAdmin):
    form = MailRulesForm
    list_display = ("__str__", "quiet_from", "quiet_until", "daily_cap", "digest_hour", "approval_above")
    ordering = ("pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: MailRules, form: forms.ModelForm, change: bool) -> None:
        obj.save(update_fields=form.changed_data or None)


@admin.register(Channel)
class ChannelAdmin(FactAdmin):
    list_display = ("__str__", "reason")
    ordering = ("pk",)


@admin.register(TemplateVersion)
class TemplateVersionAdmin(FactAdmin):
    """Every version of every text. A new one is written on the editor's page, with preview, test and safe renderer."""

    list_display = ("kind", "language", "number", "is_shipped", "subject", "made_by", "made_at", "note")
    list_filter = ("language", "kind")
    list_select_related = ("made_by",)
    search_fields = ("kind", "subject", "note")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.add_templateversion")

    def has_change_permission(self, request: HttpRequest, obj: TemplateVersion | None = None) -> bool:
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return redirect("notifications:wordings")

    def view_on_site(self, obj: TemplateVersion) -> str:
        return f"{reverse('notifications:wording', args=[obj.kind, obj.language])}?from={obj.number}"
