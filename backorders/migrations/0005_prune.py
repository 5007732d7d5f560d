"""The nightly task forgets more than snapshots, and is named for it."""

from django.db import migrations

OLD = {"name": "Forget old snapshots of runs", "task": "backorders.prune_snapshots"}
NEW = {"name": "Forget what has run out", "task": "backorders.prune"}


def rename(old, new):
    def run(apps, schema_editor):
        tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects.using(schema_editor.connection.alias)
        tasks.filter(task=old["task"]).update(**new)

    return run


class Migration(migrations.Migration):
    dependencies = [("backorders", "0004_keys_checked_by_statement")]

    operations = [migrations.RunPython(rename(OLD, NEW), rename(NEW, OLD))]
