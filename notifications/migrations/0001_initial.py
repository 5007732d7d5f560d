import django.contrib.postgres.fields
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import config.lib.migrations
import config.lib.text


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('account', '0009_emailaddress_unique_primary_email'),
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('django_celery_beat', '0019_alter_periodictasks_options'),
        ('mfa', '0003_authenticator_type_uniq'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('sessions', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        config.lib.migrations.CreateModels(
            models=[
                migrations.CreateModel(
                    name='Suppression',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('address', config.lib.text.AddressField(max_length=254)),
                        ('reason', config.lib.text.LineField(max_length=250)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('lifted_at', models.DateTimeField(blank=True, null=True)),
                        ('lift_reason', config.lib.text.LineField(blank=True, max_length=250)),
                        ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('address',), name='suppression_active_once'), models.CheckConstraint(condition=models.Q(('address', ''), _negated=True), name='suppression_address_given'), models.CheckConstraint(condition=models.Q(('address', django.db.models.functions.text.Lower('address'))), name='suppression_address_in_lower_case'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='suppression_has_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('lift_reason', ''), ('lifted_at__isnull', True)), models.Q(('lifted_at__isnull', False), models.Q(('lift_reason', ''), _negated=True)), _connector='OR'), name='suppression_lifted_with_a_reason'), models.CheckConstraint(condition=models.Q(('address', ''), ('address__regex', '^[^\\s@,;<>()\\[\\]\\\\\\"]+@[^\\s@,;<>()\\[\\]\\\\\\"]+\\.[^\\s@,;<>()\\[\\]\\\\\\"]+$'), _connector='OR'), name='suppression_address_is_one_address'), models.CheckConstraint(condition=models.Q(('reason__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='suppression_reason_is_plain_text'), models.CheckConstraint(condition=models.Q(('lift_reason__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='suppression_lift_reason_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='BounceReport',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('event', models.CharField(max_length=200, unique=True)),
                        ('address', config.lib.text.AddressField(max_length=254)),
                        ('kind', models.CharField(choices=[('hard', 'Permanent failure'), ('soft', 'Temporary failure'), ('complaint', 'Reported as spam')], max_length=10)),
                        ('reason', config.lib.text.LineField(blank=True, max_length=250)),
                        ('received_at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['hard', 'soft', 'complaint'])), name='bounce_report_kind_known'), models.CheckConstraint(condition=models.Q(('address', ''), ('address__regex', '^[^\\s@,;<>()\\[\\]\\\\\\"]+@[^\\s@,;<>()\\[\\]\\\\\\"]+\\.[^\\s@,;<>()\\[\\]\\\\\\"]+$'), _connector='OR'), name='bounce_report_address_is_one_address'), models.CheckConstraint(condition=models.Q(('reason__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='bounce_report_reason_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='Channel',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('paused_until', models.DateTimeField(blank=True, null=True)),
                        ('reason', models.TextField(blank=True)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='channel_is_one_row'), models.CheckConstraint(condition=models.Q(('paused_until__isnull', True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='channel_pause_has_a_reason')],
                    },
                ),
                migrations.CreateModel(
                    name='MailRules',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('quiet_from', models.TimeField(blank=True, help_text="Start of the quiet hours, in the reader's local time.", null=True)),
                        ('quiet_until', models.TimeField(blank=True, help_text='End of the quiet hours. Leave both empty to send at any time.', null=True)),
                        ('daily_cap', models.PositiveSmallIntegerField(default=0, help_text='Maximum emails to one customer per day. The rest is sent the next day. 0: no limit.')),
                        ('digest_hour', models.PositiveSmallIntegerField(default=8, help_text="When daily and weekly digests are sent, in the reader's local time.", validators=[django.core.validators.MaxValueValidator(23)])),
                        ('approval_above', models.PositiveIntegerField(default=500, help_text='A run that writes more emails than this needs approval. 0: never.')),
                        ('staff_addresses', django.contrib.postgres.fields.ArrayField(base_field=config.lib.text.AddressField(max_length=254), blank=True, default=list, help_text='Who receives alerts. Separate addresses with commas.', size=None)),
                    ],
                    options={
                        'verbose_name_plural': 'mail rules',
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='mail_rules_are_one_row'), models.CheckConstraint(condition=models.Q(('digest_hour__lte', 23)), name='mail_rules_digest_hour_of_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('quiet_from__isnull', True), ('quiet_until__isnull', True)), models.Q(('quiet_from__isnull', False), ('quiet_until__isnull', False)), _connector='OR'), name='mail_rules_quiet_hours_in_pairs')],
                    },
                ),
                migrations.CreateModel(
                    name='Batch',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=100, unique=True)),
                        ('state', models.CharField(choices=[('closed', 'Complete'), ('waiting', 'Needs approval'), ('approved', 'Approved'), ('rejected', 'Rejected')], default='closed', max_length=10)),
                        ('closed_at', models.DateTimeField()),
                        ('held', models.PositiveIntegerField(default=0)),
                        ('decided_at', models.DateTimeField(blank=True, null=True)),
                        ('note', config.lib.text.LineField(blank=True, max_length=250)),
                        ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'permissions': [('approve_batch', 'Can approve bulk sends')],
                        'indexes': [models.Index(fields=['state', '-id'], name='batch_by_state')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['closed', 'waiting', 'approved', 'rejected'])), name='batch_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('state__in', ['approved', 'rejected'])), models.Q(('decided_at__isnull', True), ('state__in', ['closed', 'waiting'])), _connector='OR'), name='batch_decided_at_iff_decided'), models.CheckConstraint(condition=models.Q(('note__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='batch_note_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='TemplateVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', config.lib.text.LineField(max_length=40)),
                        ('language', models.CharField(max_length=10)),
                        ('number', models.PositiveIntegerField()),
                        ('is_shipped', models.BooleanField(default=False)),
                        ('subject', config.lib.text.LineField(blank=True, max_length=500)),
                        ('body', models.TextField(blank=True)),
                        ('note', config.lib.text.LineField(blank=True, max_length=200, verbose_name='why')),
                        ('made_at', models.DateTimeField()),
                        ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('kind', 'language', 'number'), name='template_version_numbered_once'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='template_version_from_1'), models.CheckConstraint(condition=models.Q(models.Q(('body', ''), ('is_shipped', True), ('subject', '')), models.Q(('is_shipped', False), models.Q(('subject', ''), _negated=True), models.Q(('body', ''), _negated=True)), _connector='OR'), name='template_version_has_words_unless_shipped'), models.CheckConstraint(condition=models.Q(('kind__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='template_version_kind_is_plain_text'), models.CheckConstraint(condition=models.Q(('subject__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='template_version_subject_is_plain_text'), models.CheckConstraint(condition=models.Q(('note__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='template_version_note_is_plain_text')],
                    },
                ),
                migrations.CreateModel(
                    name='Message',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', config.lib.text.LineField(max_length=40)),
                        ('recipient', config.lib.text.AddressField(max_length=254)),
                        ('recipient_name', config.lib.text.LineField(blank=True, max_length=200)),
                        ('language', models.CharField(max_length=10)),
                        ('context', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('dedupe_key', models.CharField(max_length=200)),
                        ('message_id', models.CharField(max_length=200)),
                        ('aggregate', models.CharField(blank=True, help_text='Messages of one aggregate are sent in order.', max_length=100)),
                        ('cause', config.lib.text.LineField(blank=True, max_length=200)),
                        ('addressee', models.CharField(blank=True, db_default='', default='', max_length=60)),
                        ('time_zone', models.CharField(blank=True, db_default='', default='', max_length=60)),
                        ('batch', models.CharField(blank=True, db_default='', default='', max_length=100)),
                        ('legal', models.BooleanField(db_default=False, default=False)),
                        ('deadline_at', models.DateTimeField(blank=True, help_text='A legal notice must be sent by then.', null=True)),
                        ('is_test', models.BooleanField(db_default=False, default=False)),
                        ('created_at', models.DateTimeField()),
                        ('stage', models.CharField(choices=[('gathering', 'New'), ('deferred', 'Scheduled'), ('sorted', 'Ready')], db_default='sorted', default='sorted', max_length=10)),
                        ('status', models.CharField(choices=[('pending', 'Waiting'), ('sending', 'Sending'), ('retry', 'Retrying'), ('sent', 'Sent'), ('dead', 'Failed'), ('superseded', 'Replaced'), ('held', 'Needs approval'), ('rejected', 'Rejected'), ('bundled', 'In a digest'), ('unwanted', 'Unsubscribed')], default='pending', max_length=10)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('available_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), null=True)),
                        ('lease_until', models.DateTimeField(blank=True, null=True)),
                        ('lease_by', models.CharField(blank=True, max_length=40)),
                        ('last_error', models.TextField(blank=True)),
                        ('sent_at', models.DateTimeField(blank=True, null=True)),
                        ('sender', models.CharField(blank=True, max_length=320)),
                        ('subject', config.lib.text.LineField(blank=True, max_length=250)),
                        ('text', models.TextField(blank=True)),
                        ('html', models.TextField(blank=True)),
                        ('rendered_at', models.DateTimeField(blank=True, null=True)),
                        ('digest', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='notifications.message')),
                        ('template_version', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='notifications.templateversion')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('available_at__isnull', False)), fields=['available_at', 'id'], name='message_due'), models.Index(fields=['aggregate', 'id'], name='message_of_aggregate'), models.Index(condition=models.Q(('stage', 'sorted'), _negated=True), fields=['addressee', 'id'], name='message_to_sort'), models.Index(condition=models.Q(('addressee', ''), _negated=True), fields=['addressee', 'id'], name='message_of_addressee'), models.Index(condition=models.Q(('batch', ''), _negated=True), fields=['batch', 'id'], name='message_of_batch'), models.Index(condition=models.Q(('digest__isnull', False)), fields=['digest', 'id'], name='message_parts'), models.Index(fields=['status', '-id'], name='message_list_by_status'), models.Index(fields=['kind', '-id'], name='message_list_by_kind')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'sending', 'retry', 'sent', 'dead', 'superseded', 'held', 'rejected', 'bundled', 'unwanted'])), name='message_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('status', 'sent')), models.Q(models.Q(('status', 'sent'), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='message_sent_at_iff_sent'), models.CheckConstraint(condition=models.Q(models.Q(('attempts__gt', 0), ('lease_until', models.F('available_at')), ('status', 'sending'), models.Q(('lease_by', ''), _negated=True)), models.Q(models.Q(('status', 'sending'), _negated=True), ('lease_by', ''), ('lease_until__isnull', True)), _connector='OR'), name='message_leased_iff_being_sent'), models.CheckConstraint(condition=models.Q(models.Q(('available_at__isnull', False), ('status__in', ('pending', 'sending', 'retry'))), models.Q(models.Q(('status__in', ('pending', 'sending', 'retry')), _negated=True), ('available_at__isnull', True)), _connector='OR'), name='message_due_iff_unsent'), models.CheckConstraint(condition=models.Q(('last_error', ''), ('status', 'dead'), _negated=True), name='message_given_up_with_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('html', ''), ('rendered_at__isnull', True), ('sender', ''), ('subject', ''), ('text', '')), models.Q(('rendered_at__isnull', False), models.Q(('sender', ''), _negated=True), models.Q(('subject', ''), _negated=True), models.Q(('text', ''), _negated=True), models.Q(('html', ''), _negated=True)), _connector='OR'), name='message_rendered_whole_or_not_at_all'), models.CheckConstraint(condition=models.Q(('rendered_at__isnull', True), ('status', 'sent'), _negated=True), name='message_sent_as_rendered'), models.CheckConstraint(condition=models.Q(('stage__in', ['gathering', 'deferred', 'sorted'])), name='message_stage_known'), models.CheckConstraint(condition=models.Q(('stage', 'sorted'), ('status', 'pending'), _connector='OR'), name='message_leaves_sorted_only'), models.CheckConstraint(condition=models.Q(models.Q(('digest__isnull', False), ('status', 'bundled')), models.Q(models.Q(('status', 'bundled'), _negated=True), ('digest__isnull', True)), _connector='OR'), name='message_bundled_iff_in_a_digest'), models.CheckConstraint(condition=models.Q(('deadline_at__isnull', True), ('legal', True), _connector='OR'), name='message_with_a_deadline_is_legal'), models.UniqueConstraint(fields=('dedupe_key',), name='message_tells_its_fact_once'), models.UniqueConstraint(fields=('message_id',), name='message_id_unique'), models.CheckConstraint(condition=models.Q(('recipient', ''), _negated=True), name='message_recipient_given'), models.CheckConstraint(condition=models.Q(('recipient', ''), ('recipient__regex', '^[^\\s@,;<>()\\[\\]\\\\\\"]+@[^\\s@,;<>()\\[\\]\\\\\\"]+\\.[^\\s@,;<>()\\[\\]\\\\\\"]+$'), _connector='OR'), name='message_recipient_is_one_address'), models.CheckConstraint(condition=models.Q(('kind__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='message_kind_is_plain_text'), models.CheckConstraint(condition=models.Q(('recipient_name__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='message_recipient_name_is_plain_text'), models.CheckConstraint(condition=models.Q(('cause__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='message_cause_is_plain_text'), models.CheckConstraint(condition=models.Q(('sender__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='message_sender_is_plain_text'), models.CheckConstraint(condition=models.Q(('subject__regex', '[\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]'), _negated=True), name='message_subject_is_plain_text'), models.CheckConstraint(condition=models.Q(('dedupe_key__regex', '^[!-~]+$')), name='message_dedupe_key_is_plain_ascii'), models.CheckConstraint(condition=models.Q(('message_id__regex', '^<[!-;=?A-~]+@[!-;=?A-~]+>$')), name='message_id_is_well_formed')],
                    },
                ),
                migrations.CreateModel(
                    name='DeliveryResult',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('attempt', models.PositiveSmallIntegerField()),
                        ('result', models.CharField(choices=[('pending', 'Waiting'), ('sending', 'Sending'), ('retry', 'Retrying'), ('sent', 'Sent'), ('dead', 'Failed'), ('superseded', 'Replaced'), ('held', 'Needs approval'), ('rejected', 'Rejected'), ('bundled', 'In a digest'), ('unwanted', 'Unsubscribed')], max_length=10)),
                        ('reason', models.TextField(blank=True)),
                        ('made_at', models.DateTimeField()),
                        ('message', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='results', to='notifications.message')),
                    ],
                ),
                migrations.CreateModel(
                    name='Preference',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('addressee', models.CharField(max_length=60, unique=True)),
                        ('frequency', models.CharField(choices=[('at_once', 'Immediately'), ('daily', 'Once a day'), ('weekly', 'Once a week, on Mondays')], default='at_once', max_length=10)),
                        ('unwanted', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                        ('opted_out', models.BooleanField(default=False)),
                        ('quiet_from', models.TimeField(blank=True, null=True)),
                        ('quiet_until', models.TimeField(blank=True, null=True)),
                        ('links_since', models.DateTimeField(blank=True, help_text='Links in older emails no longer work.', null=True)),
                        ('changed_by', models.CharField(blank=True, max_length=160)),
                        ('changed_at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('frequency__in', ['at_once', 'daily', 'weekly'])), name='preference_frequency_known'), models.CheckConstraint(condition=models.Q(('addressee', ''), _negated=True), name='preference_of_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('quiet_from__isnull', True), ('quiet_until__isnull', True)), models.Q(('quiet_from__isnull', False), ('quiet_until__isnull', False)), _connector='OR'), name='preference_quiet_hours_in_pairs')],
                    },
                ),
                migrations.CreateModel(
                    name='PreferenceEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('addressee', models.CharField(max_length=60)),
                        ('frequency', models.CharField(choices=[('at_once', 'Immediately'), ('daily', 'Once a day'), ('weekly', 'Once a week, on Mondays')], default='at_once', max_length=10)),
                        ('unwanted', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                        ('opted_out', models.BooleanField(default=False)),
                        ('quiet_from', models.TimeField(blank=True, null=True)),
                        ('quiet_until', models.TimeField(blank=True, null=True)),
                        ('links_since', models.DateTimeField(blank=True, help_text='Links in older emails no longer work.', null=True)),
                        ('changed_by', models.CharField(blank=True, max_length=160)),
                        ('changed_at', models.DateTimeField()),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='notifications.preference')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
            ],
            triggers='0001_triggers.json',
        ),
    ]
