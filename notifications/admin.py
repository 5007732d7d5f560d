"""Messages are facts: to look at and to send again. Texts and the rules of sending have pages of their own."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from config.lib.admin import FactAdmin, FactList, register_facts
from config.lib.errors import DomainError
from config.lib.text import counted
from notifications.models import Batch, BounceReport, Channel, Message, Preference, Suppression
from notifications.services.outbox import requeue_messages

register_facts(
    FactList(Suppression, "address reason created_at lifted_at lifted_by lift_reason", search="address"),
    FactList(BounceReport, "received_at address kind reason event", filters="kind", search="address event"),
    FactList(
        Preference,
        "addressee frequency opted_out quiet_from quiet_until changed_by changed_at",
        filters="frequency opted_out",
        search="addressee",
    ),
    FactList(Batch, "key state held closed_at decided_by decided_at note", filters="state"),
    FactList(Channel, "__str__ reason"),
)


@admin.register(Message)
class MessageAdmin(FactAdmin):
    list_display = ("id", "created_at", "kind", "recipient", "status", "attempts", "sent_at")
    list_filter = ("status", "kind", "language")
    search_fields = ("recipient", "dedupe_key", "message_id")
    actions = ("send_again",)
    # They hold the links that open a page without a login: the message's page at the desk shows the words without them.
    exclude = ("context", "text", "html")

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_message")

    @admin.action(description="Send again", permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        try:
            count = requeue_messages(message_ids=queryset.values_list("pk", flat=True))
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, f"{counted(count, 'message')} queued again.")
