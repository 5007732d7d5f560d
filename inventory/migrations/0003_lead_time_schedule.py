"""Lead times are learned every night."""

from django.conf import settings
from django.db import migrations

NAME = "Learn lead times"
TASK = "inventory.learn_lead_times"


def schedule(apps, schema_editor):
    alias = schema_editor.connection.alias
    night, _ = (
        apps.get_model("django_celery_beat", "CrontabSchedule")
        .objects.using(alias)
        .get_or_create(minute="30", hour="2", timezone=settings.TIME_ZONE)
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.using(alias).create(
        name=NAME, task=TASK, crontab=night, expire_seconds=3600
    )


def unschedule(apps, schema_editor):
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects.using(schema_editor.connection.alias)
    tasks.filter(task=TASK).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0002_lead_times"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule, unschedule)]
