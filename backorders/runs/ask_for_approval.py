"""A run that would break promised dates waits for a second person, who is asked by email."""

from datetime import datetime

from django.urls import reverse

from backorders.models import AllocationRun
from backorders.runs.guard import objections_to
from notifications.services.alerts import ask_staff


def ask_for_approval(run: AllocationRun, *, now: datetime) -> None:
    """Write to whoever may approve the run, which is not whoever started it; once, however often it is asked."""
    ask_staff(
        permission="backorders.approve_run",
        started_by_id=run.started_by_id,
        topic=f"run-awaits:{run.pk}",
        title=f"{run} needs approval",
        details=[f"{objection}." for objection in objections_to(run)],
        path=reverse("backorders:run", args=[run.pk]),
        now=now,
    )
