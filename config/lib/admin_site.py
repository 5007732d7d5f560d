"""The admin without a door of its own: who comes here has signed in at allauth's, with its limits and second factor."""

from typing import Any

from allauth.account import views
from allauth.account.utils import get_next_redirect_url
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import redirect


class StaffAdminSite(admin.AdminSite):
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Takes no password, not even of somebody signed in, as allauth's `secure_admin_login` would.

        The LoginRequiredMiddleware stands before this page too, so here is always a person.
        """
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect(get_next_redirect_url(request) or "admin:index")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return views.logout(request)
