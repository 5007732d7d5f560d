"""Room in the pages of the hot tables, so that a run's updates stay within the page; and the number sequences."""

from django.db import migrations

FILL = {"backorders_orderline": 55, "inventory_stocklevel": 50, "backorders_queuestate": 50, "inventory_product": 80}


class Migration(migrations.Migration):
    dependencies = [("backorders", "0001_initial"), ("inventory", "0001_initial")]

    operations = [
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} SET (fillfactor = {percent})", f"ALTER TABLE {table} RESET (fillfactor)"
            )
            for table, percent in FILL.items()
        ),
        *(
            migrations.RunSQL(f"CREATE SEQUENCE {name} START {start}", f"DROP SEQUENCE {name}")
            for name, start in (("sales_order_number", 1001), ("shipment_number", 1), ("purchase_order_number", 501))
        ),
    ]
