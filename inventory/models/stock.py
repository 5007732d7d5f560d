"""Stock: an append-only ledger, and per pool (one product in one warehouse) the counters that follow it."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from config.lib.numbers import STOCK_MAX
from config.lib.text import LineField, plain_text
from config.lib.triggers import append_only, derived, frozen, never_deleted
from inventory.enums import StockKind
from inventory.models.products import Product, Warehouse

LARGEST_MOVE = 1_000_000


class StockLevelQuerySet(models.QuerySet["StockLevel"]):
    def with_free_units(self):
        """Pools that have units which nobody holds."""
        return self.filter(on_hand__gt=F("reserved"))

    def locked(self):
        """Row locks in primary-key order, so that two actions cannot deadlock."""
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class StockLevel(models.Model):
    """A pool. `on_hand` follows the ledger, `reserved` follows the active allocations; nobody else moves them."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="stock_levels")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="stock_levels")
    on_hand = models.PositiveIntegerField(default=0, editable=False)
    reserved = models.PositiveIntegerField(default=0, editable=False)

    objects = StockLevelQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["product", "warehouse"], name="one_pool_per_product_and_warehouse"),
            CheckConstraint(name="on_hand_within_bounds", condition=Q(on_hand__gte=0, on_hand__lte=STOCK_MAX)),
            CheckConstraint(name="reserved_within_on_hand", condition=Q(reserved__gte=0, reserved__lte=F("on_hand"))),
        ]
        triggers = [*never_deleted(), *derived("on_hand", "reserved"), frozen("product_id", "warehouse_id")]
        permissions = [("transfer_stock", "Can transfer free units between warehouses")]

    def __str__(self) -> str:
        return f"{self.product.sku} in {self.warehouse.code}"

    @property
    def available(self) -> int:
        """Units on hand that no allocation holds."""
        return self.on_hand - self.reserved


_MOVE_ON_HAND = """
    UPDATE inventory_stocklevel AS level SET on_hand = level.on_hand + moved.delta
    FROM (SELECT stock_level_id, SUM(delta) AS delta FROM new_rows GROUP BY stock_level_id) AS moved
    WHERE level.id = moved.stock_level_id AND moved.delta <> 0;
    RETURN NULL;
"""


class StockEntry(models.Model):
    """One line of the ledger: `delta` units came (positive) or went (negative), why, and on whose word.

    Mistakes are corrected by a reversing entry, never by a change. `idempotency_key` makes a repeated delivery of the
    same fact harmless.
    """

    stock_level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="entries")
    delta = models.IntegerField()
    kind = models.CharField(max_length=12, choices=StockKind)
    reason = LineField(max_length=200, blank=True)
    reference = LineField(max_length=80, blank=True, help_text="The receipt, shipment or count behind it.")
    idempotency_key = LineField(max_length=100, unique=True)
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = "stock ledger entry"
        verbose_name_plural = "stock ledger"
        constraints = [
            CheckConstraint(
                name="stock_entry_moves_something",
                condition=Q(delta__gte=-LARGEST_MOVE, delta__lte=LARGEST_MOVE) & ~Q(delta=0),
            ),
            CheckConstraint(name="stock_entry_kind_known", condition=Q(kind__in=StockKind.values)),
            *plain_text("stock_entry", "reason", "reference"),
        ]
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="on_hand_follows_the_ledger",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func=_MOVE_ON_HAND,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.delta:+d}"
