"""What somebody at the desk should hear of by email: trouble, looked for every few minutes, and runs to decide on."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from backorders.delays.queries.compliance import late, watched_cases
from backorders.enums import RunStatus
from backorders.models import AllocationRun, RefundTask
from backorders.oversight.queries.health import run_health
from backorders.oversight.queries.invariants import InvariantReport
from config.lib.text import counted
from notifications.enums import MessageStatus
from notifications.models import DeliveryResult
from notifications.services.alerts import alert_staff

LOOK_BACK = timedelta(days=1)


def tell_of_trouble(*, now: datetime) -> None:
    """Failed runs one by one; given-up messages, deadlines and a missing nightly run once a day."""
    _tell_of_failed_runs(now)
    _tell_of_given_up_messages(now)
    _tell_of_legal_deadlines(now)
    if run_health(now=now).is_overdue and AllocationRun.objects.applied().exists():
        alert_staff(
            topic=f"nightly-run-overdue:{timezone.localdate(now)}",
            title="The nightly run is overdue",
            details=["No nightly run has succeeded in the last 26 hours."],
            path=reverse("backorders:runs"),
            now=now,
        )


def tell_of_broken_invariants(report: InvariantReport, *, now: datetime) -> None:
    """Once a day, whatever is broken."""
    if not report.ok:
        alert_staff(
            topic=f"invariants:{timezone.localdate(now)}",
            title="Data check failed",
            details=report.sentences(),
            path=reverse("backorders:dashboard"),
            now=now,
        )


def _tell_of_failed_runs(now: datetime) -> None:
    for run in AllocationRun.objects.filter(status=RunStatus.FAILED, started_at__gte=now - LOOK_BACK).order_by("pk"):
        alert_staff(
            topic=f"run-failed:{run.pk}",
            title=f"{run} failed",
            details=[run.error or "No reason was recorded."],
            path=reverse("backorders:run", args=[run.pk]),
            now=now,
        )


def _tell_of_legal_deadlines(now: datetime) -> None:
    """Once a day: notices that are held back or late, and refunds that are due by tomorrow."""
    today = timezone.localdate(now)
    held_back = late(watched_cases(), today=today).count()
    refunds = RefundTask.objects.open().filter(due_on__lte=today + timedelta(days=1)).count()
    if held_back or refunds:
        alert_staff(
            topic=f"legal-deadlines:{today}",
            title="Delay notices or refunds need attention",
            details=[
                f"{counted(held_back, 'order line')} with a late or blocked delay notice.",
                f"{counted(refunds, 'refund')} due by tomorrow.",
            ],
            path=reverse("backorders:compliance"),
            now=now,
        )


def _tell_of_given_up_messages(now: datetime) -> None:
    given_up = DeliveryResult.objects.filter(result=MessageStatus.DEAD, made_at__gte=now - LOOK_BACK)
    count = given_up.count()
    if count:
        newest = given_up.order_by("-pk").first()
        assert newest
        alert_staff(
            topic=f"given-up:{timezone.localdate(now)}",
            title=f"{counted(count, 'message')} could not be delivered",
            details=[f"Latest reason: {newest.reason}"],
            path=f"{reverse('notifications:messages')}?status=dead",
            now=now,
        )
