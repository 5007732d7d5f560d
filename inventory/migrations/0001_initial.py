from decimal import Decimal

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import config.lib.migrations
import config.lib.text


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('notifications', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            sql='CREATE EXTENSION IF NOT EXISTS pg_trgm',
            reverse_sql='',
        ),
        config.lib.migrations.CreateModels(
            models=[
                migrations.CreateModel(
                    name='Category',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', config.lib.text.LineField(max_length=100)),
                    ],
                    options={
                        'verbose_name_plural': 'categories',
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='category_name_unique'), models.CheckConstraint(condition=models.Q(('name__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='category_name_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='Warehouse',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', config.lib.text.LineField(max_length=30)),
                        ('name', config.lib.text.LineField(max_length=100)),
                        ('preference', models.PositiveSmallIntegerField(default=100, help_text='The lowest number is asked first.')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('code'), name='warehouse_code_unique'), models.CheckConstraint(condition=models.Q(('code__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='warehouse_code_is_plain_text'), models.CheckConstraint(condition=models.Q(('name__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='warehouse_name_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='Product',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('sku', config.lib.text.LineField(max_length=60)),
                        ('name', config.lib.text.LineField(max_length=200)),
                        ('unit', config.lib.text.LineField(default='pcs', max_length=20)),
                        ('price', models.DecimalField(decimal_places=4, default=0, max_digits=11)),
                        ('cost', models.DecimalField(decimal_places=4, default=0, max_digits=11)),
                        ('currency', config.lib.text.LineField(default='EUR', max_length=3)),
                        ('pack_size', models.PositiveIntegerField(default=1)),
                        ('backorder_policy', models.CharField(choices=[('deny', 'Deny: refuse orders that would wait'), ('allow', 'Allow: email dates only in the order confirmation'), ('notify', 'Allow and notify: email every change of date')], default='notify', max_length=10)),
                        ('backorder_limit', models.PositiveIntegerField(default=0, help_text='Maximum units on backorder; 0 means no limit.')),
                        ('backorder_until', models.DateField(blank=True, help_text='No new backorders after this day.', null=True)),
                        ('active', models.BooleanField(default=True)),
                        ('supply_version', models.PositiveIntegerField(default=0, editable=False, help_text='Grows with every change of stock or incoming goods.')),
                        ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='products', to='inventory.category')),
                    ],
                    options={
                        'indexes': [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('sku'), name='gin_trgm_ops'), name='product_sku_trigrams'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('name'), name='gin_trgm_ops'), name='product_name_trigrams')],
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('sku'), name='product_sku_unique'), models.CheckConstraint(condition=models.Q(('backorder_policy__in', ['deny', 'allow', 'notify'])), name='product_policy_known'), models.CheckConstraint(condition=models.Q(('pack_size__gte', 1), ('pack_size__lte', 100000)), name='product_pack_size_within_bounds'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='product_currency_is_iso'), models.CheckConstraint(condition=models.Q(('price__gte', 0), ('price__lte', Decimal('9999999.9999'))), name='product_price_within_bounds'), models.CheckConstraint(condition=models.Q(('cost__gte', 0), ('cost__lte', Decimal('9999999.9999'))), name='product_cost_within_bounds'), models.CheckConstraint(condition=models.Q(('sku__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='product_sku_is_plain_text'), models.CheckConstraint(condition=models.Q(('name__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='product_name_is_plain_text'), models.CheckConstraint(condition=models.Q(('unit__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='product_unit_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='ProductEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('sku', config.lib.text.LineField(max_length=60)),
                        ('name', config.lib.text.LineField(max_length=200)),
                        ('unit', config.lib.text.LineField(default='pcs', max_length=20)),
                        ('price', models.DecimalField(decimal_places=4, default=0, max_digits=11)),
                        ('cost', models.DecimalField(decimal_places=4, default=0, max_digits=11)),
                        ('currency', config.lib.text.LineField(default='EUR', max_length=3)),
                        ('pack_size', models.PositiveIntegerField(default=1)),
                        ('backorder_policy', models.CharField(choices=[('deny', 'Deny: refuse orders that would wait'), ('allow', 'Allow: email dates only in the order confirmation'), ('notify', 'Allow and notify: email every change of date')], default='notify', max_length=10)),
                        ('backorder_limit', models.PositiveIntegerField(default=0, help_text='Maximum units on backorder; 0 means no limit.')),
                        ('backorder_until', models.DateField(blank=True, help_text='No new backorders after this day.', null=True)),
                        ('active', models.BooleanField(default=True)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='inventory.product')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('category', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.category')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Supplier',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', config.lib.text.LineField(max_length=30)),
                        ('name', config.lib.text.LineField(max_length=200)),
                        ('email', config.lib.text.AddressField(blank=True, max_length=254)),
                        ('lead_time_days', models.PositiveSmallIntegerField(default=14)),
                        ('time_zone', config.lib.text.LineField(default='UTC', max_length=60)),
                        ('language', models.CharField(choices=[('en', 'English'), ('de', 'German')], default='en', max_length=5)),
                        ('over_receipt_percent', models.PositiveSmallIntegerField(default=0, help_text='How much more than ordered may be received, in percent.')),
                        ('active', models.BooleanField(default=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('code'), name='supplier_code_unique'), models.CheckConstraint(condition=models.Q(('lead_time_days__lte', 730)), name='supplier_lead_time_within_bounds'), models.CheckConstraint(condition=models.Q(('over_receipt_percent__lte', 100)), name='supplier_over_receipt_within_bounds'), models.CheckConstraint(condition=models.Q(('language__in', ['en', 'de'])), name='supplier_language_known'), models.CheckConstraint(condition=models.Q(('email', ''), ('email__regex', '^[^\\s@,;<>()\\[\\]\\\\\\"]+@[^\\s@,;<>()\\[\\]\\\\\\"]+\\.[^\\s@,;<>()\\[\\]\\\\\\"]+$'), _connector='OR'), name='supplier_email_is_one_address'), models.CheckConstraint(condition=models.Q(('code__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='supplier_code_is_plain_text'), models.CheckConstraint(condition=models.Q(('name__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='supplier_name_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='SupplierEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('code', config.lib.text.LineField(max_length=30)),
                        ('name', config.lib.text.LineField(max_length=200)),
                        ('email', config.lib.text.AddressField(blank=True, max_length=254)),
                        ('lead_time_days', models.PositiveSmallIntegerField(default=14)),
                        ('time_zone', config.lib.text.LineField(default='UTC', max_length=60)),
                        ('language', models.CharField(choices=[('en', 'English'), ('de', 'German')], default='en', max_length=5)),
                        ('over_receipt_percent', models.PositiveSmallIntegerField(default=0, help_text='How much more than ordered may be received, in percent.')),
                        ('active', models.BooleanField(default=True)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='inventory.supplier')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='SupplierProduct',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('lead_time_days', models.PositiveSmallIntegerField()),
                        ('minimum_quantity', models.PositiveIntegerField(default=1)),
                        ('pack_size', models.PositiveIntegerField(default=1)),
                        ('cost', models.DecimalField(decimal_places=4, default=0, max_digits=11)),
                        ('currency', config.lib.text.LineField(default='EUR', max_length=3)),
                        ('rank', models.PositiveSmallIntegerField(default=1)),
                        ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='supplier_products', to='inventory.supplier')),
                        ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='supplier_products', to='inventory.product')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('supplier', 'product'), name='one_offer_per_supplier_and_product'), models.CheckConstraint(condition=models.Q(('lead_time_days__lte', 730)), name='supplier_product_lead_time_within_bounds'), models.CheckConstraint(condition=models.Q(('minimum_quantity__lte', 100000), ('pack_size__gte', 1), ('pack_size__lte', 100000)), name='supplier_product_quantities_within_bounds'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='supplier_product_currency_is_iso'), models.CheckConstraint(condition=models.Q(('cost__gte', 0), ('cost__lte', Decimal('9999999.9999'))), name='supplier_product_cost_within_bounds')],
                    },
                ),
                migrations.CreateModel(
                    name='SupplierProductEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('lead_time_days', models.PositiveSmallIntegerField()),
                        ('minimum_quantity', models.PositiveIntegerField(default=1)),
                        ('pack_size', models.PositiveIntegerField(default=1)),
                        ('cost', models.DecimalField(decimal_places=4, default=0, max_digits=11)),
                        ('currency', config.lib.text.LineField(default='EUR', max_length=3)),
                        ('rank', models.PositiveSmallIntegerField(default=1)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='inventory.supplierproduct')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('supplier', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.supplier')),
                        ('product', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.product')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='PurchaseOrder',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', config.lib.text.LineField(max_length=40)),
                        ('status', models.CharField(choices=[('draft', 'Draft'), ('sent', 'Sent'), ('confirmed', 'Confirmed'), ('partly_received', 'Partly received'), ('received', 'Received'), ('closed', 'Closed'), ('cancelled', 'Cancelled')], default='draft', max_length=16)),
                        ('source', config.lib.text.LineField(default='desk', max_length=40)),
                        ('ordered_on', models.DateField(blank=True, null=True)),
                        ('sent_at', models.DateTimeField(blank=True, null=True)),
                        ('acknowledged_at', models.DateTimeField(blank=True, help_text='When the supplier first answered.', null=True)),
                        ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                        ('note', models.TextField(blank=True, max_length=2000)),
                        ('key', config.lib.text.LineField(blank=True, editable=False, help_text='Makes a form that is sent twice harmless.', max_length=100)),
                        ('created_at', models.DateTimeField()),
                        ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='purchase_orders', to='inventory.supplier')),
                        ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.warehouse')),
                    ],
                    options={
                        'permissions': [('send_purchaseorder', 'Can send purchase orders'), ('confirm_purchaseorder', "Can enter the supplier's dates"), ('close_purchaseorder', 'Can close or cancel purchase orders and their lines')],
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('number'), name='purchase_order_number_unique'), models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'sent', 'confirmed', 'partly_received', 'received', 'closed', 'cancelled'])), name='purchase_order_status_known'), models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'cancelled']), ('ordered_on__isnull', False), _connector='OR'), name='purchase_order_dated_once_sent'), models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('key',), name='purchase_order_key_used_once'), models.CheckConstraint(condition=models.Q(('number__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='purchase_order_number_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='PurchaseOrderEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('number', config.lib.text.LineField(max_length=40)),
                        ('status', models.CharField(choices=[('draft', 'Draft'), ('sent', 'Sent'), ('confirmed', 'Confirmed'), ('partly_received', 'Partly received'), ('received', 'Received'), ('closed', 'Closed'), ('cancelled', 'Cancelled')], default='draft', max_length=16)),
                        ('source', config.lib.text.LineField(default='desk', max_length=40)),
                        ('ordered_on', models.DateField(blank=True, null=True)),
                        ('sent_at', models.DateTimeField(blank=True, null=True)),
                        ('acknowledged_at', models.DateTimeField(blank=True, help_text='When the supplier first answered.', null=True)),
                        ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                        ('note', models.TextField(blank=True, max_length=2000)),
                        ('key', config.lib.text.LineField(blank=True, editable=False, help_text='Makes a form that is sent twice harmless.', max_length=100)),
                        ('created_at', models.DateTimeField()),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='inventory.purchaseorder')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('supplier', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.supplier')),
                        ('warehouse', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.warehouse')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='PurchaseOrderLine',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveSmallIntegerField()),
                        ('ordered', models.PositiveIntegerField()),
                        ('received', models.PositiveIntegerField(default=0, editable=False)),
                        ('cancelled', models.PositiveIntegerField(default=0)),
                        ('rejected', models.PositiveIntegerField(default=0, editable=False)),
                        ('tolerance', models.PositiveIntegerField(default=0, help_text='Units that may be received beyond the order.')),
                        ('requested_on', models.DateField(blank=True, null=True)),
                        ('first_confirmed_on', models.DateField(blank=True, null=True)),
                        ('confirmed_on', models.DateField(blank=True, null=True)),
                        ('cost', models.DecimalField(decimal_places=4, default=0, max_digits=11)),
                        ('purchase_order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='inventory.purchaseorder')),
                        ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.product')),
                        ('split_from', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='split_off', to='inventory.purchaseorderline')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['product'], name='purchase_lines_by_product')],
                        'constraints': [models.UniqueConstraint(fields=('purchase_order', 'number'), name='line_number_unique_in_purchase_order'), models.CheckConstraint(condition=models.Q(('ordered__gte', 1), ('ordered__lte', 100000)), name='purchase_line_ordered_within_bounds'), models.CheckConstraint(condition=models.Q(('received__lte', django.db.models.expressions.CombinedExpression(models.F('ordered'), '+', models.F('tolerance')))), name='purchase_line_received_within_tolerance'), models.CheckConstraint(condition=models.Q(('cancelled__lte', models.F('ordered'))), name='purchase_line_cancels_only_ordered'), models.CheckConstraint(condition=models.Q(('rejected__lte', models.F('cancelled'))), name='purchase_line_rejected_is_cancelled'), models.CheckConstraint(condition=models.Q(('cancelled', 0), ('received__lte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('ordered'), '+', models.F('tolerance')), '-', models.F('cancelled'))), _connector='OR'), name='purchase_line_receives_nothing_cancelled'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_on__isnull', True), ('first_confirmed_on__isnull', True)), models.Q(('confirmed_on__isnull', False), ('first_confirmed_on__isnull', False)), _connector='OR'), name='purchase_line_first_confirmed_iff_confirmed'), models.CheckConstraint(condition=models.Q(('cost__gte', 0), ('cost__lte', Decimal('9999999.9999'))), name='purchase_line_cost_within_bounds')],
                    },
                ),
                migrations.CreateModel(
                    name='PurchaseDateChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('previous_on', models.DateField(null=True)),
                        ('new_on', models.DateField()),
                        ('reason', config.lib.text.LineField(blank=True, max_length=200)),
                        ('made_at', models.DateTimeField()),
                        ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='date_changes', to='inventory.purchaseorderline')),
                        ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('reason__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='purchase_date_change_reason_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='Receipt',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reference', config.lib.text.LineField(max_length=80)),
                        ('received_at', models.DateTimeField()),
                        ('purchase_order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='inventory.purchaseorder')),
                        ('received_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(models.F('purchase_order'), django.db.models.functions.text.Lower('reference'), name='receipt_reference_unique_in_order'), models.CheckConstraint(condition=models.Q(('reference__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='receipt_reference_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='ReceiptLine',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('quantity', models.PositiveIntegerField()),
                        ('receipt', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='inventory.receipt')),
                        ('purchase_order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipt_lines', to='inventory.purchaseorderline')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gte', 1), ('quantity__lte', 100000)), name='receipt_line_within_bounds'), models.UniqueConstraint(fields=('receipt', 'purchase_order_line'), name='purchase_line_once_in_receipt')],
                    },
                ),
                migrations.CreateModel(
                    name='SupplierLink',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('purpose', models.CharField(choices=[('order', 'Order sent'), ('reminder', 'Reminder'), ('question', 'Question'), ('reply', 'Reply to an answer'), ('receipt', 'After an answer')], max_length=10)),
                        ('reference', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), unique=True)),
                        ('sent_to', config.lib.text.AddressField(blank=True, max_length=254)),
                        ('message_key', config.lib.text.LineField(blank=True, max_length=120)),
                        ('made_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField()),
                        ('answered_at', models.DateTimeField(blank=True, null=True)),
                        ('revoked_at', models.DateTimeField(blank=True, null=True)),
                        ('purchase_order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='inventory.purchaseorder')),
                        ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('message_key', ''), _negated=True), fields=['message_key'], name='supplier_links_by_message')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('purpose__in', ['order', 'reminder', 'question', 'reply', 'receipt'])), name='supplier_link_purpose_known'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='supplier_link_expires_later'), models.CheckConstraint(condition=models.Q(('answered_at__isnull', True), ('revoked_at__isnull', True), _connector='OR'), name='supplier_link_ends_in_one_way'), models.CheckConstraint(condition=models.Q(('sent_to', ''), ('sent_to__regex', '^[^\\s@,;<>()\\[\\]\\\\\\"]+@[^\\s@,;<>()\\[\\]\\\\\\"]+\\.[^\\s@,;<>()\\[\\]\\\\\\"]+$'), _connector='OR'), name='supplier_link_sent_to_is_one_address')],
                    },
                ),
                migrations.CreateModel(
                    name='SupplierAnswer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('comment', models.TextField(blank=True, max_length=2000)),
                        ('made_at', models.DateTimeField()),
                        ('purchase_order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='inventory.purchaseorder')),
                        ('link', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='answer', to='inventory.supplierlink')),
                    ],
                ),
                migrations.CreateModel(
                    name='SupplierAnswerLine',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('asked_on', models.DateField()),
                        ('reason', config.lib.text.LineField(blank=True, max_length=200)),
                        ('state', models.CharField(choices=[('taken', 'Accepted automatically'), ('proposed', 'Proposed'), ('accepted', 'Accepted'), ('countered', 'Countered'), ('declined', 'Declined'), ('replaced', 'Replaced by a newer answer')], max_length=10)),
                        ('note', config.lib.text.LineField(blank=True, help_text='What the buyer replied.', max_length=300)),
                        ('decided_at', models.DateTimeField(blank=True, null=True)),
                        ('answer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='inventory.supplieranswer')),
                        ('purchase_order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answer_lines', to='inventory.purchaseorderline')),
                        ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('answer', 'purchase_order_line'), name='purchase_line_once_in_answer'), models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('purchase_order_line',), name='one_open_proposal_per_line'), models.CheckConstraint(condition=models.Q(('state__in', ['taken', 'proposed', 'accepted', 'countered', 'declined', 'replaced'])), name='answer_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('state', 'proposed')), models.Q(models.Q(('state', 'proposed'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='answer_decided_iff_not_open'), models.CheckConstraint(condition=models.Q(('reason__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='supplier_answer_reason_is_plain_text'), models.CheckConstraint(condition=models.Q(('note__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='supplier_answer_note_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='SupplierAnswerPart',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('quantity', models.PositiveIntegerField()),
                        ('available_on', models.DateField(null=True)),
                        ('answer_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='inventory.supplieranswerline')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('answer_line', 'available_on'), name='one_answer_part_per_day', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('quantity__gte', 1), ('quantity__lte', 100000)), name='answer_part_within_bounds')],
                    },
                ),
                migrations.CreateModel(
                    name='SupplierQuestion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('wished_on', models.DateField(null=True)),
                        ('note', config.lib.text.LineField(blank=True, max_length=300)),
                        ('link', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='inventory.supplierlink')),
                        ('purchase_order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='inventory.purchaseorderline')),
                        ('counters', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='counter', to='inventory.supplieranswerline')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('link', 'purchase_order_line'), name='purchase_line_once_in_question'), models.CheckConstraint(condition=models.Q(('note__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='supplier_question_note_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='LeadTimeFit',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('deliveries', models.PositiveIntegerField()),
                        ('still_open', models.PositiveIntegerField()),
                        ('order_leaning', models.PositiveSmallIntegerField()),
                        ('word_leaning', models.PositiveSmallIntegerField()),
                        ('fitted_at', models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name='LeadTimeCurve',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('order', 'From the order'), ('word', 'From the first confirmed date')], max_length=5)),
                        ('scope', models.CharField(choices=[('item', 'item'), ('supplier', 'supplier'), ('similar', 'similar'), ('all', 'all')], max_length=8)),
                        ('band', models.PositiveSmallIntegerField(null=True)),
                        ('n', models.PositiveIntegerField()),
                        ('still_open', models.PositiveIntegerField()),
                        ('since', models.DateField()),
                        ('days', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                        ('shares', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                        ('p10', models.IntegerField(null=True)),
                        ('p50', models.IntegerField(null=True)),
                        ('p80', models.IntegerField(null=True)),
                        ('p90', models.IntegerField(null=True)),
                        ('p95', models.IntegerField(null=True)),
                        ('trusted', models.BooleanField(default=False)),
                        ('scored', models.PositiveIntegerField(default=0)),
                        ('learned_loss', models.FloatField(null=True)),
                        ('stated_loss', models.FloatField(null=True)),
                        ('fit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='curves', to='inventory.leadtimefit')),
                        ('supplier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.supplier')),
                        ('product', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.product')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('scope', 'item')), fields=['product', 'supplier', 'id'], name='lead_times_of_items'), models.Index(condition=models.Q(('scope', 'supplier')), fields=['supplier', 'id'], name='lead_times_of_suppliers'), models.Index(condition=models.Q(('scope__in', ['similar', 'all'])), fields=['scope', 'id'], name='lead_times_of_all')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['order', 'word'])), name='lead_time_kind_known'), models.CheckConstraint(condition=models.Q(('scope__in', ['item', 'supplier', 'similar', 'all'])), name='lead_time_scope_known'), models.CheckConstraint(condition=models.Q(models.Q(('band', None), ('product', None), ('scope', 'all'), ('supplier', None)), models.Q(('band__isnull', False), ('product', None), ('scope', 'similar'), ('supplier', None)), models.Q(('band', None), ('product', None), ('scope', 'supplier'), ('supplier__isnull', False)), models.Q(('band', None), ('product__isnull', False), ('scope', 'item'), ('supplier__isnull', False)), _connector='OR'), name='lead_time_scope_named')],
                    },
                ),
                migrations.CreateModel(
                    name='LeadTimeScore',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('order', 'From the order'), ('word', 'From the first confirmed date')], max_length=5)),
                        ('month', models.DateField()),
                        ('n', models.PositiveIntegerField()),
                        ('within_p50', models.PositiveIntegerField()),
                        ('within_p80', models.PositiveIntegerField()),
                        ('within_p90', models.PositiveIntegerField()),
                        ('loss', models.FloatField()),
                        ('stated_loss', models.FloatField()),
                        ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.supplier')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('supplier', 'kind', 'month'), name='one_lead_time_score_a_month'), models.CheckConstraint(condition=models.Q(('kind__in', ['order', 'word'])), name='lead_time_score_kind_known')],
                    },
                ),
                migrations.CreateModel(
                    name='PurchasingSettings',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('link_days', models.PositiveSmallIntegerField(default=45, help_text="How many days a supplier's link opens the order.", validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)])),
                        ('reminder_days', models.PositiveSmallIntegerField(default=3, help_text='Working days without an answer until the supplier is reminded.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)])),
                        ('most_reminders', models.PositiveSmallIntegerField(default=2, help_text='How often a supplier is reminded of one question.', validators=[django.core.validators.MaxValueValidator(10)])),
                        ('transfer_cost', models.DecimalField(decimal_places=2, default=Decimal('0.80'), help_text='What moving one unit to another warehouse costs, for ranking ways out of a delay.', max_digits=7, validators=[django.core.validators.MinValueValidator(0)])),
                        ('express_percent', models.PositiveSmallIntegerField(default=15, help_text="What a hastened delivery costs, in percent of the goods' cost, for the same ranking.", validators=[django.core.validators.MaxValueValidator(500)])),
                        ('enough_deliveries', models.PositiveSmallIntegerField(default=8, help_text='So many deliveries speak for themselves; fewer are left to the wider experience.', validators=[django.core.validators.MinValueValidator(2), django.core.validators.MaxValueValidator(200)])),
                    ],
                    options={
                        'verbose_name': 'purchasing settings',
                        'verbose_name_plural': 'purchasing settings',
                        'constraints': [models.CheckConstraint(condition=models.Q(('enough_deliveries__gte', 2)), name='enough_deliveries_within_bounds'), models.CheckConstraint(condition=models.Q(('id', 1)), name='purchasing_settings_is_one_row'), models.CheckConstraint(condition=models.Q(('link_days__gte', 1), ('link_days__lte', 365)), name='link_days_within_a_year'), models.CheckConstraint(condition=models.Q(('reminder_days__gte', 1)), name='reminder_days_within_bounds'), models.CheckConstraint(condition=models.Q(('transfer_cost__gte', 0), ('transfer_cost__lte', 99999)), name='transfer_cost_within_bounds')],
                    },
                ),
                migrations.CreateModel(
                    name='PurchasingSettingsEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('link_days', models.PositiveSmallIntegerField(default=45, help_text="How many days a supplier's link opens the order.", validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)])),
                        ('reminder_days', models.PositiveSmallIntegerField(default=3, help_text='Working days without an answer until the supplier is reminded.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)])),
                        ('most_reminders', models.PositiveSmallIntegerField(default=2, help_text='How often a supplier is reminded of one question.', validators=[django.core.validators.MaxValueValidator(10)])),
                        ('transfer_cost', models.DecimalField(decimal_places=2, default=Decimal('0.80'), help_text='What moving one unit to another warehouse costs, for ranking ways out of a delay.', max_digits=7, validators=[django.core.validators.MinValueValidator(0)])),
                        ('express_percent', models.PositiveSmallIntegerField(default=15, help_text="What a hastened delivery costs, in percent of the goods' cost, for the same ranking.", validators=[django.core.validators.MaxValueValidator(500)])),
                        ('enough_deliveries', models.PositiveSmallIntegerField(default=8, help_text='So many deliveries speak for themselves; fewer are left to the wider experience.', validators=[django.core.validators.MinValueValidator(2), django.core.validators.MaxValueValidator(200)])),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='inventory.purchasingsettings')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='StockLevel',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('on_hand', models.PositiveIntegerField(default=0, editable=False)),
                        ('reserved', models.PositiveIntegerField(default=0, editable=False)),
                        ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stock_levels', to='inventory.product')),
                        ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stock_levels', to='inventory.warehouse')),
                    ],
                    options={
                        'permissions': [('transfer_stock', 'Can transfer free units between warehouses')],
                        'constraints': [models.UniqueConstraint(fields=('product', 'warehouse'), name='one_pool_per_product_and_warehouse'), models.CheckConstraint(condition=models.Q(('on_hand__gte', 0), ('on_hand__lte', 100000000)), name='on_hand_within_bounds'), models.CheckConstraint(condition=models.Q(('reserved__gte', 0), ('reserved__lte', models.F('on_hand'))), name='reserved_within_on_hand')],
                    },
                ),
                migrations.CreateModel(
                    name='StockEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('delta', models.IntegerField()),
                        ('kind', models.CharField(choices=[('receipt', 'Receipt'), ('shipment', 'Shipment'), ('adjustment', 'Adjustment'), ('count', 'Count'), ('transfer', 'Transfer'), ('return', 'Return')], max_length=12)),
                        ('reason', config.lib.text.LineField(blank=True, max_length=200)),
                        ('reference', config.lib.text.LineField(blank=True, help_text='The receipt, shipment or count behind it.', max_length=80)),
                        ('idempotency_key', config.lib.text.LineField(max_length=100, unique=True)),
                        ('made_at', models.DateTimeField()),
                        ('stock_level', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='inventory.stocklevel')),
                        ('reverses', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='inventory.stockentry')),
                        ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'stock ledger entry',
                        'verbose_name_plural': 'stock ledger',
                        'constraints': [models.CheckConstraint(condition=models.Q(('delta__gte', -1000000), ('delta__lte', 1000000), models.Q(('delta', 0), _negated=True)), name='stock_entry_moves_something'), models.CheckConstraint(condition=models.Q(('kind__in', ['receipt', 'shipment', 'adjustment', 'count', 'transfer', 'return'])), name='stock_entry_kind_known'), models.CheckConstraint(condition=models.Q(('reason__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='stock_entry_reason_is_plain_text'), models.CheckConstraint(condition=models.Q(('reference__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='stock_entry_reference_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='Substitute',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('units', models.PositiveIntegerField(default=1)),
                        ('per', models.PositiveIntegerField(default=1)),
                        ('rank', models.PositiveSmallIntegerField(default=1, help_text='The lowest number is offered first.')),
                        ('active', models.BooleanField(default=True)),
                        ('approved_at', models.DateTimeField()),
                        ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='substitutes', to='inventory.product')),
                        ('substitute', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.product')),
                        ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('product', 'substitute'), name='one_approval_per_pair'), models.CheckConstraint(condition=models.Q(('product', models.F('substitute')), _negated=True), name='substitute_is_another_product'), models.CheckConstraint(condition=models.Q(('per__gte', 1), ('per__lte', 100000), ('units__gte', 1), ('units__lte', 100000)), name='substitute_ratio_within_bounds')],
                    },
                ),
                migrations.CreateModel(
                    name='SubstituteEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('units', models.PositiveIntegerField(default=1)),
                        ('per', models.PositiveIntegerField(default=1)),
                        ('rank', models.PositiveSmallIntegerField(default=1, help_text='The lowest number is offered first.')),
                        ('active', models.BooleanField(default=True)),
                        ('approved_at', models.DateTimeField()),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='inventory.substitute')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('product', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.product')),
                        ('substitute', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.product')),
                        ('approved_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
            ],
            triggers='0001_triggers.json',
        ),
    ]
