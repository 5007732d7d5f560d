"""What every page shares: security headers, an icon, and a calm answer when the database is busy."""

from collections.abc import Callable
from typing import Any

import pghistory.middleware
import psycopg
import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseError
from django.db import connections
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from config.lib.glossary import GLOSSARY
from config.lib.logs import redact

logger = structlog.get_logger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]
RETRY_AFTER_SECONDS = 3
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in [
        *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer"),
        *("microphone", "midi", "payment", "screen-wake-lock", "usb"),
    ]
)
WORTH_ANOTHER_TRY = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.QueryCanceled,
    psycopg.errors.AdminShutdown,
    psycopg.errors.CrashShutdown,
    psycopg.errors.CannotConnectNow,
    psycopg.errors.TooManyConnections,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.DiskFull,
    psycopg.errors.ReadOnlySqlTransaction,
)


def is_busy(error: BaseException | None) -> bool:
    """A lock wait that ran out, a deadlock, a lost connection: nothing was changed, and another try may succeed."""
    cause = error.__cause__ if isinstance(error, DatabaseError) else None
    if isinstance(cause, WORTH_ANOTHER_TRY):
        return True
    return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError) and cause.sqlstate is None


class SecurityHeadersMiddleware:
    """Headers that Django has no setting for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


class HistoryMiddleware(pghistory.middleware.HistoryMiddleware):
    """Who changed what, on which page: kept with each change, so without what opens a private link."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_context(request) | {"url": redact(request.path)}


class BusyDatabaseMiddleware:
    """Answer 503 with Retry-After where a view met a busy database; every other error goes its usual way."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not is_busy(exception):
            return None
        logger.warning("database_busy", error=str(exception).strip(), path=request.path)
        return busy_response(request)


def drop_broken_connections() -> None:
    """A connection that the server closed is opened anew at the next query, instead of failing for ever."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def busy_response(request: HttpRequest) -> HttpResponse:
    drop_broken_connections()
    response = HttpResponse(render_to_string("503.html", {"seconds": RETRY_AFTER_SECONDS}), status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask here for the icon of whatever names none: plain text, JSON, a downloaded file."""
    return redirect(static("favicon.svg"))


@require_safe
def words(request: HttpRequest) -> HttpResponse:
    """Help → Words: what each word of the trade means here."""
    return render(request, "help/words.html", {"words": GLOSSARY})


def not_here(request: HttpRequest) -> HttpResponse:
    """A page of a library that the desk does without."""
    raise Http404
