"""Messages are facts: to look at and to send again. Suppressed addresses are master data."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from config.lib.errors import DomainError
from config.lib.text import clean_email
from notifications.models import (
    Batch,
    BounceReport,
    Channel,
    DeliveryResult,
    MailRules,
    Message,
    Preference,
    Suppression,
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
            self.message_user(request, f"{count} message{'' if count == 1 else 's'} queued again.")


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


class MailRulesForm(forms.ModelForm):
    staff_addresses = forms.CharField(
        required=False, help_text="Who is told of trouble: addresses with commas between them.", max_length=2000
    )

    class Meta:
        model = MailRules
        fields = ["quiet_from", "quiet_until", "daily_cap", "digest_hour", "approval_above", "staff_addresses"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["staff_addresses"] = ", ".join(self.instance.staff_addresses)

    def clean_staff_addresses(self) -> list[str]:
        parts = self.cleaned_data["staff_addresses"].split(",")
        return [address for part in parts if (address := clean_email(part))]


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
