"""A warehouse and the settings of purchasing, to start with."""

from django.db import migrations


def create_rows(apps, schema_editor):
    alias = schema_editor.connection.alias
    apps.get_model("inventory", "PurchasingSettings").objects.using(alias).get_or_create(id=1)
    warehouses = apps.get_model("inventory", "Warehouse").objects.using(alias)
    warehouses.get_or_create(code="MAIN", defaults={"name": "Main warehouse", "preference": 1})


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]

    operations = [migrations.RunPython(create_rows, migrations.RunPython.noop)]
