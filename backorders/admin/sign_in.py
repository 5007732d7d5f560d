"""How people sign in: what their roles ask for, and whose second factor is lost."""

from typing import Any

from allauth.mfa.admin import Authenticator
from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from backorders.models import SignInRule
from config.lib.admin import FactAdmin, MasterDataAdmin


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
