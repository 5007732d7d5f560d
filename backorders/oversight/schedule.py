"""The schedule of the house, written into the tables that beat reads, after each migration."""

from django.conf import settings
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from config.schedule import HOUR, MINUTE, SCHEDULE, Entry


@transaction.atomic(using="owner")
def sync_schedule() -> None:
    """Add the tasks that are missing. Those that are there stay as the staff have set them."""
    tasks = PeriodicTask.objects.using("owner")
    known = set(tasks.values_list("task", flat=True))
    tasks.bulk_create([_periodic_task(entry) for entry in SCHEDULE if entry.task not in known])


def _periodic_task(entry: Entry) -> PeriodicTask:
    task = PeriodicTask(name=entry.name, task=entry.task, expire_seconds=max(entry.seconds, MINUTE))
    if entry.at:
        hour, minute = map(int, entry.at.split(":"))
        times = CrontabSchedule.objects.using("owner")
        task.crontab, _ = times.get_or_create(minute=minute, hour=hour, timezone=settings.TIME_ZONE)
        task.expire_seconds = HOUR
    else:
        intervals = IntervalSchedule.objects.using("owner")
        task.interval, _ = intervals.get_or_create(every=entry.seconds, period=IntervalSchedule.SECONDS)
    return task
