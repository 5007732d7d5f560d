"""Look for trouble to tell the staff of, every five minutes."""

from django.db import migrations

NAME = "Tell the staff of trouble"


def create_schedule(apps, schema_editor):
    alias = schema_editor.connection.alias
    interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    every, _ = interval.objects.using(alias).get_or_create(every=300, period="seconds")
    apps.get_model("django_celery_beat", "PeriodicTask").objects.using(alias).create(
        name=NAME, task="backorders.tell_of_trouble", interval=every, expire_seconds=300
    )


def remove_schedule(apps, schema_editor):
    alias = schema_editor.connection.alias
    apps.get_model("django_celery_beat", "PeriodicTask").objects.using(alias).filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("backorders", "0011_simulations_may_await"), ("notifications", "0003_mail_rules")]

    operations = [migrations.RunPython(create_schedule, remove_schedule)]
