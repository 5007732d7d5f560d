"""Old snapshots of runs are forgotten once a day."""

from django.db import migrations

DAY = 86_400


def schedule(apps, schema_editor):
    alias = schema_editor.connection.alias
    every, _ = (
        apps.get_model("django_celery_beat", "IntervalSchedule")
        .objects.using(alias)
        .get_or_create(every=DAY, period="seconds")
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.using(alias).create(
        name="Forget old snapshots of runs", task="backorders.prune_snapshots", interval=every, expire_seconds=DAY
    )


def unschedule(apps, schema_editor):
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects.using(schema_editor.connection.alias)
    tasks.filter(task="backorders.prune_snapshots").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("backorders", "0013_run_snapshots"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule, unschedule)]
