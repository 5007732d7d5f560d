"""How people get in: one door, allauth's. Staff accounts are made by an administrator, nobody signs up."""

import math
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from allauth.account import app_settings, forms
from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

GetResponse = Callable[[HttpRequest], HttpResponse]
FAILED = {"app": "allauth.account", "action": "login_failed"}


class StaffAccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Every password passes here. What is locked is told so and counts for nothing.

        Else one person who goes on trying would use up the tries of all who share the office's address.
        """
        key = self._get_login_attempts_cache_key(request, **credentials)
        if (seconds := _seconds_locked(request, key)) > 0:
            raise ImmediateHttpResponse(too_many_tries(request, seconds=seconds))
        super().pre_authenticate(request, **credentials)

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        """Who showed a password or a code minutes ago shows none again, such as on the way to a first factor."""
        records = get_authentication_records(self.request, self.request.user)
        if records and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT:
            return False
        return super().is_reauthentication_required(app=app, **options)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Who has a second factor shows that: a password alone neither takes it away nor makes up for it."""
        methods = super().get_reauthentication_methods(user)
        return [method for method in methods if method["id"] == "mfa_reauthenticate"] or methods


def _seconds_locked(request: HttpRequest, key: str) -> float:
    """Until the oldest of too many failures is forgotten; 0 while there are fewer."""
    waits = [0.0]
    for rate in ratelimit.get_rates(**FAILED):
        failures = cache.get(ratelimit.get_cache_key(request, rate=rate, key=key, **FAILED), [])
        if len(failures) >= rate.amount:
            waits.append(failures[rate.amount - 1] + rate.duration - time.time())
    return max(waits)


def too_many_tries(request: HttpRequest, *, seconds: float = 0) -> HttpResponse:
    """How long other limits than that of failures last, allauth does not say: see ACCOUNT_RATE_LIMITS."""
    seconds = seconds or (3600 if request.path == reverse("account_reset_password") else 60)
    response = render(
        request,
        "account/too_many_tries.html",
        {"minutes": math.ceil(seconds / 60)},
        status=HTTPStatus.TOO_MANY_REQUESTS,
    )
    response.headers["Retry-After"] = str(math.ceil(seconds))
    return response


class ChangePasswordForm(forms.ChangePasswordForm):
    def clean_oldpassword(self) -> str:
        """Guesses of the present password are counted as those at the sign-in are."""
        password = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password


class ActivateFactorForm(ActivateTOTPForm):
    def clean_code(self) -> str:
        """The session in which a factor is set up has shown it; other sessions of the person have not."""
        code = super().clean_code()
        context.request.session.cycle_key()
        record_authentication(context.request, self.user, "mfa", type="totp")
        return code


class SecondFactorMiddleware:
    """Nothing behind the sign-in is reached without the second factor that a person has, or whose role asks for one.

    `has_factor` and `needs_factor` come with the user (see `StaffBackend`), so this costs no query.
    """

    SET_UP = ("mfa_activate_totp", "account_reauthenticate")
    SHOW = ("mfa_reauthenticate",)

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *arguments: Any) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return None
        pages = self._pages_left(request)
        if not pages or cast(Any, request.resolver_match).view_name in pages:
            return None
        return redirect_to_login(request.get_full_path(), pages[0])

    def _pages_left(self, request: HttpRequest) -> tuple[str, ...]:
        """Those to which the person is held; none when all are open."""
        person = cast(Any, request.user)
        if not person.has_factor:
            return self.SET_UP if person.needs_factor else ()
        shown = any(record["method"] == "mfa" for record in get_authentication_records(request, person))
        return () if shown else self.SHOW
