import pytest
from django_celery_beat.models import PeriodicTask

from backorders.oversight.schedule import sync_schedule
from config.celery import app
from config.schedule import SCHEDULE

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def rows() -> dict[str, tuple[str, int | None, str]]:
    return {
        task.task: (
            task.name,
            task.interval and task.interval.every,
            task.crontab and f"{task.crontab.hour}:{task.crontab.minute}",
        )
        for task in PeriodicTask.objects.select_related("interval", "crontab")
    }


def test_every_task_of_the_schedule_is_one_that_a_worker_knows():
    app.loader.import_default_modules()

    assert {entry.task for entry in SCHEDULE} - set(app.tasks) == set()


def test_a_migrated_database_has_the_whole_schedule():
    assert rows() == {
        entry.task: (entry.name, entry.seconds or None, entry.at.lstrip("0") or None) for entry in SCHEDULE
    }
    assert PeriodicTask.objects.get(task="backorders.serve_free_stock").expire_seconds == 60


def test_what_the_staff_have_set_stays_and_what_is_missing_comes_back():
    PeriodicTask.objects.using("owner").filter(task="backorders.prune").update(enabled=False)
    PeriodicTask.objects.using("owner").filter(task="backorders.watch_delays").delete()

    sync_schedule()
    sync_schedule()

    assert not PeriodicTask.objects.using("owner").get(task="backorders.prune").enabled
    assert PeriodicTask.objects.using("owner").filter(task="backorders.watch_delays").count() == 1
