"""What people decide against the order of the queue: overrides of lines, and pools that hold more than is there."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from backorders.enums import OverrideKind, Resolution
from backorders.models.orders import OrderLine
from config.lib.text import LineField, plain_text
from config.lib.triggers import append_only, frozen, never_deleted, refuse
from inventory.models import StockLevel

KEEPS_OUT = [OverrideKind.HOLD, OverrideKind.SET]


class LineOverrideQuerySet(models.QuerySet["LineOverride"]):
    def active(self):
        return self.filter(ended_at__isnull=True)

    def keeping_out(self):
        """Those on account of which runs leave the line out."""
        return self.active().filter(kind__in=KEEPS_OUT)


class LineOverride(models.Model):
    """Somebody pinned units to a line, held it, set what it holds, or moved units to it; ended, never deleted.

    Pinned units are allocations of that kind; a held line carries the day in `OrderLine.held_until`.
    """

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="overrides")
    kind = models.CharField(max_length=4, choices=OverrideKind)
    units = models.PositiveIntegerField(default=0)
    until = models.DateField(null=True)
    from_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, null=True, related_name="+")
    reason = LineField(max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = LineOverrideQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(name="override_kind_known", condition=Q(kind__in=OverrideKind.values)),
            CheckConstraint(name="override_has_a_reason", condition=~Q(reason="")),
            CheckConstraint(
                name="override_moves_from_another_line",
                condition=Q(kind=OverrideKind.MOVE, from_line__isnull=False) & ~Q(from_line=F("line"))
                | ~Q(kind=OverrideKind.MOVE) & Q(from_line__isnull=True),
            ),
            CheckConstraint(
                name="override_pins_or_moves_some_units",
                condition=~Q(kind__in=[OverrideKind.PIN, OverrideKind.MOVE]) | Q(units__gte=1),
            ),
            UniqueConstraint(
                fields=["line"], condition=Q(kind__in=KEEPS_OUT, ended_at__isnull=True), name="line_kept_out_once"
            ),
            *plain_text("override", "reason"),
        ]
        triggers = [
            *never_deleted(),
            frozen("line_id", "kind", "units", "until", "from_line_id", "reason", "made_by_id", "made_at"),
            refuse(
                "ended_once",
                when="OLD.ended_at IS NOT NULL",
                operation=pgtrigger.Update,
                message="an override ends once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.line}"


class PoolBlockQuerySet(models.QuerySet["PoolBlock"]):
    def unsettled(self):
        return self.filter(settled_at__isnull=True)

    def locked(self):
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class PoolBlock(models.Model):
    """A count or damage left less than lines held: nothing of the pool is picked until somebody settles who loses."""

    stock_level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="+")
    reason = LineField(max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    resolution = models.CharField(max_length=10, choices=Resolution, default=Resolution.OPEN, blank=True)
    note = LineField(max_length=300, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    objects = PoolBlockQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["stock_level"], condition=Q(settled_at__isnull=True), name="pool_blocked_once_at_a_time"
            ),
            CheckConstraint(name="block_resolution_known", condition=Q(resolution__in=Resolution.values)),
            CheckConstraint(
                name="block_settled_iff_resolved",
                condition=Q(resolution="", settled_at__isnull=True) | (~Q(resolution="") & Q(settled_at__isnull=False)),
            ),
            *plain_text("pool_block", "reason", "note"),
        ]
        triggers = [
            *never_deleted(),
            frozen("stock_level_id", "reason", "made_by_id", "made_at"),
            refuse(
                "settled_once",
                when="OLD.settled_at IS NOT NULL",
                operation=pgtrigger.Update,
                message="a block is settled once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stock_level}: {self.reason}"


class PoolLoss(models.Model):
    """Units that a line gave up because they are not there: the proposal that somebody accepts or changes."""

    block = models.ForeignKey(PoolBlock, on_delete=models.PROTECT, related_name="losses")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    units = models.PositiveIntegerField()

    class Meta:
        constraints = [CheckConstraint(name="pool_loss_is_some_units", condition=Q(units__gte=1))]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.line} lost {self.units}"
