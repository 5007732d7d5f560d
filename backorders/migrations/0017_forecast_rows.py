"""The service levels to start with, the demand meter at zero, and the nightly forecasts."""

from django.db import migrations

LEVELS = [("A", "95.0"), ("B", "95.0"), ("C", "98.0")]
NAME = "Forecast demand"
TASK = "backorders.forecast_due"


def create_rows(apps, schema_editor):
    alias = schema_editor.connection.alias
    level = apps.get_model("backorders", "ServiceLevel")
    for value_class, percent in LEVELS:
        level.objects.using(alias).create(value_class=value_class, percent=percent)
    apps.get_model("backorders", "DemandMeter").objects.using(alias).create(pk=1)
    interval, _ = (
        apps.get_model("django_celery_beat", "IntervalSchedule")
        .objects.using(alias)
        .get_or_create(every=60, period="seconds")
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.using(alias).create(
        name=NAME, task=TASK, interval=interval, expire_seconds=60
    )


def delete_rows(apps, schema_editor):
    alias = schema_editor.connection.alias
    apps.get_model("backorders", "ServiceLevel").objects.using(alias).all().delete()
    apps.get_model("backorders", "DemandMeter").objects.using(alias).all().delete()
    apps.get_model("django_celery_beat", "PeriodicTask").objects.using(alias).filter(task=TASK).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("backorders", "0016_forecasts"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(create_rows, delete_rows)]
