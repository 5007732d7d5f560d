"""The one row of house rules, and the schedule that looks for trouble to tell the staff of."""

from django.db import migrations


def create_rules(apps, schema_editor):
    alias = schema_editor.connection.alias
    apps.get_model("notifications", "MailRules").objects.using(alias).get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_digests_and_preferences")]

    operations = [migrations.RunPython(create_rules, migrations.RunPython.noop)]
