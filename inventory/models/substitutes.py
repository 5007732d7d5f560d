"""Which product may stand in for which."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from config.lib.numbers import QUANTITY_MAX
from inventory.models.products import Product


class SubstituteQuerySet(models.QuerySet["Substitute"]):
    def offered(self):
        """Approved pairs of which the substitute is sold, the preferred ones first."""
        return self.filter(active=True, substitute__active=True).order_by("product", "rank", "pk")


@pghistory.track()
class Substitute(models.Model):
    """`units` of `substitute` stand for `per` units of `product`: offered to customers, never taken unasked."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="substitutes")
    substitute = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    units = models.PositiveIntegerField(default=1)
    per = models.PositiveIntegerField(default=1)
    rank = models.PositiveSmallIntegerField(default=1, help_text="The lowest number is offered first.")
    active = models.BooleanField(default=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField()

    objects = SubstituteQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["product", "substitute"], name="one_approval_per_pair"),
            CheckConstraint(name="substitute_is_another_product", condition=~Q(product=F("substitute"))),
            CheckConstraint(
                name="substitute_ratio_within_bounds",
                condition=Q(units__gte=1, units__lte=QUANTITY_MAX, per__gte=1, per__lte=QUANTITY_MAX),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.units} × {self.substitute.sku} for {self.per} × {self.product.sku}"

    def units_for(self, quantity: int) -> int:
        """So many whole units that the customer gets no less than was ordered."""
        return -(-quantity * self.units // self.per)
