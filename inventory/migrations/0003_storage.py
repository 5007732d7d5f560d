"""Room in the pages of the hot tables, so that a run's updates stay within the page; and the number sequence."""

from django.db import migrations

from config.lib.migrations import number_sequence, page_fill


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_reference_rows")]

    operations = [
        page_fill("inventory_stocklevel", percent=50),
        page_fill("inventory_product", percent=80),
        number_sequence("purchase_order_number", start=501),
    ]
