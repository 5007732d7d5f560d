"""Who buys, how important they are, and how they like to hear from us."""

import pghistory
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Lower
from django.urls import reverse

from config.lib.text import AddressField, LineField, one_address, plain_text
from config.lib.triggers import never_deleted
from customers.enums import Jurisdiction, Language


class CustomerTier(models.Model):
    """How important a customer is: rank 1 is served first where the policy looks at it."""

    code = LineField(max_length=30)
    name = LineField(max_length=60)
    rank = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        constraints = [
            UniqueConstraint(Lower("code"), name="customer_tier_code_unique"),
            CheckConstraint(name="customer_tier_rank_from_1", condition=Q(rank__gte=1)),
            *plain_text("customer_tier", "code", "name"),
        ]

    def __str__(self) -> str:
        return self.name


class CustomerQuerySet(models.QuerySet["Customer"]):
    def active(self):
        return self.filter(active=True)

    def found_by(self, text: str):
        """Code or name contains `text`, whatever the case."""
        return self.filter(Q(code__icontains=text) | Q(name__icontains=text))


@pghistory.track()
class Customer(models.Model):
    code = LineField(max_length=30)
    name = LineField(max_length=200)
    email = AddressField(max_length=254, blank=True)
    tier = models.ForeignKey(CustomerTier, on_delete=models.PROTECT, related_name="customers")
    language = models.CharField(max_length=5, choices=Language, default=Language.ENGLISH)
    time_zone = LineField(max_length=60, default="UTC")
    country = LineField(max_length=60, blank=True)
    ship_complete = models.BooleanField(default=False, help_text="Wait until the whole order can be shipped.")
    jurisdiction = models.CharField(max_length=30, choices=Jurisdiction, default=Jurisdiction.NONE, blank=True)
    active = models.BooleanField(default=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(Lower("code"), name="customer_code_unique"),
            CheckConstraint(name="customer_language_known", condition=Q(language__in=Language.values)),
            CheckConstraint(name="customer_jurisdiction_known", condition=Q(jurisdiction__in=Jurisdiction.values)),
            one_address("customer"),
            *plain_text("customer", "code", "name", "country"),
        ]
        indexes = [models.Index(fields=["name", "id"], name="customers_by_name")]
        triggers = never_deleted()

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("customers:customer", args=[self.pk])

    @property
    def addressee(self) -> str:
        """As the outbox knows them: whose preferences a message follows."""
        return f"customer:{self.pk}"


class Contact(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    name = LineField(max_length=200)
    email = AddressField(max_length=254, blank=True)
    phone = LineField(max_length=60, blank=True)

    class Meta:
        constraints = [one_address("contact"), *plain_text("contact", "name", "phone")]

    def __str__(self) -> str:
        return self.name
