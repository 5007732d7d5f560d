"""The settings row, the reminders' place in the schedule, and the first answers that are known already."""

from django.db import migrations
from django.db.models import F


def create_rows(apps, schema_editor):
    alias = schema_editor.connection.alias
    apps.get_model("inventory", "PurchasingSettings").objects.using(alias).create(id=1)
    interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    every, _ = interval.objects.using(alias).get_or_create(every=900, period="seconds")
    apps.get_model("django_celery_beat", "PeriodicTask").objects.using(alias).create(
        name="Remind suppliers", task="inventory.remind_suppliers", interval=every, expire_seconds=900
    )
    # Orders that came with their dates were never asked for: nothing is known of how fast their suppliers answer.
    orders = apps.get_model("inventory", "PurchaseOrder").objects.using(alias)
    orders.filter(confirmed_at__gt=F("sent_at")).update(acknowledged_at=F("confirmed_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0004_supplier_answers"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(create_rows, migrations.RunPython.noop)]
