"""What was ordered. Quantities are facts; a line's status and openness are computed from them by the database."""

from collections.abc import Iterable
from decimal import Decimal

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex, OpClass
from django.db import models
from django.db.models import (
    BooleanField,
    Case,
    CheckConstraint,
    F,
    Func,
    GeneratedField,
    Q,
    UniqueConstraint,
    Value,
    When,
)
from django.db.models.functions import Lower, Round, Upper
from django.urls import reverse

from backorders.enums import (
    ORDER_STATUS_BY_LINES,
    ORDER_TRANSITIONS,
    BackorderReason,
    LineStatus,
    OrderStatus,
    PromiseSource,
)
from backorders.errors import MoveNotAllowed
from config.lib.numbers import QUANTITY_MAX, line_value, price_within_bounds
from config.lib.text import UNPRINTABLE, LineField, plain_text
from config.lib.triggers import frozen, never_deleted, refuse, state_machine
from customers.models import Customer
from inventory.models import Product, Warehouse


class SalesOrderQuerySet(models.QuerySet["SalesOrder"]):
    def open(self):
        return self.filter(status__in=[OrderStatus.OPEN, OrderStatus.PARTLY_SHIPPED])

    def numbered(self, external_numbers: Iterable[str]):
        """Orders known to their source by one of these numbers, whatever the letter case."""
        return self.alias(lowered=Lower("external_number")).filter(lowered__in=[n.lower() for n in external_numbers])

    def locked(self):
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


# The status of an order over its lines, for triggers and statements: the table of `enums` in SQL.
STATUS_BY_LINES = "CASE (bool_or(is_open), bool_or(shipped > 0)) {} END".format(
    " ".join(
        f"WHEN ({is_open}, {shipped}) THEN '{status}'" for (is_open, shipped), status in ORDER_STATUS_BY_LINES.items()
    )
)
_SAME_AS_LINES = f"""
    IF NEW.status <> (
        SELECT {STATUS_BY_LINES} FROM backorders_orderline WHERE order_id = NEW.id
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'the status of an order follows its lines';
    END IF;
    RETURN NEW;
"""  # noqa: S608 - of constants only


@pghistory.track()
class SalesOrder(models.Model):
    """Known to us by `number`, to its source by `external_number`; the pair (source, external number) comes once."""

    number = LineField(max_length=30, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    source = LineField(max_length=40, default="desk")
    external_number = LineField(max_length=100)
    content_hash = models.CharField(max_length=64, help_text="Tells a repeated order from a changed one.")
    customer_reference = LineField(max_length=100, blank=True)
    channel = LineField(max_length=40, default="desk")
    currency = LineField(max_length=3, default="EUR")
    ship_complete = models.BooleanField(default=False)
    other_warehouses = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        db_default=[],
        help_text="May serve its lines beside their own, the first one asked first; empty: all, by their preference.",
    )
    status = models.CharField(max_length=16, choices=OrderStatus, default=OrderStatus.OPEN)
    version = models.PositiveIntegerField(default=0, help_text="Grows with every edit by a person.")
    placed_at = models.DateTimeField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = SalesOrderQuerySet.as_manager()

    class Meta:
        permissions = [
            ("place_order", "Can take orders"),
            ("import_csv", "Can import CSV files"),
        ]
        constraints = [
            UniqueConstraint(F("source"), Lower("external_number"), name="external_number_unique_in_source"),
            CheckConstraint(name="order_status_known", condition=Q(status__in=OrderStatus.values)),
            CheckConstraint(name="order_currency_is_iso", condition=Q(currency__regex=r"^[A-Z]{3}$")),
            CheckConstraint(name="external_number_is_trimmed", condition=Q(external_number__regex=r"^\S(.*\S)?$")),
            CheckConstraint(
                name="external_number_is_normal",
                condition=Q(external_number=Func("external_number", function="NORMALIZE")),
            ),
            *plain_text("sales_order", "external_number", "source", "channel", "customer_reference"),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="orders_by_customer"),
            GinIndex(OpClass(Upper("external_number"), name="gin_trgm_ops"), name="order_external_trigrams"),
        ]
        triggers = [
            *never_deleted(),
            state_machine("status", ORDER_TRANSITIONS),
            frozen("number", "customer_id", "source", "external_number", "placed_at"),
            pgtrigger.Trigger(
                name="status_follows_the_lines",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.status IS DISTINCT FROM NEW.status"),
                func=_SAME_AS_LINES,
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("backorders:order", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status in (OrderStatus.OPEN, OrderStatus.PARTLY_SHIPPED)

    def move_to(self, status: OrderStatus) -> None:
        """The only way to change the status; the caller saves. Raises MoveNotAllowed."""
        if status not in ORDER_TRANSITIONS[self.status]:
            raise MoveNotAllowed(f"{self.number} is {self.get_status_display().lower()}: it cannot become {status}.")
        self.status = status


class OrderLineQuerySet(models.QuerySet["OrderLine"]):
    def open(self):
        return self.filter(is_open=True)

    def backordered(self):
        """Order lines waiting for stock."""
        return self.filter(is_open=True, backordered_at__isnull=False)

    def waiting(self):
        """Open lines that still lack units."""
        return self.filter(is_open=True, allocated__lt=F("ordered") - F("shipped") - F("cancelled"))

    def locked(self):
        """Row locks in primary-key order, so that two runs cannot deadlock."""
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class OrderLine(models.Model):
    """open = ordered − shipped − cancelled; allocated ≤ open.

    A run changes `allocated`, `promised_on` and `promise_source` of many rows at once: none of them is indexed, and the
    table keeps room in its pages (fillfactor), so that such updates stay within the page.
    """

    order = models.ForeignKey(SalesOrder, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()
    external_line = LineField(max_length=100, help_text="The line's key in its source: number, or content and count.")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+", db_index=False)
    ordered = models.PositiveIntegerField()
    allocated = models.PositiveIntegerField(default=0, editable=False)
    shipped = models.PositiveIntegerField(default=0, editable=False)
    cancelled = models.PositiveIntegerField(default=0, editable=False)
    opening_shipped = models.PositiveIntegerField(
        default=0, editable=False, help_text="Shipped before the order came to this desk."
    )
    unit_price = models.DecimalField(max_digits=11, decimal_places=4, default=0)
    requested_on = models.DateField(null=True, blank=True)
    latest_on = models.DateField(null=True, blank=True)
    placed_at = models.DateTimeField(help_text="The line's place in the queue; a part shipment keeps it.")
    first_filled = models.PositiveIntegerField(
        default=0, editable=False, help_text="Units filled at the first attempt."
    )
    backordered_at = models.DateTimeField(null=True, blank=True, editable=False)
    reason = models.CharField(max_length=20, choices=BackorderReason, default=BackorderReason.NONE, blank=True)
    manual_boost = models.PositiveSmallIntegerField(default=0)
    times_slipped = models.PositiveSmallIntegerField(default=0, editable=False)
    promised_on = models.DateField(null=True, blank=True, editable=False)
    p50_on = models.DateField(null=True, blank=True, editable=False)
    promise_source = models.CharField(
        max_length=16, choices=PromiseSource, default=PromiseSource.NONE, blank=True, editable=False
    )
    held_until = models.DateField(
        null=True, blank=True, editable=False, help_text="Runs leave the line out before this day."
    )
    is_open = GeneratedField(
        expression=Case(When(ordered__gt=F("shipped") + F("cancelled"), then=Value(True)), default=Value(False)),
        output_field=BooleanField(),
        db_persist=True,
    )
    status = GeneratedField(
        expression=Case(
            When(ordered__gt=F("shipped") + F("cancelled") + F("allocated"), allocated=0, then=Value("waiting")),
            When(ordered__gt=F("shipped") + F("cancelled") + F("allocated"), then=Value("partly_allocated")),
            When(allocated__gt=0, then=Value("allocated")),
            When(shipped__gt=0, then=Value("shipped")),
            default=Value("cancelled"),
        ),
        output_field=models.CharField(max_length=16, choices=LineStatus),
        db_persist=True,
    )

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        permissions = [
            ("cancel_line", "Can cancel lines and orders"),
            ("correct_reason", "Can correct the reason of a backorder"),
            ("return_goods", "Can book returns"),
            ("receive_goods", "Can receive goods"),
            ("correct_stock", "Can count and adjust stock"),
        ]
        constraints = [
            UniqueConstraint(fields=["order", "number"], name="line_number_unique_in_order"),
            UniqueConstraint(fields=["order", "external_line"], name="external_line_unique_in_order"),
            CheckConstraint(name="line_ordered_within_bounds", condition=Q(ordered__gte=1, ordered__lte=QUANTITY_MAX)),
            CheckConstraint(
                name="line_quantities_nest",
                condition=Q(
                    allocated__gte=0,
                    shipped__gte=F("opening_shipped"),
                    cancelled__gte=0,
                    ordered__gte=F("allocated") + F("shipped") + F("cancelled"),
                ),
            ),
            CheckConstraint(name="line_first_fill_within_order", condition=Q(first_filled__lte=F("ordered"))),
            CheckConstraint(name="line_reason_known", condition=Q(reason__in=BackorderReason.values)),
            CheckConstraint(
                name="backorder_has_a_reason",
                condition=Q(backordered_at__isnull=True, reason="") | (Q(backordered_at__isnull=False) & ~Q(reason="")),
            ),
            CheckConstraint(name="line_promise_source_known", condition=Q(promise_source__in=PromiseSource.values)),
            *price_within_bounds("line", "unit_price"),
        ]
        indexes = [
            # The queue of a pool: what selects open lines is indexed, never what a run changes.
            models.Index(fields=["product", "warehouse", "id"], condition=Q(is_open=True), name="open_lines_by_pool"),
            models.Index(
                fields=["backordered_at", "id"],
                condition=Q(is_open=True, backordered_at__isnull=False),
                name="open_backorders_by_age",
            ),
            models.Index(fields=["product", "-id"], name="lines_by_product"),
            models.Index(
                Round((F("ordered") - F("shipped") - F("cancelled")) * F("unit_price"), 2),
                F("id"),
                condition=Q(is_open=True, backordered_at__isnull=False),
                name="open_backorders_by_value",
            ),
            BrinIndex(fields=["placed_at"], autosummarize=True, name="lines_by_entry"),
        ]
        triggers = [
            *never_deleted(),
            refuse(
                "counters_follow_their_ledger",
                when="pg_trigger_depth() = 0 AND (OLD.allocated <> NEW.allocated OR OLD.shipped <> NEW.shipped"
                " OR OLD.promised_on IS DISTINCT FROM NEW.promised_on OR OLD.p50_on IS DISTINCT FROM NEW.p50_on"
                " OR OLD.promise_source <> NEW.promise_source)",
                operation=pgtrigger.Update,
                message="allocated and shipped are moved by the allocations only, dates by the promises only",
            ),
            refuse(
                "counters_start_at_zero",
                when="NEW.allocated <> 0 OR NEW.shipped <> NEW.opening_shipped",
                operation=pgtrigger.Insert,
                message="allocated starts at zero, shipped at what was shipped before",
            ),
            refuse(
                "quantities_move_forward",
                when="NEW.cancelled < OLD.cancelled OR NEW.shipped < OLD.shipped",
                operation=pgtrigger.Update,
                message="what is shipped or cancelled stays so",
            ),
            refuse(
                "warehouse_stays_while_units_are_held",
                when="OLD.warehouse_id <> NEW.warehouse_id AND OLD.allocated > 0",
                operation=pgtrigger.Update,
                message="a line that holds units stays with its warehouse",
            ),
            # A check would look at the text again whenever a run touches the row.
            refuse(
                "external_line_is_plain_text",
                when=f"NEW.external_line ~ '[{UNPRINTABLE}]'",
                operation=pgtrigger.Insert,
                message="external_line is one line of plain text",
            ),
            frozen("order_id", "external_line", "product_id", "opening_shipped", "placed_at", "first_filled"),
        ]

    def __str__(self) -> str:
        return f"{self.order.number}/{self.number}"

    @property
    def open(self) -> int:
        return self.ordered - self.shipped - self.cancelled

    @property
    def missing(self) -> int:
        """Open units that no allocation covers."""
        return self.open - self.allocated

    @property
    def open_value(self) -> Decimal:
        return line_value(self.open, self.unit_price)
