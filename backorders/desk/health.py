"""How the desk is doing, for monitors: `/healthz`. Figures only, nothing about customers."""

from dataclasses import asdict

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backorders.oversight.queries.health import desk_health
from config.lib.health import readiness


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """503 when the desk cannot serve; 200 otherwise, with `complaints` of what somebody should look at."""
    status, checks = readiness()
    if status == "unavailable":
        return JsonResponse({"status": status, "checks": checks}, status=503)
    health = desk_health(now=timezone.now())
    complaints = health.complaints if checks["redis"] else [*health.complaints, "Redis is away, full or read-only"]
    return JsonResponse({"status": status, "checks": checks, "complaints": complaints, **asdict(health)})
