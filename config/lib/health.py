"""Is this process alive, can it serve, and how is the desk doing? For probes, so without login and never cached."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from config.lib.pages import drop_broken_connections
from config.lib.steady_cache import SteadyCache

_migrated = False


@login_not_required
@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked, so that a broken database does not restart the web server."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """503 until the database answers and has every migration; without Redis the desk is slower, not closed."""
    status, checks = readiness()
    return JsonResponse({"status": status, "checks": checks}, status=503 if status == "unavailable" else 200)


def readiness() -> tuple[str, dict[str, bool]]:
    """`ready`, `degraded` (Redis away, full or read-only) or `unavailable`, and what was asked."""
    questions = {"database": _database_answers, "migrations": _migrations_applied, "redis": _redis_answers}
    checks = {name: _ask(question) for name, question in questions.items()}
    ready = checks["database"] and checks["migrations"]
    return ("ready" if all(checks.values()) else "degraded" if ready else "unavailable"), checks


def _ask(check: Callable[[], Any]) -> bool:
    try:
        return bool(check())
    except (Error, RedisError, OSError):
        drop_broken_connections()
        return False


def _database_answers() -> bool:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def _migrations_applied() -> bool:
    """Asked until the answer is yes: a running process does not lose migrations."""
    global _migrated  # noqa: PLW0603
    if not _migrated:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def _redis_answers() -> bool:
    return cast(SteadyCache, caches["default"]).takes_writes()
