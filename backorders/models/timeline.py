"""What happened to each line, and what was promised when: both only ever grow."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Exists, F, OuterRef, Q

from backorders.enums import EventKind, PromiseCause, PromiseSource
from backorders.models.orders import OrderLine
from backorders.models.runs import AllocationRun
from config.lib.text import LineField, plain_text
from config.lib.triggers import BY_THEMSELVES, append_only
from inventory.models import Product
from notifications.models import Message

# A row-wise key costs a call for each row at the end of the transaction, also where nobody made it, as in a run.
_MADE_BY_SOMEBODY = """
    IF EXISTS (
        SELECT FROM new_rows WHERE made_by_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM auth_user WHERE auth_user.id = new_rows.made_by_id)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', MESSAGE = 'an event names a user who does not exist';
    END IF;
    RETURN NULL;
"""


class LineEvent(models.Model):
    """The timeline of a line: audit trail and tracking history in one.

    `message_key` names the outbox message that tells the customer of it; blank where nobody was told.
    """

    line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="events", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=20, choices=EventKind)
    quantity = models.PositiveIntegerField(default=0)
    note = LineField(max_length=300, blank=True)
    run = models.ForeignKey(
        AllocationRun, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    message_key = LineField(max_length=120, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(name="line_event_kind_known", condition=Q(kind__in=EventKind.values)),
            *plain_text("line_event", "note"),
        ]
        indexes = [
            models.Index(fields=["line", "id"], name="events_by_line"),
            models.Index(fields=["message_key"], condition=~Q(message_key=""), name="events_by_message"),
        ]
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="made_by_somebody",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func=_MADE_BY_SOMEBODY,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.quantity or ''}".strip()


_FOLLOW_PROMISES = """
    SELECT COUNT(*), backorders_move_lines(
        lines => array_agg(line_id), is_moved => array_agg(true), p50_on => array_agg(p50_on),
        promised_on => array_agg(promised_on), sources => array_agg(source::text)
    ) INTO named, touched
    FROM (SELECT DISTINCT ON (line_id) * FROM new_rows ORDER BY line_id, id DESC) AS latest;
    IF touched <> named THEN
        RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation',
            MESSAGE = 'a promise names an order line that does not exist';
    END IF;
    RETURN NULL;
"""


class PromiseQuerySet(models.QuerySet["Promise"]):
    def told(self):
        """Dates that customers have heard: the mail server accepted the email. Queued is not told."""
        return self.exclude(message_key="").filter(Exists(_email_of_the_promise().left()))

    def announced(self):
        """Told, or in an email that still waits to leave; without those whose email is lost."""
        return self.exclude(message_key="").exclude(Exists(_email_of_the_promise().lost()))


def _email_of_the_promise():
    return Message.objects.filter(dedupe_key=OuterRef("message_key"))


class Promise(models.Model):
    """One date promised for a line; a change is a new row with its cause, never an edit. The line follows by trigger.

    `promised_on` is the day by which the goods are here in 80 of 100 cases: what the customer hears; null means "no
    reliable date yet", and `source` says why. `p50_on` is the day of 50 of 100, by which the staff plan. `message_key`
    names the message that tells the customer, or would have.
    """

    line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="promises", db_constraint=False, db_index=False
    )
    promised_on = models.DateField(null=True)
    p50_on = models.DateField(null=True)
    source = models.CharField(max_length=16, choices=PromiseSource)
    source_reference = LineField(max_length=60, blank=True)
    cause = models.CharField(max_length=10, choices=PromiseCause)
    message_key = LineField(max_length=120, blank=True)
    made_at = models.DateTimeField()

    objects = PromiseQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(
                name="promise_p50_not_after_p80", condition=Q(promised_on=None) | Q(p50_on__lte=F("promised_on"))
            ),
            CheckConstraint(name="promise_source_known", condition=Q(source__in=PromiseSource.values)),
            CheckConstraint(name="promise_cause_known", condition=Q(cause__in=PromiseCause.values)),
        ]
        indexes = [models.Index(fields=["line", "id"], name="promises_by_line")]
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="lines_follow_their_promises",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                condition=BY_THEMSELVES,
                referencing=pgtrigger.Referencing(new="new_rows"),
                declare=[("named", "bigint"), ("touched", "bigint")],
                func=_FOLLOW_PROMISES,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.promised_on or 'no reliable date'}"


class QueueStateQuerySet(models.QuerySet["QueueState"]):
    def due_for_promises(self):
        """Products whose supply or queue changed since their lines were promised."""
        return self.exclude(
            demand_version=F("promised_demand_version"), product__supply_version=F("promised_supply_version")
        )

    def due_to_be_served(self):
        """Products whose supply or queue changed since a run looked at them."""
        return self.exclude(
            demand_version=F("served_demand_version"), product__supply_version=F("served_supply_version")
        )


class QueueState(models.Model):
    """From which version of its supply and queue a product's lines were promised, and served, last.

    `demand_version` grows when the queue changes, `Product.supply_version` when stock or incoming goods do. Comparing
    versions loses nothing, whatever died in between.
    """

    product = models.OneToOneField(Product, on_delete=models.PROTECT, primary_key=True, related_name="+")
    demand_version = models.PositiveIntegerField(default=0)
    promised_demand_version = models.PositiveIntegerField(default=0)
    promised_supply_version = models.PositiveIntegerField(default=0)
    served_demand_version = models.PositiveIntegerField(default=0)
    served_supply_version = models.PositiveIntegerField(default=0)
    promised_for = models.DateField(null=True, help_text="The business date of the last computation.")
    served_print = models.BigIntegerField(null=True, help_text="Hash of the queue as the last whole run left it.")
    served_run_id = models.BigIntegerField(null=True, help_text="The last run that went through the whole queue.")

    objects = QueueStateQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Queue of product {self.product_id}"
