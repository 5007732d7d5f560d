"""Where a fact has a page of its own for the staff, and actions that call services."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from config.lib.admin import FactAdmin
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
