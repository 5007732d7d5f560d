"""Who holds which units. Rows are never deleted or resized: they end as shipped or released."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.urls import reverse

from backorders.enums import (
    ALLOCATION_TRANSITIONS,
    SHIPMENT_TRANSITIONS,
    AllocationKind,
    AllocationState,
    ShipmentStatus,
)
from backorders.errors import MoveNotAllowed
from backorders.models.orders import OrderLine, SalesOrder
from backorders.models.runs import AllocationRun
from config.lib.numbers import QUANTITY_MAX
from config.lib.text import LineField, plain_text
from config.lib.triggers import BY_THEMSELVES, frozen, never_deleted, refuse, state_machine, state_machine_of_many
from inventory.models import Product, StockLevel, Warehouse


class ShipmentQuerySet(models.QuerySet["Shipment"]):
    def locked(self):
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


_LEAVES_WHOLE = """
    IF EXISTS (SELECT FROM backorders_allocation WHERE shipment_id = NEW.id AND state = 'active') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'units are still on this pick list';
    END IF;
    IF NEW.status = 'shipped' AND NOT EXISTS (
        SELECT FROM backorders_allocation WHERE shipment_id = NEW.id AND state = 'shipped'
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'nothing has left with this shipment';
    END IF;
    RETURN NEW;
"""


class Shipment(models.Model):
    """A pick list that becomes a shipment; its lines are its allocations."""

    number = LineField(max_length=30, unique=True)
    order = models.ForeignKey(SalesOrder, on_delete=models.PROTECT, related_name="shipments")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=ShipmentStatus, default=ShipmentStatus.PICKING)
    carrier = LineField(max_length=60, blank=True)
    tracking_number = LineField(max_length=80, blank=True)
    picked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    picked_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True, blank=True)

    objects = ShipmentQuerySet.as_manager()

    class Meta:
        permissions = [("pick_order", "Can make pick lists"), ("ship_order", "Can ship")]
        constraints = [
            CheckConstraint(name="shipment_status_known", condition=Q(status__in=ShipmentStatus.values)),
            CheckConstraint(
                name="shipment_dated_iff_shipped",
                condition=Q(status=ShipmentStatus.SHIPPED, shipped_at__isnull=False)
                | (~Q(status=ShipmentStatus.SHIPPED) & Q(shipped_at__isnull=True)),
            ),
            UniqueConstraint(
                fields=["carrier", "tracking_number"],
                condition=~Q(tracking_number=""),
                name="tracking_number_unique_per_carrier",
            ),
            *plain_text("shipment", "carrier", "tracking_number"),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(status=ShipmentStatus.PICKING), name="open_pick_lists")]
        triggers = [
            *never_deleted(),
            state_machine("status", SHIPMENT_TRANSITIONS),
            refuse(
                "shipped_stays_as_it_is",
                when="OLD.status <> 'picking'",
                operation=pgtrigger.Update,
                message="a shipment that left or was cancelled stays as it is",
            ),
            refuse(
                "starts_as_a_pick_list",
                when="NEW.status <> 'picking'",
                operation=pgtrigger.Insert,
                message="a shipment starts as a pick list",
            ),
            frozen("number", "order_id", "warehouse_id"),
            pgtrigger.Trigger(
                name="leaves_with_its_units",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.status IS DISTINCT FROM NEW.status"),
                func=_LEAVES_WHOLE,
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("backorders:shipment", args=[self.pk])

    def move_to(self, status: ShipmentStatus) -> None:
        """The only way to change the status; the caller saves. Raises MoveNotAllowed."""
        if status not in SHIPMENT_TRANSITIONS[self.status]:
            raise MoveNotAllowed(f"{self.number} is {self.get_status_display().lower()}: it cannot become {status}.")
        self.status = status


class AllocationQuerySet(models.QuerySet["Allocation"]):
    def active(self):
        return self.filter(state=AllocationState.ACTIVE)

    def from_elsewhere(self):
        """What runs gave lines from other warehouses than their own, and may take back."""
        return self.active().filter(is_away=True, kind=AllocationKind.SOFT)

    def locked(self):
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


# The counters are moved, and the keys into lines, pools and shipments are checked, once for all rows of a statement: a
# row-wise foreign key costs more than all the rest of a run. The parents can never be deleted, and moving the counters
# locks them.
_FOLLOW_NEW = """
    IF EXISTS (SELECT FROM new_rows WHERE state <> 'active') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'an allocation starts active';
    END IF;
    IF EXISTS (SELECT FROM new_rows WHERE shipment_id IS NOT NULL) AND EXISTS (
        SELECT FROM new_rows
        JOIN backorders_orderline line ON line.id = new_rows.line_id
        JOIN inventory_stocklevel level ON level.id = new_rows.stock_level_id
        LEFT JOIN backorders_shipment shipment ON shipment.id = new_rows.shipment_id
        WHERE new_rows.shipment_id IS NOT NULL AND (
            shipment.id IS NULL OR shipment.status <> 'picking'
            OR (shipment.order_id, shipment.warehouse_id) <> (line.order_id, level.warehouse_id))
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            MESSAGE = 'a pick list takes units of its own order and warehouse only, while it is being picked';
    END IF;
    IF EXISTS (
        SELECT FROM new_rows AS taken
        LEFT JOIN backorders_orderline AS line ON line.id = taken.line_id AND line.product_id = taken.product_id
        LEFT JOIN inventory_stocklevel AS level
            ON level.id = taken.stock_level_id AND level.product_id = taken.product_id
        WHERE ((line.warehouse_id = level.warehouse_id) <> taken.is_away) IS DISTINCT FROM true
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation',
            MESSAGE = 'an allocation names a line and a pool that are not there or not of one product and warehouse;'
                ' units from elsewhere lie in another warehouse than the line''s own';
    END IF;
    PERFORM backorders_move_lines(
        lines => array_agg(line_id), levels => array_agg(stock_level_id), after => array_agg(quantity)
    ) FROM new_rows;
    RETURN NULL;
"""

_FOLLOW_ENDED = """
    IF EXISTS (SELECT FROM new_rows WHERE shipment_id IS NOT NULL) AND EXISTS (
        SELECT FROM new_rows JOIN old_rows USING (id)
        JOIN backorders_orderline line ON line.id = new_rows.line_id
        JOIN inventory_stocklevel level ON level.id = new_rows.stock_level_id
        LEFT JOIN backorders_shipment shipment ON shipment.id = new_rows.shipment_id
        WHERE new_rows.shipment_id IS NOT NULL
            AND (new_rows.state = 'shipped' OR new_rows.shipment_id IS DISTINCT FROM old_rows.shipment_id) AND (
            shipment.id IS NULL OR shipment.status <> 'picking'
            OR (shipment.order_id, shipment.warehouse_id) <> (line.order_id, level.warehouse_id))
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation',
            MESSAGE = 'a pick list takes units of its own order and warehouse only, while it is being picked';
    END IF;
    PERFORM backorders_move_lines(
        lines => array_agg(line_id), levels => array_agg(stock_level_id), before => array_agg(new_rows.quantity),
        shipped => array_agg(CASE WHEN new_rows.state = 'shipped' THEN new_rows.quantity ELSE 0 END)
    )
    FROM new_rows JOIN (SELECT id, state FROM old_rows) AS old_rows USING (id)
    WHERE old_rows.state = 'active' AND new_rows.state <> 'active';
    RETURN NULL;
"""


class Allocation(models.Model):
    """`quantity` units of a pool held for a line; the line's and the pool's counters follow by trigger.

    `is_away`: the pool lies in another warehouse than the line's own.
    """

    line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="allocations", db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    stock_level = models.ForeignKey(
        StockLevel, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    quantity = models.PositiveIntegerField()
    is_away = models.BooleanField(default=False, db_default=False)
    kind = models.CharField(max_length=6, choices=AllocationKind, default=AllocationKind.SOFT)
    state = models.CharField(max_length=8, choices=AllocationState, default=AllocationState.ACTIVE)
    run = models.ForeignKey(
        AllocationRun, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    shipment = models.ForeignKey(
        Shipment, on_delete=models.PROTECT, null=True, related_name="allocations", db_constraint=False, db_index=False
    )
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = AllocationQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(name="allocation_within_bounds", condition=Q(quantity__gte=1, quantity__lte=QUANTITY_MAX)),
            CheckConstraint(name="allocation_kind_known", condition=Q(kind__in=AllocationKind.values)),
            CheckConstraint(name="allocation_state_known", condition=Q(state__in=AllocationState.values)),
            CheckConstraint(
                name="allocation_ended_iff_not_active",
                condition=Q(state=AllocationState.ACTIVE, ended_at__isnull=True)
                | (~Q(state=AllocationState.ACTIVE) & Q(ended_at__isnull=False)),
            ),
            CheckConstraint(
                name="hard_allocation_has_a_shipment",
                condition=Q(kind=AllocationKind.HARD, shipment__isnull=False)
                | (~Q(kind=AllocationKind.HARD) & Q(shipment__isnull=True)),
            ),
            CheckConstraint(
                name="only_hard_allocations_ship",
                condition=~Q(state=AllocationState.SHIPPED) | Q(kind=AllocationKind.HARD),
            ),
            UniqueConstraint(
                fields=["line", "stock_level", "kind"],
                condition=Q(state=AllocationState.ACTIVE) & ~Q(kind=AllocationKind.HARD),
                name="one_active_allocation_per_line_and_pool",
            ),
        ]
        indexes = [
            models.Index(fields=["line"], name="allocations_by_line"),
            models.Index(fields=["shipment"], condition=Q(shipment__isnull=False), name="allocations_by_shipment"),
            models.Index(
                fields=["product"],
                condition=Q(state=AllocationState.ACTIVE, is_away=True),
                name="allocations_from_elsewhere",
            ),
            models.Index(
                fields=["product"],
                condition=Q(state=AllocationState.ACTIVE) & (~Q(kind=AllocationKind.SOFT) | Q(is_away=True)),
                name="allocations_kept_by_runs",
            ),
        ]
        triggers = [
            *never_deleted(),
            frozen("line_id", "product_id", "stock_level_id", "quantity", "is_away"),
            state_machine_of_many("state", ALLOCATION_TRANSITIONS),
            refuse(
                "ended_stays_as_it_is",
                when="OLD.state <> 'active'",
                operation=pgtrigger.Update,
                message="an allocation that was shipped or released stays as it is",
            ),
            pgtrigger.Trigger(
                name="counters_follow_new_rows",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                condition=BY_THEMSELVES,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func=_FOLLOW_NEW,
            ),
            pgtrigger.Trigger(
                name="counters_follow_ended_rows",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=BY_THEMSELVES,
                referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
                func=_FOLLOW_ENDED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for line {self.line_id}"
