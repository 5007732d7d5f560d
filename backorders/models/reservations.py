"""What is kept ahead of time: stock for a group of customers, units on their way for one line; and what lies parked."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.urls import reverse

from backorders.engine.allocation.future_supply import Lent
from backorders.engine.promising.pegging import PegTo
from backorders.models.orders import OrderLine
from backorders.models.runs import AllocationRun
from config.lib.bulk import any_of
from config.lib.numbers import QUANTITY_MAX
from config.lib.text import LineField, counted, plain_text
from config.lib.triggers import append_only, frozen, never_deleted
from customers.models import Customer, CustomerTier
from inventory.models import Category, Product, PurchaseOrderLine


class QuotaQuerySet(models.QuerySet["Quota"]):
    def unended(self):
        return self.filter(ended_at__isnull=True)

    def keeping(self, *, today: date):
        """Those that keep stock on this day."""
        return self.unended().filter(starts_on__lte=today, ends_on__gte=today, release_on__gt=today)


class Quota(models.Model):
    """Units, or a share, of each pool of a product (a category, or all) for a tier, a customer or a channel.

    From `starts_on` on this much of a pool is free for nobody else; what the group has not taken by `release_on`, or by
    the end of the period, is free for all again. A quota is never changed: it is ended, and another one made.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    tier = models.ForeignKey(CustomerTier, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    channel = LineField(max_length=40, blank=True)
    units = models.PositiveIntegerField(default=0)
    percent = models.PositiveSmallIntegerField(default=0)
    starts_on = models.DateField()
    ends_on = models.DateField()
    release_on = models.DateField(help_text="From this day on, what is left of it is free for all.")
    reason = LineField(max_length=200)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = QuotaQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(name="quota_of_a_product_or_a_category", condition=Q(product=None) | Q(category=None)),
            CheckConstraint(
                name="quota_for_one_group",
                condition=Q(tier__isnull=False, customer=None, channel="")
                | Q(tier=None, customer__isnull=False, channel="")
                | (Q(tier=None, customer=None) & ~Q(channel="")),
            ),
            CheckConstraint(
                name="quota_in_units_or_percent",
                condition=Q(units__gte=1, units__lte=QUANTITY_MAX, percent=0)
                | Q(units=0, percent__gte=1, percent__lte=100),
            ),
            CheckConstraint(
                name="quota_days_in_order",
                condition=Q(ends_on__gte=F("starts_on"), release_on__gte=F("starts_on")),
            ),
            CheckConstraint(name="quota_has_a_reason", condition=~Q(reason="")),
            *plain_text("quota", "channel", "reason"),
        ]
        triggers = [
            *never_deleted(),
            frozen(
                *("product_id", "category_id", "tier_id", "customer_id", "channel", "units", "percent"),
                *("starts_on", "ends_on", "release_on", "reason", "made_at"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.of_what} for {self.for_whom}"

    def get_absolute_url(self) -> str:
        return reverse("backorders:quotas")

    @property
    def amount(self) -> str:
        return f"{self.percent} %" if self.percent else counted(self.units, "unit")

    @property
    def of_what(self) -> str:
        return str(self.product or self.category or "every product")

    @property
    def for_whom(self) -> str:
        return str(self.tier or self.customer or self.channel)

    def keeps_on(self, today: date) -> bool:
        return self.ended_at is None and self.starts_on <= today <= self.ends_on and today < self.release_on


class PegQuerySet(models.QuerySet["Peg"]):
    def active(self):
        return self.filter(ended_at__isnull=True)

    def by_people(self):
        return self.filter(run__isnull=True)

    def planned(self):
        """Those that runs made for lines which they let wait, or which lent what they held."""
        return self.filter(run__isnull=False)

    def to_come(self, product_ids: Collection[int]) -> dict[tuple[int, int], list[PegTo]]:
        """The units that are still to come, by product and warehouse: people's pegs first, then those of runs."""
        pegs: dict[tuple[int, int], list[PegTo]] = defaultdict(list)
        rows = self.filter(any_of("line__product_id", product_ids), units__gt=F("honoured"))
        rows = rows.order_by(F("run").asc(nulls_first=True), "pk")
        columns = ("line__product_id", "line__warehouse_id", "line_id", "purchase_line_id", "units", "honoured")
        for product_id, warehouse_id, line_id, source, units, honoured in rows.values_list(*columns):
            pegs[product_id, warehouse_id].append(PegTo(line_id, source, units - honoured))
        return pegs

    def lent(self, product_ids: Collection[int]) -> dict[tuple[int, int], list[Lent]]:
        """What lines have lent until goods on their way bring it back, by product and warehouse."""
        lent: dict[tuple[int, int], list[Lent]] = defaultdict(list)
        rows = self.filter(line__product_id__in=product_ids, lent_to__isnull=False).order_by("pk")
        columns = ("line__product_id", "line__warehouse_id", "line_id", "lent_to_id", "units", "honoured")
        for product_id, warehouse_id, lender, borrower, units, honoured in rows.values_list(*columns):
            lent[product_id, warehouse_id].append(Lent(lender, borrower, units - honoured))
        return lent


class Peg(models.Model):
    """Units of a purchase-order line that are meant for one order line, whatever day they come.

    When they arrive they are given to that line first; `honoured` counts them. A run makes its own for the lines that
    it lets wait; the next run that looks ahead replaces these, never a person's.
    """

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="pegs")
    purchase_line = models.ForeignKey(PurchaseOrderLine, on_delete=models.PROTECT, related_name="+")
    units = models.PositiveIntegerField()
    honoured = models.PositiveIntegerField(default=0)
    reason = LineField(max_length=200)
    run = models.ForeignKey(AllocationRun, on_delete=models.PROTECT, null=True, blank=True, related_name="pegs")
    lent_to = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Has as many on loan."
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_by_run = models.ForeignKey(
        AllocationRun, on_delete=models.PROTECT, null=True, blank=True, related_name="ended_pegs"
    )
    ended_at = models.DateTimeField(null=True)

    objects = PegQuerySet.as_manager()

    class Meta:
        permissions = [("peg_supply", "Can reserve incoming goods for an order line")]
        constraints = [
            CheckConstraint(name="peg_of_some_units", condition=Q(units__gte=1, units__lte=QUANTITY_MAX)),
            CheckConstraint(name="peg_honoured_within_units", condition=Q(honoured__lte=F("units"))),
            CheckConstraint(name="peg_has_a_reason", condition=~Q(reason="")),
            UniqueConstraint(
                fields=["line", "purchase_line"],
                condition=Q(ended_at__isnull=True, run__isnull=True),
                name="one_active_peg_per_pair",
            ),
            UniqueConstraint(
                fields=["line", "purchase_line", "lent_to"],
                condition=Q(ended_at__isnull=True, run__isnull=False),
                nulls_distinct=False,
                name="one_planned_peg_per_pair",
            ),
            *plain_text("peg", "reason"),
        ]
        indexes = [models.Index(fields=["purchase_line"], condition=Q(ended_at__isnull=True), name="active_pegs")]
        triggers = [
            *never_deleted(),
            frozen("line_id", "purchase_line_id", "units", "reason", "run_id", "lent_to_id", "made_at"),
        ]

    def __str__(self) -> str:
        return f"{self.units} × {self.purchase_line} for {self.line}"

    @property
    def left(self) -> int:
        return self.units - self.honoured


class RunRelease(models.Model):
    """A line whose order cannot be complete within the policy's hold limit: the run gives its stock to others."""

    run = models.ForeignKey(AllocationRun, on_delete=models.PROTECT, related_name="releases")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    completes_on = models.DateField(null=True, help_text="When the order could be complete; null: nobody knows.")

    class Meta:
        constraints = [UniqueConstraint(fields=["run", "line"], name="line_released_once_in_run")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.run}: {self.line}"


class RunParked(models.Model):
    """Stock of a line that a run may lend: the rest of its order, which ships complete, is not here before that day."""

    run = models.ForeignKey(AllocationRun, on_delete=models.PROTECT, related_name="parked")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    until = models.DateField()

    class Meta:
        constraints = [UniqueConstraint(fields=["run", "line"], name="line_parked_once_in_run")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.run}: {self.line} until {self.until}"


class RunWait(models.Model):
    """Goods on their way that a run keeps for a line: it may wait for them, or has lent as many units to another one.

    History that nobody edits; the keys are not checked row by row, as those of results are not.
    """

    run_id = models.BigIntegerField()
    line_id = models.BigIntegerField()
    product_id = models.BigIntegerField()
    warehouse_id = models.BigIntegerField()
    purchase_line = models.ForeignKey(PurchaseOrderLine, on_delete=models.PROTECT, related_name="+")
    units = models.PositiveIntegerField()
    due_on = models.DateField(help_text="The day by which they could be relied on when the run looked.")
    lent_to_id = models.BigIntegerField(null=True, help_text="The line that has as many units on loan meanwhile.")

    class Meta:
        indexes = [models.Index(fields=["run_id", "line_id"], name="run_waits")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"Run {self.run_id}, line {self.line_id}: {self.units} of {self.purchase_line}"
