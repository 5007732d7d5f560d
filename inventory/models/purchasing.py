"""What is coming: purchase orders, the dates the supplier gave and changed, and what arrived."""

from datetime import date

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Exists, F, OuterRef, Q, UniqueConstraint
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse

from config.lib.numbers import QUANTITY_MAX, price_within_bounds
from config.lib.text import LineField, plain_text
from config.lib.triggers import append_only, derived, frozen, never_deleted, state_machine
from inventory.enums import INBOUND_STATUSES, PURCHASE_ORDER_TRANSITIONS, PurchaseOrderStatus
from inventory.errors import PurchaseOrderMoveNotAllowed
from inventory.models.products import Product, Warehouse
from inventory.models.suppliers import Supplier


class PurchaseOrderQuerySet(models.QuerySet["PurchaseOrder"]):
    def inbound(self):
        return self.filter(status__in=INBOUND_STATUSES)

    def late(self, *, today: date):
        """Sent orders with something to come on a line whose day has passed."""
        late = PurchaseOrderLine.objects.filter(ordered__gt=F("received") + F("cancelled")).with_expected_on()
        return self.inbound().filter(Exists(late.filter(purchase_order=OuterRef("pk"), expected_on__lt=today)))

    def found_by(self, text: str):
        """The number, or the SKU of a line, contains `text`, whatever the case."""
        lines = PurchaseOrderLine.objects.filter(product__sku__icontains=text)
        return self.filter(Q(number__icontains=text) | Exists(lines.filter(purchase_order=OuterRef("pk"))))

    def locked(self):
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


_SAME_AS_LINES = """
    IF NEW.status IN ('partly_received', 'received', 'closed', 'cancelled') AND (
        SELECT COALESCE(bool_or(ordered > received + cancelled), false) <> (NEW.status = 'partly_received')
            OR NEW.status <> 'closed' AND COALESCE(bool_or(received > 0), false) = (NEW.status = 'cancelled')
        FROM inventory_purchaseorderline WHERE purchase_order_id = NEW.id
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'the status of a purchase order follows its lines';
    END IF;
    RETURN NEW;
"""


@pghistory.track()
class PurchaseOrder(models.Model):
    number = LineField(max_length=40)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="purchase_orders")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=16, choices=PurchaseOrderStatus, default=PurchaseOrderStatus.DRAFT)
    source = LineField(max_length=40, default="desk")
    ordered_on = models.DateField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True, help_text="When the supplier first answered.")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, max_length=2000)
    key = LineField(max_length=100, blank=True, editable=False, help_text="Makes a form that is sent twice harmless.")
    created_at = models.DateTimeField()

    objects = PurchaseOrderQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(Lower("number"), name="purchase_order_number_unique"),
            CheckConstraint(name="purchase_order_status_known", condition=Q(status__in=PurchaseOrderStatus.values)),
            CheckConstraint(
                name="purchase_order_dated_once_sent",
                condition=Q(status__in=[PurchaseOrderStatus.DRAFT, PurchaseOrderStatus.CANCELLED])
                | Q(ordered_on__isnull=False),
            ),
            UniqueConstraint(fields=["key"], condition=~Q(key=""), name="purchase_order_key_used_once"),
            *plain_text("purchase_order", "number"),
        ]
        triggers = [
            *never_deleted(),
            state_machine("status", PURCHASE_ORDER_TRANSITIONS),
            pgtrigger.Trigger(
                name="status_follows_the_lines",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.status IS DISTINCT FROM NEW.status"),
                func=_SAME_AS_LINES,
            ),
        ]
        permissions = [
            ("send_purchaseorder", "Can send purchase orders"),
            ("confirm_purchaseorder", "Can enter the supplier's dates"),
            ("close_purchaseorder", "Can close or cancel purchase orders and their lines"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("inventory:purchase-order", args=[self.pk])

    def move_to(self, status: PurchaseOrderStatus) -> None:
        """The only way to change the status; the caller saves. Raises MoveNotAllowed."""
        if status not in PURCHASE_ORDER_TRANSITIONS[self.status]:
            raise PurchaseOrderMoveNotAllowed(
                f"{self.number} is {self.get_status_display().lower()}: it cannot become {status}."
            )
        self.status = status


class PurchaseOrderLineQuerySet(models.QuerySet["PurchaseOrderLine"]):
    def inbound(self):
        """Lines of sent orders that still have something to come."""
        return self.filter(
            purchase_order__status__in=INBOUND_STATUSES, ordered__gt=F("received") + F("cancelled")
        ).annotate(open=F("ordered") - F("received") - F("cancelled"))

    def with_expected_on(self):
        """The day the goods are expected: as confirmed, else as requested; None when nobody named a day."""
        return self.annotate(expected_on=Coalesce("confirmed_on", "requested_on"))

    def locked(self):
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class PurchaseOrderLine(models.Model):
    """`first_confirmed_on` is what the supplier is measured by; it is written once. `received` follows the receipts.

    A quantity that comes on another day is a line of its own, split from this one: its `ordered` units moved there, and
    both are measured by the same first date. `rejected` are those of the cancelled units that the supplier refused.
    """

    purchase_order = models.ForeignKey(PurchaseOrder, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    ordered = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0, editable=False)
    cancelled = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0, editable=False)
    split_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="split_off"
    )
    tolerance = models.PositiveIntegerField(default=0, help_text="Units that may be received beyond the order.")
    requested_on = models.DateField(null=True, blank=True)
    first_confirmed_on = models.DateField(null=True, blank=True)
    confirmed_on = models.DateField(null=True, blank=True)
    cost = models.DecimalField(max_digits=11, decimal_places=4, default=0)

    expected_on: date | None  # from with_expected_on()

    objects = PurchaseOrderLineQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["purchase_order", "number"], name="line_number_unique_in_purchase_order"),
            CheckConstraint(
                name="purchase_line_ordered_within_bounds", condition=Q(ordered__gte=1, ordered__lte=QUANTITY_MAX)
            ),
            CheckConstraint(
                name="purchase_line_received_within_tolerance",
                condition=Q(received__lte=F("ordered") + F("tolerance")),
            ),
            CheckConstraint(name="purchase_line_cancels_only_ordered", condition=Q(cancelled__lte=F("ordered"))),
            CheckConstraint(name="purchase_line_rejected_is_cancelled", condition=Q(rejected__lte=F("cancelled"))),
            CheckConstraint(
                name="purchase_line_receives_nothing_cancelled",
                condition=Q(cancelled=0) | Q(received__lte=F("ordered") + F("tolerance") - F("cancelled")),
            ),
            CheckConstraint(
                name="purchase_line_first_confirmed_iff_confirmed",
                condition=Q(confirmed_on__isnull=True, first_confirmed_on__isnull=True)
                | Q(confirmed_on__isnull=False, first_confirmed_on__isnull=False),
            ),
            *price_within_bounds("purchase_line", "cost"),
        ]
        indexes = [models.Index(fields=["product"], name="purchase_lines_by_product")]
        triggers = [
            *never_deleted(),
            *derived("received"),
            frozen("purchase_order_id", "product_id", "split_from_id"),
            pgtrigger.Protect(
                name="first_confirmation_stands",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.first_confirmed_on IS NOT NULL"
                    " AND OLD.first_confirmed_on IS DISTINCT FROM NEW.first_confirmed_on"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purchase_order.number}/{self.number}"

    @property
    def receivable(self) -> int:
        """The most that may still be received, with what the supplier may deliver beyond the order."""
        return max(0, self.ordered + self.tolerance - self.received - self.cancelled)

    @property
    def outstanding(self) -> int:
        """Units still to come; nothing where more than ordered arrived."""
        return max(0, self.ordered - self.received - self.cancelled)


class PurchaseDateChange(models.Model):
    """One word of the supplier about a line's date: the confirmation and every change after it."""

    line = models.ForeignKey(PurchaseOrderLine, on_delete=models.PROTECT, related_name="date_changes")
    previous_on = models.DateField(null=True)
    new_on = models.DateField()
    reason = LineField(max_length=200, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [*plain_text("purchase_date_change", "reason")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.previous_on} → {self.new_on}"


class Receipt(models.Model):
    """One delivery against one purchase order; the reference makes a second booking of it harmless."""

    purchase_order = models.ForeignKey(PurchaseOrder, on_delete=models.PROTECT, related_name="receipts")
    reference = LineField(max_length=80)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(F("purchase_order"), Lower("reference"), name="receipt_reference_unique_in_order"),
            *plain_text("receipt", "reference"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return self.reference


_COUNT_RECEIVED = """
    UPDATE inventory_purchaseorderline AS line SET received = line.received + arrived.quantity
    FROM (SELECT purchase_order_line_id, SUM(quantity) AS quantity FROM new_rows GROUP BY 1) AS arrived
    WHERE line.id = arrived.purchase_order_line_id;
    RETURN NULL;
"""


class ReceiptLine(models.Model):
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="lines")
    purchase_order_line = models.ForeignKey(PurchaseOrderLine, on_delete=models.PROTECT, related_name="receipt_lines")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            CheckConstraint(
                name="receipt_line_within_bounds", condition=Q(quantity__gte=1, quantity__lte=QUANTITY_MAX)
            ),
            UniqueConstraint(fields=["receipt", "purchase_order_line"], name="purchase_line_once_in_receipt"),
        ]
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="received_follows_the_receipts",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func=_COUNT_RECEIVED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} on {self.receipt.reference}"
