"""The rules of mail, to start with."""

from django.db import migrations


def create_rows(apps, schema_editor):
    alias = schema_editor.connection.alias
    apps.get_model("notifications", "MailRules").objects.using(alias).get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]

    operations = [migrations.RunPython(create_rows, migrations.RunPython.noop)]
