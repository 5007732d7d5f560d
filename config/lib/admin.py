"""What the admin of every app shares: facts are for looking, master data is written field by field."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest

from config.lib.errors import DomainError


class FactAdmin(admin.ModelAdmin):
    """Written by services only: nobody adds, changes or deletes here."""

    show_full_result_count = False

    def get_ordering(self, request: HttpRequest) -> Any:
        return self.ordering or ("-pk",)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class FactInline(admin.TabularInline):
    """The same for rows that are shown with their parent."""

    extra = 0
    can_delete = False
    show_change_link = False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class FactList(NamedTuple):
    """One list of the admin; names stand in one string, separated by spaces."""

    model: type[Model]
    columns: str
    filters: str = ""
    search: str = ""
    joins: str = ""  # what the name of a row in a column needs beside the row itself
    hidden: str = ""


def register_facts(*table: FactList) -> None:
    for facts in table:
        columns = facts.columns.split()
        keys = [field.name for field in facts.model._meta.fields if isinstance(field, ForeignKey)]
        options = {
            "list_display": columns,
            "list_filter": facts.filters.split(),
            "search_fields": facts.search.split(),
            "list_select_related": [key for key in keys if key in columns] + facts.joins.split(),
            "exclude": facts.hidden.split(),
        }
        admin.site.register(facts.model, type(f"{facts.model.__name__}Admin", (FactAdmin,), options))


class MasterDataAdmin(admin.ModelAdmin):
    """Rows that orders refer to: they are switched off, never deleted. A save writes the changed fields only."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Model, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.save()
        elif form.changed_data:
            obj.save(update_fields=form.changed_data)


def each(
    page: admin.ModelAdmin, request: HttpRequest, rows: QuerySet[Any], act: Callable[[int], Any], done: str
) -> None:
    """Call a service for each chosen row; a refusal is told and stops nothing."""
    count = 0
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        try:
            act(pk)
        except DomainError as error:
            page.message_user(request, str(error), messages.WARNING)
        else:
            count += 1
    page.message_user(request, f"{count} {done}.")
