"""Who buys, how important they are, and how they like to hear from us."""

import pghistory
import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Lower
from django.urls import reverse

from config.lib.text import AddressField, LineField, one_address, plain_text
from config.lib.triggers import frozen, never_deleted
from customers.enums import Language, NoticeForm, SilenceRule


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


def _empty() -> dict[str, object]:
    return {}


@pghistory.track()
class JurisdictionProfile(models.Model):
    """The rules on delayed orders of one country or law, as data.

    They hold for customers that name the profile, and for every order of one of its `channels`.

    `required` says which statements each form of notice must contain, `statements` how they read in each language, with
    {revised}, {until}, {applicable} and {url} to fill in. No legal advice.
    """

    code = LineField(max_length=30, unique=True)
    name = LineField(max_length=120)
    applicable_days = models.PositiveSmallIntegerField(default=30, help_text="Days to ship where no time was stated.")
    credit_days = models.PositiveSmallIntegerField(
        default=50, help_text="The same where the buyer applied to us for credit."
    )
    consent_days = models.PositiveSmallIntegerField(
        default=30, help_text="Up to so many days later, silence may be consent."
    )
    refund_working_days = models.PositiveSmallIntegerField(default=7)
    short_silence = models.CharField(max_length=10, choices=SilenceRule, default=SilenceRule.CONSENT)
    long_silence = models.CharField(max_length=10, choices=SilenceRule, default=SilenceRule.CANCEL)
    renewed_silence = models.CharField(max_length=10, choices=SilenceRule, default=SilenceRule.CANCEL)
    holiday_country = LineField(
        max_length=3, blank=True, help_text="Whose public holidays are no working days, such as US."
    )
    holiday_subdivision = LineField(max_length=10, blank=True)
    channels = models.JSONField(default=list, blank=True, help_text="Channels all of whose orders are protected.")
    required = models.JSONField(default=_empty)
    statements = models.JSONField(default=_empty)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            CheckConstraint(
                name="profile_silence_known",
                condition=Q(
                    short_silence__in=SilenceRule.values,
                    long_silence__in=SilenceRule.values,
                    renewed_silence__in=SilenceRule.values,
                ),
            ),
            CheckConstraint(
                name="profile_days_within_bounds",
                condition=Q(applicable_days__gte=1, credit_days__gte=1, refund_working_days__gte=1),
            ),
            *plain_text("profile", "code", "name"),
        ]
        triggers = [*never_deleted(), frozen("code")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Every form of notice names its statements, and each of them reads in every language."""
        missing = [
            f"{form.label}: no statements are required"
            for form in NoticeForm
            if not isinstance(self.required, dict) or not self.required.get(form.value)
        ]
        for keys in self.required.values() if not missing else ():
            for key in keys:
                texts = self.statements.get(key) or {}
                missing += [
                    f"{key} has no text in {language.label}" for language in Language if not texts.get(language)
                ]
        if missing:
            raise ValidationError("; ".join(dict.fromkeys(missing)) + ".", code="incomplete")


# A key that the form, the CSV import and the admin all meet; the code stays text, as files write it.
_KNOWN_PROFILE = """
    IF NOT EXISTS (SELECT FROM customers_jurisdictionprofile WHERE code = NEW.jurisdiction) THEN
        RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation',
            MESSAGE = 'jurisdiction names a profile that does not exist';
    END IF;
    RETURN NEW;
"""


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
    jurisdiction = LineField(
        max_length=30, default="", blank=True, help_text="Code of the profile whose delay notices protect the customer."
    )
    active = models.BooleanField(default=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(Lower("code"), name="customer_code_unique"),
            CheckConstraint(name="customer_language_known", condition=Q(language__in=Language.values)),
            one_address("customer"),
            *plain_text("customer", "code", "name", "country"),
        ]
        indexes = [models.Index(fields=["name", "id"], name="customers_by_name")]
        triggers = [
            *never_deleted(),
            pgtrigger.Trigger(
                name="jurisdiction_is_a_profile",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("jurisdiction"),
                condition=pgtrigger.Condition("NEW.jurisdiction <> ''"),
                func=_KNOWN_PROFILE,
            ),
        ]

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
