"""How long somebody stays signed in, and that nothing of a staff page stays behind in the browser."""

import time
from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]
IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 12 * 60 * 60
SEEN = "seen"


class SessionLimitsMiddleware:
    """A session ends after half an hour without a page and, in any case, twelve hours after the sign-in.

    When a page was last asked for stands in a signed cookie that belongs to the session: no page writes to the database
    for it, and none waits for the cache. Staff pages are not stored: whoever uses the machine next finds none.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "is_staff_page", False):
            response.headers.setdefault("Cache-Control", "no-store, private")
            if request.user.is_authenticated:
                self._note_seen(request, response)
        return response

    def process_view(self, request: HttpRequest, view: Any, *arguments: Any) -> None:
        """Before the sign-in is asked for: whoever is out of time is asked to sign in again."""
        request.is_staff_page = getattr(view, "login_required", True)  # type: ignore[attr-defined]
        if request.is_staff_page and request.user.is_authenticated and self._is_over(request):  # type: ignore[attr-defined]
            logout(request)

    def _is_over(self, request: HttpRequest) -> bool:
        now, records = time.time(), get_authentication_records(request, request.user)
        if not records:
            return False
        seen = request.get_signed_cookie(SEEN, default="", salt=_salt(request), max_age=LONGEST_SECONDS)
        signed_in = [float(record["at"]) for record in records]
        last_seen = max(float(seen or 0), *signed_in)
        return now - last_seen > IDLE_SECONDS or now - min(signed_in) > LONGEST_SECONDS

    def _note_seen(self, request: HttpRequest, response: HttpResponse) -> None:
        response.set_signed_cookie(
            SEEN,
            f"{time.time():.0f}",
            salt=_salt(request),
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )


def _salt(request: HttpRequest) -> str:
    return f"seen:{request.session.session_key}"
