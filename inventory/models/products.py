"""What we sell and where it lies."""

import pghistory
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Lower, Upper
from django.urls import reverse

from config.lib.numbers import QUANTITY_MAX, price_within_bounds
from config.lib.text import LineField, plain_text
from config.lib.triggers import never_deleted
from inventory.enums import BackorderPolicy


class Category(models.Model):
    name = LineField(max_length=100)

    class Meta:
        verbose_name_plural = "categories"
        constraints = [UniqueConstraint(Lower("name"), name="category_name_unique"), *plain_text("category", "name")]

    def __str__(self) -> str:
        return self.name


class Warehouse(models.Model):
    code = LineField(max_length=30)
    name = LineField(max_length=100)
    preference = models.PositiveSmallIntegerField(default=100, help_text="The lowest number is asked first.")

    class Meta:
        constraints = [
            UniqueConstraint(Lower("code"), name="warehouse_code_unique"),
            *plain_text("warehouse", "code", "name"),
        ]
        triggers = never_deleted()

    def __str__(self) -> str:
        return self.code


class ProductQuerySet(models.QuerySet["Product"]):
    def active(self):
        return self.filter(active=True)

    def found_by(self, text: str):
        """SKU or name contains `text`, whatever the case; served by trigram indexes."""
        return self.filter(Q(sku__icontains=text) | Q(name__icontains=text))

    def locked(self):
        """Row locks in primary-key order, so that two actions cannot deadlock."""
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


@pghistory.track(exclude=["supply_version"])
class Product(models.Model):
    sku = LineField(max_length=60)
    name = LineField(max_length=200)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True, related_name="products")
    unit = LineField(max_length=20, default="pcs")
    price = models.DecimalField(max_digits=11, decimal_places=4, default=0)
    cost = models.DecimalField(max_digits=11, decimal_places=4, default=0)
    currency = LineField(max_length=3, default="EUR")
    pack_size = models.PositiveIntegerField(default=1)
    backorder_policy = models.CharField(max_length=10, choices=BackorderPolicy, default=BackorderPolicy.NOTIFY)
    backorder_limit = models.PositiveIntegerField(default=0, help_text="Maximum units on backorder; 0 means no limit.")
    backorder_until = models.DateField(null=True, blank=True, help_text="No new backorders after this day.")
    active = models.BooleanField(default=True)
    supply_version = models.PositiveIntegerField(
        default=0, editable=False, help_text="Grows with every change of stock or incoming goods."
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(Lower("sku"), name="product_sku_unique"),
            CheckConstraint(name="product_policy_known", condition=Q(backorder_policy__in=BackorderPolicy.values)),
            CheckConstraint(
                name="product_pack_size_within_bounds", condition=Q(pack_size__gte=1, pack_size__lte=QUANTITY_MAX)
            ),
            CheckConstraint(name="product_currency_is_iso", condition=Q(currency__regex=r"^[A-Z]{3}$")),
            *price_within_bounds("product", "price", "cost"),
            *plain_text("product", "sku", "name", "unit"),
        ]
        indexes = [
            GinIndex(OpClass(Upper("sku"), name="gin_trgm_ops"), name="product_sku_trigrams"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="product_name_trigrams"),
        ]
        triggers = never_deleted()

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("inventory:product", args=[self.pk])
