import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import config.lib.migrations
import config.lib.text
import customers.models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('notifications', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        config.lib.migrations.CreateModels(
            models=[
                migrations.CreateModel(
                    name='CustomerTier',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', config.lib.text.LineField(max_length=30)),
                        ('name', config.lib.text.LineField(max_length=60)),
                        ('rank', models.PositiveSmallIntegerField(unique=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('code'), name='customer_tier_code_unique'), models.CheckConstraint(condition=models.Q(('rank__gte', 1)), name='customer_tier_rank_from_1'), models.CheckConstraint(condition=models.Q(('code__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='customer_tier_code_is_plain_text'), models.CheckConstraint(condition=models.Q(('name__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='customer_tier_name_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='JurisdictionProfile',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', config.lib.text.LineField(max_length=30, unique=True)),
                        ('name', config.lib.text.LineField(max_length=120)),
                        ('applicable_days', models.PositiveSmallIntegerField(default=30, help_text='Days to ship where no time was stated.')),
                        ('credit_days', models.PositiveSmallIntegerField(default=50, help_text='The same where the buyer applied to us for credit.')),
                        ('consent_days', models.PositiveSmallIntegerField(default=30, help_text='Up to so many days later, silence may be consent.')),
                        ('refund_working_days', models.PositiveSmallIntegerField(default=7)),
                        ('short_silence', models.CharField(choices=[('consent', 'Silence is consent'), ('cancel', 'Silence cancels')], default='consent', max_length=10)),
                        ('long_silence', models.CharField(choices=[('consent', 'Silence is consent'), ('cancel', 'Silence cancels')], default='cancel', max_length=10)),
                        ('renewed_silence', models.CharField(choices=[('consent', 'Silence is consent'), ('cancel', 'Silence cancels')], default='cancel', max_length=10)),
                        ('holiday_country', config.lib.text.LineField(blank=True, help_text='Whose public holidays are no working days, such as US.', max_length=3)),
                        ('holiday_subdivision', config.lib.text.LineField(blank=True, max_length=10)),
                        ('channels', models.JSONField(blank=True, default=list, help_text='Channels all of whose orders are protected.')),
                        ('required', models.JSONField(default=customers.models._empty)),
                        ('statements', models.JSONField(default=customers.models._empty)),
                        ('active', models.BooleanField(default=True)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('long_silence__in', ['consent', 'cancel']), ('renewed_silence__in', ['consent', 'cancel']), ('short_silence__in', ['consent', 'cancel'])), name='profile_silence_known'), models.CheckConstraint(condition=models.Q(('applicable_days__gte', 1), ('credit_days__gte', 1), ('refund_working_days__gte', 1)), name='profile_days_within_bounds'), models.CheckConstraint(condition=models.Q(('code__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='profile_code_is_plain_text'), models.CheckConstraint(condition=models.Q(('name__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='profile_name_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='JurisdictionProfileEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('code', config.lib.text.LineField(max_length=30)),
                        ('name', config.lib.text.LineField(max_length=120)),
                        ('applicable_days', models.PositiveSmallIntegerField(default=30, help_text='Days to ship where no time was stated.')),
                        ('credit_days', models.PositiveSmallIntegerField(default=50, help_text='The same where the buyer applied to us for credit.')),
                        ('consent_days', models.PositiveSmallIntegerField(default=30, help_text='Up to so many days later, silence may be consent.')),
                        ('refund_working_days', models.PositiveSmallIntegerField(default=7)),
                        ('short_silence', models.CharField(choices=[('consent', 'Silence is consent'), ('cancel', 'Silence cancels')], default='consent', max_length=10)),
                        ('long_silence', models.CharField(choices=[('consent', 'Silence is consent'), ('cancel', 'Silence cancels')], default='cancel', max_length=10)),
                        ('renewed_silence', models.CharField(choices=[('consent', 'Silence is consent'), ('cancel', 'Silence cancels')], default='cancel', max_length=10)),
                        ('holiday_country', config.lib.text.LineField(blank=True, help_text='Whose public holidays are no working days, such as US.', max_length=3)),
                        ('holiday_subdivision', config.lib.text.LineField(blank=True, max_length=10)),
                        ('channels', models.JSONField(blank=True, default=list, help_text='Channels all of whose orders are protected.')),
                        ('required', models.JSONField(default=customers.models._empty)),
                        ('statements', models.JSONField(default=customers.models._empty)),
                        ('active', models.BooleanField(default=True)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='customers.jurisdictionprofile')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Customer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', config.lib.text.LineField(max_length=30)),
                        ('name', config.lib.text.LineField(max_length=200)),
                        ('email', config.lib.text.AddressField(blank=True, max_length=254)),
                        ('language', models.CharField(choices=[('en', 'English'), ('de', 'German')], default='en', max_length=5)),
                        ('time_zone', config.lib.text.LineField(default='UTC', max_length=60)),
                        ('country', config.lib.text.LineField(blank=True, max_length=60)),
                        ('ship_complete', models.BooleanField(default=False, help_text='Wait until the whole order can be shipped.')),
                        ('jurisdiction', config.lib.text.LineField(blank=True, default='', help_text='Code of the profile whose delay notices protect the customer.', max_length=30)),
                        ('active', models.BooleanField(default=True)),
                        ('tier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='customers', to='customers.customertier')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['name', 'id'], name='customers_by_name')],
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('code'), name='customer_code_unique'), models.CheckConstraint(condition=models.Q(('language__in', ['en', 'de'])), name='customer_language_known'), models.CheckConstraint(condition=models.Q(('email', ''), ('email__regex', '^[^\\s@,;<>()\\[\\]\\\\\\"]+@[^\\s@,;<>()\\[\\]\\\\\\"]+\\.[^\\s@,;<>()\\[\\]\\\\\\"]+$'), _connector='OR'), name='customer_email_is_one_address'), models.CheckConstraint(condition=models.Q(('code__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='customer_code_is_plain_text'), models.CheckConstraint(condition=models.Q(('name__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='customer_name_is_plain_text'), models.CheckConstraint(condition=models.Q(('country__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='customer_country_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='CustomerEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('code', config.lib.text.LineField(max_length=30)),
                        ('name', config.lib.text.LineField(max_length=200)),
                        ('email', config.lib.text.AddressField(blank=True, max_length=254)),
                        ('language', models.CharField(choices=[('en', 'English'), ('de', 'German')], default='en', max_length=5)),
                        ('time_zone', config.lib.text.LineField(default='UTC', max_length=60)),
                        ('country', config.lib.text.LineField(blank=True, max_length=60)),
                        ('ship_complete', models.BooleanField(default=False, help_text='Wait until the whole order can be shipped.')),
                        ('jurisdiction', config.lib.text.LineField(blank=True, default='', help_text='Code of the profile whose delay notices protect the customer.', max_length=30)),
                        ('active', models.BooleanField(default=True)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='customers.customer')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('tier', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customertier')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Contact',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', config.lib.text.LineField(max_length=200)),
                        ('email', config.lib.text.AddressField(blank=True, max_length=254)),
                        ('phone', config.lib.text.LineField(blank=True, max_length=60)),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='customers.customer')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('email', ''), ('email__regex', '^[^\\s@,;<>()\\[\\]\\\\\\"]+@[^\\s@,;<>()\\[\\]\\\\\\"]+\\.[^\\s@,;<>()\\[\\]\\\\\\"]+$'), _connector='OR'), name='contact_email_is_one_address'), models.CheckConstraint(condition=models.Q(('name__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='contact_name_is_plain_text'), models.CheckConstraint(condition=models.Q(('phone__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='contact_phone_is_plain_text')],
                    },
                ),
            ],
            triggers='0001_triggers.json',
        ),
    ]
