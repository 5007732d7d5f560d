"""What the admin of every app shares: facts are for looking, master data is written field by field."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import ModelResource


class FactAdmin(admin.ModelAdmin):
    """Written by services only: nobody adds, changes or deletes here."""

    show_full_result_count = False

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


class MasterDataAdmin(admin.ModelAdmin):
    """Rows that orders refer to: they are switched off, never deleted. A save writes the changed fields only."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Model, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.save()
        elif form.changed_data:
            obj.save(update_fields=form.changed_data)


class MasterDataResource(ModelResource):
    """A file may make rows and change the fields that it names; each row is checked as a form would."""

    class Meta:
        skip_unchanged = True
        report_skipped = False
        use_transactions = True
        clean_model_instances = True

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """No keys come with a file, so the sequences need no reset, which the application's role may not do anyway."""

    def do_instance_save(self, instance: Model, is_create: bool) -> None:
        if is_create:
            instance.save()
        else:
            named = [field.attribute for field in self.get_import_fields() if field.attribute != "pk"]
            instance.save(update_fields=named)


class ImportExportAdmin(ImportExportMixin, MasterDataAdmin):
    """Importing needs the permissions to add and to change, exporting the one to look."""

    import_formats = [CSV, XLSX]
    export_formats = [CSV, XLSX]

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_export_queryset(self, request: HttpRequest) -> Any:
        return super().get_export_queryset(request).order_by("pk")
