"""Who delivers, and on what terms."""

import pghistory
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Lower
from django.urls import reverse

from config.lib.numbers import QUANTITY_MAX, price_within_bounds
from config.lib.text import AddressField, LineField, one_address, plain_text
from config.lib.triggers import never_deleted
from inventory.enums import SupplierLanguage
from inventory.models.products import Product

LONGEST_LEAD_TIME = 730


class SupplierQuerySet(models.QuerySet["Supplier"]):
    def active(self):
        return self.filter(active=True)

    def found_by(self, text: str):
        """Code or name contains `text`, whatever the case."""
        return self.filter(Q(code__icontains=text) | Q(name__icontains=text))


@pghistory.track()
class Supplier(models.Model):
    code = LineField(max_length=30)
    name = LineField(max_length=200)
    email = AddressField(max_length=254, blank=True)
    lead_time_days = models.PositiveSmallIntegerField(default=14)
    time_zone = LineField(max_length=60, default="UTC")
    language = models.CharField(max_length=5, choices=SupplierLanguage, default=SupplierLanguage.ENGLISH)
    over_receipt_percent = models.PositiveSmallIntegerField(
        default=0, help_text="How much more than ordered may be received, in percent."
    )
    active = models.BooleanField(default=True)

    objects = SupplierQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(Lower("code"), name="supplier_code_unique"),
            CheckConstraint(
                name="supplier_lead_time_within_bounds", condition=Q(lead_time_days__lte=LONGEST_LEAD_TIME)
            ),
            CheckConstraint(name="supplier_over_receipt_within_bounds", condition=Q(over_receipt_percent__lte=100)),
            CheckConstraint(name="supplier_language_known", condition=Q(language__in=SupplierLanguage.values)),
            one_address("supplier"),
            *plain_text("supplier", "code", "name"),
        ]
        triggers = never_deleted()

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("inventory:supplier", args=[self.pk])


@pghistory.track()
class SupplierProduct(models.Model):
    """What a supplier asks for one product; rank 1 is the preferred supplier."""

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="supplier_products")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="supplier_products")
    lead_time_days = models.PositiveSmallIntegerField()
    minimum_quantity = models.PositiveIntegerField(default=1)
    pack_size = models.PositiveIntegerField(default=1)
    cost = models.DecimalField(max_digits=11, decimal_places=4, default=0)
    currency = LineField(max_length=3, default="EUR")
    rank = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["supplier", "product"], name="one_offer_per_supplier_and_product"),
            CheckConstraint(
                name="supplier_product_lead_time_within_bounds", condition=Q(lead_time_days__lte=LONGEST_LEAD_TIME)
            ),
            CheckConstraint(
                name="supplier_product_quantities_within_bounds",
                condition=Q(minimum_quantity__lte=QUANTITY_MAX, pack_size__gte=1, pack_size__lte=QUANTITY_MAX),
            ),
            CheckConstraint(name="supplier_product_currency_is_iso", condition=Q(currency__regex=r"^[A-Z]{3}$")),
            *price_within_bounds("supplier_product", "cost"),
        ]

    def __str__(self) -> str:
        return f"{self.product.sku} from {self.supplier.code}"
