"""Room in the pages of the hot tables, so that a run's updates stay within the page; and the number sequences."""

from django.db import migrations

from config.lib.migrations import number_sequence, page_fill


class Migration(migrations.Migration):
    dependencies = [("backorders", "0002_reference_rows")]

    operations = [
        page_fill("backorders_orderline", percent=55),
        page_fill("backorders_queuestate", percent=50),
        number_sequence("sales_order_number", start=1001),
        number_sequence("shipment_number", start=1),
    ]
