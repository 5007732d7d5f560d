"""What should be bought, how sure we want to be, and what is about to run out."""

from decimal import Decimal

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from backorders.enums import PROPOSAL_TRANSITIONS, ProposalState, ValueClass
from backorders.errors import MoveNotAllowed
from backorders.models.forecasts import ForecastRun
from config.lib.numbers import QUANTITY_MAX, line_value, price_within_bounds
from config.lib.text import LineField, plain_text
from config.lib.triggers import frozen, never_deleted, state_machine
from inventory.models import Product, PurchaseOrder, Supplier, Warehouse

PERCENT = [MinValueValidator(50), MaxValueValidator(99.9)]


@pghistory.track()
class ServiceLevel(models.Model):
    """How often the stock of a value class should last until the next delivery, in per cent."""

    value_class = models.CharField(max_length=1, choices=ValueClass, primary_key=True)
    percent = models.DecimalField(max_digits=4, decimal_places=1, validators=PERCENT)

    class Meta:
        constraints = [
            CheckConstraint(name="service_level_class_known", condition=Q(value_class__in=ValueClass.values)),
            CheckConstraint(name="service_level_within_bounds", condition=Q(percent__gte=50, percent__lte=99.9)),
        ]

    def __str__(self) -> str:
        return f"{self.value_class}: {self.percent} %"


@pghistory.track()
class StockingRule(models.Model):
    """What a person set for one product by hand; blank fields follow the product's value class."""

    product = models.OneToOneField(Product, on_delete=models.PROTECT, related_name="+")
    value_class = models.CharField(max_length=1, choices=ValueClass, blank=True)
    percent = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True, validators=PERCENT)
    discontinued = models.BooleanField(default=False, help_text="Sell what is there; buy only for waiting orders.")

    class Meta:
        constraints = [
            CheckConstraint(name="stocking_rule_class_known", condition=Q(value_class__in=[*ValueClass.values, ""])),
            CheckConstraint(
                name="stocking_rule_percent_within_bounds",
                condition=Q(percent__isnull=True) | Q(percent__gte=50, percent__lte=99.9),
            ),
        ]

    def __str__(self) -> str:
        return f"Stocking of {self.product.sku}"


class ReorderProposal(models.Model):
    """Buy `quantity` now; the figures are those it was computed from and never change."""

    run = models.ForeignKey(ForecastRun, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.PROPOSED)
    quantity = models.PositiveIntegerField()
    needed = models.PositiveIntegerField(help_text="Before rounding to the minimum and packs.")
    backorders = models.PositiveIntegerField()
    forecast = models.PositiveIntegerField(help_text="Expected over lead time and review.")
    safety = models.IntegerField()
    on_hand = models.PositiveIntegerField()
    on_order = models.PositiveIntegerField()
    reorder_point = models.PositiveIntegerField()
    lead_days = models.PositiveSmallIntegerField()
    review_days = models.PositiveSmallIntegerField()
    value_class = models.CharField(max_length=1, choices=ValueClass)
    percent = models.DecimalField(max_digits=4, decimal_places=1)
    cost = models.DecimalField(max_digits=11, decimal_places=4)
    currency = LineField(max_length=3)
    urgency = models.FloatField(help_text="How much of the need is missing; what the list is sorted by.")
    sentence = models.TextField(max_length=1000)
    made_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    purchase_order = models.ForeignKey(PurchaseOrder, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        permissions = [("approve_reorderproposal", "Can turn reorder proposals into purchase orders")]
        constraints = [
            UniqueConstraint(
                fields=["product", "warehouse"],
                condition=Q(state=ProposalState.PROPOSED),
                name="one_open_proposal_per_pool",
            ),
            CheckConstraint(name="proposal_state_known", condition=Q(state__in=ProposalState.values)),
            CheckConstraint(
                name="proposal_quantity_within_bounds", condition=Q(quantity__gte=1, quantity__lte=QUANTITY_MAX)
            ),
            CheckConstraint(
                name="approved_proposal_has_its_order",
                condition=Q(state=ProposalState.APPROVED, purchase_order__isnull=False)
                | (~Q(state=ProposalState.APPROVED) & Q(purchase_order__isnull=True)),
            ),
            CheckConstraint(
                name="proposal_decided_once_not_open",
                condition=Q(state=ProposalState.PROPOSED, decided_at__isnull=True)
                | (~Q(state=ProposalState.PROPOSED) & Q(decided_at__isnull=False)),
            ),
            *price_within_bounds("proposal", "cost"),
            *plain_text("proposal", "currency"),
        ]
        indexes = [
            models.Index(fields=["-urgency", "id"], condition=Q(state="proposed"), name="open_proposals_by_urgency"),
            models.Index(fields=["product", "-id"], name="proposals_by_product"),
        ]
        triggers = [
            *never_deleted(),
            state_machine("state", PROPOSAL_TRANSITIONS),
            frozen("run_id", "product_id", "warehouse_id", "supplier_id", "quantity", "needed", "sentence", "made_at"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product.sku} from {self.supplier.code}"

    @property
    def value(self) -> Decimal:
        return line_value(self.quantity, self.cost)

    def move_to(self, state: ProposalState) -> None:
        """The only way to change the state; the caller saves. Raises MoveNotAllowed."""
        if state not in PROPOSAL_TRANSITIONS[self.state]:
            raise MoveNotAllowed(f"The proposal for {self.product.sku} is {self.get_state_display().lower()} already.")
        self.state = state


class StockoutWarning(models.Model):
    """A pool that is likely to run out before its next supply. Written anew every night; only what holds is here."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    free = models.IntegerField(help_text="Units that nobody holds, minus those that waiting lines lack.")
    weekly = models.FloatField()
    within_7 = models.FloatField()
    within_14 = models.FloatField()
    within_30 = models.FloatField()
    missing = models.FloatField(help_text="Units expected to be missing within 30 days.")
    value = models.DecimalField(max_digits=20, decimal_places=2)
    currency = LineField(max_length=3)
    next_supply_on = models.DateField(null=True)
    label = LineField(max_length=200, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["product", "warehouse"], name="one_warning_per_pool"),
            CheckConstraint(
                name="warning_probabilities_are_such",
                condition=Q(within_7__gte=0, within_14__gte=0, within_30__gte=0, within_30__lte=1, within_14__lte=1)
                & Q(within_7__lte=1),
            ),
        ]
        indexes = [models.Index(fields=["-value", "id"], name="warnings_by_value")]

    def __str__(self) -> str:
        return f"{self.product.sku} in {self.warehouse.code}"
