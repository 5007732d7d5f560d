"""Is the desk doing its work: the nightly run, and the messages on their way out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Min
from django_celery_beat.models import PeriodicTask

from backorders.enums import UNENDED_RUNS, RunKind, RunStatus
from backorders.models import AllocationRun
from notifications.models import Message

ALARM_AFTER = timedelta(hours=26)
OVERDUE_SECONDS = 900


@dataclass(frozen=True, slots=True)
class RunHealth:
    """The last run that changed the world, and the last nightly one that succeeded: others serve some products only."""

    last: AllocationRun | None
    last_nightly: AllocationRun | None
    is_overdue: bool

    @property
    def state(self) -> str:
        if self.last_nightly is None and self.last is None:
            return "never"
        if self.is_overdue:
            return "overdue"
        return "failed" if self.last and self.last.status == RunStatus.FAILED else "healthy"


def run_health(*, now: datetime) -> RunHealth:
    """Overdue when the latest successful nightly run is more than 26 hours ago, or never was."""
    applied = AllocationRun.objects.applied().order_by("-pk")
    nightly = applied.filter(kind=RunKind.NIGHTLY).exclude(status__in=UNENDED_RUNS).order_by("-business_date").first()
    finished = nightly.finished_at if nightly else None
    return RunHealth(applied.first(), nightly, finished is None or now - finished > ALARM_AFTER)


@dataclass(frozen=True, slots=True)
class OutboxHealth:
    waiting: int
    dead: int


def outbox_health() -> OutboxHealth:
    return OutboxHealth(Message.objects.unsent().count(), Message.objects.dead().count())


@dataclass(frozen=True, slots=True)
class DeskHealth:
    """What a monitor asks for: ages in seconds, None where there is nothing to be old."""

    messages_waiting: int
    messages_dead: int
    oldest_message_seconds: float | None
    oldest_running_run_seconds: float | None
    nightly_run_overdue: bool
    beat_seconds: float | None

    @property
    def complaints(self) -> list[str]:
        """What somebody should look at now."""
        checks = {
            "messages were given up": self.messages_dead > 0,
            "messages wait for more than 15 minutes": (self.oldest_message_seconds or 0) > OVERDUE_SECONDS,
            "a run has been going for more than 15 minutes": (self.oldest_running_run_seconds or 0) > OVERDUE_SECONDS,
            "the nightly run is overdue": self.nightly_run_overdue,
            "beat is silent": self.beat_seconds is None or self.beat_seconds > OVERDUE_SECONDS,
        }
        return [complaint for complaint, is_so in checks.items() if is_so]


def desk_health(*, now: datetime) -> DeskHealth:
    """The state of the background work."""

    def age(since: datetime | None) -> float | None:
        return None if since is None else round((now - since).total_seconds(), 1)

    outbox = outbox_health()
    due = Message.objects.unsent().filter(available_at__lte=now)
    running = AllocationRun.objects.filter(status=RunStatus.RUNNING)
    return DeskHealth(
        messages_waiting=outbox.waiting,
        messages_dead=outbox.dead,
        oldest_message_seconds=age(due.aggregate(first=Min("available_at"))["first"]),
        oldest_running_run_seconds=age(running.aggregate(first=Min("started_at"))["first"]),
        nightly_run_overdue=run_health(now=now).is_overdue,
        beat_seconds=age(PeriodicTask.objects.aggregate(last=Max("last_run_at"))["last"]),
    )
