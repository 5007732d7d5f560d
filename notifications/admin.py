"""Messages are facts: to look at and to send again. Suppressed addresses are master data."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from config.lib.errors import DomainError
from notifications.models import Channel, Message, Suppression
from notifications.services.outbox import requeue_messages


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

    @admin.action(description="Send again", permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        try:
            count = requeue_messages(message_ids=queryset.values_list("pk", flat=True))
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, f"{count} message{'' if count == 1 else 's'} queued again.")


@admin.register(Suppression)
class SuppressionAdmin(admin.ModelAdmin):
    list_display = ("address", "reason", "created_at")
    search_fields = ("address",)
    ordering = ("address",)
    readonly_fields = ("created_at",)


@admin.register(Channel)
class ChannelAdmin(FactAdmin):
    list_display = ("__str__", "reason")
    ordering = ("pk",)
